package io.telemetry.dispatch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

import io.telemetry.Telemetry;
import io.telemetry.filter.NameSelector;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.handler.QueueOptions;
import io.telemetry.handler.SignalHandler;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Signal;
import io.telemetry.stats.Outcome;
import io.telemetry.stats.OutcomeStats;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Handlers whose own signals feed other handlers, and these in turn them.
 */
@Timeout(60)
class FeedbackTests {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private static final QueueOptions QUEUE = QueueOptions.DEFAULTS.withBatches(1, Duration.ZERO);

	private final AtomicReference<@Nullable Telemetry> telemetry = new AtomicReference<>();

	private @Nullable SignalPipeline pipeline;

	@AfterEach
	void close() {
		if (this.pipeline != null) {
			this.pipeline.close();
		}
	}

	@ParameterizedTest
	@CsvSource({ "false, false, false", "true, true, false", "true, false, false", "false, true, false",
			"true, true, true" })
	void twoHandlersThatFeedEachOtherComeToAnEnd(boolean firstQueued, boolean secondQueued, boolean onFlush)
			throws InterruptedException {
		SignalPipeline pipeline = pipeline(SignalPipeline.builder()
			.handler("a", feeds("to/b", onFlush), takes("to/a", firstQueued))
			.handler("b", feeds("to/a", onFlush), takes("to/b", secondQueued)));
		event("to/a");
		await().atMost(PATIENCE).until(() -> recursive("a") + recursive("b") > 0);
		await().atMost(PATIENCE).until(() -> pipeline.stats().inFlight() == 0 && isQuiet("a") && isQuiet("b"));
		long handled = handled("a") + handled("b");
		assertThat(handled).isBetween(2L, 1L + HandlerGuard.MAX_GENERATION);
		assertThat(pipeline.flush(PATIENCE)).isTrue();
		// What ended was the circle: a signal of somebody else's starts another.
		event("to/b");
		await().atMost(PATIENCE).until(() -> recursive("a") + recursive("b") > 1);
	}

	@Test
	void chainOfQueuesWithoutACircleIsHandledToItsEnd() {
		SignalPipeline.Builder builder = SignalPipeline.builder();
		for (int i = 0; i <= HandlerGuard.MAX_GENERATION; i++) {
			builder.handler("h" + i, feeds("to/" + (i + 1), false), takes("to/" + i, true));
		}
		pipeline(builder);
		event("to/0");
		String last = "h" + HandlerGuard.MAX_GENERATION;
		await().atMost(PATIENCE).until(() -> handled(last) == 1);
		for (int i = 0; i <= HandlerGuard.MAX_GENERATION; i++) {
			assertThat(recursive("h" + i)).isZero();
		}
	}

	@Test
	void signalsThatWaitBesideACircleAreAllHandled() throws InterruptedException {
		SignalPipeline pipeline = pipeline(SignalPipeline.builder()
			.handler("a", feeds("to/b", false), takes("to/a", true))
			.handler("b", feeds("to/a", false), takes("to/b", true))
			.handler("c", (signal) -> {
			}, takes("to/*", true)));
		for (int i = 0; i < 100; i++) {
			event("to/a");
		}
		await().atMost(PATIENCE).until(() -> pipeline.stats().inFlight() == 0 && isQuiet("a") && isQuiet("b"));
		assertThat(pipeline.flush(PATIENCE)).isTrue();
		assertThat(handled("a")).isGreaterThanOrEqualTo(100);
		for (String name : List.of("a", "b", "c")) {
			OutcomeStats stats = pipeline.handler(name).stats();
			assertThat(stats.count(Outcome.DROPPED_OVERFLOW)).isZero();
			assertThat(stats.inFlight()).isZero();
		}
	}

	@Test
	void handlerCanNotEmptyTheBatchUnderTheHandsOfTheLane() throws InterruptedException {
		List<Throwable> failures = new ArrayList<>();
		SignalPipeline pipeline = pipeline(SignalPipeline.builder().handler("a", new SignalHandler() {

			@Override
			public void handle(Signal signal) {
			}

			@Override
			public void handle(List<Signal> batch) {
				try {
					batch.clear();
				}
				catch (UnsupportedOperationException ex) {
					failures.add(ex);
				}
			}

		}, takes("to/a", true)));
		event("to/a");
		assertThat(pipeline.flush(PATIENCE)).isTrue();
		assertThat(failures).hasSize(1);
		assertThat(handled("a")).isOne();
	}

	private SignalPipeline pipeline(SignalPipeline.Builder builder) {
		SignalPipeline pipeline = builder.build();
		this.pipeline = pipeline;
		this.telemetry.set(new Telemetry(pipeline, "test"));
		return pipeline;
	}

	private void event(String id) {
		Telemetry telemetry = this.telemetry.get();
		if (telemetry != null) {
			telemetry.event(id);
		}
	}

	private SignalHandler feeds(String id, boolean onFlush) {
		return new SignalHandler() {

			private boolean handled;

			@Override
			public void handle(Signal signal) {
				this.handled = true;
				if (!onFlush) {
					event(id);
				}
			}

			@Override
			public void flush() {
				if (onFlush && this.handled) {
					this.handled = false;
					event(id);
				}
			}

		};
	}

	private static HandlerOptions takes(String id, boolean queued) {
		HandlerOptions options = HandlerOptions.DEFAULTS.withQueue(queued ? QUEUE : null);
		return options.withFilter(options.filter().withId(new NameSelector(List.of(id), List.of())));
	}

	private long handled(String name) {
		return stats(name).count(Outcome.HANDLED);
	}

	private long recursive(String name) {
		return stats(name).count(Outcome.RECURSIVE);
	}

	private boolean isQuiet(String name) {
		return stats(name).inFlight() == 0;
	}

	@SuppressWarnings("NullAway")
	private OutcomeStats stats(String name) {
		return this.pipeline.handler(name).stats();
	}

}
