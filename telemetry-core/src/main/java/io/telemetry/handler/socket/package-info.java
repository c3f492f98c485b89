/**
 * Signals over TCP, with or without TLS, and UDP.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.handler.socket;
