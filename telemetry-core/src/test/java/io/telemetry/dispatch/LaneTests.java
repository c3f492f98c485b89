package io.telemetry.dispatch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import io.telemetry.handler.HandlerException;
import io.telemetry.handler.HandlerFault;
import io.telemetry.handler.Overflow;
import io.telemetry.handler.QueueOptions;
import io.telemetry.handler.SignalHandler;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import io.telemetry.stats.Outcome;
import io.telemetry.stats.OutcomeRecorder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

@Timeout(30)
class LaneTests {

	private static final QueueOptions ONE_BY_ONE = QueueOptions.DEFAULTS.withBatches(1, Duration.ZERO);

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private final OutcomeRecorder recorder = new OutcomeRecorder();

	private final List<HandlerFault> faults = new CopyOnWriteArrayList<>();

	private final Gatekeeper gate = new Gatekeeper();

	@Test
	void signalsOfOneProducerArriveInOrder() throws Exception {
		Lane lane = lane(this.gate, ONE_BY_ONE);
		this.gate.open();
		for (int i = 0; i < 500; i++) {
			accept(lane, "m" + i);
		}
		assertThat(lane.flush(PATIENCE)).isTrue();
		List<String> expected = new ArrayList<>();
		for (int i = 0; i < 500; i++) {
			expected.add("m" + i);
		}
		assertThat(this.gate.messages()).isEqualTo(expected);
		assertClosed(lane, 500);
	}

	@Test
	void fullQueueDropsTheNewestAndKeepsRoomForErrors() throws Exception {
		Lane lane = lane(this.gate, ONE_BY_ONE.withCapacity(10));
		accept(lane, "in hand");
		this.gate.awaitEntered();
		for (int i = 0; i < 12; i++) {
			accept(lane, "m" + i);
		}
		assertThat(lane.depth()).isEqualTo(9);
		accept(lane, signal(Level.ERROR, "error"));
		assertThat(lane.depth()).isEqualTo(10);
		accept(lane, signal(Level.ERROR, "error too many"));
		assertThat(count(Outcome.DROPPED_OVERFLOW)).isEqualTo(4);
		assertThat(this.faults).extracting(HandlerFault::type).hasSize(4).containsOnly(HandlerFault.Type.OVERFLOW);
		this.gate.open();
		assertThat(lane.flush(PATIENCE)).isTrue();
		assertThat(this.gate.messages()).hasSize(11).startsWith("in hand", "m0").endsWith("m8", "error");
		assertClosed(lane, 11 + 4);
	}

	@Test
	void slidingQueueDropsTheOldest() throws Exception {
		Lane lane = lane(this.gate, ONE_BY_ONE.withCapacity(3).withOverflow(new Overflow.DropOldest()));
		accept(lane, "in hand");
		this.gate.awaitEntered();
		for (int i = 0; i < 10; i++) {
			accept(lane, "m" + i);
		}
		assertThat(count(Outcome.DROPPED_OVERFLOW)).isEqualTo(7);
		assertThat(this.faults).extracting((fault) -> fault.signal().message()).startsWith("m0", "m1").endsWith("m6");
		this.gate.open();
		assertThat(lane.flush(PATIENCE)).isTrue();
		assertThat(this.gate.messages()).containsExactly("in hand", "m7", "m8", "m9");
		assertClosed(lane, 11);
	}

	@Test
	void slidingQueueGivesTheErrorsReserveToNobodyElse() throws Exception {
		Lane lane = lane(this.gate, ONE_BY_ONE.withCapacity(10).withOverflow(new Overflow.DropOldest()));
		accept(lane, "in hand");
		this.gate.awaitEntered();
		for (int i = 0; i < 9; i++) {
			accept(lane, "m" + i);
		}
		accept(lane, signal(Level.ERROR, "error"));
		assertThat(lane.depth()).isEqualTo(10);
		accept(lane, "m9");
		assertThat(lane.depth()).isEqualTo(9);
		assertThat(count(Outcome.DROPPED_OVERFLOW)).isEqualTo(2);
		assertThat(this.faults).extracting(HandlerFault::signals).containsExactly(2);
		this.gate.open();
		assertThat(lane.flush(PATIENCE)).isTrue();
		assertThat(this.gate.messages()).startsWith("in hand", "m2").endsWith("m8", "error", "m9");
		assertClosed(lane, 12);
	}

	@Test
	void blockingQueueWaitsForRoom() throws Exception {
		Lane lane = lane(this.gate,
				ONE_BY_ONE.withCapacity(1).withOverflow(new Overflow.Block(Duration.ofSeconds(20))));
		accept(lane, "in hand");
		this.gate.awaitEntered();
		accept(lane, "waiting");
		Thread producer = new Thread(() -> accept(lane, "blocked"));
		producer.start();
		await().atMost(PATIENCE).until(() -> producer.getState() == Thread.State.TIMED_WAITING);
		this.gate.open();
		producer.join(PATIENCE.toMillis());
		assertThat(lane.flush(PATIENCE)).isTrue();
		assertThat(this.gate.messages()).containsExactly("in hand", "waiting", "blocked");
		assertClosed(lane, 3);
	}

	@Test
	void blockingQueueDropsWhenPatienceEnds() throws Exception {
		Lane lane = lane(this.gate, ONE_BY_ONE.withCapacity(1).withOverflow(new Overflow.Block(Duration.ofMillis(1))));
		accept(lane, "in hand");
		this.gate.awaitEntered();
		accept(lane, "waiting");
		accept(lane, "dropped");
		assertThat(count(Outcome.DROPPED_OVERFLOW)).isOne();
		this.gate.open();
		assertClosed(lane, 3);
	}

	@Test
	void signalsAreBatchedAndAFlushDoesNotWaitForABatchToFill() throws Exception {
		Lane lane = lane(this.gate, QueueOptions.DEFAULTS.withBatches(4, Duration.ofHours(1)));
		this.gate.open();
		for (int i = 0; i < 10; i++) {
			accept(lane, "m" + i);
		}
		await().atMost(PATIENCE).until(() -> this.gate.handled.size() == 8);
		assertThat(lane.flush(PATIENCE)).isTrue();
		assertThat(this.gate.batches).containsExactly(4, 4, 2);
		assertClosed(lane, 10);
	}

	@Test
	void queueWithoutRoomForABatchHandsOnWhatItHolds() {
		Lane lane = lane(this.gate, QueueOptions.DEFAULTS.withCapacity(10).withBatches(100, Duration.ofHours(1)));
		this.gate.open();
		for (int i = 0; i < 9; i++) {
			accept(lane, "m" + i);
		}
		await().atMost(PATIENCE).until(() -> this.gate.handled.size() == 9);
		assertClosed(lane, 9);
	}

	@Test
	void closeDrainsWhatWasAccepted() {
		Lane lane = lane(this.gate, QueueOptions.DEFAULTS.withBatches(1000, Duration.ofHours(1)));
		this.gate.open();
		for (int i = 0; i < 100; i++) {
			accept(lane, "m" + i);
		}
		lane.close();
		assertThat(this.gate.handled).hasSize(100);
		assertThat(this.gate.closed).isTrue();
		accept(lane, "late");
		assertThat(count(Outcome.DROPPED_CLOSED)).isOne();
		assertClosed(lane, 101);
	}

	@Test
	void handlerThatDoesNotEndIsInterruptedLeftAndCounted() throws Exception {
		Lane lane = lane(this.gate, ONE_BY_ONE.withDrainTimeout(Duration.ofMillis(50)));
		accept(lane, "stuck");
		this.gate.awaitEntered();
		accept(lane, "never");
		accept(lane, "never");
		lane.close();
		assertThat(count(Outcome.INTERRUPTED)).isOne();
		assertThat(count(Outcome.DROPPED_CLOSED)).isEqualTo(2);
		assertThat(this.gate.closed).isFalse();
		await().atMost(PATIENCE).until(() -> this.gate.interrupted);
		await().atMost(PATIENCE)
			.until(() -> this.faults.stream().anyMatch((f) -> f.type() == HandlerFault.Type.HANDLE));
		assertThat(this.gate.handled).isEmpty();
		assertThat(this.recorder.snapshot().inFlight()).isZero();
		lane.close();
		assertThat(this.recorder.snapshot().inFlight()).isZero();
	}

	@Test
	void failingSignalHarmsNoOtherOfItsBatch() throws Exception {
		List<String> handled = new CopyOnWriteArrayList<>();
		Lane lane = lane((signal) -> {
			if ("bad".equals(signal.message())) {
				throw new IllegalStateException("no");
			}
			handled.add(String.valueOf(signal.message()));
		}, QueueOptions.DEFAULTS.withBatches(10, Duration.ofHours(1)));
		for (String message : List.of("a", "bad", "b", "bad", "c")) {
			accept(lane, message);
		}
		assertThat(lane.flush(PATIENCE)).isTrue();
		assertThat(handled).containsExactly("a", "b", "c");
		assertThat(count(Outcome.HANDLED)).isEqualTo(3);
		assertThat(count(Outcome.ERRORS)).isEqualTo(2);
		assertThat(this.faults).hasSize(1);
		assertThat(this.faults.get(0).signals()).isEqualTo(2);
		assertThat(this.faults.get(0).cause()).isInstanceOf(HandlerException.class)
			.hasCauseInstanceOf(IllegalStateException.class);
		assertClosed(lane, 5);
	}

	@Test
	void handlerThatThrowsAnErrorGoesOn() throws Exception {
		AtomicInteger calls = new AtomicInteger();
		Lane lane = lane((signal) -> {
			switch (calls.incrementAndGet()) {
				case 1 -> throw new StackOverflowError();
				case 2 -> throw new AssertionError("no");
				case 3 -> Thread.currentThread().interrupt();
				default -> {
				}
			}
		}, ONE_BY_ONE);
		for (int i = 0; i < 5; i++) {
			accept(lane, "m" + i);
		}
		assertThat(lane.flush(PATIENCE)).isTrue();
		assertThat(count(Outcome.ERRORS)).isEqualTo(2);
		assertThat(count(Outcome.HANDLED)).isEqualTo(3);
		assertClosed(lane, 5);
	}

	@Test
	void virtualMachineErrorIsCountedAndTheLaneGoesOnWithAnotherThread() throws Exception {
		AtomicInteger calls = new AtomicInteger();
		Lane lane = lane((signal) -> {
			if (calls.incrementAndGet() == 1) {
				// Only a thread of its own dies; nobody is to read of it in the test's
				// output.
				Thread.currentThread().setUncaughtExceptionHandler((thread, ex) -> calls.addAndGet(100));
				throw new InternalError("no");
			}
		}, ONE_BY_ONE);
		accept(lane, "m0");
		accept(lane, "m1");
		assertThat(lane.flush(PATIENCE)).isTrue();
		await().atMost(PATIENCE).until(() -> calls.get() == 102);
		assertThat(count(Outcome.ERRORS)).isOne();
		assertThat(count(Outcome.HANDLED)).isOne();
		assertClosed(lane, 2);
	}

	@Test
	void directLaneCallsOnTheCallersThreadAndContainsFailures() {
		List<Thread> threads = new ArrayList<>();
		Lane lane = lane((signal) -> {
			threads.add(Thread.currentThread());
			throw new IllegalStateException("no");
		}, null);
		accept(lane, "m");
		assertThat(threads).containsExactly(Thread.currentThread());
		assertThat(count(Outcome.ERRORS)).isOne();
		assertThat(this.faults).extracting(HandlerFault::handler).containsExactly("test");
		assertClosed(lane, 1);
		accept(lane, "late");
		assertThat(count(Outcome.DROPPED_CLOSED)).isOne();
	}

	@Test
	void signalThatAHandlerMakesDoesNotFeedIt() throws Exception {
		for (QueueOptions queue : new QueueOptions[] { null, ONE_BY_ONE }) {
			OutcomeRecorder recorder = new OutcomeRecorder();
			Lane[] self = new Lane[1];
			self[0] = Lane.of("loop", (signal) -> {
				recorder.received();
				self[0].accept(signal);
			}, queue, false, recorder, this.faults::add);
			recorder.received();
			self[0].accept(signal(Level.INFO, "m"));
			assertThat(self[0].flush(PATIENCE)).isTrue();
			assertThat(recorder.snapshot().count(Outcome.RECURSIVE)).isOne();
			assertThat(recorder.snapshot().count(Outcome.HANDLED)).isOne();
			assertThat(recorder.snapshot().inFlight()).isZero();
			self[0].close();
		}
	}

	@Test
	void handlersThatFeedEachOtherGoNoFurtherThanOnce() {
		OutcomeRecorder other = new OutcomeRecorder();
		Lane[] lanes = new Lane[2];
		lanes[0] = Lane.of("a", (signal) -> {
			other.received();
			lanes[1].accept(signal);
		}, null, false, this.recorder, this.faults::add);
		lanes[1] = Lane.of("b", (signal) -> accept(lanes[0], signal), null, false, other, this.faults::add);
		for (int i = 1; i <= 2; i++) {
			accept(lanes[0], "m");
			assertThat(count(Outcome.HANDLED)).isEqualTo(i);
			assertThat(count(Outcome.RECURSIVE)).isEqualTo(i);
			assertThat(other.snapshot().count(Outcome.HANDLED)).isEqualTo(i);
		}
		assertClosed(lanes[0], 4);
	}

	@Test
	void latencyIsOfEachBatchOrOfASampleOfCalls() throws Exception {
		Lane queued = lane(this.gate, QueueOptions.DEFAULTS.withBatches(4, Duration.ofHours(1)));
		assertThat(queued.latency().count()).isZero();
		this.gate.open();
		for (int i = 0; i < 10; i++) {
			accept(queued, "m" + i);
		}
		assertThat(queued.flush(PATIENCE)).isTrue();
		assertThat(queued.latency().count()).isEqualTo(this.gate.batches.size());
		assertThat(queued.latency().max()).isPositive();
		assertClosed(queued, 10);
		Lane direct = lane((signal) -> {
		}, null);
		for (int i = 0; i < 10_000; i++) {
			accept(direct, signal(Level.INFO, "m"));
		}
		assertThat(direct.latency().count()).isBetween(1L, 9999L);
		direct.close();
	}

	@Test
	void faultListenerThatThrowsHarmsNothing() throws Exception {
		this.recorder.received();
		this.recorder.received();
		Lane lane = Lane.of("test", (signal) -> {
			throw new IllegalStateException("no");
		}, ONE_BY_ONE, false, this.recorder, (fault) -> {
			throw new IllegalStateException("listener");
		});
		lane.accept(signal(Level.INFO, "m"));
		lane.accept(signal(Level.INFO, "m"));
		assertThat(lane.flush(PATIENCE)).isTrue();
		assertThat(count(Outcome.ERRORS)).isEqualTo(2);
		lane.close();
	}

	private Lane lane(SignalHandler handler, QueueOptions queue) {
		return Lane.of("test", handler, queue, false, this.recorder, this.faults::add);
	}

	private void accept(Lane lane, String message) {
		accept(lane, signal(Level.INFO, message));
	}

	private void accept(Lane lane, Signal signal) {
		this.recorder.received();
		lane.accept(signal);
	}

	private static Signal signal(Level level, String message) {
		return Signal.builder(level, Kind.LOG, "test").message(message).build();
	}

	private long count(Outcome outcome) {
		return this.recorder.snapshot().count(outcome);
	}

	private void assertClosed(Lane lane, int received) {
		lane.close();
		assertThat(this.recorder.snapshot().received()).isEqualTo(received);
		assertThat(this.recorder.snapshot().inFlight()).isZero();
	}

}
