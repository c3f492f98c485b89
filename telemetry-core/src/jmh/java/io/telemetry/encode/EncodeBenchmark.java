package io.telemetry.encode;

import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import io.telemetry.signal.Kind;
import io.telemetry.signal.ServiceIdentity;
import io.telemetry.signal.Signal;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs to encode a signal with five fields, a message, a thread and a service,
 * into memory, as a batch is before it is written. The signals are many and differ, and
 * their times move on, so that nothing is remembered that would not be in an application.
 * <pre>
 * ./mvnw -q -Pjmh -pl telemetry-core test-compile exec:exec -Djmh.args="EncodeBenchmark -prof gc"
 * </pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class EncodeBenchmark {

	private static final int SIGNALS = 1024;

	@Param
	public Format format;

	private final ByteArrayOutput out = new ByteArrayOutput();

	private final Signal[] signals = new Signal[SIGNALS];

	private SignalEncoder encoder;

	private int next;

	@Setup
	public void setUp() {
		this.encoder = this.format.newEncoder();
		ServiceIdentity service = new ServiceIdentity("shop", "1.4.2", "prod", "shop-7d9f", "eu", "node-17");
		Instant start = Instant.parse("2026-01-01T00:00:00.123456Z");
		for (int i = 0; i < SIGNALS; i++) {
			Map<String, Object> data = new LinkedHashMap<>();
			data.put("order", 4_200_000L + i);
			data.put("customer", "customer-" + i);
			data.put("amount", i + 0.25);
			data.put("items", i % 7);
			data.put("paid", i % 2 == 0);
			this.signals[i] = Signal.builder(io.telemetry.signal.Level.INFO, Kind.LOG, "com.acme.shop.Checkout")
				.id("shop/checkout")
				.message("Order was placed and paid")
				.timestamp(start.plusNanos(i * 1_237_000L))
				.threadName("http-nio-8080-exec-3")
				.service(service)
				.data(data)
				.build();
			this.signals[i].uid();
		}
	}

	@Benchmark
	public int encode() throws IOException {
		this.out.reset();
		this.encoder.encode(this.signals[this.next++ & (SIGNALS - 1)], this.out);
		return this.out.size();
	}

}
