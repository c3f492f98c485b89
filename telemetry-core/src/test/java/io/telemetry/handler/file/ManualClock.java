package io.telemetry.handler.file;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Time that a test sets: what clocks on the wall say, and what has passed.
 */
final class ManualClock implements InstantSource {

	private volatile Instant now;

	private volatile long nanos;

	ManualClock(String now) {
		this.now = Instant.parse(now);
	}

	@Override
	public Instant instant() {
		return this.now;
	}

	long nanoTime() {
		return this.nanos;
	}

	/**
	 * Sets the clock on the wall, though no time has passed.
	 */
	void jumpTo(String now) {
		this.now = Instant.parse(now);
	}

	void pass(Duration time) {
		this.now = this.now.plus(time);
		this.nanos += time.toNanos();
	}

}
