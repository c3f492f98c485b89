package io.telemetry;

import java.util.List;
import java.util.concurrent.TimeUnit;

import ch.qos.logback.classic.LoggerContext;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.pipeline.Change;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Level;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.slf4j.Logger;

/**
 * What a signal costs that nobody wants, beside a disabled Logback call.
 * <pre>
 * ./mvnw -q -Pjmh -pl telemetry-core test-compile exec:exec -Djmh.args="RefusedBenchmark -prof gc"
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class RefusedBenchmark {

	private SignalPipeline pipeline;

	private Telemetry telemetry;

	private Telemetry disallowed;

	private Logger logback;

	private int value;

	@Setup
	public void setUp() {
		this.pipeline = SignalPipeline.builder().handler("none", (signal) -> {
		}, HandlerOptions.DEFAULTS.withQueue(null)).build();
		this.pipeline.change(List.of(Change.Pipeline.nsDisallow(List.of("com.noisy.*")),
				Change.Pipeline.idDisallow(List.of("noisy/*"))), null);
		this.telemetry = new Telemetry(this.pipeline, "com.acme.Shop");
		this.disallowed = this.telemetry.of("com.noisy.Shop");
		LoggerContext context = new LoggerContext();
		context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(ch.qos.logback.classic.Level.INFO);
		this.logback = context.getLogger("com.acme.Shop");
	}

	@TearDown
	public void tearDown() {
		this.pipeline.close();
	}

	@Benchmark
	public void baseline() {
		// What JMH itself costs.
	}

	@Benchmark
	public void logbackByLevel() {
		this.logback.debug("Order placed");
	}

	@Benchmark
	public void byLevel() {
		this.telemetry.log(Level.DEBUG, "Order placed");
	}

	@Benchmark
	public void byLevelWithSuppliers() {
		this.telemetry.log(Level.DEBUG, () -> "Order " + this.value + " placed");
	}

	@Benchmark
	public void byLevelWithBuilder() {
		this.telemetry.signal(Level.DEBUG).id("shop/order").data("order", "x").emit();
	}

	@Benchmark
	public void byNamespace() {
		this.disallowed.log(Level.ERROR, "Order placed");
	}

	@Benchmark
	public void byId() {
		this.telemetry.event("noisy/order");
	}

}
