package io.telemetry.boot.channel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import org.springframework.messaging.Message;
import org.springframework.messaging.simp.stomp.StompCommand;
import org.springframework.messaging.simp.stomp.StompDecoder;
import org.springframework.messaging.simp.stomp.StompEncoder;
import org.springframework.messaging.simp.stomp.StompHeaderAccessor;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The frames of {@code test/frames.json}, with which the browser client's codec is tested
 * as well: what the client writes Spring reads as it was meant, and what Spring writes is
 * what the client was seen to read.
 */
class FrameFixtureTests {

	private static final Path FILE = Path.of("src/main/browser/test/frames.json");

	private static final JsonMapper JSON = new JsonMapper();

	@Test
	void whatTheClientWritesSpringReadsAsMeant() throws Exception {
		int read = 0;
		for (ObjectNode frame : frames()) {
			StompCommand command = command(frame);
			if (isServers(command)) {
				continue;
			}
			List<Message<byte[]>> messages = new StompDecoder().decode(ByteBuffer.wrap(bytes(frame, "bytes")));
			assertThat(messages).as(frame.toString()).hasSize(1);
			StompHeaderAccessor headers = StompHeaderAccessor.wrap(messages.get(0));
			assertThat(headers.getCommand()).isEqualTo(command);
			assertThat(headersOf(headers)).as(frame.toString()).isEqualTo(headers(frame));
			assertThat(messages.get(0).getPayload()).as(frame.toString()).isEqualTo(bytes(frame, "body"));
			read++;
		}
		assertThat(read).isGreaterThan(100);
	}

	@Test
	void whatTheClientReadsIsWhatSpringWrites() throws Exception {
		List<ObjectNode> frames = frames();
		boolean write = Boolean.getBoolean("telemetry.test.frames.write");
		int written = 0;
		for (ObjectNode frame : frames) {
			StompCommand command = command(frame);
			if (!isServers(command)) {
				continue;
			}
			StompHeaderAccessor headers = StompHeaderAccessor.create(command);
			headers(frame).forEach(headers::setNativeHeader);
			byte[] bytes = new StompEncoder().encode(headers.getMessageHeaders(), bytes(frame, "body"));
			if (write) {
				frame.put("bytes", Base64.getEncoder().encodeToString(bytes));
			}
			assertThat(bytes(frame, "bytes")).as(frame.toString()).isEqualTo(bytes);
			written++;
		}
		assertThat(written).isGreaterThan(100);
		if (write) {
			Files.writeString(FILE,
					"[\n" + String.join(",\n", frames.stream().map(ObjectNode::toString).toList()) + "\n]\n");
		}
	}

	@Test
	void heartBeatIsALineEndOnBothSides() {
		StompHeaderAccessor heartBeat = StompHeaderAccessor.createForHeartbeat();
		assertThat(new StompEncoder().encode(heartBeat.getMessageHeaders(), new byte[0])).containsExactly('\n');
		List<Message<byte[]>> messages = new StompDecoder()
			.decode(ByteBuffer.wrap("\n".getBytes(StandardCharsets.UTF_8)));
		assertThat(messages).singleElement()
			.satisfies((message) -> assertThat(StompHeaderAccessor.wrap(message).isHeartbeat()).isTrue());
	}

	private static List<ObjectNode> frames() throws IOException {
		List<ObjectNode> frames = new ArrayList<>();
		for (JsonNode frame : JSON.readTree(Files.readString(FILE))) {
			frames.add((ObjectNode) frame);
		}
		return frames;
	}

	private static StompCommand command(JsonNode frame) {
		return StompCommand.valueOf(frame.path("command").asString());
	}

	private static boolean isServers(StompCommand command) {
		return switch (command) {
			case CONNECTED, MESSAGE, RECEIPT, ERROR -> true;
			default -> false;
		};
	}

	private static Map<String, String> headers(JsonNode frame) {
		Map<String, String> headers = new LinkedHashMap<>();
		frame.path("headers")
			.properties()
			.forEach((header) -> headers.put(header.getKey(), header.getValue().asString()));
		return headers;
	}

	private static Map<String, String> headersOf(StompHeaderAccessor accessor) {
		Map<String, String> headers = new LinkedHashMap<>();
		accessor.toNativeHeaderMap().forEach((name, values) -> headers.put(name, values.get(0)));
		headers.remove("content-length");
		return headers;
	}

	private static byte[] bytes(JsonNode frame, String field) {
		return Base64.getDecoder().decode(frame.path(field).asString(""));
	}

}
