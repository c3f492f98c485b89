package io.telemetry.encode;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.Objects;

/**
 * Bytes in memory, to be used again and again. Unlike
 * {@link java.io.ByteArrayOutputStream} it takes no lock, can be cut back, and gives up a
 * large array when it is reset. Not safe for several threads.
 */
public final class ByteArrayOutput extends OutputStream {

	private static final int INITIAL = 1024;

	/** What is kept for the next use; a rare large content must not stay for ever. */
	private static final int KEPT = 1 << 22;

	private byte[] bytes = new byte[INITIAL];

	private int size;

	@Override
	public void write(int b) {
		ensureRoomFor(1);
		this.bytes[this.size++] = (byte) b;
	}

	@Override
	public void write(byte[] source, int offset, int length) {
		Objects.checkFromIndexSize(offset, length, source.length);
		ensureRoomFor(length);
		System.arraycopy(source, offset, this.bytes, this.size, length);
		this.size += length;
	}

	private void ensureRoomFor(int more) {
		int needed = Math.addExact(this.size, more);
		if (needed > this.bytes.length) {
			long doubled = Math.min(2L * this.bytes.length, Integer.MAX_VALUE - 8);
			this.bytes = Arrays.copyOf(this.bytes, (int) Math.max(needed, doubled));
		}
	}

	/**
	 * Makes room for whoever writes into the array himself.
	 * @param more the number of bytes after those that it holds
	 * @return the array, good until the next change
	 */
	byte[] room(int more) {
		ensureRoomFor(more);
		return this.bytes;
	}

	/**
	 * Takes over what was written into the array.
	 * @param size the number of bytes that it holds now
	 */
	void size(int size) {
		this.size = size;
	}

	/**
	 * How many bytes it holds.
	 * @return the number of bytes
	 */
	public int size() {
		return this.size;
	}

	/**
	 * Forgets what was written last.
	 * @param size the number of bytes that stay
	 * @throws IndexOutOfBoundsException if it holds fewer
	 */
	public void truncate(int size) {
		this.size = Objects.checkIndex(size, this.size + 1);
	}

	/**
	 * Forgets everything, to be used again.
	 */
	public void reset() {
		this.size = 0;
		if (this.bytes.length > KEPT) {
			this.bytes = new byte[INITIAL];
		}
	}

	/**
	 * Writes everything in one go.
	 * @param out where the bytes go
	 * @throws IOException if that fails
	 */
	public void writeTo(OutputStream out) throws IOException {
		out.write(this.bytes, 0, this.size);
	}

	/**
	 * The array behind it, of which the first {@link #size()} bytes count, good until the
	 * next change.
	 * @return the array itself, not a copy
	 */
	public byte[] array() {
		return this.bytes;
	}

	/**
	 * Everything as text.
	 * @param charset how the bytes are to be read
	 * @return the text
	 */
	public String toString(Charset charset) {
		return new String(this.bytes, 0, this.size, charset);
	}

}
