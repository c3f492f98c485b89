package io.telemetry.boot.autoconfigure.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.telemetry.boot.InvalidSettingException;
import io.telemetry.boot.InvalidTelemetryConfigurationException;
import io.telemetry.boot.metrics.MicrometerMeterSink;
import io.telemetry.metric.MeterSink;
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
 * Auto-configuration of the numbers of the application as Micrometer's meters.
 */
@AutoConfiguration(afterName = { "org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration",
		"org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration" })
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean(MeterRegistry.class)
@ConditionalOnBooleanProperty(name = { "telemetry.enabled", "telemetry.metrics.enabled" }, matchIfMissing = true)
@EnableConfigurationProperties(TelemetryMetricsProperties.class)
public final class TelemetryMetricsAutoConfiguration {

	/**
	 * The registry is asked for with the first number: what belongs to it may want a
	 * telemetry bean.
	 */
	@Bean
	@ConditionalOnMissingBean(MeterSink.class)
	MicrometerMeterSink telemetryMeterSink(ObjectProvider<MeterRegistry> registry,
			TelemetryMetricsProperties properties) {
		try {
			return new MicrometerMeterSink(() -> find(registry), properties.getPrefix());
		}
		catch (InvalidSettingException ex) {
			throw new InvalidTelemetryConfigurationException(TelemetryMetricsProperties.PREFIX + "." + ex.setting(),
					ex.value(), "the value " + ex.reason(), "Set it to such a value, or leave it out for none");
		}
	}

	private static @Nullable MeterRegistry find(ObjectProvider<MeterRegistry> registry) {
		try {
			return registry.getIfUnique();
		}
		catch (BeansException ex) {
			// It is being made, and what it is made of counts something.
			return null;
		}
	}

}
