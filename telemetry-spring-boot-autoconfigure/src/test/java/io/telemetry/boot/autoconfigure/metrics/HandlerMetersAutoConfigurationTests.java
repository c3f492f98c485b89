package io.telemetry.boot.autoconfigure.metrics;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.telemetry.Telemetry;
import io.telemetry.boot.autoconfigure.TelemetryAutoConfiguration;
import io.telemetry.boot.autoconfigure.handler.TelemetryHandlerAutoConfiguration;
import io.telemetry.boot.metrics.HandlerMeters;
import io.telemetry.handler.HandlerException;
import io.telemetry.handler.SignalHandler;
import io.telemetry.pipeline.SignalPipeline;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link HandlerMetersAutoConfiguration}.
 */
class HandlerMetersAutoConfigurationTests {

	private final ApplicationContextRunner withoutRegistry = new ApplicationContextRunner().withConfiguration(
			AutoConfigurations.of(TelemetryHandlerAutoConfiguration.class, TelemetryAutoConfiguration.class,
					TelemetryMetricsAutoConfiguration.class, HandlerMetersAutoConfiguration.class));

	private final ApplicationContextRunner runner = this.withoutRegistry
		.withConfiguration(AutoConfigurations.of(MetricsAutoConfiguration.class,
				SimpleMetricsExportAutoConfiguration.class, CompositeMeterRegistryAutoConfiguration.class));

	@Test
	void retriesOfDurableHandlersAreAMeter() {
		AtomicInteger calls = new AtomicInteger();
		this.runner.withBean("orders", SignalHandler.class, () -> (signal) -> {
			if (calls.incrementAndGet() == 1) {
				throw HandlerException.retryable("away", null);
			}
		})
			.withPropertyValues("telemetry.handlers.orders.durable=true",
					"telemetry.handlers.orders.async.batch-interval=0s")
			.run((context) -> {
				MeterRegistry registry = context.getBean(MeterRegistry.class);
				FunctionCounter retries = registry.get(HandlerMeters.RETRIES)
					.tag("handler", "orders")
					.functionCounter();
				assertThat(retries.count()).isZero();
				context.getBean(Telemetry.class).log("m");
				assertThat(context.getBean(SignalPipeline.class).flush(Duration.ofSeconds(10))).isTrue();
				assertThat(retries.count()).isOne();
				assertThat(calls).hasValue(2);
				// Others try nothing again.
				assertThat(registry.find(HandlerMeters.RETRIES).functionCounters()).hasSize(1);
				context.getBean(SignalPipeline.class).removeHandler("orders");
				assertThat(retries.count()).isZero();
			});
	}

	@Test
	void nothingIsThereWithoutRegistryOrMicrometerOrWhenSwitchedOff() {
		this.withoutRegistry.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(HandlerMeters.class));
		this.withoutRegistry.withClassLoader(new FilteredClassLoader("io.micrometer"))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("telemetryHandlerMeters"));
		for (String property : List.of("telemetry.metrics.enabled", "telemetry.enabled")) {
			this.runner.withPropertyValues(property + "=false")
				.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(HandlerMeters.class));
		}
		this.runner.run((context) -> assertThat(context).hasSingleBean(HandlerMeters.class));
	}

}
