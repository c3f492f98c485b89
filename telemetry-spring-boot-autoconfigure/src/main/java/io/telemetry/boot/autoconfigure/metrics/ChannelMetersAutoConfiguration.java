package io.telemetry.boot.autoconfigure.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.telemetry.boot.autoconfigure.channel.ChannelAutoConfiguration;
import io.telemetry.boot.channel.ChannelStats;
import io.telemetry.boot.channel.caller.UserAgents;
import io.telemetry.boot.channel.durable.DurableLog;
import io.telemetry.boot.channel.limit.BytesInHand;
import io.telemetry.boot.channel.limit.ConnectionSlots;
import io.telemetry.boot.channel.limit.EventRates;
import io.telemetry.boot.metrics.ChannelMeters;
import io.telemetry.pipeline.SignalPipeline;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration of what the browser channel counts as Micrometer's meters.
 */
@AutoConfiguration(after = { ChannelAutoConfiguration.class, TelemetryMetricsAutoConfiguration.class })
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean({ MeterRegistry.class, ChannelStats.class })
@ConditionalOnBooleanProperty(name = { "telemetry.enabled", "telemetry.metrics.enabled" }, matchIfMissing = true)
public final class ChannelMetersAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	ChannelMeters telemetryChannelMeters(ChannelStats stats, ObjectProvider<ConnectionSlots> slots,
			ObjectProvider<EventRates> rates, ObjectProvider<BytesInHand> inHand, ObjectProvider<UserAgents> userAgents,
			ObjectProvider<DurableLog> log, SignalPipeline pipeline) {
		return new ChannelMeters(stats, slots.getIfAvailable(), rates.getIfAvailable(), inHand.getIfAvailable(),
				userAgents.getIfAvailable(), log.getIfAvailable(), pipeline::pressure);
	}

}
