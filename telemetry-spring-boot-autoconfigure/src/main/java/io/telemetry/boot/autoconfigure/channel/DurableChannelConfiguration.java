package io.telemetry.boot.autoconfigure.channel;

import java.io.IOException;
import java.util.Map;

import io.telemetry.boot.InvalidTelemetryConfigurationException;
import io.telemetry.boot.TelemetryOverviewContributor;
import io.telemetry.boot.channel.ChannelSettings;
import io.telemetry.boot.channel.durable.DurableLog;
import io.telemetry.boot.channel.durable.DurableSettings;
import io.telemetry.pipeline.SignalPipeline;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * What is acknowledged, on the disk.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ChannelDurableProperties.class)
class DurableChannelConfiguration {

	private static final String LOG = "telemetryDurableLog";

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnProperty(name = ChannelDurableProperties.ACK, havingValue = "durable")
	static class LogConfiguration {

		@Bean(LOG)
		DurableLog telemetryDurableLog(ChannelDurableProperties properties, ChannelSettings settings,
				ConfigurableListableBeanFactory beans) {
			DurableSettings durable = properties.toSettings();
			DurableLog log;
			try {
				log = settings.openLog(durable);
			}
			catch (IOException ex) {
				throw new InvalidTelemetryConfigurationException(ChannelProperties.PREFIX + ".durable.directory",
						durable.directory(), String.valueOf(ex.getMessage()),
						"Name a directory that this user may write and no other instance uses", ex);
			}
			for (String pipeline : beans.getBeanNamesForType(SignalPipeline.class, true, false)) {
				// While the pipeline closes its handlers say what they have delivered
				beans.registerDependentBean(LOG, pipeline);
			}
			return log;
		}

		@Bean
		TelemetryOverviewContributor telemetryDurableOverview(DurableLog log) {
			return () -> Map.of("durable", log.stats().toMap());
		}

	}

}
