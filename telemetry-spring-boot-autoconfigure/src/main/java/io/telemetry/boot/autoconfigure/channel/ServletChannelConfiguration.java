package io.telemetry.boot.autoconfigure.channel;

import java.util.Map;

import io.telemetry.boot.channel.BatchPost;
import io.telemetry.boot.channel.BatchReceiver;
import io.telemetry.boot.channel.ChannelLifecycle;
import io.telemetry.boot.channel.ChannelSettings;
import io.telemetry.boot.channel.TicketPost;
import io.telemetry.boot.channel.ServletDoor;
import io.telemetry.boot.channel.StompChannel;
import io.telemetry.boot.channel.control.ClientControl;
import jakarta.websocket.server.ServerContainer;

import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.messaging.simp.broker.SimpleBrokerMessageHandler;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.handler.SimpleUrlHandlerMapping;
import org.springframework.web.socket.messaging.SubProtocolWebSocketHandler;

/**
 * The channel's addresses on a servlet container.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnClass(DispatcherServlet.class)
class ServletChannelConfiguration {

	@Bean(autowireCandidate = false)
	SimpleUrlHandlerMapping telemetryBatchHandlerMapping(ChannelSettings settings, BatchPost post, TicketPost tickets,
			ChannelLifecycle lifecycle) {
		return new SimpleUrlHandlerMapping(
				ServletDoor.to(ChannelAutoConfiguration.resources(settings, post, tickets, lifecycle),
						settings.connections().connectTimeout()),
				ChannelAutoConfiguration.ORDER);
	}

	/**
	 * The WebSocket road.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ SubProtocolWebSocketHandler.class, SimpleBrokerMessageHandler.class, ServerContainer.class })
	static class WebSocketConfiguration {

		@Bean
		StompChannel telemetryStompChannel(ChannelSettings settings, BatchReceiver receiver, ClientControl control) {
			return new StompChannel(settings, receiver, control);
		}

		@Bean(autowireCandidate = false)
		SimpleUrlHandlerMapping telemetryStompHandlerMapping(ChannelSettings settings, StompChannel channel) {
			return new SimpleUrlHandlerMapping(Map.of(settings.path(), channel.requestHandler()),
					ChannelAutoConfiguration.ORDER);
		}

	}

}
