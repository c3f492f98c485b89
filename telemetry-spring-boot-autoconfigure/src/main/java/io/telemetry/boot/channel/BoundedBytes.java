package io.telemetry.boot.channel;

import java.nio.ByteBuffer;
import java.util.Arrays;

import io.telemetry.boot.channel.limit.BytesInHand;

/**
 * Bytes that grow with what arrives, up to one beyond a limit and as long as there is
 * room beside all others: whatever is said of their length beforehand costs nothing. Not
 * safe for several threads.
 */
final class BoundedBytes {

	private static final int FIRST_PIECE = 8 * 1024;

	private static final byte[] NOTHING = new byte[0];

	private final int limit;

	private final BytesInHand inHand;

	private byte[] bytes = NOTHING;

	private int length;

	private boolean outOfRoom;

	BoundedBytes(int limit, BytesInHand inHand) {
		this.limit = limit;
		this.inHand = inHand;
	}

	/**
	 * Whether there is more than the limit.
	 */
	boolean isOver() {
		return this.length > this.limit;
	}

	/**
	 * Whether there was no room for what came.
	 */
	boolean isOutOfRoom() {
		return this.outOfRoom;
	}

	/**
	 * Whether nothing is taken any more.
	 */
	boolean isFull() {
		return isOver() || this.outOfRoom;
	}

	/**
	 * Takes what fits.
	 */
	void put(ByteBuffer piece) {
		while (piece.hasRemaining() && !isFull()) {
			int part = Math.min(piece.remaining(), room());
			piece.get(this.bytes, this.length, part);
			this.length += part;
		}
	}

	/**
	 * Room for at least one byte more, of bytes that are not over the limit; 0 if there
	 * is none. Whoever fills it does so from {@link #length()} on and says how much with
	 * {@link #grow(int)}.
	 */
	int room() {
		if (this.length == this.bytes.length) {
			int larger = (int) Math.min(this.limit + 1L, Math.max(FIRST_PIECE, this.bytes.length * 2L));
			if (!this.inHand.reserve(larger - this.bytes.length)) {
				this.outOfRoom = true;
				return 0;
			}
			this.bytes = Arrays.copyOf(this.bytes, larger);
		}
		return this.bytes.length - this.length;
	}

	byte[] array() {
		return this.bytes;
	}

	int length() {
		return this.length;
	}

	void grow(int more) {
		this.length += more;
	}

	/**
	 * Lets go of everything.
	 */
	void clear() {
		this.inHand.release(this.bytes.length);
		this.bytes = NOTHING;
		this.length = 0;
	}

}
