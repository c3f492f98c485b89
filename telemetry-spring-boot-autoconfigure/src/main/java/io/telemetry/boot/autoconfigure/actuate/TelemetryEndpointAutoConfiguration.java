package io.telemetry.boot.autoconfigure.actuate;

import java.time.InstantSource;
import java.util.Map;

import io.telemetry.boot.TelemetryOverviewContributor;
import io.telemetry.boot.actuate.StrictArgumentsAdvisor;
import io.telemetry.boot.actuate.TelemetryChannelEndpoint;
import io.telemetry.boot.actuate.TelemetryEndpoint;
import io.telemetry.boot.actuate.TelemetryExplainEndpoint;
import io.telemetry.boot.actuate.TelemetryFiltersEndpoint;
import io.telemetry.boot.actuate.TelemetryHandlersEndpoint;
import io.telemetry.boot.actuate.TelemetrySignalsEndpoint;
import io.telemetry.boot.autoconfigure.TelemetryAutoConfiguration;
import io.telemetry.boot.autoconfigure.channel.ChannelAutoConfiguration;
import io.telemetry.boot.autoconfigure.handler.ConfiguredHandlerTypes;
import io.telemetry.boot.autoconfigure.handler.TelemetryHandlerAutoConfiguration;
import io.telemetry.boot.channel.control.ChannelControl;
import io.telemetry.boot.recent.RecentSignals;
import io.telemetry.pipeline.SignalPipeline;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Auto-configuration of the Actuator endpoints. Where telemetry is switched off, only the
 * overview is there, to say so.
 */
@AutoConfiguration(after = { TelemetryAutoConfiguration.class, TelemetryHandlerAutoConfiguration.class,
		ChannelAutoConfiguration.class })
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnBean(SignalPipeline.class)
public final class TelemetryEndpointAutoConfiguration {

	@Bean
	StrictArgumentsAdvisor telemetryStrictArgumentsAdvisor() {
		return new StrictArgumentsAdvisor();
	}

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnAvailableEndpoint
	TelemetryEndpoint telemetryEndpoint(SignalPipeline pipeline,
			ObjectProvider<TelemetryOverviewContributor> contributors) {
		return new TelemetryEndpoint(pipeline, contributors.orderedStream().toList());
	}

	/**
	 * The endpoints that look into and change what works.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnBooleanProperty(name = "telemetry.enabled", matchIfMissing = true)
	static class WorkingConfiguration {

		@Bean
		@ConditionalOnMissingBean
		@ConditionalOnAvailableEndpoint
		TelemetryFiltersEndpoint telemetryFiltersEndpoint(SignalPipeline pipeline) {
			return new TelemetryFiltersEndpoint(pipeline);
		}

		@Bean
		@ConditionalOnMissingBean
		@ConditionalOnAvailableEndpoint
		TelemetryExplainEndpoint telemetryExplainEndpoint(SignalPipeline pipeline) {
			return new TelemetryExplainEndpoint(pipeline);
		}

		@Bean
		@ConditionalOnMissingBean
		@ConditionalOnAvailableEndpoint
		TelemetryHandlersEndpoint telemetryHandlersEndpoint(SignalPipeline pipeline,
				ObjectProvider<ConfiguredHandlerTypes> types) {
			ConfiguredHandlerTypes configured = types.getIfAvailable();
			return new TelemetryHandlersEndpoint(pipeline, (configured != null) ? configured.types() : Map.of());
		}

		@Bean
		@ConditionalOnMissingBean
		@ConditionalOnAvailableEndpoint
		@ConditionalOnBean(RecentSignals.class)
		TelemetrySignalsEndpoint telemetrySignalsEndpoint(SignalPipeline pipeline, RecentSignals recentSignals) {
			return new TelemetrySignalsEndpoint(pipeline, recentSignals);
		}

		@Bean
		@ConditionalOnMissingBean
		@ConditionalOnAvailableEndpoint
		@ConditionalOnBean(ChannelControl.class)
		TelemetryChannelEndpoint telemetryChannelEndpoint(ChannelControl control) {
			return new TelemetryChannelEndpoint(control, InstantSource.system());
		}

	}

}
