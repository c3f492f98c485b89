package io.telemetry.boot.channel;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.messaging.SubscribableChannel;
import org.springframework.messaging.handler.annotation.MessageMapping;
import org.springframework.messaging.simp.SimpMessagingTemplate;
import org.springframework.messaging.simp.broker.SimpleBrokerMessageHandler;
import org.springframework.messaging.simp.config.MessageBrokerRegistry;
import org.springframework.messaging.simp.stomp.StompSession;
import org.springframework.messaging.simp.user.SimpUserRegistry;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.stereotype.Controller;
import org.springframework.web.servlet.handler.SimpleUrlHandlerMapping;
import org.springframework.web.socket.config.annotation.EnableWebSocketMessageBroker;
import org.springframework.web.socket.config.annotation.StompEndpointRegistry;
import org.springframework.web.socket.config.annotation.WebSocketMessageBrokerConfigurer;
import org.springframework.web.socket.messaging.SessionConnectEvent;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application with a message broker of its own, on the same server, with the same
 * names.
 */
class ApplicationBrokerTests {

	private static ChannelServer server;

	@BeforeAll
	static void start() {
		server = ChannelServer.start(List.of(Broker.class, Greetings.class, Events.class));
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@Test
	void bothWorkAndNeitherSeesTheOther() throws Exception {
		StompSession application = SpringStompClient.connect("ws://localhost:" + server.port() + "/own");
		BlockingQueue<String> greetings = SpringStompClient.subscribe(application, "/topic/greetings");
		BlockingQueue<String> control = SpringStompClient.subscribe(application, "/topic/control");
		BlockingQueue<String> acknowledgements = SpringStompClient.subscribe(application, "/user/queue/acks");
		try (StompProbe client = server.connect()) {
			client.text("SUBSCRIBE\nid:c\ndestination:/topic/control\nreceipt:c\n\n\0");
			Patience.await().until(() -> client.frames("RECEIPT").size() == 2);
			client.batch(Batches.batch("beside", "{\"type\":\"log\"}"));
			assertThat(client.awaitAcknowledgement()).contains("\"batch\":\"beside\",\"status\":\"accepted\"");
			// The application's road, with a destination that has a meaning on ours
			application.send("/app/log/batch", "World".getBytes(StandardCharsets.UTF_8));
			assertThat(greetings.poll(10, TimeUnit.SECONDS)).isEqualTo("Hello World");
			// What the application tells its clients stays with them
			server.context()
				.getBean(SimpMessagingTemplate.class)
				.convertAndSend("/topic/control", "theirs".getBytes(StandardCharsets.UTF_8));
			assertThat(control.poll(10, TimeUnit.SECONDS)).isEqualTo("theirs");
			client.batch(Batches.batch("after", "{}"));
			assertThat(client.awaitAcknowledgement()).contains("after");
			assertThat(client.frames("MESSAGE")).isEmpty();
		}
		assertThat(acknowledgements).isEmpty();
		assertThat(server.context().getBean(Greetings.class).received).containsExactly("World");
		assertThat(server.signals().withId("browser/log")).hasSize(1);
		application.disconnect();
	}

	@Test
	void applicationsListenersHearOfTheirOwnClientsOnly() throws Exception {
		server.context().getBean(Events.class).connects.clear();
		try (StompProbe client = server.connect()) {
			client.batch(Batches.batch("unheard", "{}"));
			client.awaitAcknowledgement();
			assertThat(server.context().getBean(Events.class).connects).isEmpty();
			assertThat(server.context().getBean(SimpUserRegistry.class).getUserCount()).isZero();
		}
	}

	@Test
	void nothingBecomesACandidate() {
		ApplicationContext context = server.context();
		assertThat(context.getBeanProvider(SimpleBrokerMessageHandler.class).stream()).hasSize(1);
		assertThat(context.getBeanNamesForType(SubscribableChannel.class))
			.noneMatch((name) -> name.contains("telemetry"));
		assertThat(context.getBeanNamesForType(TaskScheduler.class)).noneMatch((name) -> name.contains("telemetry"));
		assertThat(context.getBeanNamesForType(Executor.class)).noneMatch((name) -> name.contains("telemetry"));
		for (String name : context.getBeanNamesForType(SimpleUrlHandlerMapping.class)) {
			BeanDefinition definition = server.context().getBeanFactory().getBeanDefinition(name);
			assertThat(definition.isAutowireCandidate()).as(name).isEqualTo(!name.startsWith("telemetry"));
		}
	}

	@Configuration(proxyBeanMethods = false)
	@EnableWebSocketMessageBroker
	static class Broker implements WebSocketMessageBrokerConfigurer {

		@Override
		public void registerStompEndpoints(StompEndpointRegistry registry) {
			registry.addEndpoint("/own");
		}

		@Override
		public void configureMessageBroker(MessageBrokerRegistry registry) {
			registry.enableSimpleBroker("/topic", "/queue");
			registry.setApplicationDestinationPrefixes("/app");
		}

	}

	@Controller
	static class Greetings {

		private final List<String> received = new java.util.concurrent.CopyOnWriteArrayList<>();

		private final SimpMessagingTemplate template;

		Greetings(SimpMessagingTemplate template) {
			this.template = template;
		}

		@MessageMapping("/log/batch")
		void greet(byte[] name) {
			String text = new String(name, StandardCharsets.UTF_8);
			this.received.add(text);
			this.template.convertAndSend("/topic/greetings", ("Hello " + text).getBytes(StandardCharsets.UTF_8),
					Map.of());
		}

	}

	static class Events {

		private final List<SessionConnectEvent> connects = new java.util.concurrent.CopyOnWriteArrayList<>();

		@org.springframework.context.event.EventListener
		void connected(SessionConnectEvent event) {
			this.connects.add(event);
		}

	}

}
