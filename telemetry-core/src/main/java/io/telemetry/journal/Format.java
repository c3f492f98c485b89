package io.telemetry.journal;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

import org.jspecify.annotations.Nullable;

/**
 * The bytes of a segment file, all numbers big-endian. Described for whoever reads such a
 * file without this code in {@code docs/architecture.md}.
 * <p>
 * That a segment is named by its first sequence is Kafka's idea. That records carry their
 * sequence, so that what is missing can be counted, is that of Vector's disk buffer.
 */
final class Format {

	/**
	 * Bytes before the first record: magic, version, base, time of creation, checksum.
	 */
	static final int SEGMENT_HEADER = 32;

	/** Bytes before a record's payload: length, checksum, sequence, time. */
	static final int RECORD_HEADER = 24;

	static final int CRC_OFFSET = 4;

	static final int SEQUENCE_OFFSET = 8;

	static final int TIME_OFFSET = 16;

	private static final int MAGIC = 0x544A4E4C; // "TJNL"

	private static final short VERSION = 1;

	private static final int HEADER_CRC_OFFSET = 28;

	private static final Pattern NAME = Pattern.compile("(\\d{20})\\.journal");

	private Format() {
	}

	static Path segmentPath(Path directory, long base) {
		return directory.resolve(String.format("%020d.journal", base));
	}

	/**
	 * The base of a segment.
	 * @param file any file
	 * @return the sequence of its first record; {@code null} if it is no segment
	 */
	static @Nullable Long baseOf(Path file) {
		Matcher name = NAME.matcher(String.valueOf(file.getFileName()));
		if (!name.matches()) {
			return null;
		}
		try {
			long base = Long.parseLong(name.group(1));
			return (base > 0) ? base : null;
		}
		catch (NumberFormatException ex) {
			return null;
		}
	}

	static byte[] segmentHeader(long base, long createdMillis) {
		byte[] header = new byte[SEGMENT_HEADER];
		ByteBuffer.wrap(header)
			.putInt(MAGIC)
			.putShort(VERSION)
			.putShort((short) 0)
			.putLong(base)
			.putLong(createdMillis);
		ByteBuffer.wrap(header).putInt(HEADER_CRC_OFFSET, headerCrc(header));
		return header;
	}

	private static int headerCrc(byte[] header) {
		CRC32C crc = new CRC32C();
		crc.update(header, 0, HEADER_CRC_OFFSET);
		return (int) crc.getValue();
	}

	/**
	 * When a segment was begun.
	 * @param header its first bytes
	 * @param base what its name says
	 * @return the time in milliseconds; {@code null} if the header is damaged
	 * @throws UnknownVersionException if the header is whole, and of another version
	 */
	static @Nullable Long readSegmentHeader(byte[] header, long base) throws UnknownVersionException {
		ByteBuffer buffer = ByteBuffer.wrap(header);
		if (buffer.getInt(0) != MAGIC || buffer.getInt(HEADER_CRC_OFFSET) != headerCrc(header)) {
			return null;
		}
		if (buffer.getShort(4) != VERSION) {
			throw new UnknownVersionException(buffer.getShort(4));
		}
		return (buffer.getLong(8) == base) ? buffer.getLong(16) : null;
	}

	/**
	 * Writes records one behind the other.
	 * @param records their payloads
	 * @param first the sequence of the first
	 * @param millis the time of all
	 * @param target where to write, from 0; large enough
	 */
	static void encode(List<byte[]> records, long first, long millis, byte[] target) {
		ByteBuffer buffer = ByteBuffer.wrap(target);
		CRC32C crc = new CRC32C();
		long sequence = first;
		for (byte[] payload : records) {
			int start = buffer.position();
			buffer.putInt(payload.length).putInt(0).putLong(sequence++).putLong(millis).put(payload);
			crc.reset();
			updateHeader(crc, target, start);
			crc.update(target, start + RECORD_HEADER, payload.length);
			buffer.putInt(start + CRC_OFFSET, (int) crc.getValue());
		}
	}

	/**
	 * Takes a record's header into its checksum: all but the checksum itself. So a
	 * changed length is found, and zeros are no record.
	 */
	static void updateHeader(CRC32C crc, byte[] bytes, int start) {
		crc.update(bytes, start, CRC_OFFSET);
		crc.update(bytes, start + SEQUENCE_OFFSET, RECORD_HEADER - SEQUENCE_OFFSET);
	}

	static final class UnknownVersionException extends Exception {

		private static final long serialVersionUID = 1L;

		UnknownVersionException(int version) {
			super("it has version " + version + " and this code knows " + VERSION);
		}

	}

}
