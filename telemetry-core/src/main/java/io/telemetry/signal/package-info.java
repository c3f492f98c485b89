/**
 * The signal and what it is made of: immutable values that every other package reads.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.signal;
