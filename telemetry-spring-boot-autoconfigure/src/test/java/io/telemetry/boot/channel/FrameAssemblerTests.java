package io.telemetry.boot.channel;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

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
			assertThat(feed(new FrameAssembler(100), bytes, size, frames)).isNull();
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
				assertThat(feed(new FrameAssembler(10), frame.getBytes(StandardCharsets.UTF_8), size, frames)).isNull();
				assertThat(frames).extracting(Frame::oversized).containsExactly(true, false);
				assertThat(text(frames.get(0))).endsWith("\n\n" + "x".repeat(10));
			}
		}
	}

	@Test
	void bodyOfExactlyTheLimitIsWhole() {
		List<Frame> frames = new ArrayList<>();
		feed(new FrameAssembler(10), "SEND\n\n0123456789\0".getBytes(StandardCharsets.UTF_8), 3, frames);
		assertThat(frames).extracting(Frame::oversized).containsExactly(false);
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
			feed(new FrameAssembler(100), bytes, 1 + random.nextInt(bytes.length), frames);
			for (Frame frame : frames) {
				List<Message<byte[]>> decoded = decoder.decode(ByteBuffer.wrap(frame.bytes()));
				assertThat(decoded).as(text(frame)).hasSize(1);
			}
		}
	}

	private static FrameRefusal feed(FrameAssembler assembler, byte[] bytes, int size, List<Frame> frames) {
		for (int start = 0; start < bytes.length; start += size) {
			FrameRefusal refusal = assembler
				.take(Arrays.copyOfRange(bytes, start, Math.min(bytes.length, start + size)), frames::add);
			if (refusal != null) {
				return refusal;
			}
		}
		return null;
	}

	private static String text(Frame frame) {
		return new String(frame.bytes(), StandardCharsets.UTF_8);
	}

}
