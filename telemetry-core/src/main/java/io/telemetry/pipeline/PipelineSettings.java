package io.telemetry.pipeline;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import io.telemetry.filter.FilterSettings;
import io.telemetry.transform.SignalTransform;

/**
 * What the pipeline lets through before any handler is asked.
 *
 * @param enabled whether anything is let through at all
 * @param filter which signals are wanted
 * @param sampleRate the share of them that goes on, 0 to 1
 * @param sampleRates shares by namespace pattern; of several that match, the one with the
 * longest literal prefix counts, and multiplies with {@code sampleRate}
 * @param transforms what happens to every signal, in order
 */
public record PipelineSettings(boolean enabled, FilterSettings filter, double sampleRate,
		Map<String, Double> sampleRates, List<SignalTransform> transforms) {

	/** Everything is let through. */
	public static final PipelineSettings DEFAULTS = new PipelineSettings(true, FilterSettings.DEFAULTS, 1, Map.of(),
			List.of());

	public PipelineSettings {
		Objects.requireNonNull(filter, "filter");
		requireRate("sampleRate", sampleRate);
		sampleRates.forEach((pattern, rate) -> requireRate("sampleRate for '" + pattern + "'", rate));
		sampleRates = Collections.unmodifiableMap(new LinkedHashMap<>(sampleRates));
		transforms = List.copyOf(transforms);
	}

	private static void requireRate(String name, double rate) {
		if (!(rate >= 0 && rate <= 1)) {
			throw new IllegalArgumentException(name + " must be from 0 to 1, not " + rate);
		}
	}

	/**
	 * A copy that is switched on or off.
	 * @param enabled whether anything is let through
	 * @return the copy
	 */
	public PipelineSettings withEnabled(boolean enabled) {
		return new PipelineSettings(enabled, this.filter, this.sampleRate, this.sampleRates, this.transforms);
	}

	/**
	 * A copy with another filter.
	 * @param filter which signals are wanted
	 * @return the copy
	 */
	public PipelineSettings withFilter(FilterSettings filter) {
		return new PipelineSettings(this.enabled, filter, this.sampleRate, this.sampleRates, this.transforms);
	}

	/**
	 * A copy with another sample rate.
	 * @param sampleRate the share that goes on, 0 to 1
	 * @return the copy
	 */
	public PipelineSettings withSampleRate(double sampleRate) {
		return new PipelineSettings(this.enabled, this.filter, sampleRate, this.sampleRates, this.transforms);
	}

	/**
	 * A copy with other sample rates by namespace.
	 * @param sampleRates shares by namespace pattern
	 * @return the copy
	 */
	public PipelineSettings withSampleRates(Map<String, Double> sampleRates) {
		return new PipelineSettings(this.enabled, this.filter, this.sampleRate, sampleRates, this.transforms);
	}

	/**
	 * A copy with other transforms.
	 * @param transforms what happens to every signal
	 * @return the copy
	 */
	public PipelineSettings withTransforms(List<SignalTransform> transforms) {
		return new PipelineSettings(this.enabled, this.filter, this.sampleRate, this.sampleRates, transforms);
	}

}
