package io.telemetry.dispatch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

import io.telemetry.handler.HandlerException;
import io.telemetry.handler.Overflow;
import io.telemetry.handler.QueueOptions;
import io.telemetry.handler.SignalHandler;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import io.telemetry.stats.Outcome;
import io.telemetry.stats.OutcomeRecorder;
import io.telemetry.stats.OutcomeStats;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a durable lane promises of what is kept, with several threads, a handler that
 * misbehaves by chance, and a close at any moment. With {@code -Plong} the rounds are
 * fifty times as many.
 */
@Timeout(value = 600)
class DurableLaneStressTests {

	private static final int ROUNDS = Boolean.getBoolean("telemetry.test.long") ? 15_000 : 300;

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	private static final int PRODUCERS = 3;

	private static final int SIGNALS = 150;

	private static final Overflow[] OVERFLOWS = { new Overflow.DropNewest(), new Overflow.DropOldest(),
			new Overflow.Block(PATIENCE) };

	private static final Duration[] DRAIN_TIMEOUTS = { Duration.ZERO, Duration.ofMillis(1), PATIENCE };

	private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

	@Test
	void everyHoldEndsOnceAndWhatIsDoneWasHandledOrRefused() throws Exception {
		long seed = ThreadLocalRandom.current().nextLong();
		long abandoned = 0;
		long done = 0;
		for (int round = 0; round < ROUNDS; round++) {
			Random random = new Random(seed + round);
			OutcomeRecorder recorder = new OutcomeRecorder();
			Duration drainTimeout = DRAIN_TIMEOUTS[random.nextInt(DRAIN_TIMEOUTS.length)];
			Moody handler = new Moody(random.nextLong(), drainTimeout != PATIENCE);
			QueueOptions queue = QueueOptions.DEFAULTS.withCapacity(1 + random.nextInt(40))
				.withBatches(1 + random.nextInt(16), Duration.ofNanos(random.nextInt(100_000)))
				.withThreads(1 + random.nextInt(3))
				.withOverflow(OVERFLOWS[random.nextInt(OVERFLOWS.length)])
				.withDrainTimeout(drainTimeout);
			Lane lane = new QueuedLane(new HandlerGuard("test", handler, recorder, (fault) -> {
			}), queue, true, new Hasty());
			List<Signal> kept = Collections.synchronizedList(new ArrayList<>());
			List<Thread> producers = producers(lane, recorder, kept);
			int before = random.nextInt(PRODUCERS * SIGNALS);
			await(() -> recorder.snapshot().received() > before || handler.standing.get());
			lane.close();
			join(producers);
			String what = "seed " + (seed + round) + ", " + queue;
			OutcomeStats stats = recorder.snapshot();
			assertThat(stats.received()).as(what).isEqualTo(PRODUCERS * SIGNALS);
			assertThat(stats.inFlight()).as(what + stats).isZero();
			assertThat(lane.depth()).as(what).isZero();
			for (Signal signal : kept) {
				String told = String.valueOf(signal.delivery());
				assertThat(told).as(what).isIn("1 held, 1 done, 0 abandoned", "1 held, 0 done, 1 abandoned");
				if (told.contains("1 done")) {
					done++;
					assertThat(handler.hasDealtWith(signal)).as(what).isTrue();
				}
				else {
					abandoned++;
				}
			}
			assertThat(stats.count(Outcome.HANDLED) + stats.count(Outcome.ERRORS)).as(what)
				.isLessThanOrEqualTo(handler.dealtWith());
		}
		assertThat(this.failure).hasNullValue();
		assertThat(done).isPositive();
		assertThat(abandoned).isPositive();
	}

	private List<Thread> producers(Lane lane, OutcomeRecorder recorder, List<Signal> kept) {
		List<Thread> producers = new ArrayList<>();
		for (int p = 0; p < PRODUCERS; p++) {
			int producer = p;
			Thread thread = new Thread(() -> {
				try {
					for (int i = 0; i < SIGNALS; i++) {
						Signal.Builder builder = Signal.builder((i % 16 == 0) ? Level.ERROR : Level.INFO, Kind.LOG,
								"test");
						// The first nothing but kept ones, the second both, the third
						// none.
						Signal signal;
						if (producer == 0 || (producer == 1 && i % 2 == 0)) {
							signal = builder.delivery(new Keeper()).build();
							kept.add(signal);
						}
						else {
							signal = builder.build();
						}
						recorder.received();
						lane.accept(signal);
					}
				}
				catch (Throwable ex) {
					this.failure.compareAndSet(null, ex);
				}
			});
			producers.add(thread);
			thread.start();
		}
		return producers;
	}

	private void join(List<Thread> threads) throws InterruptedException {
		for (Thread thread : threads) {
			thread.join(PATIENCE.toMillis());
			assertThat(thread.isAlive()).isFalse();
		}
		assertThat(this.failure).hasNullValue();
	}

	private static void await(BooleanSupplier condition) {
		long start = System.nanoTime();
		while (!condition.getAsBoolean()) {
			if (System.nanoTime() - start > PATIENCE.toNanos()) {
				throw new AssertionError("Not so within " + PATIENCE);
			}
			Thread.yield();
		}
	}

	/**
	 * The system's time, and chance that makes pauses short.
	 */
	private static final class Hasty implements Timing {

		@Override
		public double random() {
			return ThreadLocalRandom.current().nextDouble() / 2000;
		}

	}

	/**
	 * A handler that does by chance what handlers do.
	 */
	private static final class Moody implements SignalHandler {

		private final Random random;

		private final boolean mayStand;

		/** Nothing goes on before the lane closes. */
		private final AtomicBoolean standing = new AtomicBoolean();

		private final Set<Signal> dealtWith = Collections.newSetFromMap(new IdentityHashMap<>());

		Moody(long seed, boolean mayStand) {
			this.random = new Random(seed);
			this.mayStand = mayStand;
		}

		@Override
		public void handle(Signal signal) {
			throw new AssertionError();
		}

		@Override
		public void handle(List<Signal> batch) throws Exception {
			switch (chance(24)) {
				case 0 -> throw HandlerException.retryable("away", null);
				case 1, 2, 3 -> throw HandlerException.retryable("partly away", null).withFailed(partOf(batch));
				case 4 -> {
					dealWith(batch);
					throw HandlerException.permanent("refused", null).withFailed(partOf(batch));
				}
				case 5 -> {
					dealWith(batch);
					throw new IllegalStateException("no");
				}
				case 6 -> {
					dealWith(batch);
					Thread.currentThread().interrupt();
				}
				case 7 -> {
					dealWith(batch);
					Thread.currentThread().setUncaughtExceptionHandler((thread, ex) -> {
					});
					throw new InternalError("no");
				}
				case 8 -> {
					Thread.currentThread().interrupt();
					throw HandlerException.retryable("interrupted", null);
				}
				case 9 -> {
					if (chance(8) == 0) {
						this.standing.set(true);
						throw HandlerException.retryable("away for long", null).withRetryAfter(Duration.ofMinutes(30));
					}
					dealWith(batch);
				}
				case 10 -> {
					if (this.mayStand && chance(8) == 0) {
						this.standing.set(true);
						Thread.sleep(PATIENCE.toMillis());
					}
					dealWith(batch);
				}
				default -> dealWith(batch);
			}
		}

		/**
		 * Signals that are not dealt with: at least one.
		 */
		private List<Signal> partOf(List<Signal> batch) {
			List<Signal> failed = new ArrayList<>();
			for (Signal signal : batch) {
				if (failed.isEmpty() || chance(2) == 0) {
					failed.add(signal);
				}
				else {
					dealWith(List.of(signal));
				}
			}
			return failed;
		}

		private synchronized int chance(int bound) {
			return this.random.nextInt(bound);
		}

		private synchronized void dealWith(List<Signal> signals) {
			this.dealtWith.addAll(signals);
		}

		synchronized boolean hasDealtWith(Signal signal) {
			return this.dealtWith.contains(signal);
		}

		synchronized int dealtWith() {
			return this.dealtWith.size();
		}

	}

}
