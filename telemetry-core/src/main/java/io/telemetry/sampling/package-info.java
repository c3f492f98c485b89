/**
 * Deciding by chance which signals go on.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.sampling;
