package io.telemetry.limit;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

import com.sun.management.ThreadMXBean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

class RateLimiterTests {

	private static final int THREADS = 4;

	private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000);

	@Test
	void firstPassesAndNextWindowTellsHowManyWereHeldBack() {
		RateLimiter limiter = limiter("1/1m");
		assertThat(limiter.ask()).isZero();
		assertThat(limiter.ask()).isEqualTo(RateLimiter.LIMITED);
		pass(Duration.ofSeconds(60).minusNanos(1));
		assertThat(limiter.ask()).isEqualTo(RateLimiter.LIMITED);
		pass(Duration.ofNanos(1));
		assertThat(limiter.ask()).isEqualTo(2);
		assertThat(limiter.ask()).isEqualTo(RateLimiter.LIMITED);
		pass(Duration.ofSeconds(60));
		assertThat(limiter.ask()).isOne();
	}

	@Test
	void windowBeginsWithTheFirstSignalAfterTheOneBeforeEnded() {
		RateLimiter limiter = limiter("2/1m");
		limiter.ask();
		pass(Duration.ofSeconds(90));
		assertThat(passing(limiter, 3)).isEqualTo(2);
		pass(Duration.ofSeconds(59));
		assertThat(passing(limiter, 3)).isZero();
		pass(Duration.ofSeconds(1));
		assertThat(passing(limiter, 3)).isEqualTo(2);
	}

	@Test
	void everyWindowHolds() {
		RateLimiter limiter = limiter("5/1m, 12/1h");
		assertThat(limiter.limit()).hasToString("5/1m, 12/1h");
		assertThat(passing(limiter, 10)).isEqualTo(5);
		pass(Duration.ofMinutes(1));
		assertThat(passing(limiter, 10)).isEqualTo(5);
		pass(Duration.ofMinutes(1));
		assertThat(passing(limiter, 10)).isEqualTo(2);
		pass(Duration.ofMinutes(1));
		assertThat(passing(limiter, 10)).isZero();
		pass(Duration.ofMinutes(57));
		assertThat(limiter.ask()).isEqualTo(8 + 10);
		assertThat(passing(limiter, 10)).isEqualTo(4);
	}

	@Test
	void signalThatOneWindowHoldsBackCountsInNone() {
		RateLimiter limiter = limiter("2/1m, 3/1h");
		assertThat(passing(limiter, 2)).isEqualTo(2);
		pass(Duration.ofMinutes(30));
		assertThat(passing(limiter, 2)).isOne();
		// The hour is used up. What it holds back in its last minute begins no minute, so
		// two pass in the first second of the next hour.
		pass(Duration.ofSeconds(29 * 60 + 59));
		assertThat(passing(limiter, 2)).isZero();
		pass(Duration.ofSeconds(1));
		assertThat(passing(limiter, 3)).isEqualTo(2);
	}

	@Test
	void windowsOfAnySizeHoldFromAnyBeginning() {
		Random random = new Random(20260101);
		long[] signals = { 1, 3, 4, 7, 1_000, RateLimit.MAX_SIGNALS };
		Duration[] periods = { Duration.ofMillis(1), Duration.ofMillis(7), Duration.ofMinutes(1), Duration.ofHours(1),
				Duration.ofDays(1), RateLimit.MAX_PERIOD };
		for (long count : signals) {
			for (Duration period : periods) {
				this.nanos.set(random.nextLong());
				RateLimiter limiter = new RateLimiter(RateLimit.of(count, period), this.nanos::get);
				int asked = (int) Math.min(count, 1_000) + 1;
				int passing = (int) Math.min(count, asked);
				for (int i = 0; i < 3; i++) {
					assertThat(passing(limiter, asked)).isEqualTo(passing);
					pass(period.minus(period.dividedBy(200_000)).minusNanos(1));
					assertThat(passing(limiter, 1)).isEqualTo((count > asked) ? 1 : 0);
					pass(period.dividedBy(200_000).plusNanos(1));
				}
				pass(period.multipliedBy(random.nextInt(1, 20)));
				assertThat(passing(limiter, asked)).isEqualTo(passing);
			}
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "1/1m", "7/1m", "1000/1s", "5/1s, 20/1m, 30/1h", "20/1s, 19/1m, 18/1h", "1/1s, 1/1m" })
	void whileTheClockStandsStillExactlyTheSmallestNumberPasses(String text) throws Exception {
		for (int round = 0; round < 50; round++) {
			RateLimiter limiter = limiter(text);
			long smallest = limiter.limit().windows().stream().mapToLong(RateLimit.Window::signals).min().orElseThrow();
			Tally tally = inParallel(limiter, 2_000);
			assertThat(tally.passed).isEqualTo(smallest);
			assertThat(tally.told).isZero();
			pass(Duration.ofHours(1));
			Tally next = inParallel(limiter, 2_000);
			assertThat(next.passed).isEqualTo(smallest);
			assertThat(next.told).isBetween(tally.heldBack, tally.heldBack + next.heldBack);
			pass(Duration.ofHours(1));
			assertThat(limiter.ask()).isEqualTo(tally.heldBack + next.heldBack - next.told);
		}
	}

	/**
	 * Time goes on with each reading, so threads meet where windows end and hold times
	 * that are out of date when they come to charge. By how often the clock was read it
	 * is known how many windows there can have been.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "1/1ms", "3/1ms", "2/1ms, 5/3ms", "4/1ms, 3/2ms, 6/5ms" })
	void whileTheClockMovesNoWindowPassesMoreAndEverySignalIsToldOf(String text) throws Exception {
		for (int round = 0; round < 20; round++) {
			long begin = this.nanos.get();
			RateLimiter limiter = new RateLimiter(RateLimit.parse(text), () -> this.nanos.addAndGet(10_007));
			Tally tally = inParallel(limiter, 20_000);
			long elapsed = this.nanos.get() - begin;
			for (RateLimit.Window window : limiter.limit().windows()) {
				assertThat(tally.passed)
					.isLessThanOrEqualTo(window.signals() * (elapsed / window.period().toNanos() + 1));
			}
			pass(Duration.ofHours(1));
			assertThat(tally.told + limiter.ask()).isEqualTo(tally.heldBack);
			assertThat(tally.passed + tally.heldBack).isEqualTo(THREADS * 20_000L);
		}
	}

	/**
	 * A thread reads the clock and is held up until others have used up a later window:
	 * its old time must not begin that window again.
	 */
	@Test
	void timeReadBeforeAnotherThreadBeganAWindowDoesNotBeginItAgain() {
		List<Long> others = new ArrayList<>();
		AtomicLong readings = new AtomicLong();
		RateLimiter[] limiter = new RateLimiter[1];
		LongSupplier clock = () -> {
			long time = this.nanos.get();
			if (readings.incrementAndGet() == 3) {
				pass(Duration.ofMinutes(5));
				others.add(limiter[0].ask());
				others.add(limiter[0].ask());
			}
			return time;
		};
		limiter[0] = new RateLimiter(RateLimit.of(2, Duration.ofMinutes(1)), clock);
		limiter[0].ask();
		assertThat(limiter[0].ask()).isEqualTo(RateLimiter.LIMITED);
		assertThat(others).containsExactly(0L, 0L);
		assertThat(limiter[0].ask()).isEqualTo(RateLimiter.LIMITED);
	}

	@Test
	void retiringWaitsForEveryWindowAndEndsTheLimiter() {
		RateLimiter limiter = limiter("2/1s, 3/1m");
		limiter.ask();
		pass(Duration.ofSeconds(59));
		assertThat(limiter.retire(this.nanos.get())).isFalse();
		assertThat(limiter.ask()).isZero();
		pass(Duration.ofSeconds(1));
		assertThat(limiter.retire(this.nanos.get())).isTrue();
		assertThat(limiter.retire(this.nanos.get())).isFalse();
		assertThat(limiter.ask()).isEqualTo(RateLimiter.RETIRED);
	}

	@Test
	void timeReadBeforeAWindowBeganDoesNotRetireIt() {
		RateLimiter limiter = limiter("1/1s");
		long before = this.nanos.get();
		pass(Duration.ofMillis(1));
		limiter.ask();
		assertThat(limiter.retire(before)).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "5/1s", "10000000/1ms", "100/1ms, 150/2ms, 1000/1h" })
	void askingAllocatesNothing(String text) {
		ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
		assumeThat(threads.isThreadAllocatedMemorySupported() && threads.isThreadAllocatedMemoryEnabled()).isTrue();
		RateLimiter limiter = RateLimiter.of(text);
		passing(limiter, 1_000);
		long before = threads.getCurrentThreadAllocatedBytes();
		int passed = passing(limiter, 200_000);
		long allocated = threads.getCurrentThreadAllocatedBytes() - before;
		assertThat(passed).isNotNegative();
		// Room for what the measurement itself takes, far below a byte each time.
		assertThat(allocated).isLessThan(10_000);
	}

	private RateLimiter limiter(String text) {
		return new RateLimiter(RateLimit.parse(text), this.nanos::get);
	}

	private void pass(Duration time) {
		this.nanos.addAndGet(time.toNanos());
	}

	private static int passing(RateLimiter limiter, int asked) {
		int passed = 0;
		for (int i = 0; i < asked; i++) {
			passed += (limiter.ask() != RateLimiter.LIMITED) ? 1 : 0;
		}
		return passed;
	}

	private static Tally inParallel(RateLimiter limiter, int asked) throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(THREADS);
		try {
			CyclicBarrier start = new CyclicBarrier(THREADS);
			List<Future<Tally>> tallies = new ArrayList<>();
			for (int i = 0; i < THREADS; i++) {
				tallies.add(threads.submit(() -> {
					start.await(10, TimeUnit.SECONDS);
					Tally tally = new Tally();
					for (int j = 0; j < asked; j++) {
						tally.add(limiter.ask());
					}
					return tally;
				}));
			}
			Tally all = new Tally();
			for (Future<Tally> tally : tallies) {
				all.add(tally.get(30, TimeUnit.SECONDS));
			}
			return all;
		}
		finally {
			threads.shutdownNow();
		}
	}

	private static final class Tally {

		private long passed;

		private long heldBack;

		private long told;

		void add(long answer) {
			if (answer == RateLimiter.LIMITED) {
				this.heldBack++;
			}
			else {
				this.passed++;
				this.told += answer;
			}
		}

		void add(Tally other) {
			this.passed += other.passed;
			this.heldBack += other.heldBack;
			this.told += other.told;
		}

	}

}
