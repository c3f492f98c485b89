package io.telemetry.boot.channel;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.telemetry.Telemetry;
import io.telemetry.boot.channel.ChannelSettings.Limits;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Level;
import org.junit.jupiter.api.Test;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.messaging.Message;
import org.springframework.messaging.simp.stomp.StompDecoder;
import org.springframework.messaging.simp.stomp.StompHeaderAccessor;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Inputs that nobody would think of, on every road. Whatever comes: no exception escapes,
 * no thread dies, nothing grows, whoever behaves is served, and what is handed on is
 * within the limits.
 */
class ChannelFuzzTests {

	private static final Limits SMALL = new Limits(4096, 10, 4, 64, 8);

	/** A reader of its own make, which knows no limits. */
	private static final JsonMapper JSON = JsonMapper
		.builder(JsonFactory.builder()
			.streamReadConstraints(StreamReadConstraints.builder()
				.maxNestingDepth(100_000)
				.maxNumberLength(1_000_000)
				.maxNameLength(1_000_000)
				.build())
			.build())
		.build();

	private static final Set<String> ANSWERS = Set.of("CONNECTED", "MESSAGE", "RECEIPT", "ERROR", "\n");

	private static final Set<Integer> CLOSE_CODES = Set.of(1000, 1001, 1002, 1003, 1005, 1007, 1008, 1009);

	private static final Set<Integer> ANY_CODE = IntStream.range(0, 0x10000).boxed().collect(Collectors.toSet());

	private static final Set<Integer> STATUS = Set.of(100, 200, 202, 204, 400, 401, 403, 404, 405, 408, 411, 413, 415,
			417, 429, 501, 505);

	/**
	 * Every frame that is found is one that Spring's decoder reads, as one frame and with
	 * the same body; what is kept is bounded.
	 */
	@Test
	void framesAreFoundOrRefused() {
		Fuzz.of("frames", 5_000).run((random) -> new Hostile(random).stomp(), (input, random) -> {
			FrameAssembler assembler = TestAdmission.assembler(SMALL.maxBatchSize());
			List<Frame> frames = new ArrayList<>();
			int position = 0;
			FrameRefusal refusal = null;
			int most = 1 + random.nextInt(random.nextBoolean() ? 10 : input.length + 1);
			while (position < input.length && refusal == null) {
				int end = Math.min(input.length, position + 1 + random.nextInt(most));
				refusal = assembler.take(ByteBuffer.wrap(input, position, end - position), frames::add);
				position = end;
			}
			StompDecoder decoder = new StompDecoder();
			for (Frame frame : frames) {
				assertThat(frame.end()).isLessThanOrEqualTo(FrameAssembler.MAX_HEAD + SMALL.maxBatchSize() + 1);
				if (!frame.oversized()) {
					assertSameAsSpring(frame, decoder);
				}
			}
			if (refusal != null) {
				assertThat(refusal).isIn(FrameRefusal.BAD_FRAME, FrameRefusal.HEADERS_TOO_LONG);
			}
		});
	}

	private static void assertSameAsSpring(Frame frame, StompDecoder decoder) {
		List<Message<byte[]>> decoded;
		try {
			decoded = decoder.decode(ByteBuffer.wrap(Arrays.copyOf(frame.bytes(), frame.end())));
		}
		catch (IllegalArgumentException ex) {
			// Headers that Spring stumbles over, in the one frame that it never sees
			assertThat(frame.command()).isEqualTo("SEND");
			assertThat(List.of("content-type", "heart-beat")).anyMatch((name) -> frame.header(name) != null);
			return;
		}
		assertThat(decoded).hasSize(1);
		assertThat(frame.bytes()[frame.end() - 1]).isZero();
		assertThat(frame.body()).isEqualTo(decoded.get(0).getPayload());
		StompHeaderAccessor headers = StompHeaderAccessor.wrap(decoded.get(0));
		assertThat(frame.command()).isEqualTo(String.valueOf(headers.getCommand()));
		if (frame.command().equals("SEND")) {
			for (String name : List.of("destination", "receipt", "content-encoding", "content-length")) {
				assertThat(frame.header(name)).as(name).isEqualTo(headers.getFirstNativeHeader(name));
			}
		}
	}

	/**
	 * However a stream is cut into messages, the same frames are found in it.
	 */
	@Test
	void framesAreTheSameHoweverTheyAreCut() {
		Fuzz.of("cuts", 1_000).run((random) -> new Hostile(random).stomp(), (input, random) -> {
			String whole = frames(input, input.length + 1);
			assertThat(frames(input, 1 + random.nextInt(200))).isEqualTo(whole);
			assertThat(frames(input, 1)).isEqualTo(whole);
		});
	}

	private static String frames(byte[] input, int piece) {
		FrameAssembler assembler = TestAdmission.assembler(SMALL.maxBatchSize());
		StringBuilder found = new StringBuilder();
		FrameRefusal refusal = null;
		for (int start = 0; start < input.length && refusal == null; start += piece) {
			refusal = assembler.take(ByteBuffer.wrap(input, start, Math.min(input.length, start + piece) - start),
					(frame) -> found.append(frame.command())
						.append(frame.oversized())
						.append(Arrays.hashCode(Arrays.copyOf(frame.bytes(), frame.end())))
						.append(frame.bodyStart())
						.append(' '));
		}
		return found.append(refusal).toString();
	}

	/**
	 * A batch or a refusal, and of a batch every event is either there or rejected.
	 */
	@Test
	void batchesAreReadOrRefused() {
		BatchDecoder[] decoders = { new BatchDecoder(SMALL), new BatchDecoder(Limits.DEFAULTS) };
		Fuzz.of("batches", 5_000).run((random) -> new Hostile(random).batch(), (input, random) -> {
			for (BatchDecoder decoder : decoders) {
				String id;
				try {
					DecodedBatch batch = decoder.decode(input, 0, input.length);
					id = batch.id();
					assertThat(batch.size()).isEqualTo(events(input));
					AnswerWriter
						.acknowledgement(new Answer.Accepted(id, batch.events().size(), batch.rejections(), false));
				}
				catch (BatchRefusedException ex) {
					id = ex.batch();
					AnswerWriter.problem(new Answer.Refused(id, ex.reason(), 0));
				}
				if (id != null) {
					assertThat(id).matches("[^\\p{Cntrl}\\p{Cs}]{1,64}");
				}
			}
		});
	}

	/**
	 * How many events another reader finds in a batch.
	 */
	private static int events(byte[] input) {
		JsonNode root;
		try {
			root = JSON.readTree(input);
		}
		catch (StreamReadException ex) {
			// What is passed over need not be UTF-8
			assertThat(ex).hasMessageContaining("Invalid UTF-8");
			root = JSON.readTree(new String(input, StandardCharsets.UTF_8));
		}
		return root.isArray() ? root.size() : root.path("events").size();
	}

	/**
	 * From bytes to signals, without a network between.
	 */
	@Test
	void batchesBecomeSignalsOrRefusals() {
		SignalJudge judge = new SignalJudge(Limits.DEFAULTS);
		CollectedSignals signals = new CollectedSignals();
		signals.giveTo(judge);
		ChannelStats stats = new ChannelStats();
		ChannelSettings defaults = ChannelSettings.DEFAULTS;
		ChannelSettings settings = new ChannelSettings("/chsk", List.of(), "node-1", null, defaults.limits(),
				new ChannelSettings.Memory(100, Duration.ofHours(1)), defaults.connections(), defaults.threads(),
				defaults.shutdown(), defaults.warnInterval());
		try (SignalPipeline pipeline = SignalPipeline.builder()
			.handler("judge", signals, HandlerOptions.DEFAULTS.withMinLevel(Level.TRACE).withQueue(null))
			.build()) {
			Instant now = Instant.parse("2026-01-01T00:00:00.500Z");
			Admission admission = TestAdmission.open();
			BatchReceiver receiver = new BatchReceiver(settings, new Telemetry(pipeline, "test"), stats, admission,
					List.of(), null, () -> now);
			Sender stomp = TestAdmission.stomp(admission, "c-1", "s-1", Hostile.FORGED);
			Sender http = TestAdmission.http(admission, null);
			Fuzz.of("signals", 5_000).run((random) -> new Hostile(random).batch(), (input, random) -> {
				long before = judge.browser();
				Answer answer = receiver.receive(random.nextBoolean() ? stomp : http, input)
					.toCompletableFuture()
					.join();
				long made = judge.browser() - before;
				if (answer instanceof Answer.Accepted accepted && !accepted.duplicate()) {
					assertThat(made).isEqualTo(accepted.accepted());
					assertThat(accepted.accepted() + accepted.rejected().size()).isEqualTo(events(input));
				}
				else {
					assertThat(made).isZero();
				}
				judge.assertContent();
				assertThat(stats.snapshot().processingErrors()).isZero();
				assertThat(stats.snapshot().droppedByClients().values()).allMatch((count) -> count > 0);
			});
			assertThat(stats.snapshot().eventsAccepted()).isEqualTo(judge.browser());
		}
	}

	@Test
	void webSocketFramesHarmNobody() throws Exception {
		// A close frame is answered by one with the same code
		againstTheServer(Fuzz.of("websocket", 300), Hostile::webSocket, ANY_CODE);
	}

	@Test
	void stompFramesHarmNobody() throws Exception {
		againstTheServer(Fuzz.of("stomp", 300), (hostile) -> hostile.messages(hostile.stomp()), CLOSE_CODES);
	}

	@Test
	void postsHarmNobody() throws Exception {
		againstTheServer(Fuzz.of("post", 300), Hostile::requests, null);
	}

	private void againstTheServer(Fuzz fuzz, Attack attack, Set<Integer> closeCodes) throws Exception {
		try (ChannelServer server = ChannelServer
			.startWithoutRateLimits("telemetry.channel.acknowledged-memory.batches=1000");
				LogWatch log = new LogWatch()) {
			SignalJudge judge = new SignalJudge(Limits.DEFAULTS);
			server.signals().giveTo(judge);
			try (Witness witness = Witness.of(server)) {
				Fuzz.Target target = (input, random) -> {
					try (RawSocket socket = (closeCodes != null) ? RawSocket.open(server.port())
							: RawSocket.connect(server.port())) {
						if (send(socket, input, random)) {
							byte[] answers = socket.readToEnd();
							if (closeCodes != null) {
								assertFrames(answers, closeCodes);
							}
							else {
								assertResponses(answers);
							}
						}
					}
					judge.assertContent();
				};
				Fuzz.Generator generator = (random) -> attack.bytes(new Hostile(random));
				Fuzz.warmUp(50).on(3).run(generator, target);
				witness.assertGoesOn();
				long before = Heap.live();
				fuzz.on(3).run(generator, target);
				witness.assertGoesOn();
				Heap.assertGrownByAtMost(before, 16);
				Patience.await().until(() -> server.stats().connectionsOpen() == 1);
			}
			judge.assertContent();
			log.assertNoComplaints();
			assertThat(server.stats().processingErrors()).isZero();
			assertThat(server.stats().framesRefused()).containsEntry("server-error", 0L);
		}
	}

	/**
	 * Sends the input and ends the connection in one of several ways.
	 * @return whether there may be something to read
	 */
	private static boolean send(RawSocket socket, byte[] input, SplittableRandom random) throws IOException {
		try {
			int cut = random.nextInt(input.length + 1);
			socket.write(Arrays.copyOf(input, cut));
			socket.write(Arrays.copyOfRange(input, cut, input.length));
			if (random.nextInt(10) == 0) {
				socket.reset();
				return false;
			}
			if (random.nextInt(10) == 0) {
				return false;
			}
			socket.finishSending();
		}
		catch (java.net.SocketException ex) {
			// The server has ended it before
		}
		return true;
	}

	private static void assertFrames(byte[] answers, Set<Integer> closeCodes) throws IOException {
		ByteArrayInputStream in = new ByteArrayInputStream(answers);
		while (in.available() > 0) {
			RawFrame frame;
			try {
				frame = RawSocket.read(in);
			}
			catch (EOFException ex) {
				// Cut by a reset
				return;
			}
			if (isCutByClose(frame)) {
				return;
			}
			assertThat(frame.mask()).isNull();
			assertThat(frame.reserved()).isZero();
			assertThat(frame.opcode()).isIn(RawFrame.TEXT, RawFrame.BINARY, RawFrame.CLOSE, RawFrame.PONG);
			if (frame.opcode() == RawFrame.CLOSE) {
				assertThat(frame.closeCode()).as(frame.text()).isIn(closeCodes);
			}
			else if (frame.opcode() != RawFrame.PONG) {
				assertStomp(frame.text());
			}
		}
	}

	/**
	 * Where Tomcat closes by itself while an answer is on its way, one of both can be
	 * written behind the head of the other. It is the end of the connection either way.
	 */
	private static boolean isCutByClose(RawFrame frame) {
		boolean codeWithoutHead = !frame.fin() && frame.reserved() == 0 && frame.opcode() == 3;
		boolean answerBehindHead = frame.opcode() == RawFrame.CLOSE
				&& ANSWERS.stream().anyMatch(new String(frame.payload(), StandardCharsets.UTF_8)::startsWith);
		return codeWithoutHead || answerBehindHead;
	}

	private static void assertStomp(String text) {
		if (text.equals("\n")) {
			return;
		}
		String command = text.substring(0, text.indexOf('\n'));
		assertThat(command).isIn(ANSWERS);
		int end = text.indexOf("\n\n");
		assertThat(text.substring(0, end)).matches("[^\\p{Cntrl}]+(\n[^\\p{Cntrl}]+)*");
		String body = text.substring(end + 2, text.length() - 1);
		assertThat(text).endsWith("\0");
		if (command.equals("MESSAGE")) {
			assertThat(JSON.readTree(body).path("status").asString()).isIn("accepted", "refused");
		}
		else {
			assertThat(body).isEmpty();
		}
		if (command.equals("ERROR")) {
			assertThat(text).doesNotContain("server-error")
				.containsPattern("message:("
						+ String.join("|", Arrays.stream(FrameRefusal.values()).map(FrameRefusal::toString).toList())
						+ ")\n");
		}
	}

	private static void assertResponses(byte[] answers) {
		String text = new String(answers, StandardCharsets.ISO_8859_1);
		while (text.startsWith("HTTP/1.1 ")) {
			int status = Integer.parseInt(text.substring(9, 12));
			assertThat(status).as(text).isIn(STATUS);
			int end = text.indexOf("\r\n\r\n");
			assertThat(text.substring(0, end)).doesNotContain(Hostile.FORGED, "Set-Cookie", "forged");
			int next = text.indexOf("HTTP/1.1 ", end);
			text = (next > 0) ? text.substring(next) : "";
		}
		// A request of HTTP/0.9 is answered by a page without a head
		assertThat(text).matches("(?s)|<!doctype html>.*HTTP Status (400|505) .*");
	}

	@FunctionalInterface
	private interface Attack {

		byte[] bytes(Hostile hostile);

	}

}
