package io.telemetry.dispatch;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

import io.telemetry.handler.HandlerException;
import io.telemetry.handler.HandlerFault;
import io.telemetry.handler.HandlerFaultListener;
import io.telemetry.handler.Overflow;
import io.telemetry.handler.QueueOptions;
import io.telemetry.handler.SignalHandler;
import io.telemetry.signal.Delivery;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import io.telemetry.stats.Outcome;
import io.telemetry.stats.OutcomeRecorder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

@Timeout(30)
class DurableLaneTests {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	/** Nobody waits for so long in a test: what ends does not wait for it. */
	private static final Duration FOR_EVER = Duration.ofHours(1);

	private static final QueueOptions ONE_BY_ONE = QueueOptions.DEFAULTS.withBatches(1, Duration.ZERO);

	private static final QueueOptions IN_BATCHES = QueueOptions.DEFAULTS.withBatches(10, FOR_EVER);

	private final OutcomeRecorder recorder = new OutcomeRecorder();

	private final List<HandlerFault> faults = new CopyOnWriteArrayList<>();

	private final Gatekeeper gate = new Gatekeeper();

	private final Keeper keeper = new Keeper();

	private final Pauses pauses = new Pauses();

	static Stream<Overflow> overflows() {
		return Stream.of(new Overflow.DropNewest(), new Overflow.DropOldest(),
				new Overflow.Block(Duration.ofMillis(1)));
	}

	@Test
	void keptSignalIsHeldUntilItWasHandled() throws Exception {
		Lane lane = lane(this.gate, ONE_BY_ONE);
		accept(lane, kept("m"));
		this.gate.awaitEntered();
		assertThat(this.keeper).hasToString("1 held, 0 done, 0 abandoned");
		this.gate.open();
		assertThat(lane.flush(PATIENCE)).isTrue();
		assertThat(this.keeper).hasToString("1 held, 1 done, 0 abandoned");
		assertClosed(lane, 1);
	}

	@Test
	void laneThatIsNotDurableHoldsNothingAndTriesNothingAgain() throws Exception {
		Failing handler = new Failing(HandlerException.retryable("away", null));
		for (QueueOptions queue : new QueueOptions[] { null, ONE_BY_ONE }) {
			Lane lane = Lane.of("test", handler, queue, false, this.recorder, this.faults::add);
			accept(lane, kept("m"));
			assertThat(lane.flush(PATIENCE)).isTrue();
			assertThat(lane.retries()).isZero();
			lane.close();
			accept(lane, kept("late"));
		}
		assertThat(this.keeper).hasToString("0 held, 0 done, 0 abandoned");
		assertThat(count(Outcome.ERRORS)).isOne();
		assertThat(count(Outcome.HANDLED)).isOne();
		assertThat(count(Outcome.DROPPED_CLOSED)).isEqualTo(2);
	}

	@Test
	void laneWithoutAQueueCanNotBeDurable() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> Lane.of("audit", this.gate, null, true, this.recorder, this.faults::add))
			.withMessage("Handler 'audit' can't be durable without a queue");
	}

	@ParameterizedTest
	@MethodSource("overflows")
	void keptSignalWaitsForRoomWhateverTheQueueDoesWhenItIsFull(Overflow overflow) throws Exception {
		Lane lane = lane(this.gate, ONE_BY_ONE.withCapacity(2).withOverflow(overflow));
		accept(lane, kept("in hand"));
		this.gate.awaitEntered();
		accept(lane, kept("m0"));
		accept(lane, kept("m1"));
		Thread producer = new Thread(() -> {
			for (int i = 2; i < 50; i++) {
				accept(lane, kept("m" + i));
			}
		});
		producer.start();
		await().atMost(PATIENCE).until(() -> producer.getState() == Thread.State.TIMED_WAITING);
		assertThat(this.keeper).hasToString("4 held, 0 done, 0 abandoned");
		this.gate.open();
		producer.join(PATIENCE.toMillis());
		assertThat(lane.flush(PATIENCE)).isTrue();
		assertThat(this.gate.messages()).hasSize(51).startsWith("in hand", "m0", "m1", "m2").endsWith("m49");
		assertThat(this.keeper).hasToString("51 held, 51 done, 0 abandoned");
		assertThat(this.faults).isEmpty();
		assertClosed(lane, 51);
	}

	@Test
	void slidingQueueDropsTheNewestBeforeOneThatIsKept() throws Exception {
		Lane lane = lane(this.gate, ONE_BY_ONE.withCapacity(3).withOverflow(new Overflow.DropOldest()));
		accept(lane, signal("in hand"));
		this.gate.awaitEntered();
		accept(lane, signal("oldest"));
		accept(lane, kept("kept"));
		accept(lane, signal("m0"));
		accept(lane, signal("m1"));
		accept(lane, signal("m2"));
		assertThat(this.faults).extracting((fault) -> fault.signal().message()).containsExactly("oldest", "m2");
		this.gate.open();
		assertThat(lane.flush(PATIENCE)).isTrue();
		assertThat(this.gate.messages()).containsExactly("in hand", "kept", "m0", "m1");
		assertThat(this.keeper).hasToString("1 held, 1 done, 0 abandoned");
		assertThat(count(Outcome.DROPPED_OVERFLOW)).isEqualTo(2);
		assertClosed(lane, 6);
	}

	@Test
	void floodOfOthersLeavesRoomForWhatIsKept() throws Exception {
		Lane lane = lane(this.gate, ONE_BY_ONE.withCapacity(40));
		accept(lane, signal("in hand"));
		this.gate.awaitEntered();
		for (int i = 0; i < 100; i++) {
			accept(lane, signal("flood"));
		}
		assertThat(lane.depth()).isEqualTo(36);
		// Would wait for ever if there was none.
		accept(lane, kept("kept"));
		accept(lane, kept("kept"));
		assertThat(lane.depth()).isEqualTo(38);
		accept(lane, Signal.builder(Level.ERROR, Kind.LOG, "test").build());
		assertThat(lane.depth()).isEqualTo(39);
		this.gate.open();
		assertClosed(lane, 104);
		assertThat(this.keeper).hasToString("2 held, 2 done, 0 abandoned");
	}

	@Test
	void producerThatWaitsIsLetGoWhenTheLaneCloses() throws Exception {
		Lane lane = lane(this.gate, ONE_BY_ONE.withCapacity(1).withDrainTimeout(Duration.ofMillis(50)));
		accept(lane, kept("in hand"));
		this.gate.awaitEntered();
		accept(lane, kept("in the queue"));
		Thread producer = new Thread(() -> accept(lane, kept("waiting")));
		producer.start();
		await().atMost(PATIENCE).until(() -> producer.getState() == Thread.State.TIMED_WAITING);
		lane.close();
		producer.join(PATIENCE.toMillis());
		assertThat(this.keeper).hasToString("3 held, 0 done, 3 abandoned");
		assertThat(count(Outcome.INTERRUPTED)).isOne();
		assertThat(count(Outcome.DROPPED_CLOSED)).isEqualTo(2);
		accept(lane, kept("late"));
		assertThat(this.keeper).hasToString("4 held, 0 done, 4 abandoned");
		assertClosed(lane, 4);
	}

	@Test
	void producerThatIsInterruptedWhileItWaitsKeepsItsInterruptAndAbandons() throws Exception {
		Lane lane = lane(this.gate, ONE_BY_ONE.withCapacity(1));
		accept(lane, kept("in hand"));
		this.gate.awaitEntered();
		accept(lane, kept("in the queue"));
		AtomicBoolean interrupted = new AtomicBoolean();
		Thread producer = new Thread(() -> {
			accept(lane, kept("waiting"));
			interrupted.set(Thread.interrupted());
		});
		producer.start();
		await().atMost(PATIENCE).until(() -> producer.getState() == Thread.State.TIMED_WAITING);
		producer.interrupt();
		producer.join(PATIENCE.toMillis());
		assertThat(interrupted).isTrue();
		assertThat(count(Outcome.DROPPED_CLOSED)).isOne();
		this.gate.open();
		assertClosed(lane, 3);
		assertThat(this.keeper).hasToString("3 held, 2 done, 1 abandoned");
	}

	@Test
	void permanentFailureIsCountedAndNotTriedAgain() throws Exception {
		Failing handler = new Failing(HandlerException.permanent("refused", null), new IllegalStateException("no"),
				new StackOverflowError());
		Lane lane = lane(handler, ONE_BY_ONE);
		for (int i = 0; i < 4; i++) {
			accept(lane, kept("m" + i));
		}
		assertThat(lane.flush(PATIENCE)).isTrue();
		assertThat(handler.given).containsExactly("m0", "m1", "m2", "m3");
		assertThat(count(Outcome.ERRORS)).isEqualTo(3);
		assertThat(lane.retries()).isZero();
		assertThat(this.keeper).hasToString("4 held, 4 done, 0 abandoned");
		assertClosed(lane, 4);
	}

	@Test
	void whatPassesIsTriedAgainAfterPausesThatDoubleUpToTheLongest() throws Exception {
		HandlerException away = HandlerException.retryable("away", null);
		Failing handler = new Failing(Stream.generate(() -> away).limit(11).toArray(Throwable[]::new));
		Lane lane = lane(handler, ONE_BY_ONE);
		accept(lane, kept("m0"));
		accept(lane, signal("m1"));
		assertThat(lane.flush(PATIENCE)).isTrue();
		assertThat(handler.given).hasSize(13).endsWith("m0", "m0", "m1");
		// Chance is a half.
		assertThat(this.pauses.millis()).containsExactly(50L, 100L, 200L, 400L, 800L, 1600L, 3200L, 6400L, 12_800L,
				15_000L, 15_000L);
		assertThat(lane.retries()).isEqualTo(11);
		assertThat(this.faults).hasSize(11).allSatisfy((fault) -> {
			assertThat(fault.type()).isEqualTo(HandlerFault.Type.HANDLE);
			assertThat(fault.cause()).hasMessage("away");
		});
		assertThat(count(Outcome.HANDLED)).isEqualTo(2);
		assertThat(this.keeper).hasToString("1 held, 1 done, 0 abandoned");
		assertClosed(lane, 2);
	}

	@Test
	void pausesBeginAnewAfterASuccessAndAfterAPermanentFailure() throws Exception {
		HandlerException away = HandlerException.retryable("away", null);
		Failing handler = new Failing(away, away, null, away, HandlerException.permanent("refused", null), away);
		Lane lane = lane(handler, ONE_BY_ONE);
		for (int i = 0; i < 3; i++) {
			accept(lane, kept("m" + i));
		}
		assertThat(lane.flush(PATIENCE)).isTrue();
		assertThat(this.pauses.millis()).containsExactly(50L, 100L, 50L, 50L);
		assertThat(this.keeper).hasToString("3 held, 3 done, 0 abandoned");
		assertThat(count(Outcome.HANDLED)).isEqualTo(2);
		assertThat(count(Outcome.ERRORS)).isOne();
		assertClosed(lane, 3);
	}

	@Test
	void destinationsWishForALongerPauseIsHeardWithinReason() throws Exception {
		HandlerException away = HandlerException.retryable("away", null);
		Failing handler = new Failing(away.withRetryAfter(Duration.ofSeconds(7)),
				away.withRetryAfter(Duration.ofMillis(1)), away.withRetryAfter(Duration.ofSeconds(-7)),
				away.withRetryAfter(Duration.ofSeconds(Long.MAX_VALUE)));
		Lane lane = lane(handler, ONE_BY_ONE);
		accept(lane, kept("m"));
		assertThat(lane.flush(PATIENCE)).isTrue();
		assertThat(this.pauses.millis()).containsExactly(7000L, 100L, 200L, 3_600_000L);
		assertClosed(lane, 1);
	}

	@Test
	void onlyWhatFailedIsTriedAgainKeptOrNot() throws Exception {
		List<List<String>> given = new CopyOnWriteArrayList<>();
		Lane lane = lane(new Batches((batch) -> {
			given.add(messages(batch));
			if (given.size() == 1) {
				throw HandlerException.retryable("away", null).withFailed(List.of(batch.get(1), batch.get(3)));
			}
			if (given.size() == 2) {
				assertThat(this.keeper).hasToString("3 held, 2 done, 0 abandoned");
				assertThat(count(Outcome.HANDLED)).isEqualTo(3);
				throw HandlerException.permanent("refused", null).withFailed(List.of(batch.get(0)));
			}
		}), IN_BATCHES);
		accept(lane, kept("m0"));
		accept(lane, kept("m1"));
		accept(lane, kept("m2"));
		accept(lane, signal("m3"));
		accept(lane, signal("m4"));
		assertThat(lane.flush(PATIENCE)).isTrue();
		assertThat(given).containsExactly(List.of("m0", "m1", "m2", "m3", "m4"), List.of("m1", "m3"));
		assertThat(this.keeper).hasToString("3 held, 3 done, 0 abandoned");
		assertThat(count(Outcome.HANDLED)).isEqualTo(4);
		assertThat(count(Outcome.ERRORS)).isOne();
		assertThat(this.faults).extracting(HandlerFault::signals).containsExactly(2, 1);
		assertThat(lane.retries()).isOne();
		assertClosed(lane, 5);
	}

	@Test
	void wholeBatchIsTriedAgainWhereTheHandlerNamesSignalsOfItsOwn() throws Exception {
		List<List<String>> given = new CopyOnWriteArrayList<>();
		Lane lane = lane(new Batches((batch) -> {
			given.add(messages(batch));
			if (given.size() == 1) {
				throw HandlerException.retryable("away", null)
					.withFailed(List.of(batch.get(0), batch.get(1).toBuilder().build()));
			}
		}), IN_BATCHES);
		for (int i = 0; i < 3; i++) {
			accept(lane, kept("m" + i));
		}
		assertThat(lane.flush(PATIENCE)).isTrue();
		assertThat(given).containsExactly(List.of("m0", "m1", "m2"), List.of("m0", "m1", "m2"));
		assertThat(this.keeper).hasToString("3 held, 3 done, 0 abandoned");
		assertThat(count(Outcome.HANDLED)).isEqualTo(3);
		assertClosed(lane, 3);
	}

	@Test
	void handlerOfSingleSignalsLosesNoneBesideOneThatIsRefused() throws Exception {
		List<String> given = new CopyOnWriteArrayList<>();
		Lane lane = lane((signal) -> {
			given.add(signal.message());
			if ("refused".equals(signal.message())) {
				throw new IllegalStateException("no");
			}
			if ("later".equals(signal.message()) && given.indexOf("later") == given.size() - 1) {
				throw HandlerException.retryable("away", null);
			}
		}, IN_BATCHES);
		for (String message : List.of("refused", "m", "later")) {
			accept(lane, kept(message));
		}
		assertThat(lane.flush(PATIENCE)).isTrue();
		assertThat(given).containsExactly("refused", "m", "later", "refused", "later");
		assertThat(count(Outcome.HANDLED)).isEqualTo(2);
		assertThat(count(Outcome.ERRORS)).isOne();
		assertThat(this.keeper).hasToString("3 held, 3 done, 0 abandoned");
		assertClosed(lane, 3);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void closingEndsAPauseAtOnceForOneMoreTry(boolean succeeds) throws Exception {
		HandlerException away = HandlerException.retryable("away", null).withRetryAfter(FOR_EVER);
		Failing handler = succeeds ? new Failing(away) : new Failing(away, away);
		Lane lane = new QueuedLane(new HandlerGuard("test", handler, this.recorder, this.faults::add),
				ONE_BY_ONE.withDrainTimeout(FOR_EVER), true, Timing.SYSTEM);
		accept(lane, kept("m0"));
		await().atMost(PATIENCE).until(() -> this.faults.size() == 1);
		accept(lane, kept("m1"));
		assertThat(lane.flush(Duration.ofMillis(1))).isFalse();
		assertThat(this.keeper).hasToString("2 held, 0 done, 0 abandoned");
		lane.close();
		assertThat(handler.given).containsExactly("m0", "m0", "m1");
		assertThat(handler.closed).isTrue();
		assertThat(this.keeper).hasToString(succeeds ? "2 held, 2 done, 0 abandoned" : "2 held, 1 done, 1 abandoned");
		assertThat(count(Outcome.HANDLED)).isEqualTo(succeeds ? 2 : 1);
		assertThat(count(Outcome.DROPPED_CLOSED)).isEqualTo(succeeds ? 0 : 1);
		assertClosed(lane, 2);
	}

	@Test
	void whatIsSetAsideWhenTheTimeToDrainEndsIsAbandonedAndNotTriedAgain() throws Exception {
		CountDownLatch pausing = new CountDownLatch(1);
		CountDownLatch mayGoOn = new CountDownLatch(1);
		Failing handler = new Failing(HandlerException.retryable("away", null));
		Lane lane = new QueuedLane(new HandlerGuard("test", handler, this.recorder, this.faults::add),
				ONE_BY_ONE.withDrainTimeout(Duration.ofMillis(20)), true, new Timing() {

					@Override
					public void pause(long nanos) {
						// A thread that sleeps through its end.
						pausing.countDown();
						boolean over = false;
						while (!over) {
							try {
								over = mayGoOn.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
							}
							catch (InterruptedException ex) {
								over = false;
							}
						}
					}

				});
		accept(lane, kept("aside"));
		assertThat(pausing.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
		accept(lane, kept("in the queue"));
		Thread worker = thread("telemetry-test-0");
		lane.close();
		assertThat(this.keeper).hasToString("2 held, 0 done, 2 abandoned");
		assertThat(count(Outcome.DROPPED_CLOSED)).isEqualTo(2);
		assertThat(handler.closed).isTrue();
		mayGoOn.countDown();
		worker.join(PATIENCE.toMillis());
		assertThat(handler.given).containsExactly("aside");
		assertThat(this.keeper).hasToString("2 held, 0 done, 2 abandoned");
		assertClosed(lane, 2);
	}

	@Test
	void virtualMachineErrorWhileAFailureIsToldAbandonsWhatWasSetAside() throws Exception {
		AtomicInteger told = new AtomicInteger();
		Lane lane = lane(new Failing(HandlerException.retryable("away", null)), ONE_BY_ONE, (fault) -> {
			if (told.incrementAndGet() == 1) {
				Thread.currentThread().setUncaughtExceptionHandler((thread, ex) -> told.addAndGet(100));
				throw new InternalError("no");
			}
		});
		accept(lane, kept("m0"));
		accept(lane, kept("m1"));
		assertThat(lane.flush(PATIENCE)).isTrue();
		await().atMost(PATIENCE).until(() -> told.get() == 101);
		assertThat(count(Outcome.ERRORS)).isOne();
		assertThat(count(Outcome.HANDLED)).isOne();
		assertThat(this.keeper).hasToString("2 held, 1 done, 1 abandoned");
		assertClosed(lane, 2);
	}

	@Test
	void whatAHandlerMakesOfAKeptSignalIsNotKept() throws Exception {
		OutcomeRecorder behind = new OutcomeRecorder();
		List<@Nullable Delivery> deliveries = new CopyOnWriteArrayList<>();
		Lane second = Lane.of("second", (signal) -> deliveries.add(signal.delivery()), ONE_BY_ONE, true, behind,
				this.faults::add);
		Lane first = lane((signal) -> {
			behind.received();
			second.accept(signal);
		}, ONE_BY_ONE);
		accept(first, kept("m"));
		assertThat(first.flush(PATIENCE)).isTrue();
		assertThat(second.flush(PATIENCE)).isTrue();
		assertThat(deliveries).hasSize(1).containsOnlyNulls();
		assertThat(this.keeper).hasToString("1 held, 1 done, 0 abandoned");
		second.close();
		assertClosed(first, 1);
	}

	private Lane lane(SignalHandler handler, QueueOptions queue) {
		return lane(handler, queue, this.faults::add);
	}

	private Lane lane(SignalHandler handler, QueueOptions queue, HandlerFaultListener faults) {
		return new QueuedLane(new HandlerGuard("test", handler, this.recorder, faults), queue, true, this.pauses);
	}

	private void accept(Lane lane, Signal signal) {
		this.recorder.received();
		lane.accept(signal);
	}

	private Signal kept(String message) {
		return signal(message).toBuilder().delivery(this.keeper).build();
	}

	private static Signal signal(String message) {
		return Signal.builder(Level.INFO, Kind.LOG, "test").message(message).build();
	}

	private static List<String> messages(List<Signal> signals) {
		return signals.stream().map((signal) -> String.valueOf(signal.message())).toList();
	}

	private static Thread thread(String name) {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().equals(name))
			.findFirst()
			.orElseThrow();
	}

	private long count(Outcome outcome) {
		return this.recorder.snapshot().count(outcome);
	}

	private void assertClosed(Lane lane, int received) {
		lane.close();
		assertThat(this.recorder.snapshot().received()).isEqualTo(received);
		assertThat(this.recorder.snapshot().inFlight()).isZero();
		assertThat(this.keeper.open()).isZero();
	}

	/**
	 * Time that passes only in pauses, and chance that is always a half.
	 */
	private static final class Pauses implements Timing {

		private final AtomicLong nanoTime = new AtomicLong(Long.MAX_VALUE - 5);

		private final List<Long> pauses = new CopyOnWriteArrayList<>();

		@Override
		public long nanoTime() {
			return this.nanoTime.get();
		}

		@Override
		public double random() {
			return 0.5;
		}

		@Override
		public void pause(long nanos) {
			this.pauses.add(nanos);
			this.nanoTime.addAndGet(nanos);
		}

		List<Long> millis() {
			return this.pauses.stream().map(TimeUnit.NANOSECONDS::toMillis).toList();
		}

	}

	/**
	 * A handler of single signals that fails as it was told to, then no more.
	 */
	private static final class Failing implements SignalHandler {

		private final Deque<Throwable[]> failures = new ArrayDeque<>();

		private final List<String> given = new CopyOnWriteArrayList<>();

		private volatile boolean closed;

		Failing(@Nullable Throwable... failures) {
			for (Throwable failure : failures) {
				this.failures.add((failure != null) ? new Throwable[] { failure } : new Throwable[0]);
			}
		}

		@Override
		public void handle(Signal signal) throws Exception {
			this.given.add(String.valueOf(signal.message()));
			Throwable[] failure = this.failures.poll();
			if (failure != null && failure.length > 0) {
				if (failure[0] instanceof Error error) {
					throw error;
				}
				throw (Exception) failure[0];
			}
		}

		@Override
		public void close() {
			this.closed = true;
		}

	}

	/**
	 * A handler of batches.
	 */
	private record Batches(Work work) implements SignalHandler {

		@Override
		public void handle(Signal signal) {
			throw new AssertionError();
		}

		@Override
		public void handle(List<Signal> batch) throws Exception {
			this.work.handle(new ArrayList<>(batch));
		}

		private interface Work {

			void handle(List<Signal> batch) throws Exception;

		}

	}

}
