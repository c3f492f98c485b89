package io.telemetry.boot.channel;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.function.Consumer;

import io.telemetry.boot.channel.limit.BytesInHand;
import org.jspecify.annotations.Nullable;

/**
 * Finds the frames in the messages of one connection, however they are split or joined. A
 * frame whose body is over the limit is read to its end without being kept, so that the
 * connection can go on behind it, and so is one that there is no room for. What Spring's
 * decoder would stumble over is found here first, because Spring tells the application's
 * log of each.
 * <p>
 * Called by one thread at a time, but for {@link #close()}.
 */
final class FrameAssembler {

	/** Longest command and headers of a frame, in bytes. */
	static final int MAX_HEAD = 16 * 1024;

	/** Longest id of a receipt, in characters: it is sent back. */
	static final int MAX_RECEIPT = 256;

	/**
	 * Bytes of an unfinished frame that belong to the connection itself and need no room
	 * among those in hand: enough to say, of a frame that there is no room for, which it
	 * was.
	 */
	static final int FIRST_PIECE = 1024;

	/** Reserved by one that was closed. */
	private static final int CLOSED = -1;

	private static final AtomicIntegerFieldUpdater<FrameAssembler> RESERVED = AtomicIntegerFieldUpdater
		.newUpdater(FrameAssembler.class, "reserved");

	private static final String SEND = "SEND";

	/** What clients may send; the rest of STOMP's commands are the server's. */
	private static final List<String> COMMANDS = List.of(SEND, "CONNECT", "STOMP", "SUBSCRIBE", "UNSUBSCRIBE", "ACK",
			"NACK", "BEGIN", "COMMIT", "ABORT", "DISCONNECT");

	private static final byte[] NOTHING = new byte[0];

	private final int maxBody;

	private final BytesInHand inHand;

	/** For the buffer, by the thread that reads, or {@link #CLOSED}. */
	private volatile int reserved;

	/** Frames that have begun; only whether it changes is of interest. */
	private int begun;

	private State state = State.BETWEEN;

	/**
	 * Holds the frame so far: the message that is being read where it began there, else a
	 * buffer of its own. Nothing is held between frames.
	 */
	private byte[] bytes = NOTHING;

	private int start;

	/** Of the frame so far, in bytes. */
	private int length;

	private boolean buffered;

	/** Whether there was no room for more of the frame. */
	private boolean skipped;

	/** Counted from the frame's beginning, as the next. */
	private int lineStart;

	private int bodyStart;

	private String command = "";

	/** Bytes of the body by its header, or -1 where a NUL ends it. */
	private long contentLength;

	private long bodyLength;

	/**
	 * One of a connection of which nothing was read.
	 * @param maxBody most bytes of a body
	 * @param inHand room for frames
	 */
	FrameAssembler(int maxBody, BytesInHand inHand) {
		this.maxBody = maxBody;
		this.inHand = inHand;
	}

	/**
	 * Takes the next message of the connection.
	 * @param data its bytes; nothing of the array is kept
	 * @param frames is given every frame that has now ended, and from then on has to
	 * release what is reserved for it
	 * @return {@code null}, or why the connection has to end; nothing can be read behind
	 * that
	 */
	@Nullable FrameRefusal take(ByteBuffer data, Consumer<Frame> frames) {
		int offset = data.arrayOffset();
		FrameRefusal refusal = read(data.array(), offset + data.position(), offset + data.limit(), frames);
		if (refusal == null && isWithinFrame() && !this.buffered && !moveToBuffer()) {
			refusal = FrameRefusal.OVERLOADED;
		}
		if (refusal != null) {
			this.state = State.BROKEN;
			this.inHand.release(handOver());
		}
		if (!isWithinFrame()) {
			this.bytes = NOTHING;
		}
		return refusal;
	}

	private @Nullable FrameRefusal read(byte[] data, int start, int end, Consumer<Frame> frames) {
		int position = start;
		while (position < end) {
			switch (this.state) {
				case BETWEEN -> position = between(data, position, end);
				case HEAD -> position = head(data, position, end);
				case BODY -> position = body(data, position, end, frames);
				default -> {
					return FrameRefusal.BAD_FRAME;
				}
			}
			FrameRefusal refusal = this.state.refusal;
			if (refusal != null) {
				return refusal;
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
	 * The frame that has begun and not ended.
	 * @return a number that differs from that of the frame before, 0 between frames
	 */
	int unfinishedFrame() {
		return isWithinFrame() ? this.begun : 0;
	}

	/**
	 * Releases what is reserved for a frame that has not ended, because the connection
	 * has. May be called by any thread, also while another reads.
	 */
	void close() {
		this.inHand.release(RESERVED.getAndSet(this, CLOSED));
	}

	/**
	 * Line ends between frames are heart-beats.
	 */
	private int between(byte[] data, int start, int limit) {
		int position = start;
		while (position < limit && (data[position] == '\n' || data[position] == '\r')) {
			position++;
		}
		if (position < limit) {
			this.state = State.HEAD;
			this.bytes = data;
			this.start = position;
			this.buffered = false;
			this.skipped = false;
			this.begun = (this.begun < Integer.MAX_VALUE) ? this.begun + 1 : 2;
			this.length = 0;
			this.lineStart = 0;
			this.contentLength = -1;
			this.bodyLength = 0;
			this.command = "";
		}
		return position;
	}

	private int head(byte[] data, int start, int limit) {
		int position = start;
		while (position < limit) {
			byte next = data[position++];
			if (next == 0) {
				this.state = State.BROKEN;
				return position;
			}
			if (this.length >= MAX_HEAD) {
				this.state = State.TOO_LONG;
				return position;
			}
			append(data, position - 1, 1);
			if (this.state != State.HEAD) {
				return position;
			}
			if (next == '\n') {
				if (!line()) {
					this.state = State.BROKEN;
				}
				if (this.state != State.HEAD) {
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
		byte[] bytes = this.bytes;
		int begin = this.start + this.lineStart;
		int end = this.start + this.length - 1;
		if (end > begin && bytes[end - 1] == '\r') {
			end--;
		}
		boolean first = this.lineStart == 0;
		this.lineStart = this.length;
		for (int i = begin; i < end; i++) {
			if (bytes[i] == '\r') {
				return false;
			}
		}
		if (first) {
			return command(bytes, begin, end);
		}
		if (begin == end) {
			this.state = State.BODY;
			this.bodyStart = this.length;
			return true;
		}
		return header(bytes, begin, end);
	}

	private boolean command(byte[] bytes, int start, int end) {
		for (String command : COMMANDS) {
			if (isText(command, bytes, start, end)) {
				this.command = command;
				// Before anything of a client that nobody knows is kept
				if (this.begun == 1 && !isConnect()) {
					this.state = State.NOT_CONNECTED;
				}
				return true;
			}
		}
		return false;
	}

	private boolean isConnect() {
		return this.command.equals("CONNECT") || this.command.equals("STOMP");
	}

	private static boolean isText(String text, byte[] bytes, int start, int end) {
		if (end - start != text.length()) {
			return false;
		}
		for (int i = start; i < end; i++) {
			if (bytes[i] != text.charAt(i - start)) {
				return false;
			}
		}
		return true;
	}

	private boolean header(byte[] bytes, int start, int end) {
		int colon = -1;
		boolean escaped = !isConnect();
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
		if (this.contentLength < 0 && isText("content-length", bytes, start, colon)) {
			this.contentLength = number(bytes, colon + 1, end);
			return this.contentLength >= 0;
		}
		if (isText("receipt", bytes, start, colon) && isLong(bytes, colon + 1, end)) {
			return false;
		}
		// Spring stumbles over these; a SEND it never sees
		if (this.command.equals(SEND)) {
			return true;
		}
		if (isText("heart-beat", bytes, start, colon)) {
			return isHeartbeat(bytes, colon + 1, end);
		}
		return !isText("content-type", bytes, start, colon) || isMimeType(bytes, colon + 1, end);
	}

	/**
	 * Whether a value has more characters than the id of a receipt may have.
	 */
	private static boolean isLong(byte[] bytes, int start, int end) {
		int characters = 0;
		for (int i = start; i < end; i++) {
			// The first byte of a character, and not the second of an escape
			if ((bytes[i] & 0xc0) != 0x80) {
				characters++;
			}
			if (bytes[i] == '\\') {
				i++;
			}
		}
		return characters > MAX_RECEIPT;
	}

	private static boolean isHeartbeat(byte[] bytes, int start, int end) {
		int comma = start;
		while (comma < end && bytes[comma] != ',') {
			comma++;
		}
		return number(bytes, start, comma) >= 0 && comma < end && number(bytes, comma + 1, end) >= 0;
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

	private int body(byte[] data, int start, int limit, Consumer<Frame> frames) {
		int end;
		boolean terminated;
		if (this.contentLength >= 0) {
			end = (int) Math.min(limit, start + this.contentLength - this.bodyLength);
			terminated = end < limit;
			if (terminated && data[end] != 0) {
				this.state = State.BROKEN;
				return limit;
			}
		}
		else {
			end = start;
			while (end < limit && data[end] != 0) {
				end++;
			}
			terminated = end < limit;
		}
		int kept = this.skipped ? 0 : (int) Math.max(0, Math.min(end - start, this.maxBody - this.bodyLength));
		append(data, start, kept);
		this.bodyLength += end - start;
		if (this.bodyLength > 0 && !this.command.equals("SEND")) {
			this.state = State.BROKEN;
			return limit;
		}
		if (!terminated) {
			return limit;
		}
		Frame.Extent extent = (this.bodyLength > this.maxBody) ? Frame.Extent.OVERSIZED : Frame.Extent.WHOLE;
		if (extent == Frame.Extent.WHOLE && !this.skipped) {
			append(data, end, 1);
		}
		if (this.state != State.BODY) {
			return limit;
		}
		frames.accept(frame(extent));
		this.state = State.BETWEEN;
		return end + 1;
	}

	private Frame frame(Frame.Extent extent) {
		int reserved = this.skipped ? 0 : handOver();
		if (reserved == 0 && !this.skipped) {
			reserved = this.inHand.reserve(this.length) ? this.length : 0;
			if (reserved == 0 && this.command.equals(SEND)) {
				this.skipped = true;
				this.length = Math.min(this.length - 1, Math.max(this.bodyStart, FIRST_PIECE));
			}
		}
		byte[] bytes = this.buffered ? this.bytes
				: Arrays.copyOfRange(this.bytes, this.start, this.start + this.length);
		return new Frame(this.command, bytes, this.bodyStart, this.length,
				(this.skipped && extent == Frame.Extent.WHOLE) ? Frame.Extent.NO_ROOM : extent, reserved);
	}

	/**
	 * Adds bytes of the message that is being read, which follow on those before unless
	 * there are none.
	 */
	private void append(byte[] data, int from, int count) {
		if (this.buffered && count > 0) {
			if (!makeRoom(count)) {
				return;
			}
			System.arraycopy(data, from, this.bytes, this.length, count);
		}
		this.length += count;
	}

	private boolean moveToBuffer() {
		int capacity = (this.length <= FIRST_PIECE) ? FIRST_PIECE : capacity(this.length);
		if (capacity > FIRST_PIECE && !reserve(capacity)) {
			if (!skip()) {
				return false;
			}
			capacity = FIRST_PIECE;
		}
		byte[] buffer = new byte[capacity];
		System.arraycopy(this.bytes, this.start, buffer, 0, this.length);
		this.bytes = buffer;
		this.start = 0;
		this.buffered = true;
		return true;
	}

	private boolean makeRoom(int count) {
		int needed = this.length + count;
		if (needed <= this.bytes.length) {
			return true;
		}
		int capacity = capacity(needed);
		if (reserve(capacity)) {
			this.bytes = Arrays.copyOf(this.bytes, capacity);
			return true;
		}
		if (skip()) {
			this.bytes = Arrays.copyOf(this.bytes, FIRST_PIECE);
		}
		else {
			this.state = State.NO_ROOM;
		}
		return false;
	}

	/**
	 * Keeps no more of a frame than its beginning.
	 * @return whether that is enough to go on
	 */
	private boolean skip() {
		if (this.state != State.BODY || this.bodyStart > FIRST_PIECE) {
			return false;
		}
		this.skipped = true;
		this.length = Math.min(this.length, FIRST_PIECE);
		this.inHand.release(handOver());
		return true;
	}

	/**
	 * Reserves what the buffer takes when it has grown. Not for a connection that has
	 * been closed: what its thread is still reading is soon forgotten.
	 */
	private boolean reserve(int capacity) {
		int before = this.reserved;
		if (before == CLOSED) {
			return true;
		}
		if (!this.inHand.reserve(capacity - before)) {
			return false;
		}
		if (!RESERVED.compareAndSet(this, before, capacity)) {
			// Closed meanwhile, and what was there before released with it
			this.inHand.release(capacity - before);
		}
		return true;
	}

	/**
	 * What is reserved for the buffer, from now on to be released by whoever asked.
	 */
	private int handOver() {
		int before = this.reserved;
		return (before > 0 && RESERVED.compareAndSet(this, before, 0)) ? before : 0;
	}

	/**
	 * Grows with what has come, not with what a header promises; that only says where to
	 * stop, and that it is worth growing in fewer steps.
	 */
	private int capacity(int needed) {
		long most = MAX_HEAD + this.maxBody + 1L;
		long wanted = 2L * needed;
		if (this.state == State.BODY && this.contentLength >= 0) {
			most = Math.min(most, this.bodyStart + this.contentLength + 1);
			wanted = 4L * needed;
		}
		return (int) Math.max(needed, Math.min(most, wanted));
	}

	private enum State {

		BETWEEN(null), HEAD(null), BODY(null), BROKEN(FrameRefusal.BAD_FRAME), TOO_LONG(FrameRefusal.HEADERS_TOO_LONG),
		NOT_CONNECTED(FrameRefusal.NOT_CONNECTED), NO_ROOM(FrameRefusal.OVERLOADED);

		private final @Nullable FrameRefusal refusal;

		State(@Nullable FrameRefusal refusal) {
			this.refusal = refusal;
		}

	}

}
