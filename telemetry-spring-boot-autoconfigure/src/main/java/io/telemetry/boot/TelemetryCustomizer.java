package io.telemetry.boot;

import io.telemetry.pipeline.SignalPipeline;

/**
 * Changes the auto-configured pipeline before it is built. Beans of this type are called
 * in their order, after what the properties say.
 */
@FunctionalInterface
public interface TelemetryCustomizer {

	/**
	 * Changes the builder.
	 * @param builder holds what properties and customizers before this one said
	 */
	void customize(SignalPipeline.Builder builder);

}
