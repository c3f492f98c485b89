package io.telemetry.pipeline;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

/**
 * Tests for {@link AnchoredClock}.
 */
class AnchoredClockTests {

	private static final Instant START = Instant.parse("2026-01-01T00:00:00.999999500Z");

	private final AtomicReference<Instant> wall = new AtomicReference<>(START);

	private final AtomicInteger wallReadings = new AtomicInteger();

	private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 100);

	private final AnchoredClock clock = new AnchoredClock(() -> {
		this.wallReadings.incrementAndGet();
		return this.wall.get();
	}, this.nanos::get);

	@Test
	void betweenReadingsOfTheWallClockTheMonotonicClockCounts() {
		assertThat(this.clock.instant()).isEqualTo(START);
		// Past the end of the second, and of the range of the monotonic clock.
		this.nanos.addAndGet(1_000);
		assertThat(this.clock.instant()).isEqualTo(START.plusNanos(1_000));
		this.nanos.addAndGet(AnchoredClock.MAX_AGE_NANOS - 1_001);
		assertThat(this.clock.instant()).isEqualTo(START.plusNanos(AnchoredClock.MAX_AGE_NANOS - 1));
		assertThat(this.wallReadings).hasValue(1);
	}

	@Test
	void stepOfTheWallClockIsSeenWithTheNextReading() {
		this.wall.set(START.minus(Duration.ofHours(1)));
		this.nanos.addAndGet(AnchoredClock.MAX_AGE_NANOS - 1);
		assertThat(this.clock.instant()).isAfter(START);
		this.nanos.incrementAndGet();
		assertThat(this.clock.instant()).isEqualTo(START.minus(Duration.ofHours(1)));
	}

	@Test
	void threadThatIsHeldUpBetweenTheTwoClocksReadsThemAgain() {
		AtomicInteger readings = new AtomicInteger();
		AnchoredClock held = new AnchoredClock(() -> {
			if (readings.incrementAndGet() == 1) {
				this.nanos.addAndGet(Duration.ofSeconds(2).toNanos());
				return START;
			}
			return START.plusSeconds(2);
		}, this.nanos::get);
		assertThat(readings).hasValue(2);
		assertThat(held.instant()).isEqualTo(START.plusSeconds(2));
	}

	@Test
	void clocksThatNeverAgreeAreTakenAsTheyAre() {
		AnchoredClock apart = new AnchoredClock(() -> {
			this.nanos.addAndGet(1_000_000);
			return START;
		}, this.nanos::get);
		assertThat(apart.instant()).isEqualTo(START.plusNanos(500_000));
	}

	@Test
	void ofTheSystemAgreesWithTheWallClock() {
		AnchoredClock system = new AnchoredClock(Instant::now, System::nanoTime);
		for (int i = 0; i < 1000; i++) {
			Instant before = Instant.now();
			Instant told = system.instant();
			Instant after = Instant.now();
			// As far as a thread may be held up between the two clocks.
			assertThat(told).isCloseTo(before, within(Duration.between(before, after).plusSeconds(1)));
		}
	}

}
