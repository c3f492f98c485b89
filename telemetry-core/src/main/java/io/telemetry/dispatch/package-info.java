/**
 * Lanes: how a signal gets from the thread that made it to a handler.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.dispatch;
