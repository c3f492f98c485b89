package io.telemetry.limit;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntConsumer;

import com.sun.management.ThreadMXBean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assumptions.assumeThat;

class KeyedRateLimiterTests {

	private final AtomicLong nanos = new AtomicLong(Long.MIN_VALUE);

	@Test
	void eachKeyHasItsOwnBudgetAndItsOwnCount() {
		KeyedRateLimiter limiter = limiter("1/1m", 10);
		assertThat(limiter.limit()).hasToString("1/1m");
		assertThat(limiter.ask("a")).isZero();
		assertThat(limiter.ask("a")).isEqualTo(RateLimiter.LIMITED);
		assertThat(limiter.ask("b")).isZero();
		assertThat(limiter.size()).isEqualTo(2);
		pass(Duration.ofMinutes(1));
		assertThat(limiter.ask("b")).isZero();
		assertThat(limiter.ask("a")).isOne();
		assertThat(limiter.overflowed()).isZero();
	}

	@Test
	void severalOfAKeyPassAllOrNotAtAll() {
		KeyedRateLimiter limiter = limiter("10/1s", 2);
		assertThat(limiter.retryAfter("a", 50)).isZero();
		assertThat(limiter.ask("a", 8)).isZero();
		assertThat(limiter.ask("a", 3)).isEqualTo(RateLimiter.LIMITED);
		assertThat(limiter.ask("b", 3)).isZero();
		pass(Duration.ofMillis(100));
		assertThat(limiter.retryAfter("a", 3)).isEqualTo(Duration.ofMillis(900).toNanos());
		assertThat(limiter.retryAfter("b", 3)).isZero();
		assertThat(limiter.ask("c", 10)).isZero();
		assertThat(limiter.overflowed()).isEqualTo(10);
		assertThat(limiter.retryAfter("d", 1)).isEqualTo(Duration.ofSeconds(1).toNanos());
		pass(Duration.ofMillis(900));
		assertThat(limiter.ask("a", 10)).isEqualTo(3);
	}

	@Test
	void keyWhoseSignalsAreTakenBackTakesUpNoRoom() {
		KeyedRateLimiter limiter = limiter("10/1m", 1);
		assertThat(limiter.ask("a", 5, () -> false)).isEqualTo(RateLimiter.LIMITED);
		assertThat(limiter.ask("b", 5, () -> true)).isZero();
		assertThat(limiter.overflowed()).isZero();
		assertThat(limiter.ask("b", 5, () -> false)).isEqualTo(RateLimiter.LIMITED);
		assertThat(limiter.ask("b", 5)).isZero();
	}

	@Test
	void limitersAskedThroughOneAnotherAreAllChargedOrNone() throws Exception {
		for (int round = 0; round < 20; round++) {
			KeyedRateLimiter outer = limiter("1000/1m", 8);
			KeyedRateLimiter inner = limiter("70/1m", 8);
			LongAdder passed = new LongAdder();
			inParallel((i) -> {
				int permits = 1 + i % 3;
				if (outer.ask("k" + i % 4, permits, () -> inner.ask("one", permits) >= 0) >= 0) {
					passed.add(permits);
				}
			});
			assertThat(passed.sum()).isLessThanOrEqualTo(70).isGreaterThan(67);
			// What is left of the outer ones is what did not pass the inner one
			int left = 0;
			for (int key = 0; key < 4; key++) {
				while (outer.ask("k" + key) >= 0) {
					left++;
				}
			}
			assertThat(left).isEqualTo(4 * 1000 - (int) passed.sum());
		}
	}

	@Test
	void keysBeyondTheBoundShareOneBudgetAndAreCounted() {
		KeyedRateLimiter limiter = limiter("2/1m", 3);
		for (String key : List.of("a", "b", "c", "x", "y")) {
			assertThat(limiter.ask(key)).as(key).isZero();
		}
		assertThat(limiter.ask("z")).isEqualTo(RateLimiter.LIMITED);
		assertThat(limiter.size()).isEqualTo(3);
		assertThat(limiter.overflowed()).isEqualTo(3);
	}

	@Test
	void floodOfFreshKeysNeitherGrowsNorGivesAKnownKeyANewBudget() {
		KeyedRateLimiter limiter = limiter("1/1m", 100);
		assertThat(limiter.ask("victim")).isZero();
		for (int i = 0; i < 100_000; i++) {
			limiter.ask("fresh-" + i);
			if (i % 1_000 == 0) {
				assertThat(limiter.ask("victim")).isEqualTo(RateLimiter.LIMITED);
				pass(Duration.ofMillis(500));
			}
		}
		assertThat(limiter.size()).isEqualTo(100);
		assertThat(limiter.overflowed()).isEqualTo(100_000 - 99);
		pass(Duration.ofSeconds(10));
		assertThat(limiter.ask("victim")).isEqualTo(100);
	}

	@Test
	void keyWhoseWindowsHaveAllEndedMakesRoom() {
		KeyedRateLimiter limiter = limiter("1/1s, 2/1m", 2);
		limiter.ask("a");
		limiter.ask("b");
		pass(Duration.ofSeconds(30));
		limiter.ask("c");
		assertThat(limiter.overflowed()).isOne();
		pass(Duration.ofSeconds(30));
		assertThat(limiter.ask("b")).isZero();
		assertThat(limiter.ask("c")).isZero();
		assertThat(limiter.ask("c")).isEqualTo(RateLimiter.LIMITED);
		assertThat(limiter.ask("b")).isEqualTo(RateLimiter.LIMITED);
		assertThat(limiter.overflowed()).isOne();
		assertThat(limiter.size()).isEqualTo(2);
	}

	@Test
	void longKeysAreKeptShortAndApart() {
		KeyedRateLimiter limiter = limiter("1/1m", 10);
		String begin = "k".repeat(60_000);
		assertThat(limiter.ask(begin + "1")).isZero();
		assertThat(limiter.ask(begin + "2")).isZero();
		assertThat(limiter.ask(begin + "1")).isEqualTo(RateLimiter.LIMITED);
		assertThat(limiter.ask("k".repeat(256))).isZero();
		assertThat(limiter.ask("k".repeat(257))).isZero();
		assertThat(limiter.ask("")).isZero();
		assertThat(limiter.size()).isEqualTo(5);
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, -1, KeyedRateLimiter.MAX_KEYS + 1 })
	void boundOutOfRangeIsRefused(int maxKeys) {
		assertThatIllegalArgumentException().isThrownBy(() -> new KeyedRateLimiter(RateLimit.parse("1/1m"), maxKeys))
			.withMessage("maxKeys must be from 1 to 10000000, not " + maxKeys);
	}

	@Test
	void ofManyThreadsExactlyTheNumberPassesForEachKey() throws Exception {
		for (int round = 0; round < 20; round++) {
			KeyedRateLimiter limiter = limiter("3/1m, 5/1h", 64);
			ConcurrentHashMap<String, LongAdder> passed = new ConcurrentHashMap<>();
			inParallel((i) -> {
				String key = "k" + i % 64;
				if (limiter.ask(key) >= 0) {
					passed.computeIfAbsent(key, (k) -> new LongAdder()).increment();
				}
			});
			assertThat(passed).hasSize(64).allSatisfy((key, count) -> assertThat(count.sum()).isEqualTo(3));
			assertThat(limiter.overflowed()).isZero();
			assertThat(limiter.size()).isEqualTo(64);
		}
	}

	/**
	 * Keys end and are driven out while other threads just ask for them: what passes
	 * there must not pass uncharged.
	 */
	@ParameterizedTest
	@ValueSource(ints = { 1, 4, 64 })
	void whileKeysDriveEachOtherOutNoneGetsMoreThanItsBudget(int maxKeys) throws Exception {
		for (int round = 0; round < 5; round++) {
			long begin = this.nanos.get();
			KeyedRateLimiter limiter = new KeyedRateLimiter(RateLimit.of(2, Duration.ofMillis(1)), maxKeys,
					() -> this.nanos.addAndGet(5_003));
			ConcurrentHashMap<String, LongAdder> passed = new ConcurrentHashMap<>();
			LongAdder all = new LongAdder();
			inParallel((i) -> {
				String key = "k" + i * 7 % 100;
				long result = limiter.ask(key);
				if (result >= 0) {
					passed.computeIfAbsent(key, (k) -> new LongAdder()).increment();
					all.increment();
				}
				assertThat(limiter.size()).isLessThanOrEqualTo(maxKeys);
			});
			long windows = (this.nanos.get() - begin) / 1_000_000 + 1;
			// Of its own and, where there was no room, of the shared one.
			assertThat(passed).allSatisfy((key, count) -> assertThat(count.sum()).isLessThanOrEqualTo(4 * windows));
			assertThat(all.sum()).isLessThanOrEqualTo(2 * windows * (maxKeys + 1));
			assertThat(limiter.size()).isLessThanOrEqualTo(maxKeys);
			pass(Duration.ofSeconds(1));
			limiter.ask("later");
			assertThat(limiter.ask("later")).isNotEqualTo(RateLimiter.RETIRED);
		}
	}

	/**
	 * Who asks for a key that ends at that moment must not take it away a second time,
	 * while another has its place.
	 */
	@Test
	void whileKeysEndAtOnceNoMoreAreRememberedThanThereIsRoomFor() throws Exception {
		for (int round = 0; round < 100; round++) {
			KeyedRateLimiter limiter = new KeyedRateLimiter(RateLimit.of(2, Duration.ofMillis(1)), 2,
					() -> this.nanos.addAndGet(400_003));
			inParallel((i) -> {
				limiter.ask("k" + i % 4);
				assertThat(limiter.size()).isLessThanOrEqualTo(2);
			});
		}
	}

	@Test
	void askingForAKnownKeyAllocatesNothing() {
		ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
		assumeThat(threads.isThreadAllocatedMemorySupported() && threads.isThreadAllocatedMemoryEnabled()).isTrue();
		KeyedRateLimiter limiter = new KeyedRateLimiter(RateLimit.parse("5/1s, 100/1m"), 100);
		limiter.ask("known");
		long before = threads.getCurrentThreadAllocatedBytes();
		long sum = 0;
		for (int i = 0; i < 200_000; i++) {
			sum += limiter.ask("known");
			sum += limiter.ask("known", 3);
		}
		long allocated = threads.getCurrentThreadAllocatedBytes() - before;
		assertThat(sum).isNegative();
		// Room for what the measurement itself takes, far below a byte each time.
		assertThat(allocated).isLessThan(10_000);
	}

	private KeyedRateLimiter limiter(String text, int maxKeys) {
		return new KeyedRateLimiter(RateLimit.parse(text), maxKeys, this.nanos::get);
	}

	private void pass(Duration time) {
		this.nanos.addAndGet(time.toNanos());
	}

	private static void inParallel(IntConsumer work) throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(4);
		try {
			CyclicBarrier start = new CyclicBarrier(4);
			List<Future<?>> done = new ArrayList<>();
			for (int i = 0; i < 4; i++) {
				done.add(threads.submit(() -> {
					start.await(10, TimeUnit.SECONDS);
					for (int j = 0; j < 20_000; j++) {
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

}
