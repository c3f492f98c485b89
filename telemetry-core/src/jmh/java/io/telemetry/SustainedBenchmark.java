package io.telemetry;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How many signals a second get through one queue that runs full and makes its producers
 * wait, all producers taken together. Every signal has to arrive. <pre>
 * ./mvnw -q -Pjmh -pl telemetry-core test-compile exec:exec -Djmh.args="SustainedBenchmark -prof gc"
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class SustainedBenchmark {

	@Param
	public Library library;

	private final List<Producer> producers = new CopyOnWriteArrayList<>();

	private Sender sender;

	@Setup
	public void setUp() {
		this.sender = this.library.open();
	}

	@TearDown
	public void tearDown() {
		// JMH lets no thread come here before all have stopped.
		long sent = this.producers.stream().mapToLong((producer) -> producer.sent).sum();
		this.sender.awaitArrived(1 + sent);
		this.sender.close();
	}

	@Benchmark
	@Threads(1)
	public void producers1(Producer producer) {
		send(producer);
	}

	@Benchmark
	@Threads(2)
	public void producers2(Producer producer) {
		send(producer);
	}

	@Benchmark
	@Threads(4)
	public void producers4(Producer producer) {
		send(producer);
	}

	private void send(Producer producer) {
		this.sender.send();
		producer.sent++;
	}

	/**
	 * One producing thread.
	 */
	@State(Scope.Thread)
	public static class Producer {

		long sent;

		@Setup
		public void setUp(SustainedBenchmark benchmark) {
			benchmark.sender.enter();
			benchmark.producers.add(this);
		}

	}

}
