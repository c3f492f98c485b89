package io.telemetry.boot.channel;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.net.http.WebSocketHandshakeException;
import java.security.Principal;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;

import io.telemetry.signal.Signal;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import org.junit.jupiter.api.Test;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.scheduling.annotation.EnableScheduling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Beginning, end and settings of the channel, each on a Tomcat of its own.
 */
class ChannelLifecycleTests {

	@Test
	void startIsTold() {
		try (ChannelServer server = ChannelServer.start("telemetry.channel.path=/tele")) {
			Signal signal = server.signals().awaitWithId("channel/server-started", 1).get(0);
			assertThat(signal.data()).containsEntry("path", "/tele").containsEntry("webSocket", true);
			assertThat(signal.namespace()).isEqualTo("io.telemetry.channel");
		}
	}

	@Test
	void clientsAreToldBeforeTheServerGoes() throws Exception {
		StompProbe client;
		try (ChannelServer server = ChannelServer.start()) {
			client = server.connect();
		}
		assertThat(client.awaitClose()).isEqualTo(1012);
		assertThat(client.closeReason()).isEqualTo("shutting-down");
	}

	@Test
	void stoppedChannelRefusesAndStartedAgainTakes() throws Exception {
		try (ChannelServer server = ChannelServer.start()) {
			ChannelLifecycle lifecycle = server.context().getBean(ChannelLifecycle.class);
			lifecycle.stop();
			HttpResponse<String> response = server.post(Batches.batch("b", "{}"));
			assertThat(response.statusCode()).isEqualTo(503);
			assertThat(response.headers().firstValue("Retry-After")).hasValue("5");
			assertThat(response.body()).contains("\"reason\":\"shutting-down\"", "\"retryAfterMs\":5000");
			assertThatExceptionOfType(ExecutionException.class).isThrownBy(server::open)
				.satisfies((ex) -> assertThat(((WebSocketHandshakeException) ex.getCause()).getResponse().statusCode())
					.isEqualTo(503));
			assertThat(server.stats().handshakesShuttingDown()).isEqualTo(1);
			lifecycle.start();
			try (StompProbe client = server.connect()) {
				client.batch(Batches.batch("b", "{}"));
				assertThat(client.awaitAcknowledgement()).contains("\"duplicate\":false");
			}
		}
	}

	@Test
	void clientThatDoesNotConnectInTimeIsClosed() throws Exception {
		try (ChannelServer server = ChannelServer.start("telemetry.channel.connect-timeout=1s")) {
			StompProbe connected = server.connect();
			StompProbe silent = server.open();
			StompProbe slow = server.open();
			slow.text("\n");
			slow.text("CONN");
			assertThat(silent.awaitClose()).isEqualTo(1008);
			assertThat(silent.closeReason()).isEqualTo("connect-timeout");
			assertThat(slow.awaitClose()).isEqualTo(1008);
			assertThat(connected.isOpen()).isTrue();
			assertThat(server.stats().framesRefused()).containsEntry("connect-timeout", 2L);
		}
	}

	@Test
	void clientWhoseHeartbeatsStayAwayIsClosed() throws Exception {
		try (ChannelServer server = ChannelServer.start("telemetry.channel.heart-beat=100ms")) {
			StompProbe client = server.open();
			client.text("CONNECT\naccept-version:1.2\nheart-beat:100,0\n\n\0");
			assertThat(client.awaitFrame("CONNECTED")).contains("heart-beat:100,100");
			assertThat(client.awaitClose()).isEqualTo(1001);
			assertThat(client.closeReason()).isEqualTo("heart-beat-missed");
			assertThat(server.stats().missedHeartbeats()).isEqualTo(1);
		}
	}

	/**
	 * The broker, which counts heart-beats, sees no batches.
	 */
	@Test
	void batchesAreSignsOfLifeLikeHeartbeats() throws Exception {
		try (ChannelServer server = ChannelServer.start("telemetry.channel.heart-beat=500ms")) {
			StompProbe client = server.open();
			client.text("CONNECT\naccept-version:1.2\nheart-beat:500,0\n\n\0");
			client.text("SUBSCRIBE\nid:acks\ndestination:/user/queue/acks\n\n\0");
			// It waits for three of them
			long end = System.nanoTime() + 5 * 500_000_000L;
			for (int i = 0; System.nanoTime() < end; i++) {
				client.batch(Batches.batch("alive-" + i, "{}"));
				client.awaitAcknowledgement();
			}
			assertThat(client.isOpen()).isTrue();
			assertThat(server.stats().missedHeartbeats()).isZero();
		}
	}

	@Test
	void clientThatDoesNotReadIsClosedAndOthersGoOn() throws Exception {
		try (ChannelServer server = ChannelServer.start("telemetry.channel.send-buffer-size=64KB",
				"telemetry.channel.rate-limits.connection=none")) {
			String batch = Batches.repeated("b", "1", 999);
			StompProbe stuck = server.connect();
			stuck.stopReading();
			Thread sender = new Thread(() -> {
				try {
					for (int i = 0; i < 5000 && server.stats().slowConsumers() == 0; i++) {
						stuck.split("SEND\ndestination:/app/log/batch\n\n" + batch + "\0");
					}
				}
				catch (CompletionException ex) {
					// The connection ends under it: that is what the test is about.
				}
			});
			sender.setDaemon(true);
			sender.start();
			Patience.await().until(() -> server.stats().slowConsumers() == 1);
			try (StompProbe other = server.connect()) {
				other.batch(Batches.batch("other", "{}"));
				assertThat(other.awaitAcknowledgement()).contains("accepted");
			}
			stuck.abort();
			Patience.await().until(() -> server.stats().connectionsOpen() <= 1);
			assertThat(server.stats().framesRefused()).containsEntry("server-error", 0L);
		}
	}

	@Test
	void frameWhoseEndNeverComesIsCounted() throws Exception {
		try (ChannelServer server = ChannelServer.start()) {
			StompProbe client = server.connect();
			client.text("SEND\ndestination:/app/log/batch\n\n{\"batch\":");
			client.close();
			Patience.await().until(() -> server.stats().unfinished() == 1);
		}
	}

	@Test
	void limitsAreSetByProperties() throws Exception {
		try (ChannelServer server = ChannelServer.start("telemetry.channel.max-message-size=2KB",
				"telemetry.channel.max-batch-size=4KB", "telemetry.channel.max-events=3",
				"telemetry.channel.max-depth=2", "telemetry.channel.max-string-length=64",
				"telemetry.channel.max-keys=2", "telemetry.channel.warn-interval=100ms")) {
			try (StompProbe client = server.connect()) {
				client.batch(Batches.batch("b-1", "{\"a\":{\"b\":{}}}", "{\"a\":\"" + "x".repeat(65) + "\"}",
						"{\"a\":1,\"b\":2,\"c\":3}"));
				assertThat(client.awaitAcknowledgement()).contains("\"accepted\":0", "too-deep", "too-long",
						"too-many-keys");
				client.batch(Batches.repeated("b-2", "{}", 4));
				assertThat(client.awaitAcknowledgement()).contains("too-many-events");
				client.text("SEND\ndestination:/app/log/batch\n\n" + "x".repeat(1900));
				client.text("x".repeat(1900));
				client.text("x".repeat(1900) + "\0");
				assertThat(client.awaitAcknowledgement()).contains("too-large");
				client.text("x".repeat(3000));
				assertThat(client.awaitClose()).isEqualTo(1009);
			}
			assertThat(server.signals().awaitWithId("channel/oversized-message", 1).get(0).data())
				.containsEntry("maxMessageSize", 2048)
				.containsEntry("count", 1L);
		}
	}

	@Test
	void unknownDestinationIsToldAgainWithACountAfterTheInterval() throws Exception {
		try (ChannelServer server = ChannelServer.start("telemetry.channel.warn-interval=200ms");
				StompProbe client = server.connect()) {
			Patience.await().until(() -> {
				client.text("SEND\ndestination:/app/nowhere\n\nx\0");
				return server.signals().withId("channel/unknown-destination").size() == 2;
			});
			List<Signal> signals = server.signals().withId("channel/unknown-destination");
			assertThat(signals.get(0).data()).containsEntry("count", 1L);
			assertThat((Long) signals.get(1).data().get("count")).isGreaterThan(1);
		}
	}

	@Test
	void claimedUserIsBelievedOnlyWhereSo() throws Exception {
		try (ChannelServer server = ChannelServer.start("telemetry.channel.user-id.trust-client=true");
				StompProbe client = server.connect("user-id", "alice")) {
			assertThat(client.awaitFrame("CONNECTED")).contains("user-id:alice");
			client.batch(Batches.batch("b", "{\"type\":\"log\"}"));
			client.awaitAcknowledgement();
			assertThat(server.signals().withId("browser/log").get(0).data()).containsEntry("userId", "alice")
				.doesNotContainKey("claimedUserId");
		}
		try (ChannelServer server = ChannelServer.start(); StompProbe client = server.connect("user-id", "alice")) {
			client.batch(Batches.batch("b", "{\"type\":\"log\"}"));
			client.awaitAcknowledgement();
			assertThat(server.signals().withId("browser/log").get(0).data()).containsEntry("claimedUserId", "alice")
				.extractingByKey("userId")
				.asString()
				.startsWith("anon-");
		}
	}

	@Test
	void principalIsTheUserOnBothRoadsAndCanNotForgeHeaders() throws Exception {
		try (ChannelServer server = ChannelServer.start(List.of(LoggedIn.class),
				"telemetry.channel.user-id.trust-client=true")) {
			try (StompProbe client = server.connect("user-id", "alice")) {
				assertThat(client.awaitFrame("CONNECTED")).contains("user-id:bob??x:y")
					.doesNotContain("alice", "\nx:y", "user-name");
				client.batch(Batches.batch("b", "{\"type\":\"log\"}"));
				client.awaitAcknowledgement();
			}
			server.post(Batches.batch("c", "{\"type\":\"log\"}"));
			assertThat(server.signals().withId("browser/log"))
				.extracting((signal) -> signal.data().get("userId"), (signal) -> signal.data().get("claimedUserId"))
				.containsExactly(org.assertj.core.groups.Tuple.tuple("bob\r\nx:y", "alice"),
						org.assertj.core.groups.Tuple.tuple("bob\r\nx:y", null));
		}
	}

	@Test
	void everythingIsTakenWhereThreadsAreScarce() throws Exception {
		try (ChannelServer server = ChannelServer.start("telemetry.channel.threads.inbound=1",
				"telemetry.channel.threads.queue=1", "telemetry.channel.pending-frames=1")) {
			List<StompProbe> clients = List.of(server.connect(), server.connect(), server.connect(), server.connect());
			for (int i = 0; i < 50; i++) {
				for (StompProbe client : clients) {
					client.batch(Batches.batch("b-" + i, "{\"type\":\"log\"}"));
				}
			}
			for (StompProbe client : clients) {
				client.awaitAcknowledgements(50);
				client.close();
			}
			assertThat(server.signals().withId("browser/log")).hasSize(200);
		}
	}

	@Test
	void worksWithVirtualThreadsLazyBeansAndAContextPath() throws Exception {
		try (ChannelServer server = ChannelServer.start("spring.main.lazy-initialization=true",
				"spring.threads.virtual.enabled=true")) {
			try (StompProbe client = server.connect()) {
				client.batch(Batches.batch("b", "{}"));
				assertThat(client.awaitAcknowledgement()).contains("accepted");
			}
			assertThat(server.get("/chsk/client.js").statusCode()).isEqualTo(200);
		}
	}

	@Test
	void bootsOwnExecutorAndSchedulerAreStillThere() {
		try (ChannelServer server = ChannelServer.start(List.of(Scheduled.class))) {
			assertThat(server.context().getBeanNamesForType(Executor.class))
				.containsExactlyInAnyOrder("applicationTaskExecutor", "taskScheduler");
			assertThat(server.context().getBeanNamesForType(TaskScheduler.class)).containsExactly("taskScheduler");
		}
	}

	@Configuration(proxyBeanMethods = false)
	@EnableScheduling
	static class Scheduled {

	}

	@Configuration(proxyBeanMethods = false)
	static class LoggedIn {

		@Bean
		Filter loggedIn() {
			return new Filter() {

				@Override
				public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
						throws IOException, ServletException {
					chain.doFilter(new HttpServletRequestWrapper((HttpServletRequest) request) {

						@Override
						public Principal getUserPrincipal() {
							return () -> "bob\r\nx:y";
						}

					}, response);
				}

			};
		}

	}

}
