package io.telemetry.pipeline;

import java.util.List;
import java.util.Objects;

import io.telemetry.filter.FilterSettings;
import io.telemetry.limit.LimitSettings;
import io.telemetry.sampling.SamplingSettings;
import io.telemetry.transform.SignalTransform;

/**
 * What the pipeline lets through before any handler is asked.
 *
 * @param enabled whether anything is let through at all
 * @param filter which signals are wanted
 * @param sampling the share of them that goes on
 * @param limits how many of them go on in a time
 * @param transforms what happens to every signal, in order
 * @param locations which signals tell the place in the source that made them
 */
public record PipelineSettings(boolean enabled, FilterSettings filter, SamplingSettings sampling, LimitSettings limits,
		List<SignalTransform> transforms, Locations locations) {

	/** Everything is let through; errors tell their place. */
	public static final PipelineSettings DEFAULTS = new PipelineSettings(true, FilterSettings.DEFAULTS,
			SamplingSettings.DEFAULTS, LimitSettings.NONE, List.of(), Locations.ERRORS);

	public PipelineSettings {
		Objects.requireNonNull(filter, "filter");
		Objects.requireNonNull(sampling, "sampling");
		Objects.requireNonNull(limits, "limits");
		Objects.requireNonNull(locations, "locations");
		transforms = List.copyOf(transforms);
	}

	/**
	 * A copy that is switched on or off.
	 * @param enabled whether anything is let through
	 * @return the copy
	 */
	public PipelineSettings withEnabled(boolean enabled) {
		return new PipelineSettings(enabled, this.filter, this.sampling, this.limits, this.transforms, this.locations);
	}

	/**
	 * A copy with another filter.
	 * @param filter which signals are wanted
	 * @return the copy
	 */
	public PipelineSettings withFilter(FilterSettings filter) {
		return new PipelineSettings(this.enabled, filter, this.sampling, this.limits, this.transforms, this.locations);
	}

	/**
	 * A copy with other sampling.
	 * @param sampling the share that goes on
	 * @return the copy
	 */
	public PipelineSettings withSampling(SamplingSettings sampling) {
		return new PipelineSettings(this.enabled, this.filter, sampling, this.limits, this.transforms, this.locations);
	}

	/**
	 * A copy with another sample rate for all signals.
	 * @param sampleRate the share that goes on, 0 to 1
	 * @return the copy
	 */
	public PipelineSettings withSampleRate(double sampleRate) {
		return withSampling(this.sampling.withRate(sampleRate));
	}

	/**
	 * A copy with other rate limits.
	 * @param limits how many signals go on in a time
	 * @return the copy
	 */
	public PipelineSettings withLimits(LimitSettings limits) {
		return new PipelineSettings(this.enabled, this.filter, this.sampling, limits, this.transforms, this.locations);
	}

	/**
	 * A copy with other transforms.
	 * @param transforms what happens to every signal
	 * @return the copy
	 */
	public PipelineSettings withTransforms(List<SignalTransform> transforms) {
		return new PipelineSettings(this.enabled, this.filter, this.sampling, this.limits, transforms, this.locations);
	}

	/**
	 * A copy in which other signals tell their place.
	 * @param locations which do
	 * @return the copy
	 */
	public PipelineSettings withLocations(Locations locations) {
		return new PipelineSettings(this.enabled, this.filter, this.sampling, this.limits, this.transforms, locations);
	}

	/**
	 * Which signals tell the place in the source that made them. Finding it walks the
	 * stack, which costs about a microsecond.
	 */
	public enum Locations {

		/** None. */
		OFF,

		/** Those from level {@code error} on. */
		ERRORS,

		/** All. */
		ALWAYS

	}

}
