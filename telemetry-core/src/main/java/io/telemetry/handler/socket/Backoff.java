package io.telemetry.handler.socket;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * When a peer may be tried again: at once at first, then after a pause that is anything
 * from nothing to a longest one, which doubles with each failure. Not safe for several
 * threads.
 */
final class Backoff {

	/** More doublings than it takes from a nanosecond to a year. */
	private static final int MAX_DOUBLINGS = 55;

	private final double initialNanos;

	private final double maxNanos;

	private final DoubleSupplier random;

	private int failures;

	private long pause;

	private long pausingSince;

	Backoff(Duration initialDelay, Duration maxDelay, DoubleSupplier random) {
		this.initialNanos = initialDelay.toNanos();
		this.maxNanos = maxDelay.toNanos();
		this.random = random;
	}

	void failed(long now) {
		double longest = Math.min(this.maxNanos, this.initialNanos * Math.pow(2, this.failures));
		this.failures = Math.min(this.failures + 1, MAX_DOUBLINGS);
		this.pause = (long) (this.random.getAsDouble() * longest);
		this.pausingSince = now;
	}

	void reset() {
		this.failures = 0;
		this.pause = 0;
	}

	/**
	 * How long to wait, in nanoseconds.
	 */
	long left(long now) {
		return Math.max(0, this.pause - (now - this.pausingSince));
	}

}
