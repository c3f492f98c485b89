package io.telemetry.boot.channel.limit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

import io.telemetry.boot.InvalidSettingException;
import io.telemetry.boot.channel.limit.EventRates.Limit;
import io.telemetry.boot.channel.limit.EventRates.Refusal;
import io.telemetry.limit.RateLimit;
import io.telemetry.limit.RateLimiter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class EventRatesTests {

	private final AtomicLong nanos = new AtomicLong(-5);

	private final EventRates rates = rates("10/1s", "20/1s", "30/2s", "35/1s");

	@Test
	void eachLimitHoldsAndSaysWhichAndUntilWhen() {
		RateLimiter first = this.rates.forConnection();
		RateLimiter second = this.rates.forConnection();
		assertThat(this.rates.ask(first, "ann", "a", "shop", 10)).isNull();
		pass(Duration.ofNanos(1));
		assertThat(this.rates.ask(first, "ann", "a", "shop", 1)).isEqualTo(new Refusal(Limit.CONNECTION, 1000));
		assertThat(this.rates.ask(second, "ann", "a", "shop", 10)).isNull();
		assertThat(this.rates.ask(null, "ann", "a", "shop", 1)).isEqualTo(new Refusal(Limit.USER, 1000));
		assertThat(this.rates.ask(null, "bob", "a", "shop", 10)).isNull();
		assertThat(this.rates.ask(null, "bob", "a", "shop", 5)).isEqualTo(new Refusal(Limit.ADDRESS, 2000));
		assertThat(this.rates.ask(null, "bob", "b", "shop", 6)).isEqualTo(new Refusal(Limit.APPLICATION, 1000));
		assertThat(this.rates.ask(null, "bob", "b", "other", 6)).isNull();
		assertThat(this.rates.snapshot().limited())
			.isEqualTo(Map.of("connection", 1L, "user", 1L, "address", 5L, "application", 6L));
		assertThat(this.rates.snapshot().keys()).isEqualTo(Map.of("user", 2, "address", 2));
	}

	@Test
	void batchThatOneLimitRefusesIsChargedToNone() {
		for (int round = 0; round < 100; round++) {
			assertThat(this.rates.ask(null, "ann", "a", null, 1)).isEqualTo((round < 20) ? null : userRefusal());
		}
		RateLimiter connection = this.rates.forConnection();
		assertThat(this.rates.ask(connection, "ann", "a", "shop", 7)).isEqualTo(userRefusal());
		assertThat(this.rates.ask(connection, "bob", "a", "shop", 10)).isNull();
		assertThat(this.rates.ask(null, "bob", "a", "shop", 1)).extracting(Refusal::limit).isEqualTo(Limit.ADDRESS);
		assertThat(this.rates.ask(null, "bob", "b", "shop", 10)).isNull();
		assertThat(this.rates.ask(null, "cyd", "b", "shop", 15)).isNull();
	}

	private static Refusal userRefusal() {
		return new Refusal(Limit.USER, 1000);
	}

	@Test
	void batchThatComesAgainWhenItIsToldToPasses() {
		Random random = new Random(7);
		for (int i = 0; i < 2_000; i++) {
			RateLimiter connection = this.rates.forConnection();
			int events = random.nextInt(60);
			String user = "u" + random.nextInt(3);
			Refusal refusal = this.rates.ask(connection, user, "a", "shop", events);
			if (refusal != null) {
				pass(Duration.ofMillis(refusal.retryAfterMs()));
				assertThat(this.rates.ask(connection, user, "a", "shop", events)).isNull();
			}
			pass(Duration.ofNanos(random.nextInt(100_000_000)));
		}
	}

	@Test
	void batchLargerThanALimitPassesAndTakesItsTime() {
		EventRates small = rates("500/10s", null, null, null);
		RateLimiter connection = small.forConnection();
		assertThat(small.ask(connection, null, null, null, 1000)).isNull();
		assertThat(small.ask(connection, null, null, null, 1)).isEqualTo(new Refusal(Limit.CONNECTION, 20_000));
	}

	@Test
	void emptyBatchesAreNotFree() {
		RateLimiter connection = this.rates.forConnection();
		for (int i = 0; i < 10; i++) {
			assertThat(this.rates.ask(connection, null, null, null, 0)).isNull();
		}
		assertThat(this.rates.ask(connection, null, null, null, 0)).isNotNull();
	}

	@Test
	void withoutLimitsEverythingPasses() {
		EventRates none = new EventRates(new RateLimits(null, null, null, Map.of(), 1));
		assertThat(none.forConnection()).isNull();
		for (int i = 0; i < 1_000; i++) {
			assertThat(none.ask(null, "u" + i, "a" + i, "shop", 1_000_000)).isNull();
		}
		assertThat(none.snapshot().keys()).isEqualTo(Map.of("user", 0, "address", 0));
	}

	@Test
	void usersAreBoundedAndThoseBeyondShareOneLimit() {
		EventRates two = new EventRates(new RateLimits(null, RateLimit.parse("5/1m"), null, Map.of(), 2),
				this.nanos::get);
		for (String user : List.of("a", "b", "x")) {
			assertThat(two.ask(null, user, null, null, 5)).isNull();
		}
		assertThat(two.ask(null, "y", null, null, 5)).isEqualTo(new Refusal(Limit.USER, 60_000));
		assertThat(two.snapshot().keys().get("user")).isEqualTo(2);
		assertThat(two.snapshot().overflowed().get("user")).isEqualTo(10);
	}

	/**
	 * Batches of many connections and users meet at the address and the application. What
	 * passes is within every limit, and what was refused has left nothing behind.
	 */
	@Test
	void ofManyThreadsNothingPassesUnchargedAndNothingIsChargedThatDoesNot() throws Exception {
		for (int round = 0; round < 20; round++) {
			EventRates all = rates("400/1m", "700/1m", "1500/1m", "2000/1m");
			AtomicLongArray users = new AtomicLongArray(4);
			AtomicLongArray addresses = new AtomicLongArray(2);
			ExecutorService threads = Executors.newFixedThreadPool(4);
			try {
				CyclicBarrier start = new CyclicBarrier(4);
				List<Future<?>> done = new ArrayList<>();
				for (int thread = 0; thread < 4; thread++) {
					Random random = new Random(round * 4L + thread);
					done.add(threads.submit(() -> {
						RateLimiter connection = all.forConnection();
						start.await(10, TimeUnit.SECONDS);
						for (int i = 0; i < 1_000; i++) {
							int user = random.nextInt(4);
							int address = random.nextInt(2);
							int events = random.nextInt(1, 20);
							if (all.ask((i % 2 == 0) ? connection : null, "u" + user, "a" + address, "shop",
									events) == null) {
								users.addAndGet(user, events);
								addresses.addAndGet(address, events);
							}
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
			for (int user = 0; user < 4; user++) {
				assertThat(users.get(user)).isLessThanOrEqualTo(700);
				assertThat(left(all, "u" + user, null)).isEqualTo(700 - users.get(user));
			}
			for (int address = 0; address < 2; address++) {
				assertThat(addresses.get(address)).isLessThanOrEqualTo(1500);
				assertThat(left(all, null, "a" + address)).isEqualTo(1500 - addresses.get(address));
			}
		}
	}

	private static long left(EventRates rates, String user, String address) {
		long left = 0;
		while (rates.ask(null, user, address, null, 1) == null) {
			left++;
		}
		return left;
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, -1, 10_000_001 })
	void boundOfKeysOutOfRangeIsRefused(int maxKeys) {
		assertThatExceptionOfType(InvalidSettingException.class)
			.isThrownBy(() -> new RateLimits(null, null, null, Map.of(), maxKeys))
			.withMessage("rate-limits.max-keys must be between 1 and 10000000, but is '" + maxKeys + "'");
	}

	@Test
	void defaultsAreThoseOfTheContract() {
		assertThat(RateLimits.DEFAULTS.connection()).hasToString("2000/10s");
		assertThat(RateLimits.DEFAULTS.user()).hasToString("5000/10s");
		assertThat(RateLimits.DEFAULTS.address()).hasToString("20000/10s");
		assertThat(RateLimits.DEFAULTS.maxKeys()).isEqualTo(10_000);
	}

	private EventRates rates(String connection, String user, String address, String shop) {
		return new EventRates(new RateLimits(limit(connection), limit(user), limit(address),
				(shop != null) ? Map.of("shop", limit(shop)) : Map.of(), 100), this.nanos::get);
	}

	private static RateLimit limit(String text) {
		return (text != null) ? RateLimit.parse(text) : null;
	}

	private void pass(Duration time) {
		this.nanos.addAndGet(time.toNanos());
	}

}
