package io.telemetry.boot.autoconfigure.metrics;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

import io.micrometer.core.instrument.MeterRegistry;
import io.telemetry.boot.autoconfigure.TelemetryAutoConfiguration;
import io.telemetry.boot.metrics.HandlerMeters;
import io.telemetry.pipeline.HandlerView;
import io.telemetry.pipeline.SignalPipeline;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration of what durable handlers count as Micrometer's meters.
 */
@AutoConfiguration(after = { TelemetryAutoConfiguration.class, TelemetryMetricsAutoConfiguration.class })
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean({ MeterRegistry.class, SignalPipeline.class })
@ConditionalOnBooleanProperty(name = { "telemetry.enabled", "telemetry.metrics.enabled" }, matchIfMissing = true)
public final class HandlerMetersAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	HandlerMeters telemetryHandlerMeters(SignalPipeline pipeline) {
		Map<String, LongSupplier> retries = new LinkedHashMap<>();
		pipeline.handlers()
			.stream()
			.filter((handler) -> handler.configured().durable())
			.map(HandlerView::name)
			.forEach((name) -> retries.put(name, () -> retries(pipeline, name)));
		return new HandlerMeters(retries);
	}

	private static long retries(SignalPipeline pipeline, String name) {
		HandlerView handler = pipeline.handler(name);
		return (handler != null) ? handler.retries() : 0;
	}

}
