package io.telemetry.stats;

import java.time.Duration;

/**
 * How long something took, to about one percent. Half of the times were no longer than
 * {@code p50}, and so on; all are zero while nothing was measured.
 *
 * @param count how many times were measured
 * @param p50 the median
 * @param p90 what nine in ten did not exceed
 * @param p99 what 99 in a hundred did not exceed
 * @param max the longest
 */
public record LatencyStats(long count, Duration p50, Duration p90, Duration p99, Duration max) {

}
