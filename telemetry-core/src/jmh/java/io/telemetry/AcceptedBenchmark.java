package io.telemetry;

import java.util.concurrent.TimeUnit;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a signal that is let through costs the thread that makes it, where the queue has
 * room: bursts that fit, each begun with an empty queue.
 * <p>
 * Emptying is outside the measured time, but not outside the allocated bytes, which are
 * those of all threads. JMH reads its clock around every invocation because of that; a
 * burst is long enough (tens of microseconds) for it not to matter. <pre>
 * ./mvnw -q -Pjmh -pl telemetry-core test-compile exec:exec -Djmh.args="AcceptedBenchmark -prof gc"
 * </pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class AcceptedBenchmark {

	private static final int BURST = 500;

	@Param
	public Library library;

	private Sender sender;

	private long sent;

	@Setup
	public void setUp() {
		this.sender = this.library.open();
		this.sent = 1;
	}

	@TearDown(Level.Invocation)
	public void empty() {
		this.sent += BURST;
		this.sender.awaitArrived(this.sent);
	}

	@TearDown
	public void tearDown() {
		this.sender.close();
	}

	@Benchmark
	@OperationsPerInvocation(BURST)
	public void send() {
		for (int i = 0; i < BURST; i++) {
			this.sender.send();
		}
	}

}
