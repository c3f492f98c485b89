package io.telemetry.pipeline;

import java.time.Instant;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * The pipeline's settings as they are now.
 *
 * @param configured what was configured
 * @param effective what is in force
 * @param changed the settings that are changed live, with the time at which each change
 * ends or {@code null} for never
 */
public record PipelineView(PipelineSettings configured, PipelineSettings effective,
		Map<String, @Nullable Instant> changed) {

}
