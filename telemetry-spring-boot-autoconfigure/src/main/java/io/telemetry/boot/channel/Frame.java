package io.telemetry.boot.channel;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

import org.jspecify.annotations.Nullable;

/**
 * One STOMP frame as it came, known to be whole and well formed, to be read where it is.
 */
final class Frame {

	private final String command;

	private final byte[] bytes;

	private final int bodyStart;

	private final int end;

	private final Extent extent;

	private final int reserved;

	/**
	 * A frame.
	 * @param command its command
	 * @param bytes an array that begins with it, from now on its own
	 * @param bodyStart where its body begins
	 * @param end behind its NUL; of one that is not whole, behind the part of its body
	 * that was kept
	 * @param extent how much of it is here
	 * @param reserved bytes that are in hand for it, to be released when it is done with
	 */
	Frame(String command, byte[] bytes, int bodyStart, int end, Extent extent, int reserved) {
		this.command = command;
		this.bytes = bytes;
		this.bodyStart = bodyStart;
		this.end = end;
		this.extent = extent;
		this.reserved = reserved;
	}

	String command() {
		return this.command;
	}

	Extent extent() {
		return this.extent;
	}

	/**
	 * Whether its body was over the limit.
	 */
	boolean oversized() {
		return this.extent == Extent.OVERSIZED;
	}

	/**
	 * Bytes that are in hand for it. 0 for one that there was no room for: it must not
	 * wait.
	 */
	int reserved() {
		return this.reserved;
	}

	/**
	 * The array that the frame is in, from its beginning to {@link #end()}.
	 */
	byte[] bytes() {
		return this.bytes;
	}

	int end() {
		return this.end;
	}

	/**
	 * Where the body begins.
	 */
	int bodyStart() {
		return this.bodyStart;
	}

	int bodyLength() {
		return this.end - this.bodyStart - ((this.extent == Extent.WHOLE) ? 1 : 0);
	}

	byte[] body() {
		return Arrays.copyOfRange(this.bytes, this.bodyStart, this.bodyStart + bodyLength());
	}

	/**
	 * The value of a header; of one that stands there several times, the first, as STOMP
	 * says. Not for CONNECT, whose headers are not escaped.
	 * @param name its name, without a character that would be escaped
	 * @return the value, or {@code null} if there is no such header
	 */
	@Nullable String header(String name) {
		int line = lineEnd(0) + 1;
		while (line < this.bodyStart) {
			int lineEnd = lineEnd(line);
			if (isNamed(name, line, lineEnd)) {
				int end = (this.bytes[lineEnd - 1] == '\r') ? lineEnd - 1 : lineEnd;
				return value(line + name.length() + 1, end);
			}
			line = lineEnd + 1;
		}
		return null;
	}

	private int lineEnd(int from) {
		int at = from;
		while (this.bytes[at] != '\n') {
			at++;
		}
		return at;
	}

	private boolean isNamed(String name, int line, int lineEnd) {
		int length = name.length();
		if (lineEnd - line <= length || this.bytes[line + length] != ':') {
			return false;
		}
		for (int i = 0; i < length; i++) {
			if (this.bytes[line + i] != name.charAt(i)) {
				return false;
			}
		}
		return true;
	}

	private String value(int from, int to) {
		String raw = new String(this.bytes, from, to - from, StandardCharsets.UTF_8);
		if (raw.indexOf('\\') < 0) {
			return raw;
		}
		StringBuilder value = new StringBuilder(raw.length());
		for (int i = 0; i < raw.length(); i++) {
			char c = raw.charAt(i);
			value.append((c != '\\') ? c : switch (raw.charAt(++i)) {
				case 'r' -> '\r';
				case 'n' -> '\n';
				case 'c' -> ':';
				default -> '\\';
			});
		}
		return value.toString();
	}

	/**
	 * How much of a frame is here.
	 */
	enum Extent {

		/** All of it. */
		WHOLE,

		/** Only its beginning, because its body was over the limit. */
		OVERSIZED,

		/** Only its beginning, because there was no room for it. */
		NO_ROOM

	}

}
