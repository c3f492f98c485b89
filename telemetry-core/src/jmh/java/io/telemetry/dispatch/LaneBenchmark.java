package io.telemetry.dispatch;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import io.telemetry.handler.Overflow;
import io.telemetry.handler.QueueOptions;
import io.telemetry.handler.SignalHandler;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import io.telemetry.stats.OutcomeRecorder;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;

import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the way to a handler that does nothing costs, with a signal that is made already.
 * <pre>
 * ./mvnw -q -Pjmh -pl telemetry-core test-compile exec:exec -Djmh.args="LaneBenchmark -prof gc"
 * </pre>
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class LaneBenchmark {

	private static final int BURST = 500;

	private static final Signal SIGNAL = Signal.builder(Level.INFO, Kind.LOG, "com.acme.Shop")
		.message("Order placed")
		.build();

	/**
	 * No queue.
	 */
	@Benchmark
	public void direct(Direct lane) {
		lane.accept();
	}

	/**
	 * A burst that fits the queue: what the caller pays, and not what the worker does
	 * afterwards.
	 */
	@Benchmark
	@OperationsPerInvocation(BURST)
	public void burst(Burst lane) {
		for (int i = 0; i < BURST; i++) {
			lane.accept();
		}
	}

	@Benchmark
	@Threads(1)
	public void sustainedBy1(Sustained lane) {
		lane.accept();
	}

	@Benchmark
	@Threads(2)
	public void sustainedBy2(Sustained lane) {
		lane.accept();
	}

	@Benchmark
	@Threads(4)
	public void sustainedBy4(Sustained lane) {
		lane.accept();
	}

	/**
	 * A lane and its counters.
	 */
	public abstract static class Open {

		private final OutcomeRecorder recorder = new OutcomeRecorder();

		final Lane lane;

		Open(QueueOptions queue) {
			this(queue, (signal) -> {
			});
		}

		Open(QueueOptions queue, SignalHandler handler) {
			this.lane = Lane.of("none", handler, queue, false, this.recorder, (fault) -> {
			});
		}

		final void accept() {
			this.recorder.received();
			this.lane.accept(SIGNAL);
		}

		@TearDown
		public void tearDown() {
			this.lane.close();
			if (this.recorder.snapshot().inFlight() != 0) {
				throw new IllegalStateException("The counters do not close: " + this.recorder.snapshot());
			}
		}

	}

	/**
	 * No queue.
	 */
	@State(Scope.Benchmark)
	public static class Direct extends Open {

		public Direct() {
			super(null);
		}

	}

	/**
	 * A queue that a burst does not fill.
	 */
	@State(Scope.Benchmark)
	public static class Burst extends Open {

		public Burst() {
			super(QueueOptions.DEFAULTS.withCapacity(1024));
		}

		@Setup(org.openjdk.jmh.annotations.Level.Invocation)
		public void drain() throws InterruptedException {
			this.lane.flush(Duration.ofSeconds(10));
		}

	}

	/**
	 * A queue whose producers wait when it is full.
	 */
	@State(Scope.Benchmark)
	public static class Sustained extends Open {

		public Sustained() {
			super(QueueOptions.DEFAULTS.withCapacity(1024).withOverflow(new Overflow.Block(Duration.ofSeconds(10))));
		}

	}

}
