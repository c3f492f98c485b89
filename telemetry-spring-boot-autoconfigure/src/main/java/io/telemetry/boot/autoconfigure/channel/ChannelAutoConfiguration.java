package io.telemetry.boot.autoconfigure.channel;

import java.util.Map;
import java.util.UUID;

import io.telemetry.Telemetry;
import io.telemetry.boot.TelemetryOverviewContributor;
import io.telemetry.boot.autoconfigure.TelemetryAutoConfiguration;
import io.telemetry.boot.channel.BatchReceiver;
import io.telemetry.boot.channel.BatchRequestHandler;
import io.telemetry.boot.channel.ChannelLifecycle;
import io.telemetry.boot.channel.ChannelPart;
import io.telemetry.boot.channel.ChannelSettings;
import io.telemetry.boot.channel.ChannelStats;
import io.telemetry.boot.channel.StompChannel;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.ServiceIdentity;
import jakarta.servlet.Servlet;
import jakarta.websocket.server.ServerContainer;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.messaging.simp.broker.SimpleBrokerMessageHandler;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.handler.SimpleUrlHandlerMapping;
import org.springframework.web.socket.messaging.SubProtocolWebSocketHandler;

/**
 * Auto-configuration of the browser channel: the HTTP road wherever there is Spring MVC,
 * the WebSocket road where Spring's WebSocket and messaging modules and a container that
 * knows WebSockets are there too.
 * <p>
 * Nothing here is a candidate where an application asks for a handler mapping, an
 * executor or a channel; these stay the application's own.
 */
@AutoConfiguration(after = TelemetryAutoConfiguration.class)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnClass({ Servlet.class, DispatcherServlet.class })
@ConditionalOnBean(SignalPipeline.class)
@ConditionalOnBooleanProperty(name = "telemetry.channel.enabled", matchIfMissing = true)
@EnableConfigurationProperties(ChannelProperties.class)
public final class ChannelAutoConfiguration {

	/** Before the application's own mappings, some of which answer every address. */
	private static final int ORDER = -1;

	@Bean
	ChannelSettings telemetryChannelSettings(ChannelProperties properties, SignalPipeline pipeline) {
		ServiceIdentity service = pipeline.service();
		return properties.toSettings(serverId(service), service.region());
	}

	private static String serverId(ServiceIdentity service) {
		if (service.instance() != null) {
			return service.instance();
		}
		return (service.host() != null) ? service.host() : UUID.randomUUID().toString();
	}

	@Bean
	ChannelStats telemetryChannelStats() {
		return new ChannelStats();
	}

	@Bean
	TelemetryOverviewContributor telemetryChannelOverview(ChannelStats stats) {
		return () -> {
			ChannelStats.Snapshot snapshot = stats.snapshot();
			return Map.of("connections", snapshot.connectionsOpen(), "channel", snapshot.toMap());
		};
	}

	@Bean
	BatchReceiver telemetryBatchReceiver(ChannelSettings settings, Telemetry telemetry, ChannelStats stats) {
		return new BatchReceiver(settings, telemetry, stats);
	}

	@Bean
	ChannelLifecycle telemetryChannelLifecycle(ChannelSettings settings, BatchReceiver receiver,
			ObjectProvider<ChannelPart> parts) {
		return new ChannelLifecycle(receiver, settings.path(), parts.orderedStream().toList());
	}

	@Bean(autowireCandidate = false)
	SimpleUrlHandlerMapping telemetryBatchHandlerMapping(ChannelSettings settings, BatchReceiver receiver) {
		return mapping(settings.path() + "/batch", new BatchRequestHandler(settings, receiver));
	}

	private static SimpleUrlHandlerMapping mapping(String path, Object handler) {
		return new SimpleUrlHandlerMapping(Map.of(path, handler), ORDER);
	}

	/**
	 * The WebSocket road.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ SubProtocolWebSocketHandler.class, SimpleBrokerMessageHandler.class, ServerContainer.class })
	static class WebSocketConfiguration {

		@Bean
		StompChannel telemetryStompChannel(ChannelSettings settings, BatchReceiver receiver) {
			return new StompChannel(settings, receiver);
		}

		@Bean(autowireCandidate = false)
		SimpleUrlHandlerMapping telemetryStompHandlerMapping(ChannelSettings settings, StompChannel channel) {
			return mapping(settings.path(), channel.requestHandler());
		}

	}

}
