package io.telemetry;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import io.telemetry.context.ContextExecutors;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.pipeline.Change;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(60)
class CaptureTests {

	private final List<Signal> handled = new ArrayList<>();

	private final SignalPipeline pipeline = SignalPipeline.builder()
		.handler("memory", this.handled::add, HandlerOptions.DEFAULTS.withQueue(null))
		.build();

	private final Telemetry telemetry = new Telemetry(this.pipeline, "com.acme.Shop");

	@Test
	void captureHasWhatNoHandlerWants() {
		List<Signal> captured = this.telemetry.capture(() -> {
			this.telemetry.log(Level.TRACE, "detail");
			this.telemetry.log("news");
		});
		assertThat(captured).extracting(Signal::message).containsExactly("detail", "news");
		assertThat(this.handled).extracting(Signal::message).containsExactly("news");
		assertThat(this.telemetry.allowed(Level.TRACE)).isFalse();
	}

	@Test
	void captureLacksWhatThePipelineRefusesAndHasWhatItTransforms() {
		this.pipeline.change(
				List.of(Change.Pipeline.minLevel(Level.INFO), new Change<>("transforms",
						(settings) -> settings.withTransforms(
								List.of((signal) -> signal.toBuilder().message(signal.message() + "!").build())))),
				null);
		assertThat(this.telemetry.capture(() -> {
			this.telemetry.log(Level.DEBUG, "detail");
			this.telemetry.log("news");
		})).extracting(Signal::message).containsExactly("news!");
	}

	@Test
	void captureWorksForAPipelineThatIsMadeMeanwhile() {
		try (Capture capture = Capture.open(); SignalPipeline other = SignalPipeline.builder().build()) {
			new Telemetry(other, "x").log(Level.TRACE, "without any handler");
			assertThat(capture.signals()).extracting(Signal::message).containsExactly("without any handler");
		}
	}

	@Test
	void nestedCapturesGetWhatIsMadeInside() {
		Capture outer = Capture.open();
		this.telemetry.log("a");
		assertThat(this.telemetry.capture(() -> this.telemetry.log("b"))).hasSize(1);
		this.telemetry.log("c");
		assertThat(outer.signals()).extracting(Signal::message).containsExactly("a", "b", "c");
		outer.clear();
		assertThat(outer.signals()).isEmpty();
		outer.close();
		this.telemetry.log("d");
		outer.close();
		assertThat(outer.signals()).isEmpty();
	}

	@Test
	void captureFlowsWithTheContextAndToNobodyElse() throws Exception {
		ExecutorService plain = Executors.newSingleThreadExecutor();
		ExecutorService wrapped = ContextExecutors.wrap(plain);
		try (Capture capture = Capture.open()) {
			wrapped.submit(() -> this.telemetry.log("mine")).get();
			plain.submit(() -> this.telemetry.log("a stranger's")).get();
			assertThat(capture.signals()).extracting(Signal::message).containsExactly("mine");
		}
		finally {
			plain.shutdownNow();
		}
	}

	@Test
	void capturesAtTheSameTimeDoNotSeeEachOther() throws Exception {
		int threads = 8;
		int rounds = 200;
		CyclicBarrier start = new CyclicBarrier(threads);
		ExecutorService executor = Executors.newFixedThreadPool(threads);
		try (SignalPipeline shared = SignalPipeline.builder().build()) {
			Telemetry telemetry = new Telemetry(shared, "x");
			List<Future<?>> results = new ArrayList<>();
			for (int i = 0; i < threads; i++) {
				int me = i;
				results.add(executor.submit(() -> {
					start.await();
					for (int round = 0; round < rounds; round++) {
						Map<String, Integer> data = Map.of("thread", me, "round", round);
						List<Signal> captured = telemetry.capture(() -> telemetry.log(Level.TRACE, "made", data));
						assertThat(captured).extracting(Signal::data).containsExactly(Map.copyOf(data));
					}
					return null;
				}));
			}
			for (Future<?> result : results) {
				result.get();
			}
			assertThat(telemetry.allowed(Level.TRACE)).isFalse();
			assertThat(shared.stats().inFlight()).isZero();
			assertThat(shared.stats().received()).isGreaterThanOrEqualTo((long) threads * rounds);
		}
		finally {
			executor.shutdownNow();
		}
	}

}
