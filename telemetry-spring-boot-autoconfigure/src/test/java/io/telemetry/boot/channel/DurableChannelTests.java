package io.telemetry.boot.channel;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.telemetry.boot.InvalidTelemetryConfigurationException;
import io.telemetry.boot.channel.durable.DurableLog;
import io.telemetry.signal.Delivery;
import io.telemetry.signal.Signal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Acknowledgements that promise what is on the disk, on a real Tomcat with real files.
 */
class DurableChannelTests {

	@TempDir
	private Path directory;

	private ChannelServer start(String... more) {
		String[] properties = new String[more.length + 2];
		properties[0] = "telemetry.channel.ack=durable";
		properties[1] = "telemetry.channel.durable.directory=" + this.directory;
		System.arraycopy(more, 0, properties, 2, more.length);
		return ChannelServer.start(properties);
	}

	private static DurableLog log(ChannelServer server) {
		return server.context().getBean(DurableLog.class);
	}

	@Test
	void aBatchIsHandledOnceOnBothRoadsAndOverARestart() throws Exception {
		String batch = Batches.batch("b-1", "{\"message\":\"one\"}");
		List<Signal> first;
		try (ChannelServer server = start()) {
			try (StompProbe client = server.connect("session-id", "s-1")) {
				client.batch(batch);
				assertThat(client.awaitAcknowledgement()).contains("\"accepted\":1", "\"duplicate\":false");
			}
			Patience.await().until(() -> server.signals().browser().size() == 1);
			first = server.signals().browser();
			assertThat(first.get(0).data()).containsEntry("sessionId", "s-1").containsKey("connectionId");
			assertThat(server.post(batch.replace("{\"batch\"", "{\"session\":{\"id\":\"s-1\"},\"batch\"")).body())
				.contains("\"duplicate\":true");
			assertThat(server.stats().batchesAccepted()).isOne();
			Patience.await().until(() -> log(server).stats().waiting() == 0);
		}
		try (ChannelServer server = start()) {
			try (StompProbe client = server.connect("session-id", "s-1")) {
				client.batch(batch);
				assertThat(client.awaitAcknowledgement()).contains("\"accepted\":1", "\"duplicate\":true");
				client.batch(Batches.batch("b-2", "{\"message\":\"two\"}"));
			}
			Patience.await().until(() -> server.signals().browser().size() == 1);
			assertThat(server.signals().browser().get(0).message()).isEqualTo("two");
			assertThat(server.stats().duplicates()).isOne();
		}
	}

	@Test
	void whatAHandlerHeldWhenTheServerEndedComesAgainAsItWas() throws Exception {
		String batch = """
				{"batch":"b-1","session":{"id":"s-1"},"user":{"id":"bob"},"sentAt":1,
				 "events":[{"type":"error","subtype":"javascript","message":"TypeError: no","stack":"TypeError: no"},7]}""";
		Signal before;
		try (ChannelServer server = start()) {
			CountDownLatch taken = new CountDownLatch(1);
			List<Signal> held = new CopyOnWriteArrayList<>();
			server.signals().giveTo((signal) -> {
				Delivery delivery = signal.delivery();
				if (delivery != null) {
					delivery.hold();
					held.add(signal);
					taken.countDown();
				}
			});
			assertThat(server.post(batch, "User-Agent", "Test").body()).contains("\"accepted\":1", "not-an-object");
			assertThat(taken.await(10, TimeUnit.SECONDS)).isTrue();
			before = held.get(0);
		}
		try (ChannelServer server = start()) {
			Patience.await().until(() -> server.signals().browser().size() == 1);
			Signal after = server.signals().browser().get(0);
			assertThat(after.uid()).isEqualTo(before.uid());
			assertThat(after.timestamp()).isEqualTo(before.timestamp());
			assertThat(after.data()).isEqualTo(before.data()).containsEntry("claimedUserId", "bob");
			assertThat(after.error()).isEqualTo(before.error());
			assertThat(after.id()).isEqualTo("browser/error");
			assertThat(server.post(batch).body()).contains("\"accepted\":1", "\"reason\":\"not-an-object\"",
					"\"duplicate\":true");
		}
		try (ChannelServer server = start()) {
			assertThat(server.post(batch).body()).contains("\"duplicate\":true");
			assertThat(server.signals().browser()).isEmpty();
		}
	}

	@Test
	void aFullDiskRefusesAsOverloadedAndTheBatchIsTakenLater() throws Exception {
		CountDownLatch stuck = new CountDownLatch(1);
		try (ChannelServer server = ChannelServer.startWithoutRateLimits("telemetry.channel.ack=durable",
				"telemetry.channel.durable.directory=" + this.directory, "telemetry.channel.durable.max-size=4MB",
				"telemetry.channel.max-batch-size=1MB")) {
			server.signals().giveTo((signal) -> {
				if (signal.namespace().startsWith("browser.")) {
					try {
						stuck.await();
					}
					catch (InterruptedException ex) {
						Thread.currentThread().interrupt();
					}
				}
			});
			String event = "{\"message\":\"" + "x".repeat(8000) + "\"}";
			String events = (event + ",").repeat(99) + event;
			String answer = "";
			int accepted = 0;
			while (!answer.contains("overloaded")) {
				accepted += answer.isEmpty() ? 0 : 1;
				answer = server.post(Batches.batch("b-" + accepted, events)).body();
			}
			assertThat(accepted).isBetween(2, 6);
			assertThat(answer).contains("\"batch\":\"b-" + accepted + "\"", "\"retryAfterMs\":");
			assertThat(server.stats().batchesRefused()).containsEntry("overloaded", 1L);
			assertThat(log(server).stats().refused()).containsEntry("full", 1L);
			stuck.countDown();
			String refused = Batches.batch("b-" + accepted, events);
			Patience.await()
				.untilAsserted(() -> assertThat(server.post(refused).body()).contains("\"status\":\"accepted\"",
						"\"duplicate\":false"));
		}
	}

	@Test
	void bareArraysComeOnceAfterTheServerEnded() throws Exception {
		try (ChannelServer server = start()) {
			server.signals().giveTo((signal) -> {
				if (signal.delivery() != null) {
					signal.delivery().hold();
				}
			});
			assertThat(server.post("[{\"message\":\"bare\"}]").body()).contains("\"accepted\":1");
			Patience.await().until(() -> log(server).stats().inHand() == 1);
		}
		try (ChannelServer server = start()) {
			Patience.await().until(() -> server.signals().browser().size() == 1);
		}
	}

	@Test
	void withoutADirectoryTheStartIsRefused() {
		assertThatExceptionOfType(Exception.class)
			.isThrownBy(() -> ChannelServer.start("telemetry.channel.ack=durable").close())
			.havingRootCause()
			.isInstanceOf(InvalidTelemetryConfigurationException.class)
			.withMessageContaining("telemetry.channel.durable.directory")
			.withMessageContaining("/var/lib/shop/telemetry");
	}

	@Test
	void aDirectoryInUseRefusesTheStart() {
		try (ChannelServer server = start()) {
			assertThat(server.context().isRunning()).isTrue();
			assertThatExceptionOfType(Exception.class).isThrownBy(() -> start().close())
				.satisfies((ex) -> assertThat(ex).hasStackTraceContaining("telemetry.channel.durable.directory")
					.hasStackTraceContaining("no other instance uses"));
		}
	}

	@Test
	void onWebFluxBatchesAreKeptTheSameWay() throws Exception {
		String batch = "{\"batch\":\"b-1\",\"session\":{\"id\":\"s-1\"},\"events\":[{}]}";
		for (int i = 0; i < 2; i++) {
			try (ChannelServer server = start("spring.main.web-application-type=reactive")) {
				assertThat(server.post(batch).body()).contains("\"duplicate\":" + (i == 1));
			}
		}
	}

}
