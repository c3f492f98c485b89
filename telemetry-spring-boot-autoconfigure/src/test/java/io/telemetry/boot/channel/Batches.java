package io.telemetry.boot.channel;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;

/**
 * Bodies for tests.
 */
final class Batches {

	private Batches() {
	}

	static String batch(String id, String... events) {
		return "{\"batch\":\"" + id + "\",\"events\":[" + String.join(",", events) + "]}";
	}

	static String of(String session, String id, String... events) {
		return "{\"batch\":\"" + id + "\",\"session\":{\"id\":\"" + session + "\"},\"events\":["
				+ String.join(",", events) + "]}";
	}

	static String repeated(String id, String event, int times) {
		StringBuilder text = new StringBuilder("{\"batch\":\"" + id + "\",\"events\":[" + event);
		for (int i = 1; i < times; i++) {
			text.append(',').append(event);
		}
		return text.append("]}").toString();
	}

	static String wide(int keys) {
		StringBuilder text = new StringBuilder("{");
		for (int i = 0; i < keys; i++) {
			text.append((i > 0) ? "," : "").append("\"k").append(i).append("\":1");
		}
		return text.append('}').toString();
	}

	static byte[] gzip(String text) {
		return gzip(text.getBytes(StandardCharsets.UTF_8));
	}

	static byte[] gzip(byte[] content) {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
			gzip.write(content);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return bytes.toByteArray();
	}

}
