package io.telemetry.handler;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * When a destination may be tried again: at once at first, then after a pause that is
 * anything from nothing to a longest one, which doubles with each failure. Not safe for
 * several threads.
 */
public final class Backoff {

	/** More doublings than it takes from a nanosecond to a year. */
	private static final int MAX_DOUBLINGS = 55;

	private final double initialNanos;

	private final double maxNanos;

	private final DoubleSupplier random;

	private int failures;

	private long pause;

	private long pausingSince;

	/**
	 * A back-off without a failure so far.
	 * @param initialDelay the longest pause after the first failure
	 * @param maxDelay the longest pause after any
	 * @param random the part of it that the next pause takes, 0 to 1
	 */
	public Backoff(Duration initialDelay, Duration maxDelay, DoubleSupplier random) {
		this.initialNanos = initialDelay.toNanos();
		this.maxNanos = maxDelay.toNanos();
		this.random = random;
	}

	/**
	 * Begins the next pause.
	 * @param now the monotonic time in nanoseconds
	 */
	public void failed(long now) {
		failed(now, 0);
	}

	/**
	 * Begins the next pause, which the destination wants to be long.
	 * @param now the monotonic time in nanoseconds
	 * @param atLeast how long the pause is at least, in nanoseconds
	 */
	public void failed(long now, long atLeast) {
		double longest = Math.min(this.maxNanos, this.initialNanos * Math.pow(2, this.failures));
		this.failures = Math.min(this.failures + 1, MAX_DOUBLINGS);
		this.pause = Math.max(atLeast, (long) (this.random.getAsDouble() * longest));
		this.pausingSince = now;
	}

	/**
	 * Ends the pause and forgets all failures.
	 */
	public void reset() {
		this.failures = 0;
		this.pause = 0;
	}

	/**
	 * How long to wait.
	 * @param now the monotonic time in nanoseconds
	 * @return nanoseconds, 0 where there is nothing to wait for
	 */
	public long left(long now) {
		return Math.max(0, this.pause - (now - this.pausingSince));
	}

}
