/**
 * A small shop that shows what the telemetry starter does.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.sample;
