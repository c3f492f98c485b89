package io.telemetry.boot.channel;

import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutionException;

import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The WebSocket road on a real Tomcat, with a client that sends every byte itself.
 */
class StompChannelTests {

	private static ChannelServer server;

	@BeforeAll
	static void start() {
		server = ChannelServer.start();
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@BeforeEach
	void forget() {
		server.signals().clear();
	}

	@Test
	void batchIsAcknowledgedAndItsEventsBecomeSignals() throws Exception {
		try (StompProbe client = server.connect("session-id", "s-1")) {
			client.batch(Batches.batch("b-1", "{\"type\":\"log\",\"level\":\"warn\",\"message\":\"hello\"}"));
			assertThat(client.awaitAcknowledgement()).isEqualTo(
					"{\"batch\":\"b-1\",\"status\":\"accepted\",\"accepted\":1,\"rejected\":[],\"duplicate\":false}");
		}
		Signal signal = server.signals().awaitWithId("browser/log", 1).get(0);
		assertThat(signal.level()).isEqualTo(Level.WARN);
		assertThat(signal.message()).isEqualTo("hello");
		assertThat(signal.data()).containsEntry("sessionId", "s-1").containsEntry("serverId", "node-1");
	}

	@Test
	void connectedCarriesSessionAndUser() throws Exception {
		try (StompProbe client = server.connect("session-id", "s-2", "user-id", "mallory")) {
			assertThat(client.awaitFrame("CONNECTED")).contains("version:1.2", "session-id:s-2", "user-id:anon-")
				.doesNotContain("mallory", "user-name");
		}
	}

	@Test
	void invalidSessionIdIsReplaced() throws Exception {
		try (StompProbe client = server.connect("session-id", "../../etc")) {
			assertThat(client.awaitFrame("CONNECTED")).containsPattern("session-id:[A-Za-z0-9_-]{1,64}\n")
				.doesNotContain("etc");
		}
	}

	@Test
	void heartbeatsAreNegotiated() throws Exception {
		try (StompProbe client = server.open()) {
			client.text("CONNECT\naccept-version:1.2\nheart-beat:10000,10000\n\n\0");
			assertThat(client.awaitFrame("CONNECTED")).contains("heart-beat:10000,10000");
		}
	}

	@Test
	void permessageDeflateIsRefused() throws Exception {
		String answer = RawHandshake.send(server.port(), "Sec-WebSocket-Extensions: permessage-deflate\r\n");
		assertThat(answer).startsWith("HTTP/1.1 101").doesNotContainIgnoringCase("permessage-deflate");
	}

	@Test
	void onlyStomp12IsSpoken() throws Exception {
		try (StompProbe client = server.open()) {
			client.text("CONNECT\naccept-version:1.1\n\n\0");
			assertThat(client.awaitFrame("ERROR")).contains("message:unsupported-version");
			assertThat(client.awaitClose()).isEqualTo(1008);
		}
	}

	@Test
	void receiptsAreHonoured() throws Exception {
		try (StompProbe client = server.connect()) {
			client.text("SEND\ndestination:/app/log/urgent\nreceipt:r-1\n\n" + Batches.batch("b", "{}") + "\0");
			Patience.await()
				.untilAsserted(() -> assertThat(client.frames("RECEIPT"))
					.anyMatch((frame) -> frame.contains("receipt-id:r-1")));
			client.text("DISCONNECT\nreceipt:r-2\n\n\0");
			assertThat(client.awaitClose()).isEqualTo(1000);
			assertThat(client.frames("RECEIPT")).anyMatch((frame) -> frame.contains("receipt-id:r-2"));
		}
	}

	@Test
	void disconnectWithoutReceiptClosesInOrder() throws Exception {
		try (StompProbe client = server.connect()) {
			client.text("DISCONNECT\n\n\0");
			assertThat(client.awaitClose()).isEqualTo(1000);
			assertThat(client.frames("ERROR")).isEmpty();
		}
	}

	@Test
	void binaryAndGzipFramesAreTaken() throws Exception {
		try (StompProbe client = server.connect()) {
			client.batchWith("", Batches.batch("plain", "{}").getBytes(StandardCharsets.UTF_8));
			assertThat(client.awaitAcknowledgement()).contains("\"batch\":\"plain\",\"status\":\"accepted\"");
			client.batchWith("content-encoding:gzip\n", Batches.gzip(Batches.batch("zip", "{}")));
			assertThat(client.awaitAcknowledgement()).contains("\"batch\":\"zip\",\"status\":\"accepted\"");
		}
	}

	@Test
	void frameMaySpanSeveralMessages() throws Exception {
		try (StompProbe client = server.connect()) {
			client.text("SE");
			client.text("ND\ndestination:/app/log");
			client.text("/batch\n\n{\"batch\":\"parts\",");
			client.text("\"events\":[{}]}");
			client.text("\0SEND\ndestination:/app/log/batch\n\n" + Batches.batch("behind", "{}") + "\0\n");
			assertThat(client.awaitAcknowledgements(2)).anyMatch((ack) -> ack.contains("parts"))
				.anyMatch((ack) -> ack.contains("behind"));
		}
	}

	@Test
	void batchesOfOneConnectionAreHandledInOrder() throws Exception {
		try (StompProbe client = server.connect()) {
			for (int i = 0; i < 200; i++) {
				client.batch(Batches.batch("order-" + i, "{\"type\":\"log\",\"message\":\"" + i + "\"}"));
			}
			client.awaitAcknowledgements(200);
		}
		assertThat(server.signals().withId("browser/log")).extracting(Signal::message)
			.containsExactlyElementsOf(java.util.stream.IntStream.range(0, 200).mapToObj(Integer::toString).toList());
	}

	@Test
	void batchThatIsSentBeforeTheSocketClosesIsHandled() throws Exception {
		for (int i = 0; i < 20; i++) {
			try (StompProbe client = server.connect()) {
				client.batch(Batches.batch("bye-" + i, "{\"type\":\"log\"}"));
			}
		}
		server.signals().awaitWithId("browser/log", 20);
	}

	@Test
	void malformedBatchIsRefusedAndTheNextIsTaken() throws Exception {
		try (StompProbe client = server.connect()) {
			client.batch("{\"batch\":\"bad\",\"events\":[{]}");
			assertThat(client.awaitAcknowledgement())
				.isEqualTo("{\"batch\":\"bad\",\"status\":\"refused\",\"reason\":\"malformed\"}");
			client.batch("hello");
			assertThat(client.awaitAcknowledgement())
				.isEqualTo("{\"batch\":null,\"status\":\"refused\",\"reason\":\"malformed\"}");
			assertThatNextIsTaken(client);
		}
	}

	@Test
	void bytesThatAreNotUtf8AreRefused() throws Exception {
		try (StompProbe client = server.connect()) {
			byte[] body = Batches.batch("latin", "{\"message\":\"caf\u00e9\"}").getBytes(StandardCharsets.ISO_8859_1);
			client.batchWith("", body);
			assertThat(client.awaitAcknowledgement()).contains("\"batch\":\"latin\"", "malformed");
			client.batchWith("", Batches.batch("wide", "{}").getBytes(StandardCharsets.UTF_16));
			assertThat(client.awaitAcknowledgement()).contains("\"batch\":null", "malformed");
			assertThatNextIsTaken(client);
		}
	}

	@Test
	void badEventsAreRejectedByIndex() throws Exception {
		try (StompProbe client = server.connect()) {
			client.split("SEND\ndestination:/app/log/batch\n\n" + Batches.batch("mixed", "1", "{\"type\":\"log\"}",
					"{\"a\":" + "[".repeat(20) + "]".repeat(20) + "}", "{\"message\":\"" + "x".repeat(9000) + "\"}",
					"{\"timestamp\":\"yesterday\"}", Batches.wide(70), "{\"type\":\"log\"}") + "\0");
			assertThat(client.awaitAcknowledgement()).isEqualTo("{\"batch\":\"mixed\",\"status\":\"accepted\","
					+ "\"accepted\":2,\"rejected\":[{\"index\":0,\"reason\":\"not-an-object\"},"
					+ "{\"index\":2,\"reason\":\"too-deep\"},{\"index\":3,\"reason\":\"too-long\"},"
					+ "{\"index\":4,\"reason\":\"bad-field\"},{\"index\":5,\"reason\":\"too-many-keys\"}],"
					+ "\"duplicate\":false}");
			assertThatNextIsTaken(client);
		}
		assertThat(server.signals().withId("browser/log")).hasSize(2);
	}

	@Test
	void batchOfAHundredThousandEventsIsRefused() throws Exception {
		try (StompProbe client = server.connect()) {
			client.split("SEND\ndestination:/app/log/batch\n\n" + Batches.repeated("many", "{}", 100_000) + "\0");
			assertThat(client.awaitAcknowledgement()).contains("\"batch\":\"many\"", "too-many-events");
			assertThatNextIsTaken(client);
		}
		assertThat(server.signals().withId("browser/event")).isEmpty();
	}

	@Test
	void frameOverTheBatchSizeIsRefusedAndTheConnectionGoesOn() throws Exception {
		try (StompProbe client = server.connect()) {
			String event = "{\"message\":\"" + "x".repeat(1000) + "\"}";
			client
				.split("SEND\ndestination:/app/log/batch\nreceipt:r\n\n" + Batches.repeated("big", event, 600) + "\0");
			assertThat(client.awaitAcknowledgement())
				.isEqualTo("{\"batch\":\"big\",\"status\":\"refused\",\"reason\":\"too-large\"}");
			byte[] bytes = Batches.repeated("big-2", event, 600).getBytes(StandardCharsets.UTF_8);
			client.batchWith("", bytes);
			assertThat(client.awaitAcknowledgement()).contains("\"batch\":\"big-2\"", "too-large");
			assertThatNextIsTaken(client);
		}
	}

	@Test
	void gzipBombIsRefusedAndTheConnectionGoesOn() throws Exception {
		try (StompProbe client = server.connect()) {
			client.batchWith("content-encoding:gzip\n",
					Batches.gzip("{\"batch\":\"bomb\",\"x\":\"" + "0".repeat(50_000_000)));
			assertThat(client.awaitAcknowledgement()).contains("\"batch\":\"bomb\"", "too-large");
			client.batchWith("content-encoding:gzip\n", "no gzip".getBytes(StandardCharsets.UTF_8));
			assertThat(client.awaitAcknowledgement()).contains("malformed");
			client.batchWith("content-encoding:br\n", "{}".getBytes(StandardCharsets.UTF_8));
			assertThat(client.awaitAcknowledgement()).contains("unsupported-type");
			assertThatNextIsTaken(client);
		}
	}

	@Test
	void messageOverTheLimitClosesItsSocketAndNoOther() throws Exception {
		long before = server.stats().oversizedMessages();
		try (StompProbe bystander = server.connect()) {
			for (int i = 0; i < 3; i++) {
				try (StompProbe client = server.connect()) {
					client.text("SEND\ndestination:/app/log/batch\n\n" + "x".repeat(17_000) + "\0");
					assertThat(client.awaitClose()).isEqualTo(1009);
				}
				try (StompProbe client = server.connect()) {
					client.binary(new byte[17_000]);
					assertThat(client.awaitClose()).isEqualTo(1009);
				}
			}
			assertThatNextIsTaken(bystander);
		}
		Patience.await().until(() -> server.stats().oversizedMessages() == before + 6);
		assertThat(server.stats().connectionsClosed().get(1009)).isGreaterThanOrEqualTo(6);
		// Once per interval, and another test may have been first
		assertThat(server.signals().withId("channel/oversized-message").size()).isLessThanOrEqualTo(1);
	}

	@Test
	void messageOfExactlyTheLimitIsTaken() throws Exception {
		try (StompProbe client = server.connect()) {
			String head = "SEND\ndestination:/app/log/batch\n\n{\"batch\":\"full\",\"x\":\"";
			String tail = "\",\"events\":[]}\0";
			client.text(head + "x".repeat(16 * 1024 - head.length() - tail.length()) + tail);
			assertThat(client.awaitAcknowledgement()).contains("\"batch\":\"full\",\"status\":\"accepted\"");
		}
	}

	@Test
	void bareArrayIsTakenButNotAnswered() throws Exception {
		try (StompProbe client = server.connect()) {
			client.batch("[{\"type\":\"log\"},{\"type\":\"log\"}]");
			client.batch("[{\"type\":\"log\"},{\"type\":\"log\"}]");
			assertThatNextIsTaken(client);
		}
		assertThat(server.signals().withId("browser/log")).hasSize(4);
	}

	@Test
	void emptyBatchIsAccepted() throws Exception {
		try (StompProbe client = server.connect()) {
			client.batch(Batches.batch("empty"));
			assertThat(client.awaitAcknowledgement()).contains("\"accepted\":0,\"rejected\":[],\"duplicate\":false");
		}
	}

	@Test
	void batchThatComesAgainOnAnyRoadIsHandledOnce() throws Exception {
		String batch = Batches.of("s-dup", "b-dup", "{\"type\":\"log\"}", "7");
		try (StompProbe client = server.connect("session-id", "s-dup")) {
			client.batch(batch);
			String first = client.awaitAcknowledgement();
			assertThat(first).contains("\"accepted\":1,\"rejected\":[{\"index\":1", "\"duplicate\":false");
			client.batch(batch);
			assertThat(client.awaitAcknowledgement()).isEqualTo(first.replace("false", "true"));
		}
		assertThat(server.post(batch).body()).contains("\"duplicate\":true");
		try (StompProbe again = server.connect("session-id", "s-dup")) {
			again.batch(batch);
			assertThat(again.awaitAcknowledgement()).contains("\"duplicate\":true");
		}
		assertThat(server.signals().withId("browser/log")).hasSize(1);
	}

	@Test
	void anotherSessionInsideABatchIsIgnoredAndCounted() throws Exception {
		long before = server.stats().sessionMismatches();
		try (StompProbe client = server.connect("session-id", "mine")) {
			client.batch(Batches.of("theirs", "b", "{\"type\":\"log\"}"));
			client.awaitAcknowledgement();
		}
		assertThat(server.signals().withId("browser/log").get(0).data()).containsEntry("sessionId", "mine");
		assertThat(server.stats().sessionMismatches()).isEqualTo(before + 1);
	}

	@Test
	void unknownDestinationIsToldOfOncePerIntervalAndTheConnectionGoesOn() throws Exception {
		try (StompProbe client = server.connect()) {
			for (int i = 0; i < 5; i++) {
				client.text("SEND\ndestination:/app/nowhere\\nnear\u001b[31m\n\nx\0");
			}
			client.text("SEND\ndestination:/app/elsewhere\n\nx\0");
			assertThatNextIsTaken(client);
		}
		List<Signal> signals = server.signals().awaitWithId("channel/unknown-destination", 2);
		assertThat(signals).hasSize(2).allSatisfy((signal) -> {
			assertThat(signal.level()).isEqualTo(Level.WARN);
			assertThat(signal.kind()).isEqualTo(Kind.CHANNEL);
			assertThat(signal.namespace()).isEqualTo("io.telemetry.channel");
			assertThat(signal.data()).containsEntry("count", 1L);
		});
		assertThat(signals).extracting((signal) -> signal.data().get("destination"))
			.containsExactly("/app/nowhere?near?[31m", "/app/elsewhere");
	}

	@Test
	void subscriptionsToWhatIsNotTheirsEndTheConnection() throws Exception {
		for (String destination : List.of("/topic/*", "/topic/**", "/topic/signals", "/user/queue/*", "/queue/acks",
				"/user/bob/queue/acks", "/topic/prices", "/app/log/batch", "/topic/{x}", "")) {
			try (StompProbe client = server.connect()) {
				client.text("SUBSCRIBE\nid:x\ndestination:" + destination + "\nreceipt:r\n\n\0");
				assertThat(client.awaitFrame("ERROR")).as(destination)
					.contains("message:forbidden-destination", "receipt-id:r");
				assertThat(client.awaitClose()).as(destination).isEqualTo(1008);
				assertThat(client.closeReason()).isEqualTo("forbidden-destination");
			}
		}
	}

	/**
	 * The ERROR frame meets another frame that is just being written: it must wait for it
	 * and not be lost, and the close frame must wait for the ERROR frame.
	 */
	@Test
	void errorIsToldAlsoWhileAnotherFrameIsBeingWritten() throws Exception {
		for (int i = 0; i < 300; i++) {
			try (StompProbe client = server.connect()) {
				client.text("SUBSCRIBE\nid:x\ndestination:/topic/control\nreceipt:r\n\n\0"
						+ "SEND\ndestination:/queue/x\n\n\0");
				assertThat(client.awaitClose()).isEqualTo(1008);
				assertThat(client.frames("ERROR")).as("connection " + i).hasSize(1);
			}
		}
	}

	@Test
	void disconnectIsAnsweredAlsoWhileAnotherFrameIsBeingWritten() throws Exception {
		for (int i = 0; i < 300; i++) {
			try (StompProbe client = server.connect()) {
				client.text("SUBSCRIBE\nid:x\ndestination:/topic/control\nreceipt:r\n\n\0"
						+ "DISCONNECT\nreceipt:bye\n\n\0");
				assertThat(client.awaitClose()).isEqualTo(1000);
				assertThat(client.frames("RECEIPT")).as("connection " + i)
					.anyMatch((frame) -> frame.contains("receipt-id:bye"));
			}
		}
	}

	@Test
	void sendingElsewhereEndsTheConnection() throws Exception {
		for (String destination : List.of("/topic/control", "/user/queue/acks", "/queue/x",
				"/user/bob/queue/control")) {
			try (StompProbe client = server.connect()) {
				client.text("SEND\ndestination:" + destination + "\n\n{\"type\":\"flush\"}\0");
				assertThat(client.awaitFrame("ERROR")).as(destination).contains("message:forbidden-destination");
				assertThat(client.awaitClose()).as(destination).isEqualTo(1008);
			}
		}
	}

	@Test
	void firstOfSeveralDestinationsCounts() throws Exception {
		try (StompProbe client = server.connect()) {
			client.text("SEND\ndestination:/app/log/batch\ndestination:/topic/control\ncontent-type:?\n\n"
					+ Batches.batch("first", "{}") + "\0");
			assertThat(client.awaitAcknowledgement()).contains("\"batch\":\"first\",\"status\":\"accepted\"");
			client.text("SEND\ndestination:/topic/control\ndestination:/app/log/batch\n\n{}\0");
			assertThat(client.awaitFrame("ERROR")).contains("message:forbidden-destination");
		}
	}

	@Test
	void controlDestinationsCanBeSubscribedButNotFedByClients() throws Exception {
		try (StompProbe listener = server.connect()) {
			listener.text("SUBSCRIBE\nid:1\ndestination:/topic/control\nreceipt:c1\n\n\0");
			listener.text("SUBSCRIBE\nid:2\ndestination:/user/queue/control\nreceipt:c2\n\n\0");
			Patience.await().until(() -> listener.frames("RECEIPT").size() == 3);
			// Its own settings
			assertThat(listener.awaitAcknowledgement()).contains("\"type\":\"config\"");
			try (StompProbe forger = server.connect()) {
				forger.text("MESSAGE\ndestination:/topic/control\nmessage-id:1\nsubscription:1\n\n{}\0");
				assertThat(forger.awaitFrame("ERROR")).contains("bad-frame");
			}
			assertThatNextIsTaken(listener);
			assertThat(listener.frames("MESSAGE")).isEmpty();
		}
	}

	@Test
	void framesOutOfPlaceEndTheConnection() throws Exception {
		assertRefused("SEND\ndestination:/app/log/batch\n\n{}\0", "not-connected", false);
		assertRefused("CONNECT\naccept-version:1.2\n\n\0", "already-connected", true);
		for (String heartbeat : List.of("", "1", "1,", "-1,1", "a,b", "1,99999999999999999999", "1,1,1")) {
			assertRefused("CONNECT\naccept-version:1.2\nheart-beat:" + heartbeat + "\n\n\0", "bad-frame", false);
		}
		assertRefused("BEGIN\ntransaction:t\n\n\0", "unsupported-command", true);
		assertRefused("ACK\nid:1\n\n\0", "unsupported-command", true);
		assertRefused("HELLO\n\n\0", "bad-frame", true);
		assertRefused("SEND\nno colon\n\n\0", "bad-frame", true);
		assertRefused("SEND\ndestination:/app/x\ncontent-length:-5\n\n\0", "bad-frame", true);
		assertRefused("SEND\ndestination:/app/x\ncontent-length:2\n\nabc\0", "bad-frame", true);
		assertRefused("SUBSCRIBE\ndestination:/user/queue/acks\n\n\0", "bad-subscription", true);
		assertRefused("SUBSCRIBE\nid:1\ndestination:/user/queue/acks\n\nbody\0", "bad-frame", true);
		assertRefused("SEND\n" + "h:v\n".repeat(3000), "bad-frame", true);
	}

	private void assertRefused(String frame, String reason, boolean connected) throws Exception {
		try (StompProbe client = connected ? server.connect() : server.open()) {
			client.text(frame);
			if (!frame.contains("\0")) {
				client.text("x:" + "y".repeat(10_000));
				reason = "headers-too-long";
			}
			assertThat(client.awaitFrame("ERROR")).as(frame).contains("message:" + reason);
			assertThat(client.awaitClose()).as(frame).isEqualTo(1008);
			assertThat(server.stats().framesRefused().get(reason)).isPositive();
		}
	}

	/**
	 * What can't be told to a client that has gone is no failure of the server's.
	 */
	@Test
	void clientThatGoesBeforeItIsAnsweredIsNoServerError() throws Exception {
		for (int i = 0; i < 20; i++) {
			RawSocket client = RawSocket.stomp(server.port());
			for (int j = 0; j < 5; j++) {
				client.send(RawFrame.text("SEND\ndestination:/app/log/batch\nreceipt:r\n\n[]\0"));
			}
			client.reset();
		}
		Patience.await().until(() -> server.stats().connectionsOpen() == 0);
		assertThat(server.stats().framesRefused()).containsEntry("server-error", 0L);
	}

	@Test
	void tooManySubscriptionsEndTheConnection() throws Exception {
		try (StompProbe client = server.connect()) {
			for (int i = 0; i < 16; i++) {
				client.text("SUBSCRIBE\nid:" + i + "\ndestination:/topic/control\n\n\0");
			}
			assertThat(client.awaitFrame("ERROR")).contains("message:bad-subscription");
			assertThat(client.awaitClose()).isEqualTo(1008);
		}
	}

	@Test
	void unsubscribedClientIsNotAnsweredAndThatIsCounted() throws Exception {
		long before = server.stats().unacknowledged();
		try (StompProbe client = server.connect()) {
			client.text("UNSUBSCRIBE\nid:acks\n\n\0");
			client.batch(Batches.batch("quiet", "{\"type\":\"log\"}"));
			server.signals().awaitWithId("browser/log", 1);
			Patience.await().until(() -> server.stats().unacknowledged() == before + 1);
			assertThat(client.frames("MESSAGE")).isEmpty();
		}
	}

	@Test
	void foreignOriginIsForbidden() {
		for (String origin : List.of("https://evil.example", "null", "nonsense", "http://[",
				"http://localhost:99999")) {
			long before = server.stats().handshakesForeignOrigin();
			assertThatExceptionOfType(ExecutionException.class).as(origin)
				.isThrownBy(() -> server.open("Origin", origin))
				.satisfies((ex) -> assertThat(((WebSocketHandshakeException) ex.getCause()).getResponse().statusCode())
					.isEqualTo(403));
			assertThat(server.stats().handshakesForeignOrigin()).isEqualTo(before + 1);
		}
	}

	@Test
	void ownOriginIsAllowed() throws Exception {
		try (StompProbe client = server.open("Origin", "http://localhost:" + server.port())) {
			client.connect();
			assertThatNextIsTaken(client);
		}
	}

	@Test
	void openConnectionsAreCounted() throws Exception {
		Patience.await().until(() -> server.stats().connectionsOpen() == 0);
		try (StompProbe client = server.connect()) {
			assertThat(server.stats().connectionsOpen()).isEqualTo(1);
			client.abort();
		}
		Patience.await().until(() -> server.stats().connectionsOpen() == 0);
	}

	@Test
	void springsOwnClientGetsAlong() throws Exception {
		SpringStompClient.assertThatBatchIsAcknowledged(server.port());
	}

	private void assertThatNextIsTaken(StompProbe client) {
		String id = "next-" + System.nanoTime();
		client.batch(Batches.batch(id, "{\"type\":\"next\"}"));
		assertThat(client.awaitAcknowledgement()).contains(id, "accepted\":1");
	}

}
