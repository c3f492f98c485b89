package io.telemetry.boot.channel;

import java.io.ByteArrayOutputStream;
import java.net.SocketException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;

import io.telemetry.boot.channel.limit.BytesInHand;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What clients may take together, and for how long, on a real Tomcat.
 */
class ChannelBoundsTests {

	private static final String SMALL = "telemetry.channel.max-batch-size=64KB";

	private static final String LITTLE_ROOM = "telemetry.channel.overload.max-in-hand=192KB";

	@Test
	void batchThatThereIsNoRoomForIsOverloadedOnBothRoadsAndItsConnectionGoesOn() throws Exception {
		try (ChannelServer server = ChannelServer.start(SMALL, LITTLE_ROOM); StompProbe client = server.connect()) {
			BytesInHand inHand = server.context().getBean(BytesInHand.class);
			// A frame is answered before it is let go
			Patience.await().untilAsserted(() -> assertThat(inHand.snapshot().used()).isZero());
			List<StompProbe> holding = hold(server, 3);
			Patience.await().until(() -> inHand.snapshot().used() > 170_000);
			String batch = Batches.batch("large", "{\"message\":\"" + "m".repeat(8000) + "\"}",
					"{\"message\":\"" + "m".repeat(8000) + "\"}", "{\"message\":\"" + "m".repeat(8000) + "\"}");
			client.batchWith("", batch.getBytes(StandardCharsets.UTF_8));
			assertThat(client.awaitAcknowledgement()).contains("\"batch\":\"large\"", "\"reason\":\"overloaded\"")
				.containsPattern("\"retryAfterMs\":[23][0-9]{3}\\b");
			client.batch(Batches.batch("small", "{}"));
			assertThat(client.awaitAcknowledgement()).contains("\"batch\":\"small\",\"status\":\"accepted\"");
			HttpResponse<String> refusal = server.post(batch);
			assertThat(refusal.statusCode()).isEqualTo(503);
			assertThat(refusal.body()).contains("\"batch\":\"large\"", "\"reason\":\"overloaded\"");
			assertThat(refusal.headers().firstValue("Retry-After").orElse("")).isIn("2", "3");
			assertThat(server.stats().batchesRefused()).containsEntry("overloaded", 2L);
			assertThat(inHand.snapshot().refused()).isEqualTo(2);
			holding.forEach(StompProbe::abort);
			Patience.await().untilAsserted(() -> assertThat(inHand.snapshot().used()).isZero());
			client.batchWith("", batch.getBytes(StandardCharsets.UTF_8));
			assertThat(client.awaitAcknowledgement()).contains("\"batch\":\"large\",\"status\":\"accepted\"");
			assertThat(inHand.snapshot().highest()).isLessThanOrEqualTo(192 * 1024);
		}
	}

	@Test
	void everythingIsGivenBackHoweverClientsComeAndGo() throws Exception {
		try (ChannelServer server = ChannelServer.start(SMALL, LITTLE_ROOM, "telemetry.channel.threads.queue=2",
				"telemetry.channel.pending-frames=2", "telemetry.channel.rate-limits.connection=none",
				"telemetry.channel.rate-limits.user=none", "telemetry.channel.rate-limits.address=none")) {
			BytesInHand inHand = server.context().getBean(BytesInHand.class);
			// So that some find no room, however fast the machine is
			List<StompProbe> holding = hold(server, 3);
			Patience.await().until(() -> inHand.snapshot().used() > 170_000);
			List<Thread> clients = new ArrayList<>();
			List<Throwable> failures = new CopyOnWriteArrayList<>();
			for (int i = 0; i < 6; i++) {
				Random random = new Random(i);
				clients.add(new Thread(() -> {
					try {
						for (int life = 0; life < 12; life++) {
							live(server, random);
						}
					}
					catch (Throwable ex) {
						failures.add(ex);
					}
				}));
			}
			clients.forEach(Thread::start);
			for (Thread client : clients) {
				client.join(60_000);
			}
			assertThat(failures).isEmpty();
			holding.forEach(StompProbe::abort);
			Patience.await().untilAsserted(() -> assertThat(inHand.snapshot().used()).isZero());
			assertThat(inHand.snapshot().refused()).isPositive();
			assertThat(inHand.snapshot().highest()).isLessThanOrEqualTo(192 * 1024);
			assertThat(server.stats().batchesRefused().get("overloaded")).isPositive();
			assertThat(server.stats().processingErrors()).isZero();
		}
	}

	/**
	 * Clients that don't end their frames.
	 */
	private static List<StompProbe> hold(ChannelServer server, int clients) throws Exception {
		List<StompProbe> holding = new ArrayList<>();
		for (int i = 0; i < clients; i++) {
			StompProbe probe = server.connect();
			probe.text("SEND\ndestination:/app/log/batch\ncontent-length:60000\n\n");
			for (int piece = 0; piece < 5; piece++) {
				probe.text("x".repeat(8000));
			}
			holding.add(probe);
		}
		return holding;
	}

	private static void live(ChannelServer server, Random random) throws Exception {
		if (random.nextInt(3) == 0) {
			byte[] body = batch(random).getBytes(StandardCharsets.UTF_8);
			boolean gzip = random.nextBoolean();
			byte[] sent = gzip ? Batches.gzip(body) : body;
			try (RawPost post = RawPost.open(server.port(), "Content-Length: " + sent.length,
					"Content-Encoding: " + (gzip ? "gzip" : "identity"))) {
				post.write(Arrays.copyOf(sent, random.nextBoolean() ? sent.length : sent.length / 2));
				if (random.nextBoolean()) {
					post.leave();
				}
			}
			return;
		}
		try (RawSocket socket = RawSocket.stomp(server.port())) {
			for (int i = random.nextInt(6); i >= 0; i--) {
				byte[] body = batch(random).getBytes(StandardCharsets.UTF_8);
				boolean gzip = random.nextInt(3) == 0;
				ByteArrayOutputStream frame = new ByteArrayOutputStream();
				frame.writeBytes(("SEND\ndestination:/app/log/batch\n" + (gzip ? "content-encoding:gzip\n" : ""))
					.getBytes(StandardCharsets.UTF_8));
				byte[] sent = gzip ? Batches.gzip(body) : body;
				frame.writeBytes(("content-length:" + sent.length + "\n\n").getBytes(StandardCharsets.UTF_8));
				frame.writeBytes(sent);
				frame.write(0);
				byte[] bytes = frame.toByteArray();
				// The last of them may stay without an end
				int end = (i == 0 && random.nextBoolean()) ? bytes.length / 2 : bytes.length;
				int piece = 500 + random.nextInt(8000);
				for (int start = 0; start < end; start += piece) {
					socket.send(RawFrame.binary(Arrays.copyOfRange(bytes, start, Math.min(end, start + piece))));
				}
			}
			if (random.nextBoolean()) {
				socket.send(RawFrame.text("\0\0nonsense\n\n\0"));
			}
			if (random.nextBoolean()) {
				socket.reset();
			}
		}
		catch (SocketException ex) {
			// The server may have been first
		}
	}

	private static String batch(Random random) {
		String event = "{\"message\":\"" + "m".repeat(random.nextInt(8000)) + "\"}";
		return Batches.repeated("b" + random.nextInt(), event, 1 + random.nextInt(8));
	}

	@Test
	void frameHasToEndInTimeHoweverBusilyItsClientDrips() throws Exception {
		try (ChannelServer server = ChannelServer.start("telemetry.channel.frame-timeout=400ms");
				StompProbe other = server.connect();
				StompProbe client = server.connect()) {
			client.text("SEND\ndestination:/app/log/batch\n\n");
			Patience.await().until(() -> {
				if (client.isOpen() && client.frames("ERROR").isEmpty()) {
					client.drip("x");
					// Whole frames as often as one likes
					other.text("SEND\ndestination:/app/log/batch\n\n[]\0SEND\n");
					other.text("destination:/app/log/batch\n\n[]\0");
				}
				return !client.frames("ERROR").isEmpty();
			});
			assertThat(client.awaitFrame("ERROR")).contains("message:frame-timeout");
			assertThat(client.awaitClose()).isEqualTo(1008);
			assertThat(client.closeReason()).isEqualTo("frame-timeout");
			assertThat(server.stats().framesRefused()).containsEntry("frame-timeout", 1L);
			assertThat(other.isOpen()).isTrue();
			Patience.await().until(() -> server.stats().unfinished() == 1);
		}
	}

	@Test
	void nothingIsCollectedBeforeConnect() throws Exception {
		try (ChannelServer server = ChannelServer.start(); RawSocket socket = RawSocket.open(server.port())) {
			// The frame has no end, and no more than this of it is looked at
			socket.send(RawFrame.text("SEND\n"));
			assertThat(socket.read().text()).contains("message:not-connected\n");
			assertThat(socket.read().closeCode()).isEqualTo(1008);
		}
	}

	@Test
	void framesBesideBatchesAreLimitedAsEventsAre() throws Exception {
		for (String frame : List.of("SUBSCRIBE\nid:a\ndestination:/topic/control\n\n\0",
				"UNSUBSCRIBE\nid:a\nreceipt:r\n\n\0", "SEND\ndestination:/app/none\nreceipt:r\n\n\0")) {
			try (ChannelServer server = ChannelServer.start("telemetry.channel.rate-limits.connection=20/1h");
					StompProbe client = server.connect()) {
				// Of twenty one was for the subscription
				for (int i = 0; i < 19; i++) {
					client.text(frame);
				}
				client.text("SEND\ndestination:/app/log/batch\n\n" + Batches.batch("b", "{}") + "\0");
				assertThat(client.awaitAcknowledgement()).contains("\"reason\":\"rate-limited\"");
				assertThat(client.frames("ERROR")).isEmpty();
				client.text(frame);
				assertThat(client.awaitFrame("ERROR")).contains("message:rate-limited");
				assertThat(client.awaitClose()).isEqualTo(1008);
				assertThat(server.stats().framesRefused()).containsEntry("rate-limited", 1L);
			}
		}
	}

	@Test
	void batchesThatAreNoneCostAnEventEachOnBothRoads() throws Exception {
		String large = "x".repeat(70_000);
		Map<String, List<String>> costly = Map.of("malformed", List.of("no batch"), "too-large", List.of(large));
		for (Map.Entry<String, List<String>> entry : costly.entrySet()) {
			try (ChannelServer server = ChannelServer.start(SMALL, "telemetry.channel.rate-limits.connection=3/1h",
					"telemetry.channel.rate-limits.address=none"); StompProbe client = server.connect()) {
				for (String reason : List.of(entry.getKey(), entry.getKey(), "rate-limited")) {
					client.batchWith("", entry.getValue().get(0).getBytes(StandardCharsets.UTF_8));
					assertThat(client.awaitAcknowledgement()).contains("\"reason\":\"" + reason + "\"");
				}
			}
		}
		try (ChannelServer server = ChannelServer.start("telemetry.channel.rate-limits.address=2/1h")) {
			List<Integer> answers = new ArrayList<>();
			for (int i = 0; i < 3; i++) {
				answers.add(server.post("no batch").statusCode());
			}
			assertThat(answers).containsExactly(400, 400, 429);
		}
	}

	@Test
	void longIdOfAReceiptIsNotSentBack() throws Exception {
		try (ChannelServer server = ChannelServer.start(); StompProbe client = server.connect()) {
			String id = "r".repeat(256);
			client.text("UNSUBSCRIBE\nid:a\nreceipt:" + id + "\n\n\0");
			Patience.await()
				.untilAsserted(() -> assertThat(client.frames("RECEIPT")).anyMatch((frame) -> frame.contains(id)));
			client.text("UNSUBSCRIBE\nid:a\nreceipt:" + id + "r\n\n\0");
			assertThat(client.awaitFrame("ERROR")).contains("message:bad-frame").doesNotContain(id);
			assertThat(client.awaitClose()).isEqualTo(1008);
		}
	}

}
