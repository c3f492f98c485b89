package io.telemetry;

import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import ch.qos.logback.classic.LoggerContext;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.pipeline.Change;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import org.apache.logging.log4j.util.Supplier;
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
 * What a signal costs that nobody wants, beside the disabled calls of Logback and Log4j.
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

	private String order = "o-4711";

	@Benchmark
	public void baseline() {
		// What JMH itself costs.
	}

	@Benchmark
	public long nanoTime() {
		return System.nanoTime();
	}

	@Benchmark
	public void logbackConstant(Logback logback) {
		logback.logger.debug("Order placed");
	}

	@Benchmark
	public void logbackArgument(Logback logback) {
		logback.logger.debug("Order {} placed", this.order);
	}

	@Benchmark
	public void logbackBuilder(Logback logback) {
		logback.logger.atDebug().addKeyValue("order", this.order).log("Order placed");
	}

	@Benchmark
	public void log4jConstant(Log4j log4j) {
		log4j.sender.logger.debug("Order placed");
	}

	@Benchmark
	public void log4jArgument(Log4j log4j) {
		log4j.sender.logger.debug("Order {} placed", this.order);
	}

	@Benchmark
	public void log4jSupplier(Log4j log4j) {
		log4j.sender.logger.debug((Supplier<String>) () -> "Order " + this.order + " placed");
	}

	@Benchmark
	public void log4jBuilder(Log4j log4j) {
		log4j.sender.logger.atDebug().log("Order {} placed", this.order);
	}

	@Benchmark
	public void byLevel(Ours ours) {
		ours.telemetry.log(Level.DEBUG, "Order placed");
	}

	@Benchmark
	public void byLevelWithSupplier(Ours ours) {
		ours.telemetry.log(Level.DEBUG, () -> "Order " + this.order + " placed");
	}

	@Benchmark
	public void byLevelWithBuilder(Ours ours) {
		ours.telemetry.signal(Level.DEBUG).id("shop/order").data("order", this.order).emit();
	}

	@Benchmark
	public void byNamespace(Ours ours) {
		ours.disallowed.log(Level.ERROR, "Order placed");
	}

	@Benchmark
	public void byNamespaceWithSupplier(Ours ours) {
		ours.disallowed.log(Level.ERROR, () -> "Order " + this.order + " placed");
	}

	@Benchmark
	public void byId(Ours ours) {
		ours.telemetry.event("noisy/order");
	}

	@Benchmark
	public void byKind(Ours ours) {
		ours.telemetry.signal(Level.ERROR, Kind.SPY).data("order", this.order).emit();
	}

	/**
	 * This library.
	 */
	@State(Scope.Benchmark)
	public static class Ours {

		SignalPipeline pipeline;

		Telemetry telemetry;

		Telemetry disallowed;

		@Setup
		public void setUp() {
			this.pipeline = SignalPipeline.builder().handler("none", (signal) -> {
				throw new IllegalStateException("Not refused: " + signal);
			}, HandlerOptions.DEFAULTS.withQueue(null)).build();
			this.pipeline.change(List.of(Change.Pipeline.nsDisallow(List.of("com.noisy.*")),
					Change.Pipeline.idDisallow(List.of("noisy/*")), Change.Pipeline.kindDisallow(Set.of(Kind.SPY))),
					null);
			this.telemetry = new Telemetry(this.pipeline, Sender.NAME);
			this.disallowed = this.telemetry.of("com.noisy.Shop");
		}

		@TearDown
		public void tearDown() {
			this.pipeline.close();
			Sender.require(this.pipeline.stats().received() == 0, "Not all was refused: " + this.pipeline.stats());
		}

	}

	/**
	 * Logback: a disabled call ends before there is any appender.
	 */
	@State(Scope.Benchmark)
	public static class Logback {

		Logger logger;

		@Setup
		public void setUp() {
			LoggerContext context = new LoggerContext();
			context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(ch.qos.logback.classic.Level.INFO);
			this.logger = context.getLogger(Sender.NAME);
			Sender.require(!this.logger.isDebugEnabled(), "Not refused");
		}

	}

	/**
	 * Log4j, set up as for what is accepted.
	 */
	@State(Scope.Benchmark)
	public static class Log4j {

		Log4jSender sender;

		@Setup
		public void setUp() {
			// Nothing is ever in the queue: its reader must not take CPU from the call.
			System.setProperty(Log4jSender.WAIT_STRATEGY, "Timeout");
			this.sender = (Log4jSender) Library.LOG4J.open();
			Sender.require(!this.sender.logger.isDebugEnabled(), "Not refused");
		}

		@TearDown
		public void tearDown() {
			this.sender.awaitArrived(1);
			this.sender.close();
		}

	}

}
