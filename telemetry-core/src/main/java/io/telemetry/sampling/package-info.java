/**
 * Deciding by chance, or by what they belong to, which signals go on.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.sampling;
