/**
 * Meters: what is counted and measured, and where the numbers go besides the signals.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.metric;
