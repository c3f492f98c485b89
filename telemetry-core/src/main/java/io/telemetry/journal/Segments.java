package io.telemetry.journal;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

/**
 * The segments of a journal, what they take up, and the sequence of the next record.
 * <p>
 * Guarded by the journal's lock, which the caller holds; {@link #closeFiles} takes it
 * itself.
 */
final class Segments {

	private static final int SCRATCH_BYTES = 1 << 16;

	private final Path directory;

	private final Disk disk;

	private final Monitor monitor;

	private final byte[] scratch = new byte[SCRATCH_BYTES];

	private final TreeMap<Long, Segment> segments = new TreeMap<>();

	/** The segment that is appended to: the last one, if any. */
	private @Nullable Segment active;

	/** Sealed, with a file to be closed. */
	private final List<Segment> toClose = new ArrayList<>();

	/** No longer among the segments, with a file to be deleted. */
	private final List<Segment> toDelete = new ArrayList<>();

	private long nextSequence = 1;

	/** Of all segment files, those included that are to be deleted. */
	private long bytes;

	Segments(Path directory, Disk disk, Monitor monitor) {
		this.directory = directory;
		this.disk = disk;
		this.monitor = monitor;
	}

	/**
	 * All segments, the oldest first.
	 */
	List<Segment> all() {
		return List.copyOf(this.segments.values());
	}

	int size() {
		return this.segments.size();
	}

	@Nullable Segment oldest() {
		Map.Entry<Long, Segment> first = this.segments.firstEntry();
		return (first != null) ? first.getValue() : null;
	}

	@Nullable Segment newest() {
		Map.Entry<Long, Segment> last = this.segments.lastEntry();
		return (last != null) ? last.getValue() : null;
	}

	/**
	 * The segment that is appended to.
	 * @return the last one; {@code null} if the next append has to begin one
	 */
	@Nullable Segment active() {
		return this.active;
	}

	/**
	 * The segment with a sequence, else the next.
	 */
	@Nullable Segment find(long sequence) {
		Map.Entry<Long, Segment> at = this.segments.floorEntry(sequence);
		if (at != null && (!at.getValue().isSealed() || at.getValue().endSequence() > sequence)) {
			return at.getValue();
		}
		Map.Entry<Long, Segment> after = this.segments.higherEntry(sequence);
		return (after != null) ? after.getValue() : null;
	}

	/**
	 * The sequence of the next record.
	 */
	long nextSequence() {
		return this.nextSequence;
	}

	/**
	 * Sees to it that sequences up to one are not given to records.
	 */
	void nextSequence(long atLeast) {
		this.nextSequence = Math.max(this.nextSequence, atLeast);
	}

	/**
	 * The lowest sequence that a record may have.
	 */
	long firstSequence() {
		return this.segments.isEmpty() ? this.nextSequence : this.segments.firstKey();
	}

	/**
	 * Size of all files, those included that are to be deleted.
	 */
	long bytes() {
		return this.bytes;
	}

	/**
	 * Size of the files that are to be deleted.
	 */
	long bytesToDelete() {
		return this.toDelete.stream().mapToLong(Segment::end).sum();
	}

	/**
	 * Takes in a segment that was found, behind those that are there.
	 */
	void add(Segment found) {
		Segment before = newest();
		if (before != null) {
			before.seal(found.base);
			before.lastAppend = Math.max(before.created, found.created);
		}
		this.segments.put(found.base, found);
		this.bytes += found.end();
	}

	/**
	 * Goes on appending to the newest segment.
	 * @param file the segment's, open for writing
	 */
	void resume(Segment newest, RandomAccessFile file) {
		opened(newest, file);
	}

	private void opened(Segment segment, RandomAccessFile file) {
		segment.file = file;
		segment.key = this.disk.keyOf(segment.path);
		this.active = segment;
	}

	/**
	 * Begins a segment with the next sequence.
	 * @param records how many records want it, for the message
	 * @throws JournalException if the disk fails; nothing is left then
	 */
	Segment begin(int records, long millis) throws JournalException {
		Path path = Format.segmentPath(this.directory, this.nextSequence);
		RandomAccessFile file = null;
		try {
			file = this.disk.open(path, "rw");
			this.disk.truncate(file, 0);
			this.disk.write(file, 0, Format.segmentHeader(this.nextSequence, millis), Format.SEGMENT_HEADER);
		}
		catch (IOException ex) {
			if (file != null) {
				closeQuietly(file);
				try {
					this.disk.delete(path);
				}
				catch (IOException suppressed) {
					ex.addSuppressed(suppressed);
				}
			}
			throw refusal(ex, Format.SEGMENT_HEADER, records);
		}
		Segment segment = new Segment(this.nextSequence, path, millis, Format.SEGMENT_HEADER);
		segment.isNew = true;
		opened(segment, file);
		this.segments.put(segment.base, segment);
		this.bytes += Format.SEGMENT_HEADER;
		return segment;
	}

	/**
	 * Appends records to the active segment.
	 * @param length with their headers; there is room
	 * @return the sequence of the first
	 * @throws JournalException if the disk fails; nothing of them is left then
	 */
	long append(Segment segment, List<byte[]> records, int length, long millis) throws JournalException {
		byte[] encoded = (length <= SCRATCH_BYTES) ? this.scratch : new byte[length];
		long first = this.nextSequence;
		Format.encode(records, first, millis, encoded);
		write(segment, encoded, length, records.size());
		this.nextSequence += records.size();
		this.bytes += length;
		segment.lastAppend = millis;
		segment.end(segment.end() + length);
		return first;
	}

	private void write(Segment segment, byte[] encoded, int length, int records) throws JournalException {
		RandomAccessFile file = Objects.requireNonNull(segment.file);
		try {
			this.disk.write(file, segment.end(), encoded, length);
		}
		catch (IOException ex) {
			boolean whole = false;
			try {
				this.disk.truncate(file, segment.end());
				whole = true;
			}
			catch (IOException suppressed) {
				ex.addSuppressed(suppressed);
			}
			JournalException refusal = refusal(ex, length, records);
			if (!whole || refusal.reason() == Refused.IO) {
				seal(segment);
			}
			throw refusal;
		}
	}

	/**
	 * What to tell whose records the disk failed to take.
	 * @param length what was to be written
	 */
	JournalException refusal(IOException failure, long length, int records) {
		boolean full = this.disk.isFull(failure, this.directory, length);
		return JournalException.refused(this.directory, full ? Refused.DISK_FULL : Refused.IO, records,
				(full ? "the disk is full (" : "the disk failed (") + failure + ")", failure);
	}

	/**
	 * Ends appending to the active segment. The worker closes its file.
	 */
	void seal(Segment segment) {
		this.active = null;
		this.toClose.add(segment);
		if (segment.base == this.nextSequence) {
			// Its successor will have the same name.
			forget(segment);
			try {
				this.disk.delete(segment.path);
			}
			catch (IOException ex) {
				// Whoever creates the successor overwrites it.
			}
		}
		segment.seal(this.nextSequence);
		this.monitor.work.signal();
	}

	/**
	 * Takes leave of a segment whose file is gone or of no account.
	 */
	void forget(Segment segment) {
		this.segments.remove(segment.base);
		segment.setGone();
		this.bytes -= segment.end();
	}

	/**
	 * Takes leave of a sealed segment; its file is to be deleted.
	 */
	void delete(Segment segment) {
		this.segments.remove(segment.base);
		segment.setGone();
		this.toDelete.add(segment);
	}

	/**
	 * Segments with a file to be deleted.
	 */
	List<Segment> toDelete() {
		return List.copyOf(this.toDelete);
	}

	/**
	 * Says that the file of a segment was deleted.
	 */
	void deleted(Segment segment) {
		if (this.toDelete.remove(segment)) {
			this.bytes -= segment.end();
		}
	}

	/**
	 * Whether there are files to be closed or deleted.
	 */
	boolean isPending() {
		return !this.toClose.isEmpty() || !this.toDelete.isEmpty();
	}

	/**
	 * Closes files of sealed segments. Called with the worker's lock, so that nobody
	 * forces them meanwhile, and without the journal's.
	 * @param unforced whether to close those too that the next sync would force
	 */
	void closeFiles(boolean unforced) {
		List<Segment> closing = new ArrayList<>();
		this.monitor.lock.lock();
		try {
			for (Segment segment : this.toClose) {
				if (unforced || !segment.unsynced || segment.isGone()) {
					closing.add(segment);
				}
			}
			this.toClose.removeAll(closing);
		}
		finally {
			this.monitor.lock.unlock();
		}
		closing.forEach(Segments::closeFile);
	}

	/**
	 * Closes all files, that of the active segment too. Called with the worker's lock,
	 * when nothing is appended any more.
	 */
	void close() {
		this.monitor.lock.lock();
		try {
			if (this.active != null) {
				this.toClose.add(this.active);
			}
		}
		finally {
			this.monitor.lock.unlock();
		}
		closeFiles(true);
	}

	private static void closeFile(Segment segment) {
		RandomAccessFile open = segment.file;
		segment.file = null;
		if (open != null) {
			closeQuietly(open);
		}
	}

	private static void closeQuietly(RandomAccessFile file) {
		try {
			file.close();
		}
		catch (IOException ex) {
			// Nothing is buffered that could be lost: writes went to the system at once.
		}
	}

}
