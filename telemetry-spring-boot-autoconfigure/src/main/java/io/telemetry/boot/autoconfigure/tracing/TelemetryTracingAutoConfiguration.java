package io.telemetry.boot.autoconfigure.tracing;

import io.micrometer.tracing.Tracer;
import io.telemetry.boot.tracing.MicrometerTracing;
import io.telemetry.context.Tracing;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeansException;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration of spans shared with Micrometer Tracing.
 */
@AutoConfiguration(
		afterName = { "org.springframework.boot.micrometer.tracing.autoconfigure.MicrometerTracingAutoConfiguration",
				"org.springframework.boot.micrometer.tracing.autoconfigure.NoopTracerAutoConfiguration" })
@ConditionalOnClass(Tracer.class)
@ConditionalOnBean(Tracer.class)
@ConditionalOnBooleanProperty(name = { "telemetry.enabled", "telemetry.tracing.enabled" }, matchIfMissing = true)
@EnableConfigurationProperties(TelemetryTracingProperties.class)
public final class TelemetryTracingAutoConfiguration {

	/**
	 * The tracer is asked for with the first signal: what belongs to it may want a
	 * telemetry bean.
	 */
	@Bean
	@ConditionalOnMissingBean(Tracing.class)
	MicrometerTracing telemetryTracing(ObjectProvider<Tracer> tracer) {
		return new MicrometerTracing(() -> find(tracer));
	}

	private static @Nullable Tracer find(ObjectProvider<Tracer> tracer) {
		try {
			return tracer.getIfUnique();
		}
		catch (BeansException ex) {
			// It is being made, and what it is made of makes signals.
			return null;
		}
	}

}
