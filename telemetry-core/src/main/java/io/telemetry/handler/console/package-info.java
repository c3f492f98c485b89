/**
 * Signals on the process's standard streams.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.handler.console;
