/**
 * Spans shared with Micrometer Tracing.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.boot.tracing;
