package io.telemetry.boot.autoconfigure.tracing;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Tracer;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.telemetry.Telemetry;
import io.telemetry.boot.SignalRecorder;
import io.telemetry.boot.autoconfigure.TelemetryAutoConfiguration;
import io.telemetry.boot.autoconfigure.context.ContextAutoConfiguration;
import io.telemetry.boot.autoconfigure.handler.TelemetryHandlerAutoConfiguration;
import io.telemetry.boot.tracing.MicrometerTracing;
import io.telemetry.context.SignalContext;
import io.telemetry.context.Tracing;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Run;
import io.telemetry.signal.Signal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.micrometer.tracing.autoconfigure.MicrometerTracingAutoConfiguration;
import org.springframework.boot.micrometer.tracing.autoconfigure.NoopTracerAutoConfiguration;
import org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.OpenTelemetryTracingAutoConfiguration;
import org.springframework.boot.opentelemetry.autoconfigure.OpenTelemetrySdkAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * {@link TelemetryTracingAutoConfiguration} with Micrometer Tracing over OpenTelemetry.
 */
@Timeout(60)
class TelemetryTracingAutoConfigurationTests {

	private final ApplicationContextRunner withoutTracer = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(TelemetryHandlerAutoConfiguration.class, TelemetryAutoConfiguration.class,
						ContextAutoConfiguration.class, TelemetryTracingAutoConfiguration.class))
		.withPropertyValues("telemetry.handlers.recorder.async.mode=none")
		.withBean("recorder", SignalRecorder.class);

	private final ApplicationContextRunner runner = this.withoutTracer
		.withConfiguration(
				AutoConfigurations.of(ObservationAutoConfiguration.class, OpenTelemetrySdkAutoConfiguration.class,
						OpenTelemetryTracingAutoConfiguration.class, MicrometerTracingAutoConfiguration.class,
						NoopTracerAutoConfiguration.class, TaskExecutionAutoConfiguration.class))
		.withPropertyValues("management.tracing.sampling.probability=1")
		.withUserConfiguration(ExporterConfiguration.class);

	private static void run(ApplicationContextRunner runner, BiConsumer<Telemetry, Fixture> test) {
		runner.run((context) -> {
			assertThat(context).hasNotFailed();
			test.accept(context.getBean(Telemetry.class), context.getBean(Fixture.class));
			assertThat(context.getBean(Tracer.class).currentSpan()).isNull();
			assertThat(SignalContext.current()).isSameAs(SignalContext.EMPTY);
		});
	}

	@Test
	void signalInsideAnObservationHasItsIds() {
		run(this.runner, (telemetry, fixture) -> {
			fixture.observe("checkout", () -> telemetry.event("placed"));
			Run run = fixture.signal("placed").run();
			SpanData span = fixture.span("checkout");
			assertThat(run.traceId()).isEqualTo(span.getTraceId());
			assertThat(run.spanId()).isEqualTo(span.getSpanId());
			telemetry.event("after");
			assertThat(fixture.signal("after").run()).isNull();
		});
	}

	@Test
	void traceInsideAnObservationIsItsChildAndIsExported() {
		run(this.runner, (telemetry, fixture) -> {
			assertThatIllegalStateException()
				.isThrownBy(() -> fixture.observe("checkout", () -> telemetry.trace("shop/pay", () -> {
					telemetry.attribute("cents", 1250);
					telemetry.attribute("card", "visa");
					throw new IllegalStateException("declined");
				})));
			SpanData checkout = fixture.span("checkout");
			SpanData pay = fixture.span("shop/pay");
			assertThat(pay.getParentSpanId()).isEqualTo(checkout.getSpanId());
			assertThat(pay.getTraceId()).isEqualTo(checkout.getTraceId());
			assertThat(pay.getAttributes().get(AttributeKey.longKey("cents"))).isEqualTo(1250);
			assertThat(pay.getAttributes().get(AttributeKey.stringKey("card"))).isEqualTo("visa");
			assertThat(pay.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
			assertThat(pay.getEvents()).extracting((event) -> event.getName()).contains("exception");
			Run run = fixture.signal("shop/pay").run();
			assertThat(run.spanId()).isEqualTo(pay.getSpanId());
			assertThat(run.parentId()).isEqualTo(checkout.getSpanId());
		});
	}

	@Test
	void tracesAndObservationsNestInOneAnother() {
		run(this.runner, (telemetry, fixture) -> {
			telemetry.trace("outer", () -> telemetry.trace("inner", () -> {
				telemetry.event("in-inner");
				fixture.observe("innermost", () -> telemetry.event("in-innermost"));
			}));
			SpanData outer = fixture.span("outer");
			SpanData inner = fixture.span("inner");
			SpanData innermost = fixture.span("innermost");
			assertThat(outer.getParentSpanContext().isValid()).isFalse();
			assertThat(inner.getParentSpanId()).isEqualTo(outer.getSpanId());
			assertThat(innermost.getParentSpanId()).isEqualTo(inner.getSpanId());
			assertThat(fixture.signal("in-inner").run().spanId()).isEqualTo(inner.getSpanId());
			assertThat(fixture.signal("in-innermost").run().spanId()).isEqualTo(innermost.getSpanId());
			assertThat(fixture.signal("inner").run().rootId()).isEqualTo(outer.getSpanId());
			assertThat(fixture.signal("outer").run().rootId()).isEqualTo(outer.getSpanId());
			assertThat(fixture.signal("outer").run().parentId()).isNull();
		});
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void spansGoAlongToAsyncMethodsWithAndWithoutMicrometersPropagation(boolean propagate) {
		run(this.runner.withPropertyValues("spring.task.execution.propagate-context=" + propagate),
				(telemetry, fixture) -> {
					fixture.observe("request", () -> telemetry.trace("outer", () -> telemetry.trace("inner",
							() -> fixture.async.work(telemetry).orTimeout(10, TimeUnit.SECONDS).join())));
					SpanData inner = fixture.span("inner");
					assertThat(fixture.signal("in-async").run().spanId()).isEqualTo(inner.getSpanId());
					assertThat(fixture.span("async").getParentSpanId()).isEqualTo(inner.getSpanId());
					assertThat(fixture.span("async").getTraceId()).isEqualTo(fixture.span("request").getTraceId());
				});
	}

	@Test
	void futureThatCompletesOnAnotherThreadEndsTheSpan() {
		run(this.runner, (telemetry, fixture) -> {
			CompletableFuture<String> future = telemetry.trace("future", () -> {
				SignalContext context = SignalContext.current();
				return CompletableFuture.supplyAsync(context.wrapSupplier(() -> {
					telemetry.event("in-future");
					return "done";
				}));
			});
			assertThat(future.join()).isEqualTo("done");
			org.awaitility.Awaitility.await().untilAsserted(() -> fixture.span("future"));
			assertThat(fixture.signal("in-future").run().spanId()).isEqualTo(fixture.span("future").getSpanId());
		});
	}

	@Test
	void publisherEndsItsSpanWithEachSubscription() {
		run(this.runner, (telemetry, fixture) -> {
			Mono<String> mono = telemetry.trace("mono", () -> Mono.just("done"));
			assertThat(fixture.exporter.getFinishedSpanItems()).isEmpty();
			mono.block();
			mono.block();
			assertThat(fixture.exporter.getFinishedSpanItems()).extracting(SpanData::getName)
				.containsExactly("mono", "mono");
		});
	}

	@Test
	void sampledOutTraceStillHasIds() {
		run(this.runner.withPropertyValues("management.tracing.sampling.probability=0"), (telemetry, fixture) -> {
			fixture.observe("checkout", () -> telemetry.trace("inner", () -> telemetry.event("placed")));
			Run placed = fixture.signal("placed").run();
			assertThat(placed.traceId()).matches("[0-9a-f]{32}");
			assertThat(placed.spanId()).isEqualTo(fixture.signal("inner").run().spanId());
			assertThat(fixture.exporter.getFinishedSpanItems()).isEmpty();
		});
	}

	@Test
	void spanProcessorMayWantTelemetry() {
		run(this.runner.withUserConfiguration(ProcessorConfiguration.class), (telemetry, fixture) -> {
			telemetry.trace("outer", () -> telemetry.event("placed"));
			assertThat(fixture.span("outer").getSpanId()).isEqualTo(fixture.signal("placed").run().spanId());
		});
	}

	@Test
	void withoutATracerOrWhenSwitchedOffSpansAreOurOwn() {
		this.withoutTracer.withUserConfiguration().run((context) -> {
			assertThat(context).hasNotFailed().doesNotHaveBean(Tracing.class);
			context.getBean(Telemetry.class).trace("work", () -> 3);
			assertThat(context.getBean(SignalRecorder.class).signals().get(0).run().traceId()).hasSize(32);
		});
		this.withoutTracer.withClassLoader(new FilteredClassLoader("io.micrometer.tracing"))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(Tracing.class));
		run(this.runner.withPropertyValues("telemetry.tracing.enabled=false"), (telemetry, fixture) -> {
			telemetry.trace("work", () -> 3);
			assertThat(fixture.signal("work").run().spanId()).hasSize(16);
			assertThat(fixture.exporter.getFinishedSpanItems()).isEmpty();
		});
		assertThat(new TelemetryTracingProperties().isEnabled()).isTrue();
	}

	@Test
	void tracerThatDoesNothingLeavesSpansToUs() {
		this.withoutTracer.withConfiguration(AutoConfigurations.of(NoopTracerAutoConfiguration.class))
			.run((context) -> {
				assertThat(context).hasSingleBean(MicrometerTracing.class);
				context.getBean(Telemetry.class).trace("work", () -> 3);
				assertThat(context.getBean(SignalRecorder.class).signals().get(0).run().traceId()).hasSize(32);
			});
	}

	@Test
	void anApplicationsOwnTracingIsUsed() {
		this.runner.withBean("own", Tracing.class, () -> Tracing.NONE).run((context) -> {
			assertThat(context).doesNotHaveBean(MicrometerTracing.class);
			assertThat(context.getBean(SignalPipeline.class).tracing()).isSameAs(Tracing.NONE);
		});
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAsync
	static class ExporterConfiguration {

		@Bean
		InMemorySpanExporter exporter() {
			return InMemorySpanExporter.create();
		}

		@Bean
		SpanProcessor processor(InMemorySpanExporter exporter) {
			return SimpleSpanProcessor.create(exporter);
		}

		@Bean
		AsyncWork asyncWork() {
			return new AsyncWork();
		}

		@Bean
		Fixture fixture() {
			return new Fixture();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ProcessorConfiguration {

		@Bean
		SpanProcessor talkative(Telemetry telemetry) {
			telemetry.trace("early", () -> telemetry.event("early-event"));
			return SpanProcessor.composite();
		}

	}

	static class AsyncWork {

		@Async
		CompletableFuture<String> work(Telemetry telemetry) {
			telemetry.event("in-async");
			telemetry.trace("async", () -> Map.of());
			return CompletableFuture.completedFuture("done");
		}

	}

	static class Fixture {

		@Autowired
		InMemorySpanExporter exporter;

		@Autowired
		ObservationRegistry observations;

		@Autowired
		AsyncWork async;

		@Autowired
		SignalRecorder recorder;

		void observe(String name, Runnable work) {
			Observation.createNotStarted(name, this.observations).observe(work);
		}

		SpanData span(String name) {
			List<SpanData> spans = this.exporter.getFinishedSpanItems();
			assertThat(spans).extracting(SpanData::getName).containsOnlyOnce(name);
			return spans.stream().filter((span) -> span.getName().equals(name)).findFirst().orElseThrow();
		}

		Signal signal(String id) {
			return this.recorder.signals()
				.stream()
				.filter((signal) -> id.equals(signal.id()))
				.findFirst()
				.orElseThrow();
		}

	}

}
