package io.telemetry.boot.channel;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

/**
 * Reads bodies without trusting what is said of their length: what is kept grows with
 * what has arrived and never beyond the limit.
 */
final class Bodies {

	private static final int FIRST_PIECE = 8 * 1024;

	private Bodies() {
	}

	/**
	 * Reads to the end or to one byte beyond the limit, whichever comes first.
	 * @param in what to read
	 * @param limit most bytes that are wanted
	 * @return what was read; longer than the limit where there is more
	 * @throws IOException if reading failed
	 */
	static byte[] read(InputStream in, int limit) throws IOException {
		byte[] bytes = new byte[Math.min(FIRST_PIECE, limit + 1)];
		int length = 0;
		while (true) {
			int read = in.read(bytes, length, bytes.length - length);
			if (read < 0) {
				return (length == bytes.length) ? bytes : Arrays.copyOf(bytes, length);
			}
			length += read;
			if (length > limit) {
				return (length == bytes.length) ? bytes : Arrays.copyOf(bytes, length);
			}
			if (length == bytes.length) {
				bytes = Arrays.copyOf(bytes, (int) Math.min(limit + 1L, bytes.length * 2L));
			}
		}
	}

	/**
	 * Decompresses to the end or to one byte beyond the limit. A bomb is not inflated
	 * beyond that.
	 * @param gzip the compressed bytes
	 * @param limit most bytes that are wanted
	 * @return what came out; longer than the limit where there is more
	 * @throws IOException if it is not gzip, or cut
	 */
	static byte[] gunzip(byte[] gzip, int limit) throws IOException {
		try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(gzip))) {
			return read(in, limit);
		}
	}

}
