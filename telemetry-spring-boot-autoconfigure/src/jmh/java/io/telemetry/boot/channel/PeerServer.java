package io.telemetry.boot.channel;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

import tools.jackson.databind.JsonNode;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.messaging.handler.annotation.MessageMapping;
import org.springframework.messaging.simp.annotation.SendToUser;
import org.springframework.messaging.simp.config.MessageBrokerRegistry;
import org.springframework.stereotype.Controller;
import org.springframework.web.socket.config.annotation.EnableWebSocketMessageBroker;
import org.springframework.web.socket.config.annotation.StompEndpointRegistry;
import org.springframework.web.socket.config.annotation.WebSocketMessageBrokerConfigurer;
import org.springframework.web.socket.config.annotation.WebSocketTransportRegistration;

/**
 * The endpoint that a developer would write by hand: Spring's STOMP broker, a controller
 * that is given the batch as a tree and answers with an acknowledgement, and nothing
 * behind it. Only the size of a message is raised, as it has to be. Prints its port and
 * runs until its input ends.
 * <p>
 * Arguments: properties of the application.
 */
public final class PeerServer {

	private PeerServer() {
	}

	public static void main(String[] args) throws Exception {
		List<String> arguments = new java.util.ArrayList<>(List.of("--telemetry.enabled=false",
				"--telemetry.channel.enabled=false", "--telemetry.intake.slf4j.enabled=false"));
		arguments.addAll(Arrays.asList(args));
		BenchServer.run(arguments, Application.class);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@EnableWebSocketMessageBroker
	@Import(Batches.class)
	static class Application implements WebSocketMessageBrokerConfigurer {

		@Override
		public void registerStompEndpoints(StompEndpointRegistry registry) {
			registry.addEndpoint("/chsk");
		}

		@Override
		public void configureMessageBroker(MessageBrokerRegistry registry) {
			registry.setApplicationDestinationPrefixes("/app");
			registry.enableSimpleBroker("/topic", "/queue");
		}

		@Override
		public void configureWebSocketTransport(WebSocketTransportRegistration registration) {
			registration.setMessageSizeLimit(512 * 1024);
		}

		@Bean
		ServletRegistrationBean<BenchServlet> bench() {
			return new ServletRegistrationBean<>(new BenchServlet(Map::of), "/bench");
		}

	}

	@Controller
	static class Batches {

		@MessageMapping("/log/batch")
		@SendToUser(destinations = "/queue/acks", broadcast = false)
		Acknowledgement take(JsonNode batch) {
			return new Acknowledgement(batch.path("batch").asString(), "accepted", batch.path("events").size(),
					List.of(), false);
		}

	}

	record Acknowledgement(String batch, String status, int accepted, List<Object> rejected, boolean duplicate) {
	}

}
