package io.telemetry.signal;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * A piece of work and its place in a trace. A signal that is no work of its own has the
 * place only.
 *
 * @param traceId the W3C trace id, 32 hexadecimal digits
 * @param spanId the span in force, 16 hexadecimal digits
 * @param parentId the id of the signal around this one
 * @param rootId the id of the outermost signal
 * @param duration how long the work took
 * @param result what it returned, or the value that was spied
 */
public record Run(@Nullable String traceId, @Nullable String spanId, @Nullable String parentId, @Nullable String rootId,
		@Nullable Duration duration, @Nullable Object result) {

}
