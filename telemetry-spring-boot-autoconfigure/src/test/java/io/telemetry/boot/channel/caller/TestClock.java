package io.telemetry.boot.channel.caller;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * A clock that is moved by hand.
 */
final class TestClock implements InstantSource {

	private Instant now = Instant.parse("2026-01-01T00:00:00Z");

	@Override
	public Instant instant() {
		return this.now;
	}

	void advance(Duration time) {
		this.now = this.now.plus(time);
	}

}
