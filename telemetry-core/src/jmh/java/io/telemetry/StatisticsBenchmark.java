package io.telemetry;

import java.util.concurrent.TimeUnit;

import io.telemetry.stats.Outcome;
import io.telemetry.stats.OutcomeRecorder;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the statistics cost the thread that makes a signal for one handler behind a queue:
 * three counts. <pre>
 * ./mvnw -q -Pjmh -pl telemetry-core test-compile exec:exec -Djmh.args="StatisticsBenchmark -prof gc"
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class StatisticsBenchmark {

	private final OutcomeRecorder pipeline = new OutcomeRecorder();

	private final OutcomeRecorder handler = new OutcomeRecorder();

	@Benchmark
	public void threeCounts() {
		this.pipeline.received();
		this.pipeline.count(Outcome.DISPATCHED);
		this.handler.received();
	}

}
