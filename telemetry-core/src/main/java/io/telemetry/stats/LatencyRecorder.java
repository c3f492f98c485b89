package io.telemetry.stats;

import java.time.Duration;

import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/**
 * Records how long something takes, in bounded memory (some 60 KB). Safe for several
 * threads; recording neither waits nor allocates.
 */
public final class LatencyRecorder {

	/** In nanoseconds; what takes longer counts as this long. */
	private static final long LONGEST = Duration.ofHours(1).toNanos();

	/** In nanoseconds; what differs by less is not told apart. */
	private static final long SHORTEST = 128;

	private static final int DIGITS = 2;

	private final Recorder recorder = new Recorder(SHORTEST, LONGEST, DIGITS);

	// Guarded by this.

	private final Histogram total = new Histogram(SHORTEST, LONGEST, DIGITS);

	private @Nullable Histogram interval;

	/**
	 * Records one time.
	 * @param nanos how long it took, in nanoseconds
	 */
	public void record(long nanos) {
		this.recorder.recordValue(Math.max(0, Math.min(nanos, LONGEST)));
	}

	/**
	 * What was recorded so far.
	 * @return a snapshot
	 */
	public synchronized LatencyStats snapshot() {
		Histogram latest = this.recorder.getIntervalHistogram(this.interval);
		this.interval = latest;
		this.total.add(latest);
		return new LatencyStats(this.total.getTotalCount(), percentile(50), percentile(90), percentile(99),
				percentile(100));
	}

	private Duration percentile(double percentile) {
		return Duration.ofNanos(this.total.getValueAtPercentile(percentile));
	}

}
