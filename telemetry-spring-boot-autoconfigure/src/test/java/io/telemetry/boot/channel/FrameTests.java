package io.telemetry.boot.channel;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;

import org.springframework.messaging.Message;
import org.springframework.messaging.simp.stomp.StompDecoder;
import org.springframework.messaging.simp.stomp.StompHeaderAccessor;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is read of a SEND in place is what Spring's decoder reads of it.
 */
class FrameTests {

	private static final List<String> NAMES = List.of("destination", "receipt", "content-encoding", "dest",
			"destinationx", "x", "re\\nceipt", "\u00e9");

	private static final List<String> PARTS = List.of("/app/log/batch", "a", ":", "\\c", "\\n", "\\r", "\\\\", "\u00e9",
			"\ud83d\ude00", " ", "destination:x", "gzip", "");

	@Test
	void headersAndBodyAreThoseThatSpringReads() {
		Random random = new Random(20260102);
		for (int round = 0; round < 20_000; round++) {
			byte[] body = body(random);
			byte[] bytes = frame(random, body);
			List<Frame> frames = feed(bytes, 1 + random.nextInt(bytes.length));
			assertThat(frames).as(text(bytes)).hasSize(1);
			Frame frame = frames.get(0);
			Message<byte[]> decoded = new StompDecoder().decode(ByteBuffer.wrap(bytes)).get(0);
			StompHeaderAccessor headers = StompHeaderAccessor.wrap(decoded);
			for (String name : List.of("destination", "receipt", "content-encoding", "x", "dest", "absent")) {
				assertThat(frame.header(name)).as(name + " of " + text(bytes))
					.isEqualTo(headers.getFirstNativeHeader(name));
			}
			assertThat(frame.body()).as(text(bytes)).isEqualTo(body).isEqualTo(decoded.getPayload());
			assertThat(frame.bodyLength()).isEqualTo(body.length);
		}
	}

	@Test
	void firstOfHeadersWithOneNameCounts() {
		Frame frame = feed("SEND\nreceipt:1\nreceipt:2\n\n\0".getBytes(StandardCharsets.UTF_8), 100).get(0);
		assertThat(frame.header("receipt")).isEqualTo("1");
	}

	@Test
	void contentTypeThatIsNoneIsIgnored() {
		assertThat(feed("SEND\ncontent-type:?\n\n\0".getBytes(StandardCharsets.UTF_8), 100)).hasSize(1);
	}

	private static List<Frame> feed(byte[] bytes, int size) {
		List<Frame> frames = new ArrayList<>();
		FrameAssembler assembler = TestAdmission.assembler(100_000);
		for (int start = 0; start < bytes.length; start += size) {
			ByteBuffer piece = ByteBuffer.wrap(bytes, start, Math.min(size, bytes.length - start));
			assertThat(assembler.take(piece, frames::add)).as(text(bytes)).isNull();
		}
		return frames;
	}

	private static byte[] body(Random random) {
		byte[] body = new byte[(random.nextInt(10) == 0) ? random.nextInt(50_000) : random.nextInt(20)];
		random.nextBytes(body);
		return body;
	}

	private static byte[] frame(Random random, byte[] body) {
		String end = random.nextBoolean() ? "\n" : "\r\n";
		List<String> lines = new ArrayList<>();
		lines.add("content-length:" + body.length);
		for (int i = random.nextInt(6); i > 0; i--) {
			StringBuilder value = new StringBuilder();
			for (int parts = random.nextInt(4); parts > 0; parts--) {
				value.append(PARTS.get(random.nextInt(PARTS.size())));
			}
			lines.add(random.nextInt(lines.size() + 1), NAMES.get(random.nextInt(NAMES.size())) + ":" + value);
		}
		ByteArrayOutputStream frame = new ByteArrayOutputStream();
		frame.writeBytes(("SEND" + end + String.join(end, lines) + end + end).getBytes(StandardCharsets.UTF_8));
		frame.writeBytes(body);
		frame.write(0);
		return frame.toByteArray();
	}

	private static String text(byte[] bytes) {
		return new String(bytes, 0, Math.min(bytes.length, 500), StandardCharsets.UTF_8);
	}

}
