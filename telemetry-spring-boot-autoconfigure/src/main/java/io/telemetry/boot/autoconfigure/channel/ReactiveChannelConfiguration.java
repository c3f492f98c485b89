package io.telemetry.boot.autoconfigure.channel;

import io.telemetry.boot.channel.BatchPost;
import io.telemetry.boot.channel.ChannelLifecycle;
import io.telemetry.boot.channel.ChannelSettings;
import io.telemetry.boot.channel.TicketPost;
import io.telemetry.boot.channel.ReactiveDoor;

import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.DispatcherHandler;
import org.springframework.web.reactive.handler.SimpleUrlHandlerMapping;

/**
 * The channel's addresses on WebFlux.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
@ConditionalOnClass(DispatcherHandler.class)
class ReactiveChannelConfiguration {

	@Bean(autowireCandidate = false)
	SimpleUrlHandlerMapping telemetryBatchHandlerMapping(ChannelSettings settings, BatchPost post, TicketPost tickets,
			ChannelLifecycle lifecycle) {
		return new SimpleUrlHandlerMapping(
				ReactiveDoor.to(ChannelAutoConfiguration.resources(settings, post, tickets, lifecycle),
						settings.connections().connectTimeout()),
				ChannelAutoConfiguration.ORDER);
	}

}
