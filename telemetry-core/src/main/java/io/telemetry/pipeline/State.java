package io.telemetry.pipeline;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

import io.telemetry.filter.NamePattern;
import io.telemetry.filter.SignalFilter;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.sampling.Sampler;
import io.telemetry.signal.Kind;

/**
 * Everything the pipeline decides by, compiled. Immutable; a live change makes another
 * one and swaps it in.
 */
final class State {

	private static final Kind[] KINDS = Kind.values();

	final boolean open;

	final PipelineSettings settings;

	final SignalFilter filter;

	final Route[] routes;

	private final List<PatternRate> rates;

	State(boolean open, PipelineSettings settings, List<Route> routes) {
		this.open = open;
		this.settings = settings;
		this.filter = SignalFilter.of(settings.filter());
		this.rates = compile(settings.sampleRates());
		this.routes = routes.toArray(new Route[0]);
	}

	private static List<PatternRate> compile(Map<String, Double> sampleRates) {
		List<PatternRate> rates = new ArrayList<>();
		sampleRates.forEach((pattern, rate) -> rates.add(new PatternRate(NamePattern.of(pattern), rate)));
		rates.sort(Comparator.comparingInt((PatternRate rate) -> -rate.pattern().literalPrefix().length()));
		return rates;
	}

	/**
	 * The lowest level, by kind, that the pipeline lets through for a namespace and that
	 * at least one handler wants.
	 */
	int[] thresholds(String namespace) {
		int[] thresholds = new int[KINDS.length];
		for (Kind kind : KINDS) {
			int wanted = Integer.MAX_VALUE;
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
	 * The share of a namespace's signals that goes on.
	 */
	double sampleRate(String namespace) {
		for (PatternRate rate : this.rates) {
			if (rate.pattern().matches(namespace)) {
				return this.settings.sampleRate() * rate.rate();
			}
		}
		return this.settings.sampleRate();
	}

	/**
	 * The way to one handler, with what it wants.
	 */
	record Route(HandlerEntry entry, HandlerOptions options, SignalFilter filter, Sampler sampler) {

		static Route of(HandlerEntry entry, HandlerOptions options) {
			return new Route(entry, options, SignalFilter.of(options.filter()), Sampler.of(options.sampleRate()));
		}

	}

	private record PatternRate(NamePattern pattern, double rate) {
	}

}
