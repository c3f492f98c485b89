package io.telemetry.journal;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;

import org.jspecify.annotations.Nullable;

/**
 * Follows a journal from where the reader of its name has acknowledged it. What was read
 * and not acknowledged is read again after a restart: at least once. Records come in the
 * order of their sequences; a gap is what was let go or damaged, and is counted.
 * <p>
 * One thread polls at a time, another waits. Any thread may acknowledge. Records can be
 * read as soon as they are appended, before they are synced; after a power loss their
 * sequences may then stand for others.
 */
public final class JournalReader implements AutoCloseable {

	/** A poll ends with the record that reaches it: what it returns has to fit memory. */
	private static final long POLL_BYTES = 4 << 20;

	/** A disk that fails so often at one place is not asked a further time. */
	private static final int READ_ATTEMPTS = 3;

	private final Journal journal;

	private final Readers readers;

	private final Disk disk;

	private final ReaderPosition position;

	private final ReentrantLock polling = new ReentrantLock();

	private @Nullable Segment segment;

	private @Nullable SegmentScanner scanner;

	/** The lowest sequence that was neither returned nor counted as lost. */
	private long next;

	/** Up to here losses were counted; reading again does not count them again. */
	private long lostCounted;

	/** For whoever acknowledges. */
	private volatile Progress progress;

	private int failures;

	private volatile boolean closed;

	JournalReader(Journal journal, Readers readers, Disk disk, ReaderPosition position) {
		this.journal = journal;
		this.readers = readers;
		this.disk = disk;
		this.position = position;
		this.next = position.acknowledged() + 1;
		this.lostCounted = this.next;
		this.progress = new Progress(position.acknowledged(), this.next);
	}

	/**
	 * The name under which the position is kept.
	 * @return the name
	 */
	public String name() {
		return this.position.name;
	}

	/**
	 * Reads the next records, and waits for one if there is none.
	 * @param max how many at most; fewer come when they are 4 MB together
	 * @param atMost how long to wait for the first; zero not to wait
	 * @return the records, behind those of the last poll; empty if none came
	 * @throws JournalException with {@link Refused#CLOSED} if journal or reader are
	 * closed, also while it waits; with {@link Refused#IO} if the disk can't be read.
	 * Polling again tries again; at the third failure in one place what is left of that
	 * segment is counted as lost and the next is read, unless it is the newest.
	 * @throws InterruptedException if the thread is interrupted while it waits
	 */
	public List<JournalRecord> poll(int max, Duration atMost) throws JournalException, InterruptedException {
		if (max < 1) {
			throw new IllegalArgumentException("max must be at least 1, not " + max);
		}
		long patience = atMost.toNanos();
		this.polling.lockInterruptibly();
		try {
			while (true) {
				requireOpen();
				List<JournalRecord> records = read(max);
				if (!records.isEmpty()) {
					return records;
				}
				patience = this.readers.awaitMore(this, patience);
				if (patience <= 0) {
					return List.of();
				}
			}
		}
		finally {
			this.polling.unlock();
		}
	}

	private void requireOpen() throws JournalException {
		if (this.closed) {
			throw new JournalException(Refused.CLOSED, "The reader '" + name() + "' was closed", null);
		}
	}

	private List<JournalRecord> read(int max) throws JournalException {
		List<JournalRecord> records = new ArrayList<>();
		long bytes = 0;
		try {
			while (records.size() < max && bytes < POLL_BYTES) {
				SegmentScanner current = current();
				if (current == null) {
					break;
				}
				JournalRecord record = advance(current);
				if (record != null) {
					records.add(record);
					bytes += record.bytes().length;
				}
				else if (this.scanner == current && current.position() >= segment().end() && !segment().isSealed()) {
					break;
				}
			}
			this.failures = 0;
		}
		catch (IOException ex) {
			if (records.isEmpty()) {
				failed(ex);
			}
		}
		finally {
			long read = records.isEmpty() ? this.progress.read() : records.get(records.size() - 1).sequence();
			if (read >= this.progress.read() && this.next > this.progress.next()) {
				this.progress = new Progress(read, this.next);
			}
		}
		return records;
	}

	private Segment segment() {
		return Objects.requireNonNull(this.segment);
	}

	/**
	 * One step: the next record, past what this reader has had, or out of a segment.
	 * @return the record, if this reader has not had it
	 */
	private @Nullable JournalRecord advance(SegmentScanner current) throws IOException {
		Segment in = segment();
		// Asked first: what is appended before it is sealed is read then.
		boolean sealed = in.isSealed();
		long expected = current.expected();
		JournalRecord record = current.next(in.end());
		if (record != null) {
			missing(in, expected, record.sequence());
			if (record.sequence() < this.next) {
				return null;
			}
			this.next = record.sequence() + 1;
			return record;
		}
		if (sealed) {
			missing(in, expected, in.endSequence());
			leave();
		}
		return null;
	}

	/**
	 * Counts what is damaged and goes on behind it.
	 */
	private void missing(Segment in, long from, long to) {
		if (to > from) {
			this.readers.damaged(in, from, to);
		}
		skip(to);
	}

	private void skip(long to) {
		if (to > this.next) {
			long from = Math.max(this.next, this.lostCounted);
			if (to > from) {
				this.readers.lost(this.position, from, to);
			}
			this.next = to;
			this.lostCounted = Math.max(this.lostCounted, to);
		}
	}

	/**
	 * The scanner of the segment with the next record, which is opened if it is not.
	 * @return {@code null} if there is no such segment yet
	 */
	private @Nullable SegmentScanner current() throws IOException {
		Segment in = this.segment;
		if (in != null && in.isGone()) {
			leave();
		}
		while (this.scanner == null) {
			// What was let go is acknowledged and was counted.
			this.next = Math.max(this.next, this.position.acknowledged() + 1);
			Segment found = this.journal.segmentFor(this.next);
			if (found == null) {
				break;
			}
			skip(found.base);
			RandomAccessFile file;
			try {
				file = this.disk.open(found.path, "r");
			}
			catch (IOException ex) {
				if (Files.exists(found.path)) {
					throw ex;
				}
				this.journal.vanished();
				continue;
			}
			this.segment = found;
			this.scanner = new SegmentScanner(this.disk, file, found.base);
		}
		return this.scanner;
	}

	private void failed(IOException failure) throws JournalException {
		Segment in = this.segment;
		if (in != null && in.isSealed() && ++this.failures >= READ_ATTEMPTS) {
			this.failures = 0;
			missing(in, this.next, in.endSequence());
			leave();
			return;
		}
		// Opened anew next time: it may be the file handle that is bad.
		leave();
		this.segment = in;
		throw new JournalException(Refused.IO,
				"Can't read the journal in '" + this.journal.directory() + "': " + failure, failure);
	}

	private void leave() {
		SegmentScanner open = this.scanner;
		this.scanner = null;
		this.segment = null;
		if (open != null) {
			try {
				open.close();
			}
			catch (IOException ex) {
				// It was only read.
			}
		}
	}

	/**
	 * Whether there may be something to read. Called with the journal's lock, by the
	 * thread that polls.
	 */
	boolean isBehind() {
		Segment in = this.segment;
		SegmentScanner open = this.scanner;
		if (this.closed) {
			return true;
		}
		if (in == null || open == null || in.isGone()) {
			return this.journal.segmentFor(Math.max(this.next, this.position.acknowledged() + 1)) != null;
		}
		return in.isSealed() || open.position() < in.end();
	}

	/**
	 * Says that all records up to one have been dealt with. They are not read again, and
	 * are deleted as soon as all readers have acknowledged them, by whole segments.
	 * <p>
	 * The position outlives the process. If it can't be written that is tried again every
	 * second, and what was acknowledged is read again if the process ends before.
	 * <p>
	 * Whoever learns in any order what has been dealt with leaves this to
	 * {@link RecordsInFlight}.
	 * @param sequence that of the last record dealt with; nothing happens if it was
	 * acknowledged already
	 * @throws IllegalArgumentException if it has not been read
	 */
	public void acknowledge(long sequence) {
		Progress now = this.progress;
		if (sequence > now.read() && sequence > this.position.acknowledged()) {
			throw new IllegalArgumentException(
					"sequence must be one that was read, up to " + now.read() + ", not " + sequence);
		}
		// What is damaged behind the last record that was read is nobody's to
		// acknowledge.
		this.journal.acknowledge(this.position,
				(sequence < now.read()) ? sequence : Math.max(sequence, now.next() - 1));
	}

	/**
	 * Goes back: the next poll begins behind what was acknowledged.
	 */
	public void rewind() {
		this.polling.lock();
		try {
			leave();
			this.next = this.position.acknowledged() + 1;
		}
		finally {
			this.polling.unlock();
		}
	}

	/**
	 * How far reading came.
	 *
	 * @param read the highest sequence that was returned
	 * @param next what comes behind it, and behind damage that follows it
	 */
	private record Progress(long read, long next) {
	}

	/**
	 * Ends reading under this name, for now: the position stays, and so do the records
	 * behind it. A poll that waits ends. Closing again does nothing.
	 */
	@Override
	public void close() {
		this.closed = true;
		this.readers.wake();
		this.polling.lock();
		try {
			leave();
		}
		finally {
			this.polling.unlock();
		}
		this.readers.closed(this);
	}

}
