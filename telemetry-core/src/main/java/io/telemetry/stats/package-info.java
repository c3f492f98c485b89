/**
 * Counters of what became of signals, and immutable snapshots of them.
 */
@org.jspecify.annotations.NullMarked
package io.telemetry.stats;
