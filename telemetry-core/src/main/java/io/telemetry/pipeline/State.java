package io.telemetry.pipeline;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

import io.telemetry.filter.PatternMap;
import io.telemetry.filter.SignalFilter;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.limit.KeyedRateLimiter;
import io.telemetry.limit.LimitSettings;
import io.telemetry.limit.RateLimit;
import io.telemetry.limit.RateLimiter;
import io.telemetry.sampling.Sampler;
import io.telemetry.signal.Kind;
import org.jspecify.annotations.Nullable;

/**
 * Everything the pipeline decides by, compiled. Immutable, but for the rate limiters'
 * memory; a live change makes another one and swaps it in.
 */
final class State {

	private static final Kind[] KINDS = Kind.values();

	final boolean open;

	final PipelineSettings settings;

	final SignalFilter filter;

	final Limiters limiters;

	final Route[] routes;

	/** Whether somebody captures signals, who wants them whatever the handlers want. */
	final boolean capturing;

	private final PatternMap<Double> namespaceRates;

	private final PatternMap<Double> idRates;

	State(boolean open, PipelineSettings settings, Limiters limiters, List<Route> routes, boolean capturing) {
		this.open = open;
		this.settings = settings;
		this.filter = SignalFilter.of(settings.filter());
		this.limiters = limiters.of(settings.limits());
		this.namespaceRates = PatternMap.of("a sample rate", settings.sampling().namespaces());
		this.idRates = PatternMap.of("a sample rate", settings.sampling().ids());
		this.routes = routes.toArray(new Route[0]);
		this.capturing = capturing;
	}

	/**
	 * The lowest level, by kind, that the pipeline lets through for a namespace and that
	 * at least one handler wants.
	 */
	int[] thresholds(String namespace) {
		int[] thresholds = new int[KINDS.length];
		for (Kind kind : KINDS) {
			int wanted = this.capturing ? Integer.MIN_VALUE : Integer.MAX_VALUE;
			for (Route route : this.routes) {
				if (route.options().enabled()) {
					wanted = Math.min(wanted, route.filter().threshold(kind, namespace));
				}
			}
			boolean on = this.open && this.settings.enabled();
			thresholds[kind.ordinal()] = on ? Math.max(wanted, this.filter.threshold(kind, namespace))
					: Integer.MAX_VALUE;
		}
		return thresholds;
	}

	/**
	 * Whether anything is decided by the id.
	 */
	boolean checksIds() {
		return this.filter.checksIds() || !this.idRates.isEmpty() || !this.limiters.ids().isEmpty();
	}

	/**
	 * The share that goes on of the signals of a namespace and id.
	 */
	double sampleRate(String namespace, @Nullable String id) {
		double rate = this.settings.sampling().rate() * rate(this.namespaceRates, namespace);
		return (id != null) ? rate * rate(this.idRates, id) : rate;
	}

	private static double rate(PatternMap<Double> rates, String name) {
		PatternMap.Entry<Double> entry = rates.find(name);
		return (entry != null) ? entry.value() : 1;
	}

	/**
	 * The limiters of the settings. What they remember outlives a change of anything
	 * else.
	 *
	 * @param settings what they were made of
	 * @param namespaces by namespace pattern
	 * @param ids by id pattern
	 * @param nanoTime what they tell the time by
	 */
	record Limiters(LimitSettings settings, PatternMap<KeyedRateLimiter> namespaces, PatternMap<KeyedRateLimiter> ids,
			LongSupplier nanoTime) {

		/** Names whose budgets are kept apart, by pattern. */
		private static final int MAX_NAMES = 1000;

		static Limiters none(LongSupplier nanoTime) {
			PatternMap<KeyedRateLimiter> none = PatternMap.of("a rate limit", Map.of());
			return new Limiters(LimitSettings.NONE, none, none, nanoTime);
		}

		Limiters of(LimitSettings settings) {
			return settings.equals(this.settings) ? this
					: new Limiters(settings, compile(settings.namespaces()), compile(settings.ids()), this.nanoTime);
		}

		private PatternMap<KeyedRateLimiter> compile(Map<String, RateLimit> limits) {
			Map<String, KeyedRateLimiter> limiters = new LinkedHashMap<>();
			limits.forEach(
					(pattern, limit) -> limiters.put(pattern, new KeyedRateLimiter(limit, MAX_NAMES, this.nanoTime)));
			return PatternMap.of("a rate limit", limiters);
		}

	}

	/**
	 * The way to one handler, with what it wants.
	 */
	record Route(HandlerEntry entry, HandlerOptions options, SignalFilter filter, Sampler sampler,
			@Nullable RateLimiter limiter) {

		static Route of(HandlerEntry entry, HandlerOptions options) {
			return new Route(entry, options, SignalFilter.of(options.filter()), Sampler.of(options.sampleRate()),
					entry.limiter(options.rateLimit()));
		}

	}

}
