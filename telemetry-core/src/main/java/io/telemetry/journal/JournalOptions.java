package io.telemetry.journal;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * Where and how a {@link Journal} keeps its records. Made by {@link #of} and the
 * {@code with} methods, so that options may be added.
 *
 * @param directory where its files are; created where it is missing, used by this journal
 * alone
 * @param maxBytes size of all segments at most
 * @param segmentBytes size of one segment file at most; what all readers have
 * acknowledged is deleted by whole segments
 * @param maxRecordBytes size of one record at most
 * @param maxAge how long a record is kept for readers that don't acknowledge it;
 * {@code null} for as long as there is room. Records go by whole segments, so one may
 * stay for a quarter longer.
 * @param whenFull what to do with a record for which there is no room
 * @param sync when to force what was appended onto the disk
 */
public record JournalOptions(Path directory, long maxBytes, long segmentBytes, int maxRecordBytes,
		@Nullable Duration maxAge, WhenFull whenFull, Sync sync) {

	private static final long MAX_SEGMENT_BYTES = 1L << 30;

	/**
	 * Checks the options.
	 * @throws IllegalArgumentException if a value is out of range, or if two contradict
	 * each other; the message names it and what is allowed
	 */
	public JournalOptions {
		Objects.requireNonNull(whenFull, "whenFull");
		Objects.requireNonNull(sync, "sync");
		if (directory.getFileSystem() != FileSystems.getDefault()) {
			throw new IllegalArgumentException("directory must be in the default file system, not '" + directory
					+ "' in " + directory.getFileSystem());
		}
		if (maxRecordBytes < 1) {
			throw new IllegalArgumentException("maxRecordBytes must be at least 1, not " + maxRecordBytes);
		}
		if (segmentBytes > MAX_SEGMENT_BYTES) {
			throw new IllegalArgumentException(
					"segmentBytes must be at most " + MAX_SEGMENT_BYTES + ", not " + segmentBytes);
		}
		long leastSegment = (long) maxRecordBytes + Format.SEGMENT_HEADER + Format.RECORD_HEADER;
		if (segmentBytes < leastSegment) {
			throw new IllegalArgumentException("segmentBytes must be at least " + leastSegment
					+ ", for one record of maxRecordBytes, not " + segmentBytes);
		}
		if (maxBytes < 2 * segmentBytes) {
			throw new IllegalArgumentException("maxBytes must be at least " + 2 * segmentBytes
					+ ", for two segments of segmentBytes, not " + maxBytes);
		}
		if (maxAge != null && (maxAge.isNegative() || maxAge.isZero())) {
			throw new IllegalArgumentException("maxAge must be positive, not " + maxAge);
		}
	}

	/**
	 * The defaults for a directory: 256 MB in segments of 16 MB, records of 1 MB at most
	 * and of any age; a full journal refuses the new; synced within 500 ms.
	 * @param directory where the files are
	 * @return the options
	 */
	public static JournalOptions of(Path directory) {
		return new JournalOptions(directory, 256L << 20, 16L << 20, 1 << 20, null, WhenFull.REFUSE_NEW,
				new Sync.Interval(Duration.ofMillis(500)));
	}

	/**
	 * A copy for another directory.
	 * @param directory where the files are
	 * @return the copy
	 */
	public JournalOptions withDirectory(Path directory) {
		return new JournalOptions(directory, this.maxBytes, this.segmentBytes, this.maxRecordBytes, this.maxAge,
				this.whenFull, this.sync);
	}

	/**
	 * A copy of another size. Both at once, because one bounds the other.
	 * @param maxBytes size of all segments at most
	 * @param segmentBytes size of one segment file at most, half of the former or less
	 * @return the copy
	 */
	public JournalOptions withSize(long maxBytes, long segmentBytes) {
		return new JournalOptions(this.directory, maxBytes, segmentBytes, this.maxRecordBytes, this.maxAge,
				this.whenFull, this.sync);
	}

	/**
	 * A copy for records of another size.
	 * @param maxRecordBytes size of one record at most
	 * @return the copy
	 */
	public JournalOptions withMaxRecordBytes(int maxRecordBytes) {
		return new JournalOptions(this.directory, this.maxBytes, this.segmentBytes, maxRecordBytes, this.maxAge,
				this.whenFull, this.sync);
	}

	/**
	 * A copy that keeps records for another time.
	 * @param maxAge how long a record is kept; {@code null} for as long as there is room
	 * @return the copy
	 */
	public JournalOptions withMaxAge(@Nullable Duration maxAge) {
		return new JournalOptions(this.directory, this.maxBytes, this.segmentBytes, this.maxRecordBytes, maxAge,
				this.whenFull, this.sync);
	}

	/**
	 * A copy that does something else when it is full.
	 * @param whenFull what to do with a record for which there is no room
	 * @return the copy
	 */
	public JournalOptions withWhenFull(WhenFull whenFull) {
		return new JournalOptions(this.directory, this.maxBytes, this.segmentBytes, this.maxRecordBytes, this.maxAge,
				whenFull, this.sync);
	}

	/**
	 * A copy that syncs at other times.
	 * @param sync when to force what was appended onto the disk
	 * @return the copy
	 */
	public JournalOptions withSync(Sync sync) {
		return new JournalOptions(this.directory, this.maxBytes, this.segmentBytes, this.maxRecordBytes, this.maxAge,
				this.whenFull, sync);
	}

}
