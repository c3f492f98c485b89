/**
 * Recent signals, kept in memory for whoever looks.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.boot.recent;
