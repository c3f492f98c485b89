package io.telemetry.pipeline;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

import io.telemetry.Telemetry;
import io.telemetry.dispatch.Keeper;
import io.telemetry.filter.SignalPredicate;
import io.telemetry.handler.HandlerException;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.handler.QueueOptions;
import io.telemetry.limit.RateLimit;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import io.telemetry.transform.SignalTransform;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Handlers that are to lose nothing of what somebody keeps, in a pipeline.
 */
@Timeout(30)
class DurableHandlerTests {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private static final HandlerOptions DURABLE = HandlerOptions.DEFAULTS
		.withQueue(QueueOptions.DEFAULTS.withBatches(1, Duration.ZERO))
		.withDurable(true);

	/** As good as new, and without what it was made of. */
	private static final SignalTransform MADE_ANEW = (
			signal) -> Signal.builder(signal.level(), signal.kind(), signal.namespace()).message("anew").build();

	private final List<Signal> handled = new CopyOnWriteArrayList<>();

	private final Keeper keeper = new Keeper();

	private SignalPipeline pipeline = pipeline(PipelineSettings.DEFAULTS, DURABLE);

	static Stream<HandlerOptions> optionsThatRefuse() {
		return Stream.of(DURABLE.withMinLevel(Level.FATAL),
				DURABLE.withFilter(DURABLE.filter().withWhen(SignalPredicate.parse("msg = 'other'"))),
				DURABLE.withSampleRate(0), DURABLE.withTransforms(List.of((signal) -> null)),
				DURABLE.withEnabled(false));
	}

	@AfterEach
	void close() {
		this.pipeline.close();
	}

	@Test
	void onlyDurableHandlersHold() throws Exception {
		this.pipeline.addHandler("queued", this.handled::add, DURABLE.withDurable(false));
		this.pipeline.addHandler("direct", this.handled::add, HandlerOptions.DEFAULTS.withQueue(null));
		emit();
		assertThat(this.handled).hasSize(3).extracting(Signal::delivery).containsOnly(this.keeper);
		assertThat(this.keeper).hasToString("1 held, 1 done, 0 abandoned");
		this.pipeline.addHandler("second", this.handled::add, DURABLE);
		emit();
		assertThat(this.keeper).hasToString("3 held, 3 done, 0 abandoned");
	}

	@ParameterizedTest
	@MethodSource("optionsThatRefuse")
	void whatAHandlerIsNotGivenIsNotHeld(HandlerOptions options) throws Exception {
		use(PipelineSettings.DEFAULTS, options);
		emit();
		assertThat(this.handled).isEmpty();
		assertThat(this.keeper).hasToString("0 held, 0 done, 0 abandoned");
	}

	@Test
	void whatIsLimitedIsNotHeld() throws Exception {
		use(PipelineSettings.DEFAULTS, DURABLE.withRateLimit(RateLimit.of(2, Duration.ofHours(1))));
		for (int i = 0; i < 5; i++) {
			emit();
		}
		assertThat(this.keeper).hasToString("2 held, 2 done, 0 abandoned");
	}

	@Test
	void whatTheTransformOfThePipelineDropsIsNotHeld() throws Exception {
		use(PipelineSettings.DEFAULTS.withTransforms(List.of((signal) -> null)), DURABLE);
		emit();
		assertThat(this.keeper).hasToString("0 held, 0 done, 0 abandoned");
	}

	@Test
	void whatAnyTransformMakesAnewIsKeptAsWhatItWasMadeOf() throws Exception {
		use(PipelineSettings.DEFAULTS.withTransforms(List.of(MADE_ANEW)), DURABLE);
		emit();
		use(PipelineSettings.DEFAULTS, DURABLE.withTransforms(List.of(MADE_ANEW, MADE_ANEW)));
		emit();
		use(PipelineSettings.DEFAULTS, DURABLE);
		new Telemetry(this.pipeline, "test").signal().delivery(this.keeper).transform(MADE_ANEW).emit();
		assertThat(this.pipeline.flush(PATIENCE)).isTrue();
		assertThat(this.handled).hasSize(3).extracting(Signal::message).containsOnly("anew");
		assertThat(this.handled).extracting(Signal::delivery).containsOnly(this.keeper);
		assertThat(this.keeper).hasToString("3 held, 3 done, 0 abandoned");
	}

	@Test
	void signalThatATransformTookFromElsewhereIsKeptByNobodyElse() throws Exception {
		Keeper other = new Keeper();
		Signal elsewhere = Signal.builder(Level.INFO, Kind.LOG, "test").delivery(other).build();
		use(PipelineSettings.DEFAULTS, DURABLE.withTransforms(List.of((signal) -> elsewhere)));
		emit();
		new Telemetry(this.pipeline, "test").log("kept by nobody");
		assertThat(this.pipeline.flush(PATIENCE)).isTrue();
		assertThat(this.handled).hasSize(2);
		assertThat(this.keeper).hasToString("1 held, 1 done, 0 abandoned");
		assertThat(other).hasToString("0 held, 0 done, 0 abandoned");
	}

	@Test
	void retriesOfAHandlerAreCounted() throws Exception {
		this.pipeline.addHandler("flaky", (signal) -> {
			if (this.pipeline.handler("flaky").retries() < 2) {
				throw HandlerException.retryable("away", null);
			}
		}, DURABLE);
		emit();
		assertThat(this.pipeline.handler("flaky").retries()).isEqualTo(2);
		assertThat(this.pipeline.handler("memory").retries()).isZero();
		assertThat(this.keeper).hasToString("2 held, 2 done, 0 abandoned");
	}

	@Test
	void durableHandlerNeedsAQueue() {
		assertThatIllegalArgumentException().isThrownBy(() -> DURABLE.withQueue(null))
			.withMessage("durable needs a queue, and queue is null");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> HandlerOptions.DEFAULTS.withQueue(null).withDurable(true));
		assertThat(HandlerOptions.DEFAULTS.durable()).isFalse();
		assertThat(DURABLE.withPriority(1)
			.withEnabled(true)
			.withMinLevel(Level.WARN)
			.withSampleRate(1)
			.withRateLimit(null)
			.withTransforms(List.of())
			.withQueue(QueueOptions.DEFAULTS)
			.durable()).isTrue();
		assertThat(DURABLE.withDurable(false).withQueue(null).durable()).isFalse();
	}

	private SignalPipeline pipeline(PipelineSettings settings, HandlerOptions options) {
		return SignalPipeline.builder().settings(settings).faultListener((fault) -> {
		}).handler("memory", this.handled::add, options).build();
	}

	private void use(PipelineSettings settings, HandlerOptions options) {
		this.pipeline.close();
		this.pipeline = pipeline(settings, options);
	}

	private void emit() throws InterruptedException {
		new Telemetry(this.pipeline, "test").signal().message("m").delivery(this.keeper).emit();
		assertThat(this.pipeline.flush(PATIENCE)).isTrue();
	}

}
