package io.telemetry.boot.channel;

import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;

import io.telemetry.boot.channel.limit.BytesInHand;
import org.jspecify.annotations.Nullable;

/**
 * The body of a batch, put together from pieces and decompressed as they come. Bounded
 * before and after decompression: what is too large or no gzip is known in the middle,
 * and the rest need not come; the same where there is no room for more. Not safe for
 * several threads.
 */
final class Body implements AutoCloseable {

	/** What zlib keeps outside the heap to decompress, roughly. */
	private static final int INFLATER = 40 * 1024;

	private final int limit;

	private final BytesInHand inHand;

	private final BoundedBytes bytes;

	private @Nullable Gunzip gunzip;

	private boolean complete;

	private boolean outOfRoom;

	private long taken;

	private boolean malformed;

	/**
	 * A body of which nothing has come.
	 * @param limit most bytes, before and after decompression
	 * @param gzip whether it is compressed
	 * @param inHand room for it
	 */
	Body(int limit, boolean gzip, BytesInHand inHand) {
		this.limit = limit;
		this.inHand = inHand;
		this.bytes = new BoundedBytes(limit, inHand);
		this.complete = !gzip;
		if (gzip) {
			this.outOfRoom = !inHand.reserve(INFLATER);
			this.gunzip = this.outOfRoom ? null : new Gunzip();
		}
	}

	/**
	 * Takes the next piece.
	 * @param piece bytes, read to the end or not; not kept
	 * @return whether more is wanted
	 */
	boolean take(ByteBuffer piece) {
		if (!wantsMore()) {
			return false;
		}
		this.taken += piece.remaining();
		if (this.gunzip == null) {
			this.bytes.put(piece);
		}
		else {
			try {
				this.gunzip.take(piece, this.bytes);
				this.complete = this.gunzip.isComplete();
			}
			catch (DataFormatException ex) {
				this.malformed = true;
			}
		}
		return wantsMore();
	}

	private boolean wantsMore() {
		return !this.malformed && !isTooLarge() && !isOutOfRoom();
	}

	private boolean isTooLarge() {
		return this.taken > this.limit || this.bytes.isOver();
	}

	private boolean isOutOfRoom() {
		return this.outOfRoom || this.bytes.isOutOfRoom();
	}

	/**
	 * Why a body that ends here is not to be looked at.
	 * @return {@code null} if it is
	 */
	@Nullable RefusalReason refusal() {
		if (this.malformed) {
			return RefusalReason.MALFORMED;
		}
		if (isTooLarge()) {
			return RefusalReason.TOO_LARGE;
		}
		if (isOutOfRoom()) {
			return RefusalReason.OVERLOADED;
		}
		return this.complete ? null : RefusalReason.MALFORMED;
	}

	/**
	 * An array that begins with what has come, decompressed.
	 */
	byte[] bytes() {
		return this.bytes.array();
	}

	/**
	 * How many bytes have come, decompressed; at most one more than the limit.
	 */
	int length() {
		return this.bytes.length();
	}

	/**
	 * Says that nothing follows. What has come stays.
	 */
	void end() {
		if (this.gunzip != null) {
			this.gunzip.close();
			this.gunzip = null;
			this.inHand.release(INFLATER);
		}
	}

	/**
	 * Lets go of everything; does nothing when called again.
	 */
	@Override
	public void close() {
		end();
		this.bytes.clear();
	}

}
