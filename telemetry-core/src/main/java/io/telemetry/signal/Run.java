package io.telemetry.signal;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * A piece of work and its place in a trace. A signal that is no work of its own has the
 * place only.
 *
 * @param traceId the W3C trace id, 32 hexadecimal digits
 * @param spanId the span of the work, or the one that the signal was made in, 16
 * hexadecimal digits
 * @param parentId the id of the span around that span, 16 hexadecimal digits;
 * {@code null} where there is none or it is not known
 * @param rootId the id of the outermost span around it that this process began, 16
 * hexadecimal digits: the span's own where it is that one, {@code null} where the span
 * was begun elsewhere
 * @param duration how long the work took
 * @param result what it returned, or the value that was spied
 */
public record Run(@Nullable String traceId, @Nullable String spanId, @Nullable String parentId, @Nullable String rootId,
		@Nullable Duration duration, @Nullable Object result) {

}
