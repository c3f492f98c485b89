package io.telemetry.pipeline;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.telemetry.context.SignalContext;
import io.telemetry.context.Span;
import io.telemetry.filter.Decision;
import io.telemetry.filter.PatternMap;
import io.telemetry.filter.SignalFilter;
import io.telemetry.handler.HandlerFault;
import io.telemetry.limit.KeyedRateLimiter;
import io.telemetry.limit.RateLimiter;
import io.telemetry.sampling.SampleBy;
import io.telemetry.sampling.Sampler;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.stats.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * Decides for one namespace, before anything is built. A refusal by level, kind,
 * namespace or id reads one volatile field and allocates nothing. Safe for several
 * threads; a live change is in force for the next signal of every thread.
 */
public final class Gate {

	/** Ids of one namespace whose decision is remembered. */
	private static final int MAX_IDS = 256;

	private final PipelineSource source;

	private final String namespace;

	/**
	 * What the pipeline's state means for the namespace. All of its fields are final, so
	 * a race compiles it twice, equal.
	 */
	private Compiled compiled;

	Gate(PipelineSource source, String namespace) {
		this.source = source;
		this.namespace = namespace;
		this.compiled = compile();
	}

	/**
	 * The namespace it decides for.
	 * @return the namespace
	 */
	public String namespace() {
		return this.namespace;
	}

	/**
	 * The pipeline it decides for at the moment.
	 * @return the pipeline
	 */
	public SignalPipeline pipeline() {
		return compiled().pipeline;
	}

	/**
	 * Another gate of the same pipeline.
	 * @param namespace the namespace
	 * @return a new gate
	 */
	public Gate of(String namespace) {
		return new Gate(this.source, namespace);
	}

	/**
	 * Whether such a signal would be let through, as far as level, kind and namespace
	 * tell. Asking counts nothing.
	 * @param level the level
	 * @param kind the kind
	 * @return {@code false} if it would be refused whatever its id
	 */
	public boolean allows(Level level, Kind kind) {
		Compiled current = compiled();
		return level.value() >= current.lowest && level.value() >= current.thresholds[kind.ordinal()];
	}

	/**
	 * Whether such a signal would be let through, as far as level, kind, namespace and id
	 * tell. Asking counts nothing.
	 * @param level the level
	 * @param kind the kind
	 * @param id the id
	 * @return {@code false} if it would be refused
	 */
	public boolean allows(Level level, Kind kind, @Nullable String id) {
		Compiled current = compiled();
		return level.value() >= current.thresholds[kind.ordinal()] && current.plan(id).allowed;
	}

	/**
	 * The lowest level that would be let through.
	 * @param kind the kind
	 * @return the value of that level, or {@link Integer#MAX_VALUE} if none is
	 */
	public int threshold(Kind kind) {
		return compiled().thresholds[kind.ordinal()];
	}

	/**
	 * Lets a signal through or not, and counts it in when level, kind, namespace and id
	 * pass.
	 * @param level the level
	 * @param kind the kind
	 * @param id the id
	 * @return the way on, or {@code null} for a refusal
	 */
	public @Nullable Admission admit(Level level, Kind kind, @Nullable String id) {
		Compiled current = compiled();
		if (level.value() < current.lowest || level.value() < current.thresholds[kind.ordinal()]) {
			return null;
		}
		Plan plan = current.plan(id);
		return (plan.allowed) ? plan.admit(level, kind, id, CallOptions.NONE) : null;
	}

	/**
	 * Lets a signal through or not that has options of its own, and counts it in when
	 * level, kind, namespace and id pass.
	 * @param level the level
	 * @param kind the kind
	 * @param id the id
	 * @param options what the call asks for itself
	 * @return the way on, or {@code null} for a refusal
	 */
	public @Nullable Admission admit(Level level, Kind kind, @Nullable String id, CallOptions options) {
		return allows(level, kind, id) ? compiled().plan(id).admit(level, kind, id, options) : null;
	}

	private Compiled compiled() {
		Compiled current = this.compiled;
		if (current.state != current.pipeline.state()) {
			current = compile();
			this.compiled = current;
		}
		return current;
	}

	private Compiled compile() {
		SignalPipeline pipeline = this.source.pipeline();
		return new Compiled(pipeline, pipeline.state(), this.namespace);
	}

	/**
	 * Clojure writes keywords with a colon; signals and patterns hold ids without it.
	 */
	private static @Nullable String withoutColon(@Nullable String id) {
		return (id != null && id.startsWith(":")) ? id.substring(1) : id;
	}

	/**
	 * Where a gate asks for its pipeline, anew whenever that has changed.
	 */
	@FunctionalInterface
	interface PipelineSource {

		SignalPipeline pipeline();

	}

	/**
	 * What a state means for a namespace.
	 */
	static final class Compiled {

		final SignalPipeline pipeline;

		final State state;

		final String namespace;

		final int[] thresholds;

		/** Below this no kind passes: most refusals need to look no further. */
		final int lowest;

		final int locationsFrom;

		/** What holds for every id, where ids don't matter. */
		private final @Nullable Plan common;

		private final Plan withoutId;

		private final Map<String, Plan> ids = new ConcurrentHashMap<>();

		Compiled(SignalPipeline pipeline, State state, String namespace) {
			this.pipeline = pipeline;
			this.state = state;
			this.namespace = namespace;
			this.thresholds = state.thresholds(namespace);
			this.lowest = Arrays.stream(this.thresholds).min().orElse(Integer.MAX_VALUE);
			this.locationsFrom = switch (state.settings.locations()) {
				case OFF -> Integer.MAX_VALUE;
				case ERRORS -> Level.ERROR.value();
				case ALWAYS -> Integer.MIN_VALUE;
			};
			this.withoutId = new Plan(this, null);
			this.common = state.checksIds() ? null : this.withoutId;
		}

		Plan plan(@Nullable String id) {
			if (this.common != null) {
				return this.common;
			}
			if (id == null) {
				return this.withoutId;
			}
			Plan known = this.ids.get(id);
			return (known != null) ? known : decide(id);
		}

		private Plan decide(String id) {
			Plan plan = new Plan(this, withoutColon(id));
			// Ids may come from outside: the first ones are remembered, the rest decided
			// anew.
			if (this.ids.size() < MAX_IDS) {
				this.ids.put(id, plan);
			}
			return plan;
		}

	}

	/**
	 * What a state means for a namespace and an id.
	 */
	static final class Plan {

		final Compiled compiled;

		final boolean allowed;

		private final Sampler sampler;

		private final SampleBy sampleBy;

		private final @Nullable String id;

		private final @Nullable KeyedRateLimiter namespaceLimiter;

		private final @Nullable KeyedRateLimiter idLimiter;

		/** For signals that nothing more has to be said of. */
		private final Admission plain;

		Plan(Compiled compiled, @Nullable String id) {
			State state = compiled.state;
			this.compiled = compiled;
			this.id = id;
			this.allowed = state.filter.allowsId(id);
			this.sampler = Sampler.of(state.sampleRate(compiled.namespace, id));
			this.sampleBy = state.settings.sampling().by();
			this.namespaceLimiter = limiter(state.limiters.namespaces(), compiled.namespace);
			this.idLimiter = (id != null) ? limiter(state.limiters.ids(), id) : null;
			this.plain = new Admission(this, this.sampler.rate(), 0, CallOptions.NONE, false, false);
		}

		private static @Nullable KeyedRateLimiter limiter(PatternMap<KeyedRateLimiter> limiters, String name) {
			PatternMap.Entry<KeyedRateLimiter> entry = limiters.find(name);
			return (entry != null) ? entry.value() : null;
		}

		@Nullable Admission admit(Level level, Kind kind, @Nullable String id, CallOptions options) {
			SignalPipeline pipeline = this.compiled.pipeline;
			pipeline.recorder().received();
			Decision decision = decide(level, kind, id);
			if (decision == Decision.NO) {
				return null;
			}
			Sampler sampler = (options.sampleRate() == 1) ? this.sampler
					: Sampler.of(this.sampler.rate() * options.sampleRate());
			double rate = sampler.rate();
			boolean bySession = false;
			if (rate < 1) {
				// The session's id stands in the data or context, so it has to wait.
				bySession = this.sampleBy == SampleBy.SESSION && rate > 0;
				if (!bySession && !sampler.sample(1, traceId(options))) {
					pipeline.recorder().count(Outcome.SAMPLED);
					return null;
				}
			}
			if (bySession || decision == Decision.UNKNOWN) {
				return new Admission(this, rate, 0, options, decision == Decision.UNKNOWN, bySession);
			}
			long suppressed = askLimits(options);
			if (suppressed == RateLimiter.LIMITED) {
				pipeline.recorder().count(Outcome.LIMITED);
				return null;
			}
			return (suppressed == 0 && options == CallOptions.NONE) ? this.plain
					: new Admission(this, rate, suppressed, options, false, false);
		}

		private Decision decide(Level level, Kind kind, @Nullable String id) {
			SignalFilter filter = this.compiled.state.filter;
			SignalPipeline pipeline = this.compiled.pipeline;
			try {
				Decision decision = filter.decide(level, kind, this.compiled.namespace, withoutColon(id));
				if (decision == Decision.NO) {
					pipeline.recorder().count(Outcome.FILTERED);
				}
				return decision;
			}
			catch (Throwable ex) {
				pipeline.failed(new HandlerFault(null, HandlerFault.Type.PREDICATE, 1, null, ex), ex);
				return Decision.NO;
			}
		}

		private @Nullable String traceId(CallOptions options) {
			if (this.sampleBy != SampleBy.TRACE) {
				return null;
			}
			if (options.traceId() != null) {
				return options.traceId();
			}
			try {
				Span span = this.compiled.pipeline.currentSpan(SignalContext.current());
				return (span != null) ? span.traceId() : null;
			}
			catch (RuntimeException | LinkageError ex) {
				// The tracing system's failure: sampled by chance, as without a trace.
				return null;
			}
		}

		/**
		 * Asks every limit that concerns a signal: last, because asking consumes.
		 * @return how many were held back since the last that passed, or
		 * {@link RateLimiter#LIMITED}
		 */
		long askLimits(CallOptions options) {
			long suppressed = options.askLimits();
			if (this.idLimiter != null && this.id != null && suppressed != RateLimiter.LIMITED) {
				suppressed = sum(suppressed, this.idLimiter.ask(this.id));
			}
			if (this.namespaceLimiter != null && suppressed != RateLimiter.LIMITED) {
				suppressed = sum(suppressed, this.namespaceLimiter.ask(this.compiled.namespace));
			}
			return suppressed;
		}

		private static long sum(long suppressed, long more) {
			return (more == RateLimiter.LIMITED) ? more : suppressed + more;
		}

	}

}
