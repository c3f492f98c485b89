package io.telemetry.pipeline;

import java.io.IOException;
import java.time.Duration;
import java.util.AbstractMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import io.telemetry.Telemetry;
import io.telemetry.context.Span;
import io.telemetry.context.Tracing;
import io.telemetry.filter.Decision;
import io.telemetry.filter.SignalPredicate;
import io.telemetry.handler.HandlerFault;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.handler.QueueOptions;
import io.telemetry.handler.SignalHandler;
import io.telemetry.sampling.SampleBy;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import io.telemetry.stats.Outcome;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Handlers and other code of the application that do what they must not: the others go
 * on, and everything is counted.
 */
@Timeout(60)
class MisbehaviourTests {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private static final HandlerOptions DIRECT = HandlerOptions.DEFAULTS.withQueue(null);

	private static final HandlerOptions QUEUED = HandlerOptions.DEFAULTS
		.withQueue(QueueOptions.DEFAULTS.withBatches(4, Duration.ZERO));

	private final List<Signal> before = new CopyOnWriteArrayList<>();

	private final List<Signal> after = new CopyOnWriteArrayList<>();

	private final List<HandlerFault> faults = new CopyOnWriteArrayList<>();

	private final AtomicInteger closed = new AtomicInteger();

	private @Nullable SignalPipeline pipeline;

	/** Between two handlers that behave. */
	private SignalPipeline pipeline(SignalHandler handler, HandlerOptions options) {
		SignalPipeline pipeline = SignalPipeline.builder()
			.faultListener(this.faults::add)
			.handler("before", remembers(this.before), DIRECT)
			.handler("odd", handler, options)
			.handler("after", remembers(this.after), QUEUED)
			.build();
		this.pipeline = pipeline;
		return pipeline;
	}

	private SignalHandler remembers(List<Signal> signals) {
		return new SignalHandler() {

			@Override
			public void handle(Signal signal) {
				signals.add(signal);
			}

			@Override
			public void close() {
				MisbehaviourTests.this.closed.incrementAndGet();
			}

		};
	}

	@AfterEach
	void everySumCloses() {
		SignalPipeline pipeline = this.pipeline;
		if (pipeline != null) {
			pipeline.close();
			assertThat(pipeline.stats().inFlight()).as(pipeline.stats().toString()).isZero();
			pipeline.handlers()
				.forEach((handler) -> assertThat(handler.stats().inFlight()).as(handler.name()).isZero());
		}
	}

	static List<Throwable> thrown() {
		return List.of(new IOException("no"), new Error("no"), new AssertionError("no"), new LinkageError("no"),
				new StackOverflowError(), new InterruptedException());
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void handlerThatThrowsAnythingHarmsNobody(boolean queued) throws Exception {
		AtomicReference<@Nullable Throwable> next = new AtomicReference<>();
		SignalPipeline pipeline = pipeline((signal) -> sneak(next.get()), queued ? QUEUED : DIRECT);
		Telemetry telemetry = new Telemetry(pipeline, "test");
		for (Throwable ex : thrown()) {
			next.set(ex);
			telemetry.log("hello");
			// A handler's interrupt is the thread's own.
			assertThat(Thread.interrupted()).isEqualTo(!queued && ex instanceof InterruptedException);
			assertThat(pipeline.flush(PATIENCE)).isTrue();
		}
		next.set(null);
		telemetry.log("hello");
		assertThat(pipeline.flush(PATIENCE)).isTrue();
		assertThat(this.before).hasSize(7).hasSameSizeAs(this.after);
		assertThat(pipeline.handler("odd").stats().count(Outcome.ERRORS)).isEqualTo(6);
		assertThat(pipeline.handler("odd").stats().count(Outcome.HANDLED)).isOne();
	}

	@Test
	void virtualMachineErrorOfADirectHandlerReachesTheCallerAfterEveryOtherHandler() throws Exception {
		SignalPipeline pipeline = pipeline((signal) -> {
			throw new OutOfMemoryError("simulated");
		}, DIRECT);
		Telemetry telemetry = new Telemetry(pipeline, "test");
		assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(() -> telemetry.log("hello"))
			.withMessage("simulated");
		assertThat(pipeline.flush(PATIENCE)).isTrue();
		assertThat(this.before).hasSize(1);
		assertThat(this.after).hasSize(1);
		assertThat(pipeline.handler("odd").stats().count(Outcome.ERRORS)).isOne();
	}

	@Test
	void virtualMachineErrorOfAQueuedHandlerEndsItsThreadAndAnotherGoesOn() throws Exception {
		AtomicInteger calls = new AtomicInteger();
		SignalPipeline pipeline = pipeline((signal) -> {
			if (calls.getAndIncrement() == 0) {
				Thread.currentThread().setUncaughtExceptionHandler((thread, ex) -> {
				});
				throw new OutOfMemoryError("simulated");
			}
			Thread.currentThread().interrupt();
		}, QUEUED);
		Telemetry telemetry = new Telemetry(pipeline, "test");
		for (int i = 0; i < 20; i++) {
			telemetry.log("hello");
			assertThat(pipeline.flush(PATIENCE)).isTrue();
		}
		assertThat(this.after).hasSize(20);
		assertThat(pipeline.handler("odd").stats().count(Outcome.HANDLED)).isEqualTo(19);
		assertThat(pipeline.handler("odd").stats().count(Outcome.ERRORS)).isOne();
	}

	@Test
	void handlerThatBlocksForEverHoldsNobodyUp() throws Exception {
		CountDownLatch never = new CountDownLatch(1);
		CountDownLatch entered = new CountDownLatch(1);
		QueueOptions queue = QueueOptions.DEFAULTS.withCapacity(4).withBatches(1, Duration.ZERO);
		SignalPipeline pipeline = pipeline((signal) -> {
			entered.countDown();
			never.await();
		}, DIRECT.withQueue(queue.withDrainTimeout(Duration.ofMillis(20))));
		Telemetry telemetry = new Telemetry(pipeline, "test");
		telemetry.log("hello");
		entered.await();
		for (int i = 0; i < 100; i++) {
			telemetry.log("hello");
		}
		assertThat(pipeline.flush(Duration.ofMillis(50))).isFalse();
		pipeline.close();
		assertThat(this.before).hasSize(101).hasSameSizeAs(this.after);
		assertThat(this.closed).hasValue(2);
		assertThat(pipeline.handler("odd").stats().count(Outcome.INTERRUPTED)).isOne();
		assertThat(pipeline.handler("odd").stats().count(Outcome.DROPPED_CLOSED)).isEqualTo(4);
		assertThat(pipeline.handler("odd").stats().count(Outcome.DROPPED_OVERFLOW)).isEqualTo(96);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void handlerThatClosesThePipelineClosesAllButItself(boolean queued) throws Exception {
		AtomicReference<@Nullable SignalPipeline> own = new AtomicReference<>();
		AtomicInteger ownClosed = new AtomicInteger();
		AtomicReference<@Nullable Throwable> refusal = new AtomicReference<>();
		CountDownLatch done = new CountDownLatch(1);
		SignalPipeline pipeline = pipeline(new SignalHandler() {

			@Override
			public void handle(Signal signal) {
				try {
					own.get().close();
				}
				catch (IllegalStateException ex) {
					refusal.set(ex);
				}
				finally {
					done.countDown();
				}
			}

			@Override
			public void close() {
				ownClosed.incrementAndGet();
			}

		}, queued ? QUEUED : DIRECT);
		own.set(pipeline);
		new Telemetry(pipeline, "test").log("hello");
		done.await();
		assertThat(refusal.get()).hasMessageContaining("'odd' can't close its own lane");
		assertThat(this.closed).hasValue(2);
		assertThat(ownClosed).hasValue(0);
		pipeline.close();
		assertThat(ownClosed).hasValue(1);
		assertThat(this.closed).hasValue(2);
	}

	@Test
	void handlerThatRemovesItselfIsRefusedAndStays() {
		AtomicReference<@Nullable SignalPipeline> own = new AtomicReference<>();
		SignalPipeline pipeline = pipeline(
				(signal) -> assertThatIllegalStateException().isThrownBy(() -> own.get().removeHandler("odd"))
					.withMessageContaining("'odd' can't remove itself"),
				DIRECT);
		own.set(pipeline);
		new Telemetry(pipeline, "test").log("hello");
		assertThat(pipeline.handler("odd").stats().count(Outcome.HANDLED)).isOne();
		assertThat(pipeline.removeHandler("odd")).isTrue();
	}

	@Test
	void handlerThatLogsFeedsTheOthersAndNotItself() throws Exception {
		AtomicReference<@Nullable Telemetry> own = new AtomicReference<>();
		for (HandlerOptions options : List.of(DIRECT, QUEUED)) {
			this.before.clear();
			SignalPipeline pipeline = pipeline((signal) -> own.get().log("handled"), options);
			own.set(new Telemetry(pipeline, "test"));
			new Telemetry(pipeline, "test").log("hello");
			assertThat(pipeline.flush(PATIENCE)).isTrue();
			assertThat(this.before).extracting(Signal::message).containsExactly("hello", "handled");
			assertThat(pipeline.handler("odd").stats().count(Outcome.RECURSIVE)).isOne();
			everySumCloses();
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void suppliersPredicatesAndMapsThatThrowAnythingHarmNobody(boolean fatal) throws Exception {
		List<Throwable> all = fatal ? List.of(new OutOfMemoryError("simulated"), new InternalError("no")) : thrown();
		for (Throwable ex : all) {
			SignalPredicate early = new SignalPredicate() {

				@Override
				public boolean test(Signal signal) {
					return true;
				}

				@Override
				public Decision decide(Level level, Kind kind, String namespace, @Nullable String id) {
					sneak("bad".equals(id) ? ex : null);
					return Decision.YES;
				}

			};
			SignalPipeline pipeline = SignalPipeline.builder()
				.faultListener(this.faults::add)
				.settings((settings) -> settings.withFilter(settings.filter().withWhen(early)))
				.handler("after", this.after::add, DIRECT)
				.build();
			this.pipeline = pipeline;
			Telemetry telemetry = new Telemetry(pipeline, "test");
			Map<String, Object> map = new AbstractMap<>() {

				@Override
				public Set<Entry<String, Object>> entrySet() {
					sneak(ex);
					return Set.of();
				}

			};
			this.faults.clear();
			List<Runnable> calls = List.of(() -> telemetry.event("bad"), () -> telemetry.log(Level.INFO, () -> {
				sneak(ex);
				return "";
			}), () -> telemetry.log(Level.INFO, () -> "", () -> {
				sneak(ex);
				return map;
			}), () -> telemetry.signal().message(() -> {
				sneak(ex);
				return "";
			}).emit(), () -> telemetry.log(Level.INFO, "hello", map), () -> telemetry.signal().data(map).emit(),
					() -> telemetry.signal().context(map).emit(), () -> telemetry.performance("h", 1, map));
			for (Runnable call : calls) {
				if (fatal) {
					assertThatExceptionOfType(ex.getClass()).isThrownBy(call::run);
				}
				else {
					call.run();
				}
			}
			assertThat(this.faults).hasSize(calls.size());
			telemetry.log("hello");
			everySumCloses();
			assertThat(pipeline.stats().received()).isEqualTo(9);
		}
	}

	@Test
	void errorWithoutAnExceptionIsStillTold() {
		SignalPipeline pipeline = pipeline((signal) -> {
		}, DIRECT);
		Throwable cause = new IllegalStateException("no").getCause();
		new Telemetry(pipeline, "test").error(cause);
		assertThat(this.before).hasSize(1);
	}

	@Test
	void tracingThatThrowsCostsNoSignal() {
		SignalPipeline pipeline = SignalPipeline.builder().faultListener(this.faults::add).tracing(new Tracing() {

			@Override
			public @Nullable Span currentSpan() {
				throw new IllegalStateException("no");
			}

			@Override
			public @Nullable StartedSpan start(String name, @Nullable Span parent) {
				return null;
			}

		})
			.settings((settings) -> settings.withSampling(settings.sampling().withRate(0.5).withBy(SampleBy.TRACE)))
			.handler("after", this.after::add, DIRECT)
			.build();
		this.pipeline = pipeline;
		Telemetry telemetry = new Telemetry(pipeline, "test");
		for (int i = 0; i < 50; i++) {
			telemetry.log("hello");
		}
		assertThat(pipeline.stats().received()).isEqualTo(50);
		assertThat(pipeline.stats().inFlight()).isZero();
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void faultListenerThatThrowsAnythingHarmsNobody(boolean queued) throws Exception {
		AtomicReference<@Nullable Throwable> next = new AtomicReference<>();
		SignalPipeline pipeline = SignalPipeline.builder()
			.faultListener((fault) -> sneak(next.get()))
			.handler("odd", (signal) -> {
				throw new IOException("no");
			}, queued ? QUEUED : DIRECT)
			.handler("after", this.after::add, DIRECT)
			.build();
		this.pipeline = pipeline;
		for (Throwable ex : thrown()) {
			next.set(ex);
			new Telemetry(pipeline, "test").log("hello");
			assertThat(pipeline.flush(PATIENCE)).isTrue();
		}
		assertThat(this.after).hasSize(6);
		assertThat(pipeline.handler("odd").stats().count(Outcome.ERRORS)).isEqualTo(6);
	}

	/** Throws anything, checked or not. */
	private static void sneak(@Nullable Throwable ex) {
		if (ex != null) {
			MisbehaviourTests.<RuntimeException>sneakily(ex);
		}
	}

	@SuppressWarnings("unchecked")
	private static <X extends Throwable> void sneakily(Throwable ex) throws X {
		throw (X) ex;
	}

}
