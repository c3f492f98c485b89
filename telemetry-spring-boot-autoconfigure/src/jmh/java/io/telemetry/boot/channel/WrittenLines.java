package io.telemetry.boot.channel;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * What stands in a file of JSON lines.
 *
 * @param lines lines in it
 * @param distinct different uids in them
 */
record WrittenLines(long lines, long distinct) {

	private static final byte[] UID = "\"uid\":\"".getBytes(StandardCharsets.US_ASCII);

	/**
	 * Reads a file that nobody writes any more.
	 */
	static WrittenLines of(Path file) throws IOException {
		long lines = 0;
		long[] uids = new long[1 << 16];
		int count = 0;
		byte[] bytes = new byte[1 << 20];
		int held = 0;
		try (InputStream in = Files.newInputStream(file)) {
			for (int read = in.read(bytes); read >= 0; read = in.read(bytes, held, bytes.length - held)) {
				int end = held + read;
				int start = 0;
				for (int at = held; at < end; at++) {
					if (bytes[at] == '\n') {
						lines++;
						int uid = lastIndexOf(bytes, start, at);
						if (uid >= 0) {
							if (count == uids.length) {
								uids = Arrays.copyOf(uids, 2 * count);
							}
							uids[count++] = hash(bytes, uid + UID.length);
						}
						start = at + 1;
					}
				}
				held = end - start;
				System.arraycopy(bytes, start, bytes, 0, held);
			}
		}
		Arrays.sort(uids, 0, count);
		long distinct = 0;
		for (int i = 0; i < count; i++) {
			if (i == 0 || uids[i] != uids[i - 1]) {
				distinct++;
			}
		}
		return new WrittenLines(lines, distinct);
	}

	/**
	 * The uid is behind the data, which may hold anything.
	 */
	private static int lastIndexOf(byte[] bytes, int start, int end) {
		for (int at = end - UID.length; at >= start; at--) {
			if (Arrays.equals(bytes, at, at + UID.length, UID, 0, UID.length)) {
				return at;
			}
		}
		return -1;
	}

	/**
	 * 64 of the 130 bits that a uid's characters hold, mixed: of some million uids no two
	 * meet.
	 */
	private static long hash(byte[] bytes, int start) {
		long hash = 0xcbf29ce484222325L;
		for (int at = start; bytes[at] != '"'; at++) {
			hash = (hash ^ bytes[at]) * 0x100000001b3L;
		}
		return hash ^ (hash >>> 32);
	}

}
