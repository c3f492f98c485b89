package io.telemetry.boot.channel;

import java.net.http.HttpResponse;
import java.net.http.WebSocketHandshakeException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;

import io.telemetry.boot.channel.limit.BytesInHand;
import org.junit.jupiter.api.Test;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What clients see of a server that stops, each on a Tomcat of its own.
 */
class ChannelShutdownTests {

	private static final String CONTROL = "\ndestination:/user/queue/control\n";

	private static StompProbe listening(ChannelServer server) throws Exception {
		StompProbe client = server.connect();
		client.text("SUBSCRIBE\nid:control\ndestination:/user/queue/control\nreceipt:listening\n\n\0");
		Patience.await().until(() -> client.frames("RECEIPT").size() == 2);
		return client;
	}

	/**
	 * Whoever listens is told the settings first.
	 */
	private static List<String> control(StompProbe client) {
		return client.frames("MESSAGE")
			.stream()
			.filter((frame) -> frame.contains(CONTROL) && !frame.contains("\"type\":\"config\""))
			.map((frame) -> frame.substring(frame.indexOf("\n\n") + 2))
			.toList();
	}

	private static List<String> acknowledgements(StompProbe client) {
		return client.frames("MESSAGE")
			.stream()
			.filter((frame) -> !frame.contains(CONTROL))
			.map((frame) -> frame.substring(frame.indexOf("\n\n") + 2))
			.toList();
	}

	private static void sendAndAwaitRead(StompProbe client, String batch, BytesInHand inHand) {
		long before = inHand.snapshot().used();
		client.batch(batch);
		Patience.await().until(() -> inHand.snapshot().used() > before);
	}

	private static void assertRestart(StompProbe client) throws Exception {
		assertThat(client.awaitClose()).isEqualTo(1012);
		assertThat(client.closeReason()).isEqualTo("shutting-down");
	}

	@Test
	void clientsAreToldOverWhichTimeToComeBackAndClosed() throws Exception {
		StompProbe listening;
		StompProbe deaf;
		try (ChannelServer server = ChannelServer.start()) {
			listening = listening(server);
			deaf = server.connect();
		}
		assertRestart(listening);
		assertThat(control(listening)).containsExactly("{\"type\":\"reconnect\",\"withinMs\":30000}");
		assertRestart(deaf);
		assertThat(deaf.frames("MESSAGE")).isEmpty();
	}

	@Test
	void timeToComeBackIsSetByAPropertyAlsoAfterAStartAnew() throws Exception {
		try (ChannelServer server = ChannelServer.start("telemetry.channel.shutdown.reconnect-within=2m")) {
			ChannelLifecycle lifecycle = server.context().getBean(ChannelLifecycle.class);
			for (int i = 0; i < 2; i++) {
				StompProbe client = listening(server);
				lifecycle.stop();
				assertRestart(client);
				assertThat(control(client)).containsExactly("{\"type\":\"reconnect\",\"withinMs\":120000}");
				lifecycle.start();
			}
		}
	}

	@Test
	void clientsAreOnlyClosedWhereThereIsNoTimeToComeBack() throws Exception {
		StompProbe client;
		try (ChannelServer server = ChannelServer.start("telemetry.channel.shutdown.reconnect-within=0s")) {
			client = listening(server);
		}
		assertRestart(client);
		assertThat(control(client)).isEmpty();
	}

	/**
	 * The web server is still there, and the one thread of the channel has a batch in
	 * hand.
	 */
	@Test
	void whatWasReadIsAnsweredAndWhatIsNewIsRefusedBeforeConnectionsAreClosed() throws Exception {
		try (ChannelServer server = ChannelServer.start(List.of(Gated.class), "telemetry.channel.threads.inbound=1",
				"telemetry.channel.shutdown-timeout=60s")) {
			Gate gate = server.context().getBean(Gate.class);
			StompProbe first = listening(server);
			StompProbe second = listening(server);
			first.batch(Batches.batch("in-hand", "{}"));
			gate.entered.await();
			BytesInHand inHand = server.context().getBean(BytesInHand.class);
			sendAndAwaitRead(first, Batches.batch("behind-it", "{}"), inHand);
			sendAndAwaitRead(second, Batches.batch("waiting", "{}"), inHand);
			Thread stopping = new Thread(() -> server.context().getBean(ChannelLifecycle.class).stop());
			stopping.start();
			Patience.await().until(() -> stopping.getState() == Thread.State.TIMED_WAITING);
			HttpResponse<String> response = server.post(Batches.batch("posted", "{}"));
			assertThat(response.statusCode()).isEqualTo(503);
			assertThat(response.body()).contains("\"reason\":\"shutting-down\"", "\"retryAfterMs\":5000");
			assertThatExceptionOfType(ExecutionException.class).isThrownBy(server::open)
				.satisfies((ex) -> assertThat(((WebSocketHandshakeException) ex.getCause()).getResponse().statusCode())
					.isEqualTo(503));
			assertThat(first.isOpen()).isTrue();
			assertThat(control(first)).isEmpty();
			gate.open.countDown();
			assertRestart(first);
			assertRestart(second);
			assertThat(acknowledgements(first)).satisfiesExactly(
					(answer) -> assertThat(answer).contains("\"batch\":\"in-hand\"", "\"status\":\"accepted\""),
					(answer) -> assertThat(answer).contains("\"batch\":\"behind-it\"", "\"reason\":\"shutting-down\""));
			assertThat(acknowledgements(second)).singleElement()
				.asString()
				.contains("\"batch\":\"waiting\"", "\"reason\":\"shutting-down\"", "\"retryAfterMs\":5000");
			assertThat(control(first)).hasSize(1);
			assertThat(control(second)).hasSize(1);
			assertThat(server.stats().batchesRefused()).containsEntry("shutting-down", 3L);
			stopping.join(10_000);
			assertThat(stopping.isAlive()).isFalse();
			assertThat(inHand.snapshot().used()).isZero();
			assertThat(server.stats().connectionsOpen()).isZero();
		}
	}

	@Test
	void batchesLeftBehindWorkThatDoesNotEndAreAnsweredAndTheChannelStopsInTime() throws Exception {
		try (ChannelServer server = ChannelServer.start(List.of(Gated.class), "telemetry.channel.threads.inbound=1",
				"telemetry.channel.shutdown-timeout=1s")) {
			Gate gate = server.context().getBean(Gate.class);
			StompProbe stuck = listening(server);
			List<StompProbe> others = List.of(listening(server), listening(server), listening(server));
			stuck.batch(Batches.batch("stuck", "{}"));
			gate.entered.await();
			BytesInHand inHand = server.context().getBean(BytesInHand.class);
			for (StompProbe other : others) {
				sendAndAwaitRead(other, Batches.batch("waiting", "{}"), inHand);
			}
			server.context().getBean(ChannelLifecycle.class).stop();
			assertThat(gate.open.getCount()).as("the work goes on").isOne();
			for (StompProbe other : others) {
				assertRestart(other);
				assertThat(acknowledgements(other)).singleElement()
					.asString()
					.contains("\"batch\":\"waiting\"", "\"reason\":\"shutting-down\"");
			}
			assertRestart(stuck);
			assertThat(control(stuck)).hasSize(1);
			assertThat(server.stats().batchesRefused()).containsEntry("shutting-down", 3L);
			gate.open.countDown();
			Patience.await().until(() -> inHand.snapshot().used() == 0);
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Gated {

		@Bean
		Gate gate() {
			return new Gate();
		}

	}

	/**
	 * Holds up the channel's thread, whoever interrupts it.
	 */
	static final class Gate implements BrowserEventMapper {

		private final CountDownLatch entered = new CountDownLatch(1);

		private final CountDownLatch open = new CountDownLatch(1);

		@Override
		public BrowserSignal map(BrowserSignal signal, BrowserEvent event) {
			this.entered.countDown();
			boolean interrupted = false;
			while (true) {
				try {
					this.open.await();
					break;
				}
				catch (InterruptedException ex) {
					interrupted = true;
				}
			}
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
			return signal;
		}

	}

}
