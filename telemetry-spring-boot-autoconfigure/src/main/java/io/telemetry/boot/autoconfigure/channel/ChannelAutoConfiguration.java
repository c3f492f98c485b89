package io.telemetry.boot.autoconfigure.channel;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

import io.telemetry.Telemetry;
import io.telemetry.boot.TelemetryOverviewContributor;
import io.telemetry.boot.autoconfigure.TelemetryAutoConfiguration;
import io.telemetry.boot.channel.Admission;
import io.telemetry.boot.channel.BatchPost;
import io.telemetry.boot.channel.BatchReceiver;
import io.telemetry.boot.channel.BrowserEventMapper;
import io.telemetry.boot.channel.ChannelLifecycle;
import io.telemetry.boot.channel.ChannelPart;
import io.telemetry.boot.channel.ChannelSettings;
import io.telemetry.boot.channel.ChannelStats;
import io.telemetry.boot.channel.HttpResource;
import io.telemetry.boot.channel.TicketPost;
import io.telemetry.boot.channel.caller.Tickets;
import io.telemetry.boot.channel.caller.UserAgents;
import io.telemetry.boot.channel.durable.DurableLog;
import io.telemetry.boot.channel.limit.BytesInHand;
import io.telemetry.boot.channel.NoWebSocket;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.ServiceIdentity;
import jakarta.servlet.Servlet;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.AnyNestedCondition;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Import;
import org.springframework.web.reactive.DispatcherHandler;
import org.springframework.web.servlet.DispatcherServlet;

/**
 * Auto-configuration of the browser channel: the HTTP road wherever there is Spring MVC
 * or WebFlux, the WebSocket road where there is Spring MVC, Spring's WebSocket and
 * messaging modules and a container that knows WebSockets.
 * <p>
 * Nothing here is a candidate where an application asks for a handler mapping, an
 * executor or a channel; these stay the application's own.
 */
@AutoConfiguration(after = TelemetryAutoConfiguration.class)
@Conditional(ChannelAutoConfiguration.OnServer.class)
@ConditionalOnBean(SignalPipeline.class)
@ConditionalOnBooleanProperty(name = "telemetry.channel.enabled", matchIfMissing = true)
@EnableConfigurationProperties(ChannelProperties.class)
@Import({ ChannelAccessConfiguration.class, ChannelControlConfiguration.class, DurableChannelConfiguration.class,
		ServletChannelConfiguration.class, ReactiveChannelConfiguration.class })
public final class ChannelAutoConfiguration {

	/** Before the application's own mappings, some of which answer every address. */
	static final int ORDER = -2;

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
	TelemetryOverviewContributor telemetryChannelOverview(ChannelStats stats, BytesInHand inHand,
			UserAgents userAgents) {
		return () -> {
			ChannelStats.Snapshot snapshot = stats.snapshot();
			Map<String, Object> channel = new LinkedHashMap<>(snapshot.toMap());
			channel.put("bytesInHand", inHand.snapshot());
			channel.put("userAgentsSkipped", userAgents.limited());
			return Map.of("connections", snapshot.connectionsOpen(), "channel", channel);
		};
	}

	@Bean
	BatchReceiver telemetryBatchReceiver(ChannelSettings settings, Telemetry telemetry, ChannelStats stats,
			Admission admission, ObjectProvider<BrowserEventMapper> mappers, ObjectProvider<DurableLog> log) {
		return new BatchReceiver(settings, telemetry, stats, admission, mappers.orderedStream().toList(),
				log.getIfAvailable());
	}

	@Bean
	ChannelLifecycle telemetryChannelLifecycle(ChannelSettings settings, BatchReceiver receiver,
			ObjectProvider<ChannelPart> parts) {
		return new ChannelLifecycle(receiver, settings.path(), parts.orderedStream().toList(),
				settings.shutdown().timeout());
	}

	@Bean
	BatchPost telemetryBatchPost(ChannelSettings settings, BatchReceiver receiver) {
		return new BatchPost(settings, receiver);
	}

	@Bean
	TicketPost telemetryTicketPost(ChannelSettings settings, BatchReceiver receiver, Tickets tickets) {
		return new TicketPost(settings, receiver, tickets);
	}

	/**
	 * What answers by HTTP, whichever server there is.
	 */
	static Map<String, HttpResource> resources(ChannelSettings settings, BatchPost post, TicketPost tickets,
			ChannelLifecycle lifecycle) {
		Map<String, HttpResource> resources = new LinkedHashMap<>();
		resources.put(settings.path() + "/batch", post);
		resources.put(settings.path() + "/ticket", tickets);
		if (!lifecycle.hasWebSocket()) {
			resources.put(settings.path(), new NoWebSocket(settings.path()));
		}
		return resources;
	}

	/**
	 * A server whose requests the channel understands.
	 */
	static class OnServer extends AnyNestedCondition {

		OnServer() {
			super(ConfigurationPhase.PARSE_CONFIGURATION);
		}

		@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
		@ConditionalOnClass({ Servlet.class, DispatcherServlet.class })
		static class OnServlet {

		}

		@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
		@ConditionalOnClass(DispatcherHandler.class)
		static class OnWebFlux {

		}

	}

}
