package io.telemetry.boot.autoconfigure.channel;

import java.time.InstantSource;

import io.telemetry.boot.channel.Admission;
import io.telemetry.boot.channel.ChannelSettings;
import io.telemetry.boot.channel.caller.Callers;
import io.telemetry.boot.channel.caller.CsrfProtection;
import io.telemetry.boot.channel.caller.Tickets;
import io.telemetry.boot.channel.caller.TokenVerifier;
import io.telemetry.boot.channel.caller.UapUserAgentParser;
import io.telemetry.boot.channel.caller.UserAgentParser;
import io.telemetry.boot.channel.caller.UserAgents;
import io.telemetry.boot.channel.caller.UserIdResolver;
import io.telemetry.boot.channel.limit.BytesInHand;
import io.telemetry.boot.channel.limit.ConnectionSlots;
import io.telemetry.boot.channel.limit.EventRates;
import io.telemetry.pipeline.SignalPipeline;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Who may use the channel, and how much of it.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ChannelAccessProperties.class)
class ChannelAccessConfiguration {

	@Bean
	Tickets telemetryTickets(ChannelAccessProperties properties) {
		return properties.toTickets(InstantSource.system());
	}

	@Bean
	UserAgents telemetryUserAgents(ObjectProvider<UserAgentParser> parser) {
		return new UserAgents(parser.getIfAvailable());
	}

	@Bean
	Callers telemetryCallers(ChannelAccessProperties properties, Tickets tickets, ObjectProvider<TokenVerifier> tokens,
			UserAgents userAgents, ObjectProvider<UserIdResolver> resolvers) {
		return new Callers(properties.toCallerSettings(), properties.toApplications(), properties.toClientAddresses(),
				userAgents, tokens.getIfAvailable(), tickets, resolvers.orderedStream().toList(),
				InstantSource.system());
	}

	@Bean
	ConnectionSlots telemetryConnectionSlots(ChannelAccessProperties properties) {
		return new ConnectionSlots(properties.toConnectionLimits());
	}

	@Bean
	EventRates telemetryEventRates(ChannelAccessProperties properties) {
		return new EventRates(properties.toRateLimits());
	}

	@Bean
	BytesInHand telemetryBytesInHand(ChannelAccessProperties properties, ChannelSettings settings) {
		return properties.toBytesInHand(settings.limits().maxBatchSize());
	}

	@Bean
	Admission telemetryAdmission(ChannelAccessProperties properties, Callers callers,
			ObjectProvider<CsrfProtection> csrf, ConnectionSlots slots, EventRates rates, BytesInHand inHand,
			SignalPipeline pipeline) {
		return new Admission(callers, csrf.getIfAvailable(() -> CsrfProtection.NONE), slots, rates,
				properties.toOverload(pipeline::pressure), inHand);
	}

	/**
	 * Browsers are known where the library is there that knows them.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(name = "ua_parser.Parser")
	@ConditionalOnBooleanProperty(name = "telemetry.channel.user-agent.enabled", matchIfMissing = true)
	static class UserAgentConfiguration {

		@Bean
		@ConditionalOnMissingBean(UserAgentParser.class)
		UapUserAgentParser telemetryUserAgentParser() {
			return new UapUserAgentParser();
		}

	}

}
