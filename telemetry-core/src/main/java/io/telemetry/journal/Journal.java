package io.telemetry.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * A log on disk: records are appended at its end, named readers follow it and acknowledge
 * what they have dealt with, and what all of them have acknowledged is deleted. Bounded
 * in size and, where wanted, in age.
 * <p>
 * Once {@code append} has returned, the records outlive the process; once
 * {@link Append#durable()} is completed, the machine too. Records that a crash left torn
 * or that the disk changed are found by their checksum and counted; those before and
 * behind are read.
 * <p>
 * Safe for several threads. An append writes on the caller's thread, under a lock that is
 * never held while the disk is forced, unless the journal is full and has to delete
 * first. Syncs, and deleting what is not needed any more, are the work of one daemon
 * thread. One journal per directory, in this process and among all.
 */
public final class Journal implements AutoCloseable {

	private static final Pattern READER_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

	private final JournalOptions options;

	private final Path directory;

	private final InstantSource clock;

	private final DirectoryLock directoryLock;

	/** Its lock guards what changes here and in the parts. */
	private final Monitor monitor = new Monitor();

	private final Segments segments;

	private final Readers readers;

	private final Presence presence;

	private final Syncer syncer;

	private final Retention retention;

	private final Worker worker;

	private long appended;

	private long appendedBytes;

	private final Map<Refused, Long> refused = new EnumMap<>(Refused.class);

	/**
	 * Opens without a thread of its own: whoever calls {@link #work} is the worker.
	 */
	Journal(JournalOptions options, InstantSource clock, LongSupplier nanoTime, Disk disk) throws JournalException {
		this.options = options.withDirectory(options.directory().toAbsolutePath());
		this.directory = this.options.directory();
		this.clock = clock;
		this.segments = new Segments(this.directory, disk, this.monitor);
		this.readers = new Readers(this.directory, disk, this.monitor);
		DirectoryLock held = null;
		this.monitor.lock.lock();
		try {
			Files.createDirectories(this.directory);
			held = DirectoryLock.take(this.directory, disk);
			new Recovery(this.directory, disk, this.segments, this.readers).recover(clock.millis());
			this.directoryLock = held;
			this.presence = new Presence(held, disk, this.monitor, this.segments, this.readers);
			this.syncer = new Syncer(this.options, disk, nanoTime, this.monitor, this.segments, this.presence);
			this.retention = new Retention(this.options, disk, this.monitor, this.segments, this.readers,
					this.presence);
			this.worker = new Worker(options.sync(), clock, nanoTime, this.monitor, this.segments, this.readers,
					this.presence, this.syncer, this.retention);
			// A process that was killed may not have forced them.
			this.segments.all().forEach(this.syncer::written);
		}
		catch (IOException | DirectoryIteratorException | Format.UnknownVersionException ex) {
			if (held != null) {
				held.release();
			}
			throw new JournalException(Refused.IO, "Can't open the journal in '" + this.directory + "' ("
					+ ex.getMessage() + "): name a directory of its own that this user may write", ex);
		}
		finally {
			this.monitor.lock.unlock();
		}
	}

	/**
	 * Opens a journal, and creates it where there is none. Where it was left torn, it is
	 * made whole.
	 * @param options where and how
	 * @return the journal
	 * @throws JournalException if another process or another journal of this process has
	 * the directory open, if it can't be read or written, or if a later version of this
	 * code wrote it; the message names the directory and the remedy
	 */
	public static Journal open(JournalOptions options) throws JournalException {
		Journal journal = new Journal(options, InstantSource.system(), System::nanoTime, new Disk());
		journal.worker.start("journal-" + options.directory().getFileName());
		return journal;
	}

	/**
	 * Appends a record.
	 * @param record its bytes, which are copied
	 * @return its sequence and when it is durable
	 * @throws JournalException if it is refused; the reason is counted and nothing of the
	 * record is left. Trying again is safe after any reason, and sensible after all but
	 * {@link Refused#TOO_LARGE} and {@link Refused#CLOSED}.
	 */
	public Append append(byte[] record) throws JournalException {
		return appendAll(List.of(record));
	}

	/**
	 * Appends a record.
	 * @param record its remaining bytes, which are copied; the position stays
	 * @return its sequence and when it is durable
	 * @throws JournalException if it is refused, see {@link #append(byte[])}
	 */
	public Append append(ByteBuffer record) throws JournalException {
		byte[] copy = new byte[record.remaining()];
		record.duplicate().get(copy);
		return append(copy);
	}

	/**
	 * Appends records with one write, all or none. Much cheaper than one by one where
	 * they are small.
	 * @param records their bytes, which are copied; at least one record, and together no
	 * more than a segment takes
	 * @return their sequences and when they are durable
	 * @throws JournalException if they are refused, see {@link #append(byte[])}
	 */
	public Append appendAll(List<byte[]> records) throws JournalException {
		if (records.isEmpty()) {
			throw new IllegalArgumentException("records must not be empty");
		}
		long payload = 0;
		long largest = 0;
		for (byte[] record : records) {
			payload += record.length;
			largest = Math.max(largest, record.length);
		}
		long length = payload + (long) records.size() * Format.RECORD_HEADER;
		this.monitor.lock.lock();
		try {
			requireOpen();
			if (largest > this.options.maxRecordBytes()) {
				throw JournalException.refused(this.directory, Refused.TOO_LARGE, records.size(),
						"a record of " + largest + " bytes is over maxRecordBytes, " + this.options.maxRecordBytes(),
						null);
			}
			if (length + Format.SEGMENT_HEADER > this.options.segmentBytes()) {
				throw JournalException.refused(this.directory, Refused.TOO_LARGE, records.size(), "a batch of " + length
						+ " bytes with its headers is over segmentBytes, " + this.options.segmentBytes(), null);
			}
			return append(records, payload, (int) length);
		}
		catch (JournalException ex) {
			this.refused.merge(ex.reason(), (long) records.size(), Long::sum);
			throw ex;
		}
		finally {
			this.monitor.lock.unlock();
		}
	}

	private Append append(List<byte[]> records, long payload, int length) throws JournalException {
		long millis = this.clock.millis();
		Segment segment;
		long first;
		try {
			segment = this.retention.segmentWithRoom(length, records.size(), millis);
			first = this.segments.append(segment, records, length, millis);
		}
		catch (JournalException ex) {
			if (ex.reason() != Refused.DISK_FULL || !this.retention.makeRoomOnDisk(records.size(), millis)) {
				throw ex;
			}
			// What fills the disk may be what nobody needs any more
			segment = this.retention.segmentWithRoom(length, records.size(), millis);
			first = this.segments.append(segment, records, length, millis);
		}
		this.appended += records.size();
		this.appendedBytes += payload;
		this.presence.appended();
		this.readers.appended();
		return new Append(first, first + records.size() - 1, this.syncer.written(segment));
	}

	private void requireOpen() throws JournalException {
		if (this.monitor.closed) {
			throw JournalException.closed(this.directory);
		}
	}

	/**
	 * Forces onto the disk what was appended, and waits for it.
	 * @throws JournalException if that fails, or the journal is closed
	 * @throws InterruptedException if the thread is interrupted while it waits; the sync
	 * takes place all the same
	 */
	public void sync() throws JournalException, InterruptedException {
		CompletableFuture<Void> synced;
		this.monitor.lock.lock();
		try {
			requireOpen();
			synced = this.syncer.request();
		}
		finally {
			this.monitor.lock.unlock();
		}
		if (this.worker.isCurrentThread()) {
			work();
		}
		Append.await(synced, Long.MAX_VALUE);
	}

	/**
	 * Does what is due, in place of a thread.
	 */
	void work() {
		this.worker.work();
	}

	/**
	 * Begins to read under a name, behind what that name has acknowledged. A new name
	 * begins with the oldest record. From now on, restarts included, records are kept for
	 * it until it has acknowledged them, as long as the journal's bounds allow it.
	 * @param name letters, digits, dots, hyphens and underscores, 100 at most, the first
	 * a letter or digit
	 * @return the reader, to be closed
	 * @throws JournalException if the journal is closed
	 * @throws IllegalArgumentException if the name is none
	 * @throws IllegalStateException if somebody reads under that name already
	 */
	public JournalReader reader(String name) throws JournalException {
		if (!READER_NAME.matcher(name).matches()) {
			throw new IllegalArgumentException("name must be up to 100 letters, digits, dots, hyphens and underscores, "
					+ "beginning with a letter or digit, not '" + name + "'");
		}
		this.monitor.lock.lock();
		try {
			requireOpen();
			return this.readers.open(this, name, this.segments.firstSequence());
		}
		finally {
			this.monitor.lock.unlock();
		}
	}

	/**
	 * Keeps nothing more for a name. What only it had not acknowledged is deleted.
	 * @param name a reader that is closed; nothing happens if there is none of the name
	 * @throws JournalException if its position can't be deleted
	 * @throws IllegalStateException if somebody reads under that name
	 */
	public void forget(String name) throws JournalException {
		this.monitor.lock.lock();
		try {
			if (this.readers.forget(name)) {
				this.worker.requestMaintenance();
			}
		}
		catch (IOException ex) {
			throw new JournalException(Refused.IO,
					"Can't delete the position of '" + name + "' in '" + this.directory + "' (" + ex + ")", ex);
		}
		finally {
			this.monitor.lock.unlock();
		}
	}

	/**
	 * The segment with a sequence, else the next.
	 */
	@Nullable Segment segmentFor(long sequence) {
		this.monitor.lock.lock();
		try {
			return this.segments.find(sequence);
		}
		finally {
			this.monitor.lock.unlock();
		}
	}

	/**
	 * Takes leave of segments whose files are gone.
	 */
	void vanished() {
		this.monitor.lock.lock();
		try {
			this.presence.vanished();
		}
		finally {
			this.monitor.lock.unlock();
		}
	}

	/**
	 * Moves a position, and has deleted what nobody needs any more.
	 */
	void acknowledge(ReaderPosition position, long sequence) {
		this.monitor.lock.lock();
		try {
			if (this.monitor.closed) {
				return;
			}
			boolean becamePending = this.readers.acknowledge(position, sequence);
			if (this.retention.hasAcknowledged()) {
				this.worker.requestMaintenance();
			}
			else if (becamePending) {
				this.monitor.work.signal();
			}
		}
		finally {
			this.monitor.lock.unlock();
		}
	}

	Path directory() {
		return this.directory;
	}

	/**
	 * What it did and what it holds.
	 * @return a snapshot, also of a journal that is closed
	 */
	public JournalStats stats() {
		this.monitor.lock.lock();
		try {
			long next = this.segments.nextSequence();
			return new JournalStats(this.appended, this.appendedBytes, this.refused, this.readers.lost(),
					this.segments.bytes(), this.segments.size(), next, oldest(), this.syncer.syncs(),
					this.syncer.failures(), this.syncer.time(), this.syncer.slowest(), this.presence.recreated(),
					this.readers.stats(next));
		}
		finally {
			this.monitor.lock.unlock();
		}
	}

	private @Nullable Duration oldest() {
		long wanted = this.readers.lowestAcknowledged() + 1;
		for (Segment segment : this.segments.all()) {
			long end = segment.isSealed() ? segment.endSequence() : this.segments.nextSequence();
			if (end > Math.max(wanted, segment.base)) {
				return Duration.ofMillis(Math.max(0, this.clock.millis() - segment.created));
			}
		}
		return null;
	}

	/**
	 * Forces what was appended onto the disk, whatever the options say, closes the
	 * readers and frees the directory. Appends are refused from the first moment on.
	 * Closing again does nothing.
	 * @throws JournalException if the last sync failed; the journal is closed all the
	 * same
	 */
	@Override
	public void close() throws JournalException {
		List<JournalReader> open;
		this.monitor.lock.lock();
		try {
			if (this.monitor.closed) {
				return;
			}
			this.monitor.closed = true;
			this.monitor.more.signalAll();
			this.monitor.work.signal();
			open = this.readers.open();
		}
		finally {
			this.monitor.lock.unlock();
		}
		this.worker.awaitEnd();
		open.forEach(JournalReader::close);
		try {
			JournalException failure = this.worker.finish();
			if (failure != null) {
				throw failure;
			}
		}
		finally {
			this.directoryLock.release();
		}
	}

}
