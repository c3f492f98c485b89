package io.telemetry.sampling;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Which share of signals goes on. The rates that concern a signal multiply.
 *
 * @param rate the share of all signals, 0 to 1
 * @param namespaces shares by namespace pattern; of several that match, the one with the
 * longest literal prefix counts
 * @param ids shares by id pattern, likewise
 * @param by what decides: chance, or a trace or session as a whole
 */
public record SamplingSettings(double rate, Map<String, Double> namespaces, Map<String, Double> ids, SampleBy by) {

	/** Everything goes on. */
	public static final SamplingSettings DEFAULTS = new SamplingSettings(1, Map.of(), Map.of(), SampleBy.CHANCE);

	/**
	 * Checks and copies.
	 * @throws IllegalArgumentException if a rate is not from 0 to 1
	 */
	public SamplingSettings {
		requireRate("sampleRate", rate);
		namespaces.forEach((pattern, share) -> requireRate("sampleRate for ns '" + pattern + "'", share));
		ids.forEach((pattern, share) -> requireRate("sampleRate for id '" + pattern + "'", share));
		namespaces = Collections.unmodifiableMap(new LinkedHashMap<>(namespaces));
		ids = Collections.unmodifiableMap(new LinkedHashMap<>(ids));
		Objects.requireNonNull(by, "by");
	}

	private static void requireRate(String name, double rate) {
		if (!(rate >= 0 && rate <= 1)) {
			throw new IllegalArgumentException(name + " must be from 0 to 1, not " + rate);
		}
	}

	/**
	 * A copy with another rate for all.
	 * @param rate the share of all signals, 0 to 1
	 * @return the copy
	 */
	public SamplingSettings withRate(double rate) {
		return new SamplingSettings(rate, this.namespaces, this.ids, this.by);
	}

	/**
	 * A copy with other rates by namespace.
	 * @param namespaces shares by namespace pattern
	 * @return the copy
	 */
	public SamplingSettings withNamespaces(Map<String, Double> namespaces) {
		return new SamplingSettings(this.rate, namespaces, this.ids, this.by);
	}

	/**
	 * A copy with other rates by id.
	 * @param ids shares by id pattern
	 * @return the copy
	 */
	public SamplingSettings withIds(Map<String, Double> ids) {
		return new SamplingSettings(this.rate, this.namespaces, ids, this.by);
	}

	/**
	 * A copy that decides by something else.
	 * @param by what decides
	 * @return the copy
	 */
	public SamplingSettings withBy(SampleBy by) {
		return new SamplingSettings(this.rate, this.namespaces, this.ids, by);
	}

}
