package io.telemetry.journal;

import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.zip.CRC32C;

import org.jspecify.annotations.Nullable;

/**
 * Goes through the records of one segment. Where one is damaged it goes on with the next
 * whole one: there, where the damaged one's length says, else at the next place that
 * looks like a record, has a higher sequence and the right checksum. For one thread at a
 * time.
 * <p>
 * LevelDB goes on at the next block instead, and for that splits records at blocks.
 */
final class SegmentScanner implements Closeable {

	private static final int WINDOW = 1 << 16;

	private final Disk disk;

	private final RandomAccessFile file;

	private final CRC32C crc = new CRC32C();

	private final byte[] window = new byte[WINDOW];

	private final ByteBuffer view = ByteBuffer.wrap(this.window);

	private long windowStart;

	private int windowLength;

	private long position = Format.SEGMENT_HEADER;

	private long expected;

	/** Where damage began that no whole record was found behind yet; 0 for none. */
	private long damageStart;

	/**
	 * Begins before the first record.
	 * @param disk what reads
	 * @param file the segment, which is closed with this
	 * @param base the sequence of the first record
	 */
	SegmentScanner(Disk disk, RandomAccessFile file, long base) {
		this.disk = disk;
		this.file = file;
		this.expected = base;
	}

	/**
	 * The next whole record.
	 * @param limit where what was written ends
	 * @return the record; {@code null} if there is none before the limit
	 */
	@Nullable JournalRecord next(long limit) throws IOException {
		if (this.position >= limit) {
			return null;
		}
		int length = (this.damageStart == 0) ? check(this.position, limit, this.expected, this.expected) : -1;
		if (length < 0) {
			length = resync(limit);
		}
		return (length < 0) ? null : take(length, limit);
	}

	private JournalRecord take(int length, long limit) throws IOException {
		load(this.position, Format.RECORD_HEADER, limit);
		int at = at(this.position);
		long sequence = this.view.getLong(at + Format.SEQUENCE_OFFSET);
		long millis = this.view.getLong(at + Format.TIME_OFFSET);
		byte[] payload = new byte[length];
		long start = this.position + Format.RECORD_HEADER;
		if (Format.RECORD_HEADER + length <= WINDOW) {
			load(this.position, Format.RECORD_HEADER + length, limit);
			System.arraycopy(this.window, at(start), payload, 0, length);
		}
		else if (this.disk.read(this.file, start, payload, length) < length) {
			throw new IOException("The file ended within a record");
		}
		this.position = start + length;
		this.expected = sequence + 1;
		this.damageStart = 0;
		return new JournalRecord(sequence, Instant.ofEpochMilli(millis), payload);
	}

	/**
	 * Whether what it came by last is no whole record.
	 */
	boolean endedDamaged() {
		return this.damageStart != 0;
	}

	/**
	 * How far it came.
	 */
	long position() {
		return this.position;
	}

	/**
	 * The sequence that follows the last whole record.
	 */
	long expected() {
		return this.expected;
	}

	/**
	 * Whether there is a whole record at a place.
	 * @return the length of its payload, or -1
	 */
	private int check(long start, long limit, long lowest, long highest) throws IOException {
		if (start + Format.RECORD_HEADER > limit || !load(start, Format.RECORD_HEADER, limit)) {
			return -1;
		}
		int at = at(start);
		long sequence = this.view.getLong(at + Format.SEQUENCE_OFFSET);
		int length = this.view.getInt(at);
		if (sequence < lowest || sequence > highest || length < 0 || length > limit - start - Format.RECORD_HEADER) {
			return -1;
		}
		int checksum = this.view.getInt(at + Format.CRC_OFFSET);
		this.crc.reset();
		Format.updateHeader(this.crc, this.window, at);
		long from = start + Format.RECORD_HEADER;
		long end = from + length;
		if (end - start <= WINDOW) {
			if (!load(start, (int) (end - start), limit)) {
				return -1;
			}
			this.crc.update(this.window, at(from), length);
		}
		else {
			for (; from < end; from += WINDOW) {
				int part = (int) Math.min(WINDOW, end - from);
				if (!load(from, part, limit)) {
					return -1;
				}
				this.crc.update(this.window, at(from), part);
			}
		}
		return ((int) this.crc.getValue() == checksum) ? length : -1;
	}

	/**
	 * Moves on to the next whole record, or to the limit.
	 * @return the length of its payload, or -1 if there is none
	 */
	private int resync(long limit) throws IOException {
		long start = this.position;
		if (this.damageStart == 0) {
			this.damageStart = start;
			if (start + Format.RECORD_HEADER <= limit && load(start, Format.RECORD_HEADER, limit)) {
				int length = this.view.getInt(at(start));
				long following = start + Format.RECORD_HEADER + length;
				// Only the very next: a changed length may lead to a later record.
				int next = (length >= 0) ? check(following, limit, this.expected + 1, this.expected + 1) : -1;
				if (next >= 0) {
					this.position = following;
					return next;
				}
			}
		}
		for (long place = start; place < limit; place++) {
			int length = checkBehindDamage(place, limit);
			if (length >= 0) {
				this.position = place;
				return length;
			}
		}
		this.position = limit;
		return -1;
	}

	/**
	 * Whether a whole record is there that can follow the damage: as many records are
	 * missing, at least one, as fit between.
	 */
	private int checkBehindDamage(long place, long limit) throws IOException {
		long missing = Math.max(1, (place - this.damageStart) / Format.RECORD_HEADER);
		return check(place, limit, this.expected + 1, this.expected + missing);
	}

	private int at(long place) {
		return (int) (place - this.windowStart);
	}

	/**
	 * Sees to it that bytes are in the window.
	 * @return {@code false} if the file ends before
	 */
	private boolean load(long start, int length, long limit) throws IOException {
		if (start >= this.windowStart && start + length <= this.windowStart + this.windowLength) {
			return true;
		}
		this.windowLength = 0;
		int wanted = (int) Math.min(WINDOW, limit - start);
		this.windowLength = this.disk.read(this.file, start, this.window, wanted);
		this.windowStart = start;
		return length <= this.windowLength;
	}

	@Override
	public void close() throws IOException {
		this.file.close();
	}

}
