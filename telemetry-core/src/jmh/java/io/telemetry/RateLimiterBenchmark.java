package io.telemetry;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import io.telemetry.limit.KeyedRateLimiter;
import io.telemetry.limit.RateLimit;
import io.telemetry.limit.RateLimiter;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What asking a rate limiter costs, beside the reading of the clock that is part of it.
 * <pre>
 * ./mvnw -q -Pjmh -pl telemetry-core test-compile exec:exec -Djmh.args="RateLimiterBenchmark -prof gc"
 * </pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class RateLimiterBenchmark {

	private static final int KEYS = 1_000;

	/** Of more than can be asked for in the time, so that all pass. */
	private static final RateLimit PASSING = RateLimit.of(RateLimit.MAX_SIGNALS, Duration.ofMillis(100));

	private final String[] keys = IntStream.range(0, KEYS).mapToObj((i) -> "user-" + i).toArray(String[]::new);

	private RateLimiter passing;

	private RateLimiter limited;

	private RateLimiter three;

	private RateLimiter threeLimited;

	private KeyedRateLimiter keyed;

	private KeyedRateLimiter keyedLimited;

	private int next;

	@Setup
	public void setUp() {
		this.passing = new RateLimiter(PASSING);
		this.limited = RateLimiter.of("1/1h");
		// Time runs a thousand times as fast, so that a minute's worth is never asked for.
		this.three = new RateLimiter(RateLimit.parse("1000000/1s, 5000000/10s, 9000000/1m"),
				() -> System.nanoTime() << 10);
		this.threeLimited = RateLimiter.of("5/1s, 20/1m, 100/1h");
		this.keyed = new KeyedRateLimiter(PASSING, KEYS);
		this.keyedLimited = new KeyedRateLimiter(RateLimit.of(1, Duration.ofHours(1)), KEYS);
	}

	@Benchmark
	public long bareNanoTime() {
		return System.nanoTime();
	}

	@Benchmark
	public long oneWindowPassing() {
		return this.passing.ask();
	}

	@Benchmark
	public long oneWindowLimited() {
		return this.limited.ask();
	}

	@Benchmark
	public long threeWindowsPassing() {
		return this.three.ask();
	}

	@Benchmark
	public long threeWindowsLimited() {
		return this.threeLimited.ask();
	}

	@Benchmark
	public long keyedPassing() {
		return this.keyed.ask(key());
	}

	@Benchmark
	public long keyedLimited() {
		return this.keyedLimited.ask(key());
	}

	private String key() {
		this.next = (this.next + 1 < KEYS) ? this.next + 1 : 0;
		return this.keys[this.next];
	}

}
