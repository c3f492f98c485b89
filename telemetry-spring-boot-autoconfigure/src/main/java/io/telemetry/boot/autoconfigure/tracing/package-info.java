/**
 * Auto-configuration of spans shared with Micrometer Tracing.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.boot.autoconfigure.tracing;
