package io.telemetry.pipeline;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

import io.telemetry.filter.SignalFilter;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.stats.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * Decides for one namespace, before anything is built. A refusal reads one volatile field
 * and allocates nothing. Safe for several threads; a live change is in force for the next
 * signal of every thread.
 */
public final class Gate {

	/** Ids of one namespace whose decision is remembered. */
	private static final int MAX_IDS = 256;

	private final SignalPipeline pipeline;

	private final String namespace;

	/**
	 * What the pipeline's state means for the namespace; a race compiles it twice, equal.
	 */
	private @Nullable Compiled compiled;

	Gate(SignalPipeline pipeline, String namespace) {
		this.pipeline = pipeline;
		this.namespace = namespace;
	}

	/**
	 * The namespace it decides for.
	 * @return the namespace
	 */
	public String namespace() {
		return this.namespace;
	}

	/**
	 * Whether such a signal would be let through, sampling aside. Asking counts nothing.
	 * @param level the level
	 * @param kind the kind
	 * @return {@code false} if it would be refused whatever its id
	 */
	public boolean allows(Level level, Kind kind) {
		Compiled current = compiled();
		return level.value() >= current.lowest && level.value() >= current.thresholds[kind.ordinal()];
	}

	/**
	 * Whether such a signal would be let through, sampling aside. Asking counts nothing.
	 * @param level the level
	 * @param kind the kind
	 * @param id the id
	 * @return {@code false} if it would be refused
	 */
	public boolean allows(Level level, Kind kind, @Nullable String id) {
		Compiled current = compiled();
		return level.value() >= current.thresholds[kind.ordinal()] && current.allowsId(id);
	}

	/**
	 * Lets a signal through or not, and counts it in when it passes the filter. Whoever
	 * was let through goes on to {@link SignalPipeline#publish}.
	 * @param level the level
	 * @param kind the kind
	 * @param id the id
	 * @return the rate at which such signals are let through, or 0 for a refusal
	 */
	public double admit(Level level, Kind kind, @Nullable String id) {
		Compiled current = compiled();
		if (level.value() < current.lowest || level.value() < current.thresholds[kind.ordinal()]) {
			return 0;
		}
		if (!current.allowsId(id)) {
			return 0;
		}
		this.pipeline.recorder().received();
		if (current.sampleRate != 1 && ThreadLocalRandom.current().nextDouble() >= current.sampleRate) {
			this.pipeline.recorder().count(Outcome.SAMPLED);
			return 0;
		}
		return current.sampleRate;
	}

	private Compiled compiled() {
		State state = this.pipeline.state();
		Compiled current = this.compiled;
		if (current == null || current.state != state) {
			current = new Compiled(state, this.namespace);
			this.compiled = current;
		}
		return current;
	}

	private static final class Compiled {

		final State state;

		final int[] thresholds;

		/** Below this no kind passes: most refusals need to look no further. */
		final int lowest;

		final SignalFilter filter;

		final boolean checksIds;

		final double sampleRate;

		private final Map<String, Boolean> ids = new ConcurrentHashMap<>();

		Compiled(State state, String namespace) {
			this.state = state;
			this.thresholds = state.thresholds(namespace);
			this.lowest = Arrays.stream(this.thresholds).min().orElse(Integer.MAX_VALUE);
			this.filter = state.filter;
			this.checksIds = state.filter.checksIds();
			this.sampleRate = state.sampleRate(namespace);
		}

		boolean allowsId(@Nullable String id) {
			if (!this.checksIds) {
				return true;
			}
			if (id == null) {
				return this.filter.allowsId(null);
			}
			Boolean known = this.ids.get(id);
			return (known != null) ? known : decide(id);
		}

		private boolean decide(String id) {
			// As Clojure writes keywords; signals and patterns hold ids without the
			// colon.
			boolean allowed = this.filter.allowsId(id.startsWith(":") ? id.substring(1) : id);
			// Ids may come from outside: the first ones are remembered, the rest decided
			// anew.
			if (this.ids.size() < MAX_IDS) {
				this.ids.put(id, allowed);
			}
			return allowed;
		}

	}

}
