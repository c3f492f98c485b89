package io.telemetry.boot.channel;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

import io.telemetry.boot.channel.limit.BytesInHand;
import org.junit.jupiter.api.Test;

import org.springframework.messaging.Message;
import org.springframework.messaging.simp.stomp.StompDecoder;

import static org.assertj.core.api.Assertions.assertThat;

class FrameAssemblerTests {

	private static final String FRAMES = "\n\r\nCONNECT\r\naccept-version:1.2\r\n\r\n\0\n\nSEND\ndestination:/app/a\n\nbody\0"
			+ "SEND\ncontent-length:5\ndestination:/app/b\n\na\0b\0c\0\nDISCONNECT\n\n\0";

	@Test
	void framesAreFoundHoweverTheyAreSplit() {
		byte[] bytes = FRAMES.getBytes(StandardCharsets.UTF_8);
		for (int size = 1; size <= bytes.length; size++) {
			List<Frame> frames = new ArrayList<>();
			assertThat(feed(TestAdmission.assembler(100), bytes, size, frames)).isNull();
			assertThat(frames).extracting(Frame::command).containsExactly("CONNECT", "SEND", "SEND", "DISCONNECT");
			assertThat(text(frames.get(2))).endsWith("\n\na\0b\0c\0");
			assertThat(frames).noneMatch(Frame::oversized);
		}
	}

	@Test
	void oversizedFrameIsSkippedToItsEnd() {
		for (String length : List.of("", "content-length:1000\n")) {
			String frame = "SEND\n" + length + "destination:/app/a\n\n" + "x".repeat(1000) + "\0SEND\n\nnext\0";
			for (int size : new int[] { 1, 7, 64, 5000 }) {
				List<Frame> frames = new ArrayList<>();
				assertThat(feed(TestAdmission.assembler(10), frame.getBytes(StandardCharsets.UTF_8), size, frames))
					.isNull();
				assertThat(frames).extracting(Frame::oversized).containsExactly(true, false);
				assertThat(text(frames.get(0))).endsWith("\n\n" + "x".repeat(10));
			}
		}
	}

	@Test
	void bodyOfExactlyTheLimitIsWhole() {
		List<Frame> frames = new ArrayList<>();
		feed(TestAdmission.assembler(10), "SEND\n\n0123456789\0".getBytes(StandardCharsets.UTF_8), 3, frames);
		assertThat(frames).extracting(Frame::oversized).containsExactly(false);
	}

	@Test
	void frameThatThereIsNoRoomForIsSkippedToItsEnd() {
		for (String length : List.of("", "content-length:9000\n")) {
			String frame = "SEND\n" + length + "destination:/app/a\n\n" + "x".repeat(9000) + "\0SEND\n\nnext\0";
			for (int size : new int[] { 1, 700, 2000, 20_000 }) {
				BytesInHand inHand = TestAdmission.room(5000);
				long before = inHand.snapshot().used();
				List<Frame> frames = new ArrayList<>();
				FrameAssembler assembler = TestAdmission.assembler(10_000, inHand);
				assertThat(feed(assembler, frame.getBytes(StandardCharsets.UTF_8), size, frames)).isNull();
				assertThat(frames).extracting(Frame::extent).containsExactly(Frame.Extent.NO_ROOM, Frame.Extent.WHOLE);
				assertThat(text(frames.get(0))).matches("(?s)SEND\n.*destination:/app/a\n\nx+")
					.hasSizeBetween(600, FrameAssembler.FIRST_PIECE);
				assertThat(frames.get(0).bytes()).hasSizeLessThanOrEqualTo(FrameAssembler.FIRST_PIECE);
				assertThat(frames.get(0).reserved()).isZero();
				assertThat(inHand.snapshot().used() - before).isEqualTo(frames.get(1).reserved()).isPositive();
				assertThat(inHand.snapshot().refused()).isOne();
			}
		}
	}

	@Test
	void frameThatIsTooLargeAnywayIsToldToBe() {
		String frame = "SEND\n\n" + "x".repeat(20_000) + "\0";
		List<Frame> frames = new ArrayList<>();
		feed(TestAdmission.assembler(10_000, TestAdmission.room(3000)), frame.getBytes(StandardCharsets.UTF_8), 1000,
				frames);
		assertThat(frames).extracting(Frame::extent).containsExactly(Frame.Extent.OVERSIZED);
	}

	@Test
	void headersThatThereIsNoRoomForAreRefused() {
		String head = "SUBSCRIBE\n" + "a:b\n".repeat(1000);
		BytesInHand inHand = TestAdmission.room(3000);
		long before = inHand.snapshot().used();
		for (int size : new int[] { 1, 1000, 4000 }) {
			assertThat(feed(TestAdmission.assembler(100, inHand), head.getBytes(StandardCharsets.UTF_8), size,
					new ArrayList<>()))
				.isEqualTo(FrameRefusal.OVERLOADED);
			assertThat(inHand.snapshot().used()).isEqualTo(before);
		}
	}

	@Test
	void shortFrameOfOneMessageIsThereWhereNothingHasRoom() {
		List<Frame> frames = new ArrayList<>();
		feed(TestAdmission.assembler(100, TestAdmission.room(0)),
				"SUBSCRIBE\nid:a\n\n\0SEND\n\nbody\0".getBytes(StandardCharsets.UTF_8), 100, frames);
		assertThat(frames).extracting(Frame::extent).containsExactly(Frame.Extent.WHOLE, Frame.Extent.NO_ROOM);
		assertThat(text(frames.get(1))).isEqualTo("SEND\n\nbody");
	}

	@Test
	void nothingIsReservedBetweenFramesNorForTheFirstPieceOfOne() {
		BytesInHand inHand = TestAdmission.roomy();
		FrameAssembler assembler = TestAdmission.assembler(100_000, inHand);
		String begin = "SEND\n\n" + "x".repeat(FrameAssembler.FIRST_PIECE - 6);
		feed(assembler, begin.getBytes(StandardCharsets.UTF_8), 100, new ArrayList<>());
		assertThat(inHand.snapshot().used()).isZero();
		feed(assembler, "x".repeat(5000).getBytes(StandardCharsets.UTF_8), 100, new ArrayList<>());
		assertThat(inHand.snapshot().used()).isGreaterThanOrEqualTo(6024);
		List<Frame> frames = new ArrayList<>();
		feed(assembler, "\0\n".getBytes(StandardCharsets.UTF_8), 100, frames);
		assertThat(inHand.snapshot().used()).isEqualTo(frames.get(0).reserved());
		inHand.release(frames.get(0).reserved());
		assertThat(inHand.snapshot().used()).isZero();
	}

	@Test
	void onlyConnectIsReadAsFirstFrame() {
		for (String first : List.of("SEND\n", "SUBSCRIBE\n", "DISCONNECT\r\n", "\n\nBEGIN\n")) {
			for (int size : new int[] { 1, 100 }) {
				FrameAssembler assembler = new FrameAssembler(100, TestAdmission.roomy());
				assertThat(feed(assembler, first.getBytes(StandardCharsets.UTF_8), size, new ArrayList<>()))
					.isEqualTo(FrameRefusal.NOT_CONNECTED);
			}
		}
		for (String first : List.of("CONNECT\n", "\nSTOMP\r\n")) {
			FrameAssembler assembler = new FrameAssembler(100, TestAdmission.roomy());
			assertThat(feed(assembler, first.getBytes(StandardCharsets.UTF_8), 1, new ArrayList<>())).isNull();
		}
	}

	@Test
	void idOfAReceiptIsBounded() {
		for (String id : List.of("r".repeat(256), "\u20ac".repeat(256), "\\c".repeat(256))) {
			assertThat(receipt(id)).isNull();
			assertThat(receipt(id + "r")).isEqualTo(FrameRefusal.BAD_FRAME);
		}
	}

	private static FrameRefusal receipt(String id) {
		return feed(TestAdmission.assembler(100), ("SEND\nreceipt:" + id + "\n\n\0").getBytes(StandardCharsets.UTF_8),
				5000, new ArrayList<>());
	}

	@Test
	void connectionThatEndsAtAnyMomentGivesEverythingBackOnce() throws Exception {
		BytesInHand inHand = new BytesInHand(64 * 1024, 0);
		Random random = new Random(5);
		StringBuilder text = new StringBuilder();
		for (int i = 0; i < 8; i++) {
			text.append("SEND\n").append("a:b\n".repeat(random.nextInt(400))).append('\n');
			text.append("x".repeat(random.nextInt(40_000))).append('\0');
		}
		byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
		for (int round = 0; round < 300; round++) {
			int size = 500 + random.nextInt(3000);
			int last = random.nextInt(bytes.length);
			List<FrameAssembler> connections = List.of(TestAdmission.assembler(30_000, inHand),
					TestAdmission.assembler(30_000, inHand), TestAdmission.assembler(30_000, inHand));
			List<Thread> threads = new ArrayList<>();
			AtomicInteger read = new AtomicInteger();
			for (FrameAssembler connection : connections) {
				threads.add(new Thread(() -> {
					boolean refused = false;
					for (int start = 0; start < last && !refused; start += size) {
						read.incrementAndGet();
						refused = connection.take(ByteBuffer.wrap(bytes, start, Math.min(last - start, size)),
								(frame) -> inHand.release(frame.reserved())) != null;
					}
				}));
			}
			threads.forEach(Thread::start);
			int until = random.nextInt(10);
			while (read.get() < until && threads.stream().anyMatch(Thread::isAlive)) {
				Thread.onSpinWait();
			}
			connections.forEach(FrameAssembler::close);
			for (Thread thread : threads) {
				thread.join(15_000);
			}
			connections.forEach(FrameAssembler::close);
			assertThat(inHand.snapshot().used()).as("round %s", round).isZero();
		}
		assertThat(inHand.snapshot().refused()).isPositive();
	}

	/**
	 * Spring's decoder logs what it can't read as an error of the application's; so it
	 * must be able to read every frame that it is given, as one frame.
	 */
	@Test
	void springReadsEveryFrameThatIsFound() {
		Random random = new Random(20260101);
		StompDecoder decoder = new StompDecoder();
		byte[] tokens = "\n\r\0:\\ncAZ5-".getBytes(StandardCharsets.UTF_8);
		for (int round = 0; round < 20_000; round++) {
			byte[] bytes = FRAMES.getBytes(StandardCharsets.UTF_8);
			for (int i = random.nextInt(4); i >= 0; i--) {
				bytes[random.nextInt(bytes.length)] = (random.nextBoolean()) ? (byte) random.nextInt(256)
						: tokens[random.nextInt(tokens.length)];
			}
			List<Frame> frames = new ArrayList<>();
			feed(TestAdmission.assembler(100), bytes, 1 + random.nextInt(bytes.length), frames);
			for (Frame frame : frames) {
				List<Message<byte[]>> decoded = decoder.decode(ByteBuffer.wrap(frame.bytes(), 0, frame.end()));
				assertThat(decoded).as(text(frame)).hasSize(1);
			}
		}
	}

	private static FrameRefusal feed(FrameAssembler assembler, byte[] bytes, int size, List<Frame> frames) {
		for (int start = 0; start < bytes.length; start += size) {
			FrameRefusal refusal = assembler
				.take(ByteBuffer.wrap(bytes, start, Math.min(bytes.length - start, size)).slice(), frames::add);
			if (refusal != null) {
				return refusal;
			}
		}
		return null;
	}

	private static String text(Frame frame) {
		return new String(frame.bytes(), 0, frame.end(), StandardCharsets.UTF_8);
	}

}
