package io.telemetry.stats;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class LatencyRecorderTests {

	private final LatencyRecorder recorder = new LatencyRecorder();

	@Test
	void nothingRecordedIsAllZero() {
		assertThat(this.recorder.snapshot())
			.isEqualTo(new LatencyStats(0, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO));
	}

	@Test
	void percentilesAreThoseOfAllThatWasRecordedToOnePercent() {
		for (int i = 1; i <= 500; i++) {
			this.recorder.record(Duration.ofMillis(i).toNanos());
		}
		assertThat(this.recorder.snapshot().count()).isEqualTo(500);
		for (int i = 501; i <= 1000; i++) {
			this.recorder.record(Duration.ofMillis(i).toNanos());
		}
		LatencyStats stats = this.recorder.snapshot();
		assertThat(stats.count()).isEqualTo(1000);
		assertThat(stats.p50()).isBetween(Duration.ofMillis(495), Duration.ofMillis(505));
		assertThat(stats.p90()).isBetween(Duration.ofMillis(891), Duration.ofMillis(909));
		assertThat(stats.p99()).isBetween(Duration.ofMillis(980), Duration.ofMillis(1000));
		assertThat(stats.max()).isBetween(Duration.ofMillis(990), Duration.ofMillis(1010));
	}

	@Test
	void timesBeyondTheRangeCountAsItsEnds() {
		this.recorder.record(-1);
		this.recorder.record(Long.MAX_VALUE);
		LatencyStats stats = this.recorder.snapshot();
		assertThat(stats.count()).isEqualTo(2);
		assertThat(stats.p50()).isLessThan(Duration.ofNanos(256));
		assertThat(stats.max()).isBetween(Duration.ofMinutes(59), Duration.ofMinutes(61));
	}

}
