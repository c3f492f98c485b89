package io.telemetry.limit;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class OncePerIntervalTests {

	private final AtomicLong nanos = new AtomicLong(Long.MIN_VALUE);

	private final OncePerInterval limit = new OncePerInterval(Duration.ofSeconds(60), this.nanos::get);

	@Test
	void firstPassesAndNextIntervalTellsHowManyWereHeldBack() {
		assertThat(this.limit.ask()).isZero();
		assertThat(this.limit.ask()).isEqualTo(OncePerInterval.HELD_BACK);
		this.nanos.addAndGet(Duration.ofSeconds(59).toNanos());
		assertThat(this.limit.ask()).isEqualTo(OncePerInterval.HELD_BACK);
		this.nanos.addAndGet(Duration.ofSeconds(2).toNanos());
		assertThat(this.limit.ask()).isEqualTo(2);
		assertThat(this.limit.ask()).isEqualTo(OncePerInterval.HELD_BACK);
	}

	@Test
	void ofManyThreadsOnePasses() {
		long passed = IntStream.range(0, 100_000).parallel().filter((i) -> this.limit.ask() >= 0).count();
		assertThat(passed).isOne();
		this.nanos.addAndGet(Duration.ofSeconds(61).toNanos());
		assertThat(this.limit.ask()).isEqualTo(99_999);
	}

	@Test
	void intervalOfNothingIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> new OncePerInterval(Duration.ZERO));
	}

}
