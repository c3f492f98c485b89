package io.telemetry.dispatch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

import io.telemetry.handler.HandlerFault;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * What lanes promise, with several threads at once. With {@code -Plong} the rounds are
 * fifty times as many.
 */
@Timeout(value = 600)
class LaneStressTests {

	private static final int TIMES = Boolean.getBoolean("telemetry.test.long") ? 50 : 1;

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	private static final int CAPACITY = 64;

	private static final int COMMON_CAPACITY = 58;

	/** Long enough for a wake-up that is lost to fail the test. */
	private static final QueueOptions QUEUE = QueueOptions.DEFAULTS.withCapacity(CAPACITY)
		.withBatches(16, Duration.ofHours(1));

	private static final Overflow BLOCK = new Overflow.Block(PATIENCE);

	private final OutcomeRecorder recorder = new OutcomeRecorder();

	private final AtomicLong overflows = new AtomicLong();

	private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

	static Stream<Arguments> modes() {
		List<Arguments> modes = new ArrayList<>();
		for (Overflow overflow : List.of(new Overflow.DropNewest(), new Overflow.DropOldest(), BLOCK)) {
			for (int threads : new int[] { 1, 3 }) {
				for (int producers : new int[] { 1, 4 }) {
					for (boolean errors : new boolean[] { false, true }) {
						modes.add(arguments(overflow, threads, producers, errors));
					}
				}
			}
		}
		return modes.stream();
	}

	@ParameterizedTest
	@MethodSource("modes")
	void everySignalHasOneOutcomeAndTheQueueKeepsItsBounds(Overflow overflow, int threads, int producers,
			boolean errors) throws Exception {
		int signals = 10_000 * TIMES;
		Ledger ledger = new Ledger(producers, signals, threads == 1);
		Lane lane = lane(ledger, QUEUE.withThreads(threads).withOverflow(overflow));
		AtomicBoolean over = new AtomicBoolean();
		List<Thread> watchers = List.of(start(() -> {
			while (!over.get()) {
				assertThat(this.recorder.snapshot().inFlight()).isNotNegative();
				assertThat(lane.depth()).isLessThanOrEqualTo(errors ? CAPACITY : COMMON_CAPACITY);
				Thread.onSpinWait();
			}
		}), start(() -> {
			while (!over.get()) {
				assertThat(lane.flush(PATIENCE)).isTrue();
			}
		}));
		List<Thread> threadsOfProducers = new ArrayList<>();
		for (int p = 0; p < producers; p++) {
			int producer = p;
			threadsOfProducers.add(start(() -> {
				for (int i = 0; i < signals; i++) {
					accept(lane, signal((errors && i % 16 == 0) ? Level.ERROR : Level.INFO, producer, i));
				}
			}));
		}
		join(threadsOfProducers);
		assertThat(lane.flush(PATIENCE)).isTrue();
		over.set(true);
		join(watchers);
		OutcomeStats stats = this.recorder.snapshot();
		assertThat(stats.received()).isEqualTo((long) producers * signals);
		assertThat(stats.inFlight()).isZero();
		assertThat(stats.count(Outcome.HANDLED)).isEqualTo(ledger.handled()).isPositive();
		assertThat(stats.count(Outcome.DROPPED_OVERFLOW)).isEqualTo(this.overflows.get());
		if (overflow == BLOCK) {
			assertThat(this.overflows).hasValue(0);
		}
		assertThat(ledger.flushes).hasPositiveValue();
		lane.close();
		assertThat(this.recorder.snapshot()).isEqualTo(stats);
		assertThat(this.failure).hasNullValue();
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 3 })
	void workerThatGoesToSleepSeesWhatComesMeanwhile(int threads) throws Exception {
		AtomicLong handled = new AtomicLong();
		// Two signals make a batch, one of each producer.
		Lane lane = lane((signal) -> handled.incrementAndGet(),
				QUEUE.withThreads(threads).withBatches(2, Duration.ofHours(1)));
		int rounds = 5000 * TIMES;
		CyclicBarrier barrier = new CyclicBarrier(2);
		List<Thread> producers = new ArrayList<>();
		for (int p = 0; p < 2; p++) {
			int producer = p;
			producers.add(start(() -> {
				for (int i = 0; i < rounds; i++) {
					barrier.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
					accept(lane, signal(Level.INFO, producer, i));
					int due = 2 * (i + 1);
					await(() -> handled.get() >= due);
				}
			}));
		}
		join(producers);
		lane.close();
		assertThat(handled).hasValue(2L * rounds);
		assertThat(this.failure).hasNullValue();
	}

	@Test
	void workerThatLetsProducersGoIsWokenByThem() throws Exception {
		AtomicLong handled = new AtomicLong();
		// So small that worker and producers wait for each other all the time.
		Lane lane = lane((signal) -> handled.incrementAndGet(),
				QUEUE.withCapacity(4).withBatches(2, Duration.ofHours(1)).withOverflow(BLOCK));
		Signal signal = signal(Level.INFO, 0, 0);
		List<Thread> producers = new ArrayList<>();
		for (int p = 0; p < 4; p++) {
			producers.add(start(() -> {
				for (int i = 0; i < 25_000 * TIMES; i++) {
					accept(lane, signal);
				}
			}));
		}
		join(producers);
		lane.close();
		assertThat(handled).hasValue(100_000L * TIMES);
		assertThat(this.overflows).hasValue(0);
	}

	@Test
	void signalWithoutABatchToWaitForIsHandledAtOnce() throws Exception {
		AtomicLong handled = new AtomicLong();
		Lane lane = lane((signal) -> handled.incrementAndGet(), QUEUE.withBatches(16, Duration.ZERO));
		for (int i = 0; i < 5000 * TIMES; i++) {
			accept(lane, signal(Level.INFO, 0, i));
			int due = i + 1;
			await(() -> handled.get() == due);
		}
		lane.close();
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void closeThatRacesWithProducersLeavesNothingUncounted(boolean inTime) throws Exception {
		Overflow[] overflows = { new Overflow.DropNewest(), new Overflow.DropOldest(), BLOCK };
		for (int round = 0; round < 150 * TIMES; round++) {
			OutcomeRecorder recorder = new OutcomeRecorder();
			AtomicBoolean closed = new AtomicBoolean();
			AtomicLong handled = new AtomicLong();
			Lane lane = Lane.of("test", (signal) -> {
				assertThat(closed).isFalse();
				handled.incrementAndGet();
			}, QUEUE.withThreads(1 + round % 2)
				.withOverflow(overflows[round % 3])
				.withDrainTimeout(inTime ? PATIENCE : Duration.ZERO), false, recorder, this::onFault);
			List<Thread> producers = produceUntil(closed, lane, recorder);
			long before = round % 50;
			await(() -> recorder.snapshot().received() > before);
			lane.close();
			closed.set(true);
			join(producers);
			OutcomeStats stats = recorder.snapshot();
			assertThat(stats.inFlight()).as(stats.toString()).isZero();
			assertThat(lane.depth()).isZero();
			if (inTime) {
				assertThat(stats.count(Outcome.HANDLED)).isEqualTo(handled.get());
				assertThat(stats.count(Outcome.INTERRUPTED)).isZero();
			}
			assertThat(stats.count(Outcome.ERRORS)).isZero();
		}
		assertThat(this.failure).hasNullValue();
	}

	@Test
	void closeOfADirectLaneWaitsForCallsUnderWayAndLetsNoneStart() throws Exception {
		for (int round = 0; round < 150 * TIMES; round++) {
			OutcomeRecorder recorder = new OutcomeRecorder();
			AtomicBoolean closing = new AtomicBoolean();
			AtomicBoolean closed = new AtomicBoolean();
			Lane lane = Lane.of("test", new SignalHandler() {

				@Override
				public void handle(Signal signal) {
					assertThat(closed).isFalse();
				}

				@Override
				public void close() {
					closed.set(true);
				}

			}, null, false, recorder, this::onFault);
			List<Thread> producers = produceUntil(closing, lane, recorder);
			long before = round % 50;
			await(() -> recorder.snapshot().received() > before);
			closing.set(true);
			lane.close();
			assertThat(closed).isTrue();
			join(producers);
			assertThat(recorder.snapshot().inFlight()).isZero();
			assertThat(recorder.snapshot().count(Outcome.ERRORS)).isZero();
		}
		assertThat(this.failure).hasNullValue();
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 3 })
	void handlerThatMisbehavesInEveryWayHarmsNoLane(int threads) throws Exception {
		AtomicInteger calls = new AtomicInteger();
		Lane lane = lane((signal) -> {
			switch (calls.incrementAndGet() % 500) {
				case 100 -> throw new StackOverflowError();
				case 200 -> throw new AssertionError("no");
				case 300 -> Thread.currentThread().interrupt();
				case 400 -> throw new InterruptedException();
				case 450 -> {
					Thread.currentThread().setUncaughtExceptionHandler((thread, ex) -> {
					});
					throw new InternalError("no");
				}
				default -> {
				}
			}
		}, QUEUE.withThreads(threads).withOverflow(BLOCK));
		List<Thread> producers = new ArrayList<>();
		for (int p = 0; p < 2; p++) {
			int producer = p;
			producers.add(start(() -> {
				for (int i = 0; i < 5000 * TIMES; i++) {
					accept(lane, signal(Level.INFO, producer, i));
				}
			}));
		}
		join(producers);
		assertThat(lane.flush(PATIENCE)).isTrue();
		OutcomeStats stats = this.recorder.snapshot();
		assertThat(stats.inFlight()).isZero();
		assertThat(stats.count(Outcome.HANDLED)).isPositive();
		assertThat(stats.count(Outcome.ERRORS)).isPositive();
		assertThat(stats.count(Outcome.HANDLED) + stats.count(Outcome.ERRORS)).isEqualTo(stats.received());
		lane.close();
	}

	@Test
	void handlerThatSwallowsItsInterruptIsGivenNothingMoreOfItsBatch() throws Exception {
		CountDownLatch never = new CountDownLatch(1);
		CountDownLatch left = new CountDownLatch(1);
		List<Signal> begun = new ArrayList<>();
		AtomicInteger flushes = new AtomicInteger();
		Lane lane = lane(new SignalHandler() {

			@Override
			public void handle(Signal signal) {
				begun.add(signal);
				try {
					never.await();
				}
				catch (InterruptedException ex) {
					// Swallowed, and so it goes on with the next.
				}
			}

			@Override
			public void handle(List<Signal> batch) throws Exception {
				try {
					SignalHandler.super.handle(batch);
				}
				finally {
					left.countDown();
				}
			}

			@Override
			public void flush() {
				flushes.incrementAndGet();
			}

		}, QUEUE.withDrainTimeout(Duration.ofMillis(50)));
		for (int i = 0; i < 20; i++) {
			accept(lane, signal(Level.INFO, 0, i));
		}
		lane.close();
		assertThat(left.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
		assertThat(begun).hasSize(1);
		assertThat(flushes).hasValue(0);
		OutcomeStats stats = this.recorder.snapshot();
		assertThat(stats.inFlight()).isZero();
		assertThat(stats.count(Outcome.INTERRUPTED)).isPositive();
		assertThat(stats.count(Outcome.INTERRUPTED) + stats.count(Outcome.DROPPED_CLOSED)).isEqualTo(20);
	}

	@Test
	void flushOfAStuckHandlerEndsInTimeAndCloseWakesBlockedProducers() throws Exception {
		Gatekeeper gate = new Gatekeeper();
		Lane lane = lane(gate,
				QUEUE.withCapacity(1)
					.withBatches(1, Duration.ZERO)
					.withOverflow(BLOCK)
					.withDrainTimeout(Duration.ofMillis(50)));
		accept(lane, signal(Level.INFO, 0, 0));
		gate.awaitEntered();
		accept(lane, signal(Level.INFO, 0, 1));
		Thread blocked = start(() -> accept(lane, signal(Level.INFO, 0, 2)));
		await(() -> blocked.getState() == Thread.State.TIMED_WAITING);
		assertThat(lane.flush(Duration.ofMillis(1))).isFalse();
		lane.close();
		join(List.of(blocked));
		OutcomeStats stats = this.recorder.snapshot();
		assertThat(stats.inFlight()).isZero();
		assertThat(stats.count(Outcome.INTERRUPTED)).isOne();
		assertThat(stats.count(Outcome.DROPPED_CLOSED)).isEqualTo(2);
	}

	@Test
	void producerThatIsInterruptedWhileItWaitsKeepsItsInterruptAndItsSignalIsDropped() throws Exception {
		Gatekeeper gate = new Gatekeeper();
		Lane lane = lane(gate, QUEUE.withCapacity(1).withBatches(1, Duration.ZERO).withOverflow(BLOCK));
		accept(lane, signal(Level.INFO, 0, 0));
		gate.awaitEntered();
		accept(lane, signal(Level.INFO, 0, 1));
		AtomicBoolean interrupted = new AtomicBoolean();
		Thread blocked = start(() -> {
			accept(lane, signal(Level.INFO, 0, 2));
			interrupted.set(Thread.interrupted());
		});
		await(() -> blocked.getState() == Thread.State.TIMED_WAITING);
		blocked.interrupt();
		join(List.of(blocked));
		assertThat(interrupted).isTrue();
		assertThat(this.recorder.snapshot().count(Outcome.DROPPED_OVERFLOW)).isOne();
		gate.open();
		lane.close();
		assertThat(this.recorder.snapshot().inFlight()).isZero();
	}

	private Lane lane(SignalHandler handler, QueueOptions queue) {
		return Lane.of("test", handler, queue, false, this.recorder, this::onFault);
	}

	private void onFault(HandlerFault fault) {
		if (fault.type() == HandlerFault.Type.OVERFLOW) {
			this.overflows.addAndGet(fault.signals());
		}
	}

	private void accept(Lane lane, Signal signal) {
		this.recorder.received();
		lane.accept(signal);
	}

	/**
	 * Two threads that go on for a while after they have seen the end.
	 */
	private List<Thread> produceUntil(AtomicBoolean end, Lane lane, OutcomeRecorder recorder) {
		Signal signal = signal(Level.INFO, 0, 0);
		List<Thread> producers = new ArrayList<>();
		for (int p = 0; p < 2; p++) {
			producers.add(start(() -> {
				int after = 0;
				while (after < 10) {
					recorder.received();
					lane.accept(signal);
					after += end.get() ? 1 : 0;
				}
			}));
		}
		return producers;
	}

	private Thread start(Work work) {
		Thread thread = new Thread(() -> {
			try {
				work.run();
			}
			catch (Throwable ex) {
				this.failure.compareAndSet(null, ex);
			}
		});
		thread.start();
		return thread;
	}

	private void join(List<Thread> threads) throws InterruptedException {
		for (Thread thread : threads) {
			thread.join(PATIENCE.toMillis() * TIMES);
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

	private static Signal signal(Level level, int producer, int number) {
		return Signal.builder(level, Kind.LOG, "test").message(producer + ":" + number).build();
	}

	/**
	 * Something to run that may throw.
	 */
	@FunctionalInterface
	private interface Work {

		void run() throws Exception;

	}

	/**
	 * A handler that remembers what it was given, and objects to what comes twice or, if
	 * it is to, out of order.
	 */
	private static final class Ledger implements SignalHandler {

		private final List<BitSet> seen = new ArrayList<>();

		private final boolean ordered;

		private final AtomicInteger flushes = new AtomicInteger();

		Ledger(int producers, int signals, boolean ordered) {
			this.ordered = ordered;
			for (int i = 0; i < producers; i++) {
				this.seen.add(new BitSet(signals));
			}
		}

		@Override
		public void handle(Signal signal) {
			String message = String.valueOf(signal.message());
			int colon = message.indexOf(':');
			BitSet seen = this.seen.get(Integer.parseInt(message, 0, colon, 10));
			int number = Integer.parseInt(message, colon + 1, message.length(), 10);
			synchronized (seen) {
				assertThat(seen.get(number)).isFalse();
				assertThat(this.ordered && seen.length() > number).isFalse();
				seen.set(number);
			}
		}

		@Override
		public void flush() {
			this.flushes.incrementAndGet();
		}

		long handled() {
			long handled = 0;
			for (BitSet seen : this.seen) {
				synchronized (seen) {
					handled += seen.cardinality();
				}
			}
			return handled;
		}

	}

}
