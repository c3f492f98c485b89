/**
 * Signals in the application's own log.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.boot.handler.slf4j;
