/**
 * Deciding by rate which signals go on.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.limit;
