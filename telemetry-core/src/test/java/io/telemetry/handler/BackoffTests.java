package io.telemetry.handler;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class BackoffTests {

	@Test
	void firstAttemptIsAtOnceAndPausesDoubleUpToTheLongest() {
		Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1), () -> 1);
		assertThat(backoff.left(0)).isZero();
		List<Long> pauses = new ArrayList<>();
		for (int i = 0; i < 200; i++) {
			backoff.failed(0);
			pauses.add(Duration.ofNanos(backoff.left(0)).toMillis());
		}
		assertThat(pauses).startsWith(100L, 200L, 400L, 800L, 1000L, 1000L).endsWith(1000L);
		backoff.reset();
		assertThat(backoff.left(0)).isZero();
		backoff.failed(0);
		assertThat(backoff.left(0)).isEqualTo(Duration.ofMillis(100).toNanos());
	}

	@Test
	void chanceDecidesFromNothingToTheLongest() {
		Random random = new Random(1);
		List<Long> pauses = new ArrayList<>();
		for (int i = 0; i < 1_000; i++) {
			Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1), random::nextDouble);
			backoff.failed(0);
			pauses.add(backoff.left(0));
		}
		long longest = Duration.ofMillis(100).toNanos();
		assertThat(pauses).allMatch((pause) -> pause >= 0 && pause < longest);
		assertThat(pauses).anyMatch((pause) -> pause < longest / 10).anyMatch((pause) -> pause > longest * 9 / 10);
	}

	@Test
	void pauseEndsAlsoWhereTheClockOverflows() {
		Backoff backoff = new Backoff(Duration.ofNanos(10), Duration.ofNanos(10), () -> 1);
		backoff.failed(Long.MAX_VALUE);
		assertThat(backoff.left(Long.MAX_VALUE + 4)).isEqualTo(6);
		assertThat(backoff.left(Long.MAX_VALUE + 11)).isZero();
	}

}
