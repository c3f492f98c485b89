package io.telemetry.pipeline;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * The wall clock, read every ten milliseconds at most; in between the monotonic clock
 * tells how much later it is, which costs less. So a step of the wall clock is seen up to
 * ten milliseconds later. Safe for several threads.
 */
final class AnchoredClock implements InstantSource {

	static final long MAX_AGE_NANOS = 10_000_000;

	private static final long MAX_APART_NANOS = 10_000;

	private static final int MAX_READINGS = 5;

	private final InstantSource wallClock;

	private final LongSupplier nanoTime;

	/** Immutable, so that a race sees the old or the new one. */
	private Anchor anchor;

	AnchoredClock(InstantSource wallClock, LongSupplier nanoTime) {
		this.wallClock = wallClock;
		this.nanoTime = nanoTime;
		this.anchor = newAnchor();
	}

	@Override
	public Instant instant() {
		long now = this.nanoTime.getAsLong();
		Anchor current = this.anchor;
		long age = now - current.nanoTime;
		if (age >= MAX_AGE_NANOS) {
			current = newAnchor();
			this.anchor = current;
			age = now - current.nanoTime;
		}
		// Negative where the anchor is younger than the reading.
		return Instant.ofEpochSecond(current.second, current.nanoOfSecond + age);
	}

	/**
	 * Reads both clocks at nearly the same time: a thread that is held up in between
	 * would shift every signal until the next anchor.
	 */
	private Anchor newAnchor() {
		long before = this.nanoTime.getAsLong();
		for (int i = 1;; i++) {
			Instant time = this.wallClock.instant();
			long after = this.nanoTime.getAsLong();
			if (after - before <= MAX_APART_NANOS || i == MAX_READINGS) {
				return new Anchor(time.getEpochSecond(), time.getNano(), before + (after - before) / 2);
			}
			before = after;
		}
	}

	/**
	 * When the wall clock was read.
	 */
	private record Anchor(long second, int nanoOfSecond, long nanoTime) {
	}

}
