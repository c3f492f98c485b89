package io.telemetry.boot.channel;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * Finds the frames in the messages of one connection, however they are split or joined. A
 * frame whose body is over the limit is read to its end without being kept, so that the
 * connection can go on behind it. What Spring's decoder would stumble over is found here
 * first, because Spring tells the application's log of each.
 * <p>
 * Called by one thread at a time.
 */
final class FrameAssembler {

	/** Longest command and headers of a frame, in bytes. */
	static final int MAX_HEAD = 16 * 1024;

	private static final int FIRST_PIECE = 1024;

	/** What clients may send; the rest of STOMP's commands are the server's. */
	private static final Set<String> COMMANDS = Set.of("CONNECT", "STOMP", "SEND", "SUBSCRIBE", "UNSUBSCRIBE", "ACK",
			"NACK", "BEGIN", "COMMIT", "ABORT", "DISCONNECT");

	private final int maxBody;

	private State state = State.BETWEEN;

	/** The frame so far; nothing is held between frames. */
	private byte @Nullable [] buffer;

	private int length;

	private int lineStart;

	private String command = "";

	/** Bytes of the body by its header, or -1 where a NUL ends it. */
	private long contentLength;

	private long bodyLength;

	FrameAssembler(int maxBody) {
		this.maxBody = maxBody;
	}

	/**
	 * Takes the next message of the connection.
	 * @param data its bytes
	 * @param frames is given every frame that is now whole
	 * @return {@code null}, or why the connection has to end; nothing can be read behind
	 * that
	 */
	@Nullable FrameRefusal take(byte[] data, Consumer<Frame> frames) {
		int position = 0;
		while (position < data.length) {
			switch (this.state) {
				case BETWEEN -> position = between(data, position);
				case HEAD -> position = head(data, position);
				case BODY -> position = body(data, position, frames);
				default -> {
					return FrameRefusal.BAD_FRAME;
				}
			}
			if (this.state == State.TOO_LONG) {
				return FrameRefusal.HEADERS_TOO_LONG;
			}
			if (this.state == State.BROKEN) {
				return FrameRefusal.BAD_FRAME;
			}
		}
		return null;
	}

	/**
	 * Whether the beginning of a frame is here whose end is not.
	 */
	boolean isWithinFrame() {
		return this.state == State.HEAD || this.state == State.BODY;
	}

	/**
	 * Line ends between frames are heart-beats.
	 */
	private int between(byte[] data, int start) {
		int position = start;
		while (position < data.length && (data[position] == '\n' || data[position] == '\r')) {
			position++;
		}
		if (position < data.length) {
			this.state = State.HEAD;
			this.length = 0;
			this.lineStart = 0;
			this.contentLength = -1;
			this.bodyLength = 0;
			this.command = "";
		}
		return position;
	}

	private int head(byte[] data, int start) {
		int position = start;
		while (position < data.length) {
			byte next = data[position++];
			if (next == 0) {
				this.state = State.BROKEN;
				return position;
			}
			if (this.length >= MAX_HEAD) {
				this.state = State.TOO_LONG;
				return position;
			}
			append(next);
			if (next == '\n') {
				if (!line()) {
					this.state = State.BROKEN;
					return position;
				}
				if (this.state == State.BODY) {
					return position;
				}
			}
		}
		return position;
	}

	/**
	 * Looks at the line that has just ended.
	 * @return whether it may stand there
	 */
	private boolean line() {
		byte[] bytes = bytes();
		int start = this.lineStart;
		int end = this.length - 1;
		if (end > start && bytes[end - 1] == '\r') {
			end--;
		}
		this.lineStart = this.length;
		for (int i = start; i < end; i++) {
			if (bytes[i] == '\r') {
				return false;
			}
		}
		if (start == 0) {
			this.command = new String(bytes, 0, end, StandardCharsets.ISO_8859_1);
			return COMMANDS.contains(this.command);
		}
		if (start == end) {
			this.state = State.BODY;
			return true;
		}
		return header(bytes, start, end);
	}

	private boolean header(byte[] bytes, int start, int end) {
		int colon = -1;
		boolean escaped = !this.command.equals("CONNECT") && !this.command.equals("STOMP");
		for (int i = start; i < end; i++) {
			if (bytes[i] == ':' && colon < 0) {
				colon = i;
			}
			else if (bytes[i] == '\\' && escaped) {
				if (++i == end || "rnc\\".indexOf(bytes[i]) < 0) {
					return false;
				}
			}
		}
		if (colon <= start) {
			return false;
		}
		String name = new String(bytes, start, colon - start, StandardCharsets.ISO_8859_1);
		if (name.equals("content-length") && this.contentLength < 0) {
			this.contentLength = number(bytes, colon + 1, end);
			return this.contentLength >= 0;
		}
		// Spring refuses a frame over this
		return !name.equals("content-type") || isMimeType(bytes, colon + 1, end);
	}

	private static boolean isMimeType(byte[] bytes, int start, int end) {
		try {
			org.springframework.util.MimeTypeUtils
				.parseMimeType(new String(bytes, start, end - start, StandardCharsets.UTF_8));
			return true;
		}
		catch (RuntimeException ex) {
			return false;
		}
	}

	/**
	 * A length that Spring's decoder reads as the same number, or -1.
	 */
	private static long number(byte[] bytes, int start, int end) {
		if (end == start || end - start > 9) {
			return -1;
		}
		long value = 0;
		for (int i = start; i < end; i++) {
			if (bytes[i] < '0' || bytes[i] > '9') {
				return -1;
			}
			value = value * 10 + (bytes[i] - '0');
		}
		return value;
	}

	private int body(byte[] data, int start, Consumer<Frame> frames) {
		int end;
		boolean terminated;
		if (this.contentLength >= 0) {
			end = (int) Math.min(data.length, start + this.contentLength - this.bodyLength);
			terminated = end < data.length;
			if (terminated && data[end] != 0) {
				this.state = State.BROKEN;
				return data.length;
			}
		}
		else {
			end = start;
			while (end < data.length && data[end] != 0) {
				end++;
			}
			terminated = end < data.length;
		}
		int kept = (int) Math.max(0, Math.min(end - start, this.maxBody - this.bodyLength));
		append(data, start, kept);
		this.bodyLength += end - start;
		if (this.bodyLength > 0 && !this.command.equals("SEND")) {
			this.state = State.BROKEN;
			return data.length;
		}
		if (!terminated) {
			return data.length;
		}
		boolean oversized = this.bodyLength > this.maxBody;
		if (!oversized) {
			append((byte) 0);
		}
		frames.accept(new Frame(this.command, Arrays.copyOf(bytes(), this.length), oversized));
		this.buffer = null;
		this.state = State.BETWEEN;
		return end + 1;
	}

	private byte[] bytes() {
		if (this.buffer == null) {
			this.buffer = new byte[FIRST_PIECE];
		}
		return this.buffer;
	}

	private void append(byte value) {
		byte[] bytes = room(1);
		bytes[this.length++] = value;
	}

	private void append(byte[] data, int start, int count) {
		byte[] bytes = room(count);
		System.arraycopy(data, start, bytes, this.length, count);
		this.length += count;
	}

	private byte[] room(int count) {
		byte[] bytes = bytes();
		int needed = this.length + count;
		if (needed > bytes.length) {
			// Grows with what has come, not with what a header promises
			int most = MAX_HEAD + this.maxBody + 1;
			bytes = Arrays.copyOf(bytes, Math.max(needed, Math.min(most, bytes.length * 2)));
			this.buffer = bytes;
		}
		return bytes;
	}

	private enum State {

		BETWEEN, HEAD, BODY, BROKEN, TOO_LONG

	}

}
