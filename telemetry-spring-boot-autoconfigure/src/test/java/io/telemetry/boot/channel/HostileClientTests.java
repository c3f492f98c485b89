package io.telemetry.boot.channel;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

import io.telemetry.Telemetry;
import io.telemetry.boot.channel.ChannelSettings.Limits;
import io.telemetry.boot.channel.limit.BytesInHand;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Level;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Attacks by their names, against a Tomcat with ten threads. During each a client that
 * behaves is served on both roads, and after it nothing is left: no connection, no
 * complaint in the log, no failure of the server's own, no signal that is not as it has
 * to be.
 */
class HostileClientTests {

	/** More than the server has threads. */
	private static final int MANY = 40;

	private static ChannelServer server;

	private static SignalJudge judge;

	private LogWatch log;

	private Witness witness;

	@BeforeAll
	static void start() {
		server = ChannelServer.startWithoutRateLimits("server.tomcat.threads.max=10",
				"telemetry.channel.heart-beat=200ms", "telemetry.channel.connect-timeout=3s",
				"telemetry.channel.acknowledged-memory.batches=1000");
		judge = new SignalJudge(Limits.DEFAULTS);
		server.signals().giveTo(judge);
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@BeforeEach
	void watch() throws Exception {
		this.log = new LogWatch();
		this.witness = Witness.of(server);
		this.witness.assertGoesOn();
	}

	@AfterEach
	void nothingIsLeft() {
		this.witness.assertGoesOn();
		this.witness.close();
		Patience.await().until(() -> server.stats().connectionsOpen() == 0);
		judge.assertContent();
		assertThat(server.stats().processingErrors()).isZero();
		assertThat(server.stats().framesRefused()).containsEntry("server-error", 0L);
		BytesInHand inHand = server.context().getBean(BytesInHand.class);
		Patience.await().untilAsserted(() -> assertThat(inHand.snapshot().used()).isZero());
		this.log.close();
		this.log.assertNoComplaints();
	}

	@Test
	void slowlorisInTheHandshake() throws Exception {
		List<RawSocket> sockets = new ArrayList<>();
		for (int i = 0; i < MANY; i++) {
			sockets.add(RawSocket.connect(server.port()));
		}
		byte[] handshake = RawSocket.handshake().getBytes(StandardCharsets.US_ASCII);
		for (int position = 0; position < handshake.length; position++) {
			if (position == handshake.length / 2) {
				this.witness.assertGoesOn();
			}
			for (RawSocket socket : sockets) {
				socket.write(new byte[] { handshake[position] });
			}
		}
		for (RawSocket socket : sockets) {
			assertThat(socket.head()).startsWith("HTTP/1.1 101 ");
			socket.close();
		}
	}

	@Test
	void contentTypesThatAHandshakeHasNot() throws Exception {
		for (String type : List.of("*/*", "\"", "text/*", "nonsense")) {
			RawSocket.open(server.port(), "Content-Type: " + type).close();
		}
	}

	@Test
	void slowlorisInAFrame() throws Exception {
		List<RawSocket> sockets = new ArrayList<>();
		for (int i = 0; i < MANY; i++) {
			sockets.add(RawSocket.stomp(server.port()));
		}
		byte[] frame = ("SUBSCRIBE\nid:a\ndestination:/user/queue/acks\n\n\0SEND\ndestination:/app/log/batch\n\n"
				+ Batches.batch("slow", "{}") + "\0")
			.getBytes(StandardCharsets.UTF_8);
		for (int position = 0; position < frame.length; position++) {
			if (position == frame.length / 2) {
				this.witness.assertGoesOn();
			}
			for (RawSocket socket : sockets) {
				// Each byte of the message's head on its own, too
				for (byte part : RawFrame.binary(new byte[] { frame[position] }).bytes()) {
					socket.write(new byte[] { part });
				}
			}
		}
		for (RawSocket socket : sockets) {
			assertThat(socket.read().text()).contains("\"batch\":\"slow\",\"status\":\"accepted\"");
			socket.close();
		}
	}

	@Test
	void slowlorisThatNeverComesToConnect() throws Exception {
		long before = server.stats().framesRefused().get("connect-timeout");
		List<RawSocket> sockets = new ArrayList<>();
		for (int i = 0; i < MANY; i++) {
			RawSocket socket = RawSocket.open(server.port());
			// Nothing, half a frame of STOMP, half a message
			switch (i % 3) {
				case 0 -> {
				}
				case 1 -> socket.send(RawFrame.text("CONNECT\naccept-version:1.2\n"));
				default -> socket.write(new byte[] { (byte) 0x81, (byte) 0xfe });
			}
			sockets.add(socket);
		}
		this.witness.assertGoesOn();
		for (RawSocket socket : sockets) {
			RawFrame close = socket.readClose();
			assertThat(close.closeCode()).isEqualTo(1008);
			assertThat(close.text()).isEqualTo("connect-timeout");
			socket.close();
		}
		assertThat(server.stats().framesRefused().get("connect-timeout")).isEqualTo(before + MANY);
	}

	@Test
	void halfOpenSockets() throws Exception {
		long before = server.stats().missedHeartbeats();
		List<RawSocket> sockets = new ArrayList<>();
		for (int i = 0; i < MANY; i++) {
			RawSocket socket = RawSocket.open(server.port());
			socket.send(RawFrame.text("CONNECT\naccept-version:1.2\nheart-beat:200,200\n\n\0"));
			sockets.add(socket);
		}
		// Nothing is ever said again, nor is the end of the connection
		Patience.await().until(() -> server.stats().missedHeartbeats() == before + MANY);
		for (RawSocket socket : sockets) {
			assertThat(socket.readClose().closeCode()).isEqualTo(1001);
			socket.close();
		}
	}

	@Test
	void brokenWebSocketFrames() throws Exception {
		RawFrame good = RawFrame.text("\n");
		byte[] long126 = new byte[126];
		assertCloses(1002, good.unmasked());
		assertCloses(1002, good.withReserved(1));
		assertCloses(1002, good.withReserved(4));
		assertCloses(1002, good.withOpcode(3));
		assertCloses(1002, good.withOpcode(15));
		assertCloses(1002, good.withOpcode(RawFrame.CONTINUATION));
		assertCloses(1002, RawFrame.of(RawFrame.PING, long126));
		assertCloses(1002, RawFrame.of(RawFrame.PING, new byte[0]).withFin(false));
		assertCloses(1002, good.withFin(false), good);
		assertCloses(1009, RawFrame.text("x".repeat(17_000)));
		assertCloses(1009, RawFrame.text("x".repeat(17_000)).stating(Long.MAX_VALUE, 8));
		assertCloses(1007, RawFrame.binary(new byte[] { (byte) 0xff }).withOpcode(RawFrame.TEXT));
		assertCloses(1002, RawFrame.of(RawFrame.CLOSE, new byte[1]));
	}

	/**
	 * Before CONNECT, because Tomcat may close without a close frame when that meets the
	 * end of an answer.
	 */
	private static void assertCloses(int code, RawFrame... frames) throws Exception {
		try (RawSocket socket = RawSocket.open(server.port())) {
			for (RawFrame frame : frames) {
				socket.send(frame);
			}
			assertThat(socket.readClose().closeCode()).as(frames[0].toString()).isEqualTo(code);
		}
	}

	@Test
	void messagesThatNeverEnd() throws Exception {
		try (RawSocket pieces = RawSocket.stomp(server.port()); RawSocket nothing = RawSocket.stomp(server.port())) {
			pieces.send(RawFrame.binary(new byte[1000]).withFin(false));
			nothing.send(RawFrame.binary(new byte[0]).withFin(false));
			for (int i = 0; i < 10_000; i++) {
				nothing.send(RawFrame.of(RawFrame.CONTINUATION, new byte[0]).withFin(false));
			}
			this.witness.assertGoesOn();
			for (int i = 0; i < 16; i++) {
				pieces.send(RawFrame.of(RawFrame.CONTINUATION, new byte[1000]).withFin(false));
			}
			assertThat(pieces.readClose().closeCode()).isEqualTo(1009);
		}
	}

	@Test
	void floodOfFramesFromOneAddress() throws Exception {
		int frames = 2000;
		ByteArrayOutputStream flood = new ByteArrayOutputStream();
		byte[] heartbeat = RawFrame.text("\n").bytes();
		for (int i = 0; i < frames; i++) {
			flood.writeBytes(heartbeat);
			flood.writeBytes(RawFrame.text("SEND\ndestination:/app/log/batch\n\n[{},{}]\0").bytes());
		}
		flood.writeBytes(RawFrame.text("DISCONNECT\nreceipt:r\n\n\0").bytes());
		List<RawSocket> sockets = new ArrayList<>();
		for (int i = 0; i < 8; i++) {
			sockets.add(RawSocket.stomp(server.port()));
		}
		List<Thread> threads = new ArrayList<>();
		for (RawSocket socket : sockets) {
			Thread thread = new Thread(() -> {
				try {
					socket.write(flood.toByteArray());
				}
				catch (java.io.IOException ex) {
					// The server may have had enough of it
				}
			});
			thread.start();
			threads.add(thread);
		}
		this.witness.assertGoesOn();
		for (RawSocket socket : sockets) {
			assertThat(socket.read().text()).startsWith("RECEIPT\n");
			socket.close();
		}
		Patience.await().until(() -> threads.stream().noneMatch(Thread::isAlive));
	}

	@Test
	void floodOfConnectionsFromOneAddress() throws Exception {
		for (int i = 0; i < 20; i++) {
			List<RawSocket> sockets = new ArrayList<>();
			for (int j = 0; j < MANY; j++) {
				sockets.add((j % 2 == 0) ? RawSocket.open(server.port()) : RawSocket.stomp(server.port()));
			}
			for (RawSocket socket : sockets) {
				socket.reset();
			}
		}
	}

	@Test
	void millionSessionIds() throws Exception {
		for (int i = 0; i < 300; i++) {
			try (RawSocket socket = RawSocket.stomp(server.port(), "session-id:s-" + i)) {
				socket.send(RawFrame.text("SEND\ndestination:/app/log/batch\n\n" + Batches.batch("b", "{}") + "\0"));
			}
			assertThat(server.post(Batches.of("p-" + i, "b", "{}")).statusCode()).isEqualTo(202);
		}
		assertMemoryDoesNotGrow(1_000_000, (i) -> Batches.of("s-" + i, "b"));
	}

	@Test
	void millionIdsInSubtypes() {
		// A thousand in each batch
		assertMemoryDoesNotGrow(1000, (i) -> {
			StringBuilder events = new StringBuilder();
			for (int j = 0; j < 1000; j++) {
				events.append((j > 0) ? "," : "")
					.append("{\"type\":\"metric\",\"subtype\":\"t-")
					.append(i * 1000 + j)
					.append("\"}");
			}
			return "[" + events + "]";
		});
	}

	@Test
	void millionReasonsOfDrops() {
		ChannelStats stats = assertMemoryDoesNotGrow(70_000, (i) -> {
			StringBuilder reasons = new StringBuilder("{\"batch\":\"b-" + i + "\",\"events\":[],\"dropped\":{");
			for (int j = 0; j < 15; j++) {
				reasons.append((j > 0) ? ",\"" : "\"").append(i * 15 + j).append("\":9007199254740991");
			}
			return reasons.append("}}").toString();
		});
		assertThat(stats.snapshot().droppedByClients()).hasSizeLessThanOrEqualTo(33);
		assertThat(stats.snapshot().droppedByClients().values()).allMatch((count) -> count > 0);
	}

	private static ChannelStats assertMemoryDoesNotGrow(int batches, java.util.function.IntFunction<String> batch) {
		ChannelSettings defaults = ChannelSettings.DEFAULTS;
		ChannelSettings settings = new ChannelSettings("/chsk", List.of(), "node-1", null, defaults.limits(),
				new ChannelSettings.Memory(1000, Duration.ofHours(1)), defaults.connections(), defaults.threads(),
				defaults.shutdown(), defaults.warnInterval());
		ChannelStats stats = new ChannelStats();
		AtomicLong handled = new AtomicLong();
		try (SignalPipeline pipeline = SignalPipeline.builder()
			.handler("count", (signal) -> handled.incrementAndGet(),
					HandlerOptions.DEFAULTS.withMinLevel(Level.TRACE).withQueue(null))
			.build()) {
			Admission admission = TestAdmission.open();
			BatchReceiver receiver = new BatchReceiver(settings, new Telemetry(pipeline, "test"), stats, admission,
					List.of(), null);
			Sender sender = TestAdmission.http(admission, null);
			long before = 0;
			for (int i = 0; i < batches; i++) {
				if (i == batches / 50) {
					before = Heap.live();
				}
				Answer answer = receiver.receive(sender, batch.apply(i).getBytes(StandardCharsets.UTF_8))
					.toCompletableFuture()
					.join();
				assertThat(answer instanceof Answer.Accepted).isTrue();
			}
			Heap.assertGrownByAtMost(before, 4);
			assertThat(stats.snapshot().batchesAccepted()).isEqualTo(batches);
		}
		return stats;
	}

	@Test
	void millionDestinations() {
		ChannelSettings defaults = ChannelSettings.DEFAULTS;
		AtomicLong told = new AtomicLong();
		try (SignalPipeline pipeline = SignalPipeline.builder()
			.handler("count", (signal) -> told.incrementAndGet(),
					HandlerOptions.DEFAULTS.withMinLevel(Level.TRACE).withQueue(null))
			.build()) {
			ChannelSignals signals = new ChannelSignals(new Telemetry(pipeline, "test"), defaults.warnInterval());
			long before = Heap.live();
			for (int i = 0; i < 1_000_000; i++) {
				signals.unknownDestination("/app/" + i, "c");
			}
			Heap.assertGrownByAtMost(before, 4);
			assertThat(told.get()).isBetween(1L, 100L);
		}
	}

	@Test
	void forgedUserIds() throws Exception {
		String event = "{\"type\":\"log\",\"userId\":\"root\",\"user-id\":\"root\",\"user\":{\"id\":\"root\"},"
				+ "\"claimedUserId\":\"forged\",\"sessionId\":\"root\",\"connectionId\":\"root\",\"serverId\":\"root\"}";
		String batch = "\"session\":{\"id\":\"s-f\",\"user\":\"root\"},\"user\":{\"id\":\"root\"},\"userId\":\"root\","
				+ "\"events\":[" + event + "]}";
		CollectedSignals collected = new CollectedSignals();
		server.signals().giveTo((signal) -> {
			judge.accept(signal);
			collected.handle(signal);
		});
		try (RawSocket socket = RawSocket.open(server.port(), "user-id: root", "X-Forwarded-User: root",
				"Cookie: user-id=root", "From: root")) {
			socket.send(RawFrame.text("CONNECT\naccept-version:1.2\nheart-beat:0,0\nsession-id:s-f\nuser-id:root\n"
					+ "login:root\nuser-name:root\nsimpUser:root\nsimpSessionId:root\nuser:root\n\n\0"));
			assertThat(socket.read().text()).contains("session-id:s-f\n", "user-id:anon-").doesNotContain("root");
			socket.send(RawFrame.text("SEND\ndestination:/app/log/batch\nuser-id:root\nsimpUser:root\nreceipt:r\n\n"
					+ "{\"batch\":\"f-1\"," + batch + "\0"));
			assertThat(socket.read().text()).startsWith("RECEIPT");
		}
		HttpResponse<String> response = server.post("{\"batch\":\"f-2\"," + batch, "user-id", "root",
				"X-Forwarded-User", "root", "Cookie", "user-id=root");
		assertThat(response.statusCode()).isEqualTo(202);
		server.signals().giveTo(judge);
		assertThat(collected.browser().stream().filter((signal) -> "s-f".equals(signal.data().get("sessionId"))))
			.hasSize(2)
			.allSatisfy((signal) -> assertThat(signal.data()).containsEntry("claimedUserId", "root")
				.containsEntry("serverId", "node-1")
				.doesNotContainEntry("connectionId", "root")
				.extractingByKey("userId")
				.asString()
				.startsWith("anon-"));
	}

	@Test
	void forgedDestinations() throws Exception {
		try (StompProbe victim = server.connect("session-id", "victim")) {
			String user = victim.awaitFrame("CONNECTED").replaceAll("(?s).*user-id:([^\n]+).*", "$1");
			int before = victim.frames().size();
			List<String> destinations = List.of("/user/" + user + "/queue/acks", "/user/" + user + "/queue/control",
					"/user/victim/queue/acks", "/queue/acks-user" + user, "/queue/acks-uservictim", "/queue/acks",
					"/user/queue/acks/", "/user/queue/acks/../control", "/user//queue/acks", "/USER/queue/acks",
					"/user/queue/acks\\c1", "/user/queue/ack%73", "%2Fuser%2Fqueue%2Facks", " /user/queue/acks",
					"/user/queue/acks ", "/topic/../user/queue/acks", "/topic/control/..", "/topic", "/topic/",
					"topic/control", "/topic/control\\n", "/app", "/App/log/batch", "/exchange/amq.topic/x", "", "\\c");
			for (String destination : destinations) {
				assertRefused("forbidden-destination", "SUBSCRIBE\nid:x\ndestination:" + destination + "\n\n\0");
				assertRefused("forbidden-destination",
						"SEND\ndestination:" + destination + "\n\n{\"type\":\"flush\"}\0");
			}
			for (String destination : List.of("/topic/control", "/user/queue/acks", "/user/queue/control",
					"/topic/signals")) {
				assertRefused("forbidden-destination",
						"SEND\ndestination:" + destination + "\n\n{\"type\":\"flush\"}\0");
			}
			// Under the application's prefix nothing is resolved either
			long unknown = server.stats().unknownDestinations();
			List<String> nowhere = List.of("/app/../topic/control", "/app/log/batch/../urgent", "/app/log/batch/",
					"/app/log//batch", "/app/log/%62atch", "/app/log/BATCH", "/app//topic/control", "/app/*");
			try (RawSocket socket = RawSocket.stomp(server.port())) {
				for (String destination : nowhere) {
					socket.send(RawFrame.text("SEND\ndestination:" + destination + "\nreceipt:r\n\n{}\0"));
					assertThat(socket.read().text()).startsWith("RECEIPT\n");
				}
			}
			assertThat(server.stats().unknownDestinations()).isEqualTo(unknown + nowhere.size());
			victim.batch(Batches.batch("mine", "{}"));
			victim.awaitAcknowledgement();
			assertThat(victim.frames()).hasSize(before);
		}
	}

	private static void assertRefused(String reason, String... frames) throws Exception {
		try (RawSocket socket = RawSocket.stomp(server.port())) {
			for (String frame : frames) {
				socket.send(RawFrame.text(frame));
			}
			assertThat(socket.read().text()).as(frames[0]).startsWith("ERROR\n").contains("message:" + reason + "\n");
			RawFrame close = socket.read();
			assertThat(close.closeCode()).isEqualTo(1008);
			assertThat(close.text()).isEqualTo(reason);
		}
	}

	@Test
	void headerInjection() throws Exception {
		String[] escapes = { "a\\nb", "a\\r\\nb", "a\\cb", "a\u001b[2Jb", "a\u009bb", "a\u202eb", "a\u2028b", "a\tb" };
		for (String escape : escapes) {
			try (RawSocket socket = RawSocket.open(server.port())) {
				socket.send(RawFrame.text("CONNECT\naccept-version:1.2\nheart-beat:0,0\nsession-id:" + escape
						+ "\nuser-id:" + escape + "\nhost:" + escape + "\n\n\0"));
				assertHead(socket.read().text(), "CONNECTED", 5);
				socket.send(RawFrame
					.text("SUBSCRIBE\nid:" + escape + "\ndestination:/user/queue/acks\nreceipt:" + escape + "\n\n\0"));
				assertHead(socket.read().text(), "RECEIPT", 3);
				socket.send(RawFrame.text("SEND\ndestination:/app/log/batch\n\n{\"batch\":\"" + json(escape)
						+ "\",\"events\":[{\"type\":\"" + json(escape) + "\",\"message\":\"" + json(escape)
						+ "\"}]}\0"));
				String answer = socket.read().text();
				assertHead(answer.substring(0, answer.indexOf("\n\n") + 2) + "\0", "MESSAGE", 6);
				socket.send(RawFrame.text("SEND\ndestination:/app/" + escape + "\n\n\0"));
				socket.send(RawFrame.text("SEND\ndestination:" + escape + "\nreceipt:" + escape + "\n\n\0"));
				assertHead(socket.read().text(), "ERROR", 4);
				assertThat(socket.read().text()).isEqualTo("forbidden-destination");
			}
			HttpResponse<String> response = server.post(
					"{\"batch\":\"" + json(escape) + "\",\"events\":[],\"session\":{\"id\":\"" + json(escape) + "\"}}");
			assertThat(response.headers().map().keySet()).map(String::toLowerCase)
				.isSubsetOf("cache-control", "connection", "content-length", "content-type", "date", "keep-alive",
						"vary", "x-content-type-options");
		}
		// As they are they end a header, a frame or the connection
		assertRefused("bad-frame", "SEND\ndestination:/app/log/batch\rx\n\n\0");
		assertRefused("bad-frame", "SEND\ndestination:/app/log/batch\0\n\n\0");
		assertRefused("bad-frame", "SEND\ndestination:/app/log/batch\nreceipt:a\\tb\n\n\0");
		assertThat(this.log.lines()).noneMatch((line) -> line.chars().anyMatch(Character::isISOControl));
	}

	/**
	 * A STOMP frame without a body, whose head has lines enough and nothing but text.
	 */
	private static void assertHead(String frame, String command, int mostHeaders) {
		assertThat(frame).startsWith(command + "\n").endsWith("\n\n\0");
		String[] lines = frame.substring(0, frame.length() - 3).split("\n", -1);
		assertThat(lines).hasSizeLessThanOrEqualTo(mostHeaders + 1).doesNotContain("");
	}

	private static String json(String escape) {
		return escape.replace("\\c", ":").replace("\t", "\\t").replace("\u001b", "\\u001b");
	}

	@Test
	void deepJson() throws Exception {
		assertAnswers("\"malformed\"", "{\"batch\":\"d\",\"events\":[" + "[".repeat(200_000));
		assertAnswers("\"malformed\"", "{\"batch\":\"d\",\"x\":" + "{\"a\":".repeat(80_000));
		assertAnswers("\"index\":0,\"reason\":\"too-deep\"",
				Batches.batch("d-1", "{\"a\":" + "[".repeat(900) + "]".repeat(900) + "}"));
	}

	@Test
	void wideJson() throws Exception {
		assertAnswers("\"index\":0,\"reason\":\"too-many-keys\"", Batches.batch("w-1", Batches.wide(40_000)));
		assertAnswers("\"index\":0,\"reason\":\"too-many-keys\"",
				Batches.batch("w-2", "{\"a\":[" + "1,".repeat(200_000) + "1]}"));
		assertAnswers("\"too-many-events\"", Batches.repeated("w-3", "{}", 150_000));
	}

	@Test
	void duplicateKeys() throws Exception {
		assertAnswers("\"index\":0,\"reason\":\"too-many-keys\"",
				Batches.batch("k-1", "{\"a\":1" + ",\"a\":1".repeat(50_000) + "}"));
		assertAnswers("\"accepted\":1", Batches.batch("k-2", "{\"type\":\"log\",\"type\":\"error\",\"userId\":\"x\","
				+ "\"userId\":\"FORGED\",\"timestamp\":1,\"timestamp\":2}"));
		assertAnswers("\"malformed\"", "{\"batch\":\"k-3\",\"events\":[],\"events\":[]}");
	}

	@Test
	void numbersOfTenThousandDigits() throws Exception {
		String digits = "9".repeat(10_000);
		for (String number : List.of(digits, "-" + digits, "0." + digits, "1e" + digits, digits + "e-" + digits)) {
			String id = "n-" + Integer.toHexString(number.hashCode());
			assertAnswers("\"accepted\":0,\"rejected\":[{\"index\":0,\"reason\":\"too-long\"}]",
					"{\"batch\":\"" + id + "\",\"seq\":" + number + ",\"sentAt\":" + number + ",\"dropped\":{\"a\":"
							+ number + "},\"more\":" + number + ",\"events\":[{\"timestamp\":" + number + "}]}");
		}
	}

	@Test
	void loneSurrogates() throws Exception {
		assertAnswers("\"batch\":null,\"reason\":\"malformed\"", "{\"batch\":\"\\ud800\",\"events\":[]}");
		assertAnswers("\"accepted\":1", Batches.batch("l-1",
				"{\"type\":\"\\udfff\",\"message\":\"a\\ud800\",\"a\":\"\\udc00\\ud83d\\ude00\\ud83d\"}"));
		// As a name it is none
		assertAnswers("\"batch\":\"l-2\",\"reason\":\"malformed\"", Batches.batch("l-2", "{\"\\udc00\":1}"));
	}

	@Test
	void invalidUtf8() throws Exception {
		for (int[] octets : new int[][] { { 0xff }, { 0xed, 0xa0, 0x80 }, { 0xf0, 0x9f, 0x98 }, { 0x80 }, { 0xc3 } }) {
			assertAnswers("\"batch\":\"u\",\"reason\":\"malformed\"", batchWith("u", octets), "");
		}
		// Characters written longer than they are, and some that are none: taken for
		// what they may mean, and never written so
		for (int[] octets : new int[][] { { 0xc0, 0x80 }, { 0xc0, 0xa2 }, { 0xe0, 0x80, 0x8a },
				{ 0xf5, 0x80, 0x80, 0x80 }, { 0xf0, 0x80, 0x80, 0x80 } }) {
			String id = "u-" + octets[0] + octets[1];
			assertAnswers("\"batch\":\"" + id + "\"", batchWith(id, octets), "");
		}
	}

	private static byte[] batchWith(String id, int[] octets) {
		ByteArrayOutputStream body = new ByteArrayOutputStream();
		body.writeBytes(("{\"batch\":\"" + id + "\",\"events\":[{\"message\":\"").getBytes(StandardCharsets.US_ASCII));
		for (int octet : octets) {
			body.write(octet);
		}
		body.writeBytes("\"}]}".getBytes(StandardCharsets.US_ASCII));
		return body.toByteArray();
	}

	@Test
	void gzipOfGzip() throws Exception {
		byte[] once = Batches.gzip(Batches.batch("z", "{}"));
		byte[] twice = Batches.gzip(once);
		assertAnswers("\"malformed\"", twice, "content-encoding:gzip\n");
		byte[] bomb = Batches.gzip(Batches.gzip("0".repeat(100_000_000)));
		assertAnswers("\"malformed\"", bomb, "content-encoding:gzip\n");
	}

	@Test
	void chunkedBodiesThatNeverEnd() throws Exception {
		long before = server.stats().batchesRefused().get("too-large");
		byte[] chunk = ("1000\r\n" + " ".repeat(0x1000) + "\r\n").getBytes(StandardCharsets.US_ASCII);
		for (int i = 0; i < 3; i++) {
			try (RawSocket socket = RawSocket.connect(server.port())) {
				socket.write("POST /chsk/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
						+ "Transfer-Encoding: chunked\r\n\r\n");
				// Until nobody takes it any more
				for (int j = 0; j < 100_000; j++) {
					socket.write(chunk);
				}
			}
			catch (java.io.IOException ex) {
				continue;
			}
			throw new AssertionError("The server reads on for ever");
		}
		assertThat(server.stats().batchesRefused().get("too-large")).isEqualTo(before + 3);
	}

	@ParameterizedTest
	@ValueSource(ints = { 12, 100 })
	void slowPosts(int many) throws Exception {
		long before = server.stats().unfinished();
		List<RawSocket> sockets = new ArrayList<>();
		for (int i = 0; i < many; i++) {
			sockets.add(RawSocket.connect(server.port()).write(post("Transfer-Encoding: chunked")));
		}
		List<RawSocket> slow = new ArrayList<>(sockets);
		while (!slow.isEmpty()) {
			this.witness.assertGoesOn();
			slow.removeIf((socket) -> socket.isAnswered() || !isTaken(socket, "1\r\n \r\n"));
		}
		for (RawSocket socket : sockets) {
			assertThat(socket.head()).startsWith("HTTP/1.1 408 ").contains("Connection: close");
			socket.readToEnd();
			socket.close();
		}
		assertThat(server.stats().unfinished()).isEqualTo(before + many);
	}

	private static boolean isTaken(RawSocket socket, String text) {
		try {
			socket.write(text);
			return true;
		}
		catch (java.io.IOException ex) {
			return false;
		}
	}

	@Test
	void contentLengthThatLies() throws Exception {
		long before = server.stats().unfinished();
		try (RawSocket more = RawSocket.connect(server.port()); RawSocket huge = RawSocket.connect(server.port())) {
			more.write(post("Content-Length: 1000") + Batches.batch("c"));
			more.finishSending();
			more.readToEnd();
			huge.write(post("Content-Length: 9223372036854775807"));
			assertThat(huge.head()).startsWith("HTTP/1.1 413 ");
		}
		Patience.await().until(() -> server.stats().unfinished() == before + 1);
		try (RawSocket both = RawSocket.connect(server.port())) {
			both.write(post("Content-Length: 5\r\nTransfer-Encoding: chunked")
					+ "0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n");
			assertThat(both.head()).startsWith("HTTP/1.1 400 ");
			assertThat(new String(both.readToEnd(), StandardCharsets.ISO_8859_1)).doesNotContain("smuggled");
		}
	}

	private static String post(String headers) {
		return "POST /chsk/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + headers
				+ "\r\n\r\n";
	}

	@Test
	void connectTwice() throws Exception {
		assertRefused("already-connected", "CONNECT\naccept-version:1.2\nuser-id:root\n\n\0");
		assertRefused("already-connected", "STOMP\naccept-version:1.2\n\n\0");
		// Both in one message
		try (RawSocket socket = RawSocket.open(server.port())) {
			String connect = "CONNECT\naccept-version:1.2\nheart-beat:0,0\nsession-id:s-%s\n\n\0";
			socket.send(RawFrame.text(connect.formatted(1) + connect.formatted(2)));
			List<String> frames = List.of(socket.read().text(), socket.read().text());
			assertThat(frames).noneMatch((frame) -> frame.contains("s-2"))
				.anyMatch((frame) -> frame.contains("message:already-connected"));
		}
	}

	@Test
	void sendBeforeConnect() throws Exception {
		long before = server.stats().batchesAccepted();
		for (String frame : List.of("SEND\ndestination:/app/log/batch\n\n" + Batches.batch("early", "{}") + "\0",
				"SUBSCRIBE\nid:a\ndestination:/user/queue/acks\n\n\0", "DISCONNECT\nreceipt:r\n\n\0",
				"UNSUBSCRIBE\nid:a\n\n\0", "BEGIN\ntransaction:t\n\n\0")) {
			try (RawSocket socket = RawSocket.open(server.port())) {
				socket.send(RawFrame.text(frame));
				assertThat(socket.read().text()).contains("message:not-connected\n");
				assertThat(socket.read().closeCode()).isEqualTo(1008);
			}
		}
		// The witness's only
		assertThat(server.stats().batchesAccepted() - before).isLessThanOrEqualTo(this.witness.served() + 1);
	}

	@Test
	void subscribeToPatterns() throws Exception {
		for (String pattern : List.of("*", "/**", "/*", "/topic/*", "/topic/**", "/topic/contro?", "/topic/{name}",
				"/topic/control*", "/user/*/queue/acks", "/user/queue/*", "/topic/#", "/topic/>", "/topic/control,*",
				"/topic/(control)", "/topic/[c]ontrol", "/topic/.*")) {
			assertRefused("forbidden-destination", "SUBSCRIBE\nid:p\ndestination:" + pattern + "\n\n\0");
		}
		try (RawSocket socket = RawSocket.stomp(server.port())) {
			// A selector is an expression to Spring's broker, where it reads one
			socket.send(RawFrame.text("SUBSCRIBE\nid:p\ndestination:/topic/control\nreceipt:r\n"
					+ "selector:T(java.lang.System).setProperty('hacked','1') != null\n\n\0"));
			assertThat(socket.read().text()).startsWith("RECEIPT");
		}
		assertThat(System.getProperty("hacked")).isNull();
	}

	private static void assertAnswers(String expected, String body) throws Exception {
		assertAnswers(expected, body.getBytes(StandardCharsets.UTF_8), "");
	}

	/**
	 * On both roads; the connection goes on.
	 */
	private static void assertAnswers(String expected, byte[] body, String encoding) throws Exception {
		try (StompProbe probe = server.connect()) {
			probe.batchWith(encoding, body);
			assertHolds(probe.awaitAcknowledgement(), expected);
			probe.batch(Batches.batch("behind", "{}"));
			assertThat(probe.awaitAcknowledgement()).contains("\"accepted\":1");
		}
		String[] headers = encoding.isEmpty() ? new String[0] : new String[] { "Content-Encoding", "gzip" };
		assertHolds(server.post(body, headers).body(), expected);
	}

	private static void assertHolds(String answer, String expected) {
		assertThat(answer).contains(expected.split(","));
	}

}
