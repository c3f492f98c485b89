package io.telemetry.limit;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;

import com.sun.management.ThreadMXBean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
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
	void severalPassAllOrNotAtAll() {
		RateLimiter limiter = limiter("10/1s, 25/1m");
		assertThat(limiter.ask(8)).isZero();
		assertThat(limiter.ask(3)).isEqualTo(RateLimiter.LIMITED);
		assertThat(limiter.retryAfter(2)).isZero();
		assertThat(limiter.ask(2)).isZero();
		pass(Duration.ofMillis(400));
		assertThat(limiter.retryAfter(1)).isEqualTo(Duration.ofMillis(600).toNanos());
		pass(Duration.ofMillis(600));
		assertThat(limiter.ask(9)).isEqualTo(3);
		pass(Duration.ofSeconds(1));
		// The minute has 6 left
		assertThat(limiter.retryAfter(7)).isEqualTo(Duration.ofSeconds(58).toNanos());
		assertThat(limiter.ask(7)).isEqualTo(RateLimiter.LIMITED);
		assertThat(limiter.ask(6)).isEqualTo(7);
		assertThat(limiter.retryAfter(4)).isEqualTo(Duration.ofSeconds(58).toNanos());
	}

	@Test
	void moreThanAWindowEverGivesPassIntoAnUnusedOneAndTakeThoseThatFollow() {
		RateLimiter limiter = limiter("500/10s");
		assertThat(limiter.ask(1_000)).isZero();
		assertThat(limiter.ask(1)).isEqualTo(RateLimiter.LIMITED);
		pass(Duration.ofSeconds(15));
		assertThat(limiter.retryAfter(1_000)).isEqualTo(Duration.ofSeconds(5).toNanos());
		assertThat(limiter.retryAfter(1)).isEqualTo(Duration.ofSeconds(5).toNanos());
		assertThat(limiter.ask(1)).isEqualTo(RateLimiter.LIMITED);
		pass(Duration.ofSeconds(5));
		assertThat(limiter.ask(1)).isEqualTo(2);
		assertThat(limiter.ask(501)).isEqualTo(RateLimiter.LIMITED);
		assertThat(limiter.retryAfter(501)).isEqualTo(Duration.ofSeconds(10).toNanos());
		pass(Duration.ofSeconds(10));
		assertThat(limiter.ask(501)).isEqualTo(501);
		assertThat(limiter.retryAfter(500)).isEqualTo(Duration.ofSeconds(20).toNanos());
	}

	@Test
	void windowsTakenAheadHaveABound() {
		RateLimiter limiter = limiter("1/1s");
		assertThat(limiter.ask(Integer.MAX_VALUE)).isZero();
		assertThat(limiter.retryAfter(1)).isEqualTo(Duration.ofSeconds(PackedWindow.MAX_AHEAD + 1).toNanos());
		pass(Duration.ofSeconds(PackedWindow.MAX_AHEAD + 1));
		assertThat(limiter.ask()).isZero();
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, -1, Integer.MIN_VALUE })
	void fewerThanOneIsRefused(int permits) {
		RateLimiter limiter = limiter("5/1s");
		assertThatIllegalArgumentException().isThrownBy(() -> limiter.ask(permits))
			.withMessage("permits must be at least 1, not " + permits);
		assertThatIllegalArgumentException().isThrownBy(() -> limiter.retryAfter(permits));
	}

	@Test
	void whatSomethingElseRefusesIsChargedNowhere() {
		RateLimiter limiter = limiter("10/1s, 20/1m");
		assertThat(limiter.ask(4)).isZero();
		assertThat(limiter.ask(4, () -> false)).isEqualTo(RateLimiter.LIMITED);
		assertThat(limiter.ask(6, () -> true)).isZero();
		AtomicLong asked = new AtomicLong();
		assertThat(limiter.ask(1, () -> asked.incrementAndGet() > 0)).isEqualTo(RateLimiter.LIMITED);
		assertThat(asked).hasValue(0);
		pass(Duration.ofMinutes(1));
		// Nor does it begin a window
		assertThat(limiter.ask(30, () -> false)).isEqualTo(RateLimiter.LIMITED);
		assertThat(limiter.retryAfter(10)).isZero();
		assertThat(limiter.ask(10)).isEqualTo(4 + 1 + 30);
	}

	/**
	 * The limiter against a model that writes down each window's beginning, end and use.
	 */
	@Test
	void anyOrderOfAskingDoesAsTheModelDoes() {
		String[] limits = { "1/1ms", "5/1s", "10/1s, 25/3s", "3/1ms, 7/5ms, 9/20ms", "20/7ms, 19/9ms, 18/11ms" };
		for (int seed = 0; seed < 2_000; seed++) {
			Random random = new Random(seed);
			RateLimit limit = RateLimit.parse(limits[seed % limits.length]);
			this.nanos.set(random.nextLong());
			RateLimiter limiter = new RateLimiter(limit, this.nanos::get);
			Model model = new Model(limit);
			for (int step = 0; step < 50; step++) {
				int permits = random.nextBoolean() ? random.nextInt(1, 6) : random.nextInt(1, 60);
				boolean agreed = random.nextInt(4) > 0;
				assertThat(limiter.retryAfter(permits)).as("seed %s, step %s", seed, step)
					.isEqualTo(model.retryAfter(permits));
				assertThat(limiter.ask(permits, () -> agreed)).as("seed %s, step %s", seed, step)
					.isEqualTo(model.ask(permits, agreed));
				long next = random.nextBoolean() ? model.retryAfter(permits)
						: random.nextLong(limit.windows().get(0).period().toNanos() * 2);
				pass(Duration.ofNanos(next));
				model.now += next;
			}
		}
	}

	/**
	 * Threads ask for different numbers while others have what they were given taken
	 * back. What passes is never more than the limit, and at the end nothing of what was
	 * taken back is left.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "100/1m", "1000/1s, 900/1m", "7/1s, 12/1m, 20/1h" })
	void ofSeveralAtOnceNeverMorePassThanTheLimit(String text) throws Exception {
		for (int round = 0; round < 50; round++) {
			RateLimiter limiter = limiter(text);
			long smallest = limiter.limit().windows().stream().mapToLong(RateLimit.Window::signals).min().orElseThrow();
			AtomicLong passed = new AtomicLong();
			AtomicLong inside = new AtomicLong();
			inParallel((i) -> {
				int permits = 1 + i % 5;
				boolean agreed = i % 3 != 0;
				if (limiter.ask(permits, () -> {
					assertThat(inside.addAndGet(permits)).isLessThanOrEqualTo(smallest);
					if (!agreed) {
						inside.addAndGet(-permits);
					}
					return agreed;
				}) >= 0) {
					passed.addAndGet(permits);
				}
			}, 2_000);
			assertThat(passed.get()).isEqualTo(inside.get()).isLessThanOrEqualTo(smallest);
			// Exactly the rest is left: nothing leaked, nothing was given twice
			int left = (int) (smallest - passed.get());
			assertThat(left == 0 || limiter.ask(left) >= 0).isTrue();
			assertThat(limiter.ask(1)).isEqualTo(RateLimiter.LIMITED);
			pass(Duration.ofHours(1));
		}
	}

	/**
	 * While time goes on, too, with numbers larger than a window among them.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "10/1ms", "10/1ms, 25/3ms" })
	void whileTheClockMovesLargeNumbersHoldTheLimitOverTime(String text) throws Exception {
		for (int round = 0; round < 20; round++) {
			long begin = this.nanos.get();
			RateLimiter limiter = new RateLimiter(RateLimit.parse(text), () -> this.nanos.addAndGet(10_007));
			AtomicLong passed = new AtomicLong();
			inParallel((i) -> {
				int permits = (i % 4 == 0) ? 35 : 1 + i % 12;
				if (limiter.ask(permits) >= 0) {
					passed.addAndGet(permits);
				}
			}, 5_000);
			long elapsed = this.nanos.get() - begin;
			for (RateLimit.Window window : limiter.limit().windows()) {
				// The last may have taken windows ahead
				assertThat(passed.get())
					.isLessThanOrEqualTo(window.signals() * (elapsed / window.period().toNanos() + 1) + 35);
			}
			pass(Duration.ofHours(1));
		}
	}

	@Test
	void unusedHasTheSameLimitAndItsOwnBudget() {
		RateLimiter limiter = limiter("2/1m");
		limiter.ask(2);
		RateLimiter other = limiter.unused();
		assertThat(other.limit()).isEqualTo(limiter.limit());
		assertThat(passing(other, 3)).isEqualTo(2);
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
		for (int i = 0; i < 200_000; i++) {
			passed += (limiter.ask(1 + i % 7) >= 0) ? 1 : 0;
			passed += (limiter.retryAfter(3) > 0) ? 1 : 0;
		}
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
		ConcurrentLinkedQueue<Tally> tallies = new ConcurrentLinkedQueue<>();
		ThreadLocal<Tally> own = ThreadLocal.withInitial(() -> {
			Tally tally = new Tally();
			tallies.add(tally);
			return tally;
		});
		inParallel((i) -> own.get().add(limiter.ask()), asked);
		Tally all = new Tally();
		tallies.forEach(all::add);
		return all;
	}

	private static void inParallel(IntConsumer work, int times) throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(THREADS);
		try {
			CyclicBarrier start = new CyclicBarrier(THREADS);
			List<Future<?>> done = new ArrayList<>();
			for (int i = 0; i < THREADS; i++) {
				done.add(threads.submit(() -> {
					start.await(10, TimeUnit.SECONDS);
					for (int j = 0; j < times; j++) {
						work.accept(j);
					}
					return null;
				}));
			}
			for (Future<?> each : done) {
				each.get(30, TimeUnit.SECONDS);
			}
		}
		finally {
			threads.shutdownNow();
		}
	}

	/**
	 * What the limiter promises, in the plainest form.
	 */
	private static final class Model {

		private final List<RateLimit.Window> windows;

		private final long[] ends;

		private final long[] used;

		private final boolean[] begun;

		private long now;

		private long heldBack;

		Model(RateLimit limit) {
			this.windows = limit.windows();
			this.ends = new long[this.windows.size()];
			this.used = new long[this.windows.size()];
			this.begun = new boolean[this.windows.size()];
		}

		private boolean isRunning(int window) {
			return this.used[window] > 0 && this.now < this.ends[window];
		}

		long retryAfter(int permits) {
			long longest = 0;
			for (int i = 0; i < this.ends.length; i++) {
				if (isRunning(i) && this.used[i] + permits > this.windows.get(i).signals()) {
					longest = Math.max(longest, this.ends[i] - this.now);
				}
			}
			return longest;
		}

		long ask(int permits, boolean agreed) {
			if (retryAfter(permits) > 0 || !agreed) {
				this.heldBack += permits;
				return RateLimiter.LIMITED;
			}
			boolean anew = false;
			for (int i = 0; i < this.ends.length; i++) {
				long signals = this.windows.get(i).signals();
				if (!isRunning(i)) {
					anew |= this.begun[i];
					this.begun[i] = true;
					this.used[i] = 0;
					long taken = Math.max(1, (permits + signals - 1) / signals);
					this.ends[i] = this.now + taken * this.windows.get(i).period().toNanos();
				}
				this.used[i] += permits;
			}
			long told = anew ? this.heldBack : 0;
			this.heldBack -= told;
			return told;
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
