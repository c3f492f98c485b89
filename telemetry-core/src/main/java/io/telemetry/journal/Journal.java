package io.telemetry.journal;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
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

	private static final long MAINTENANCE_NANOS = TimeUnit.SECONDS.toNanos(1);

	private static final int SCRATCH_BYTES = 1 << 16;

	/** A segment is sealed at this part of the age at which its records go. */
	private static final int SEALS_PER_AGE = 4;

	private static final Pattern READER_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

	private final JournalOptions options;

	private final Path directory;

	private final Disk disk;

	private final InstantSource clock;

	private final LongSupplier nanoTime;

	private final DirectoryLock directoryLock;

	/**
	 * Held by whoever syncs and cleans up, so that no file is closed while it is forced.
	 * Taken before {@link #lock}.
	 */
	private final ReentrantLock working = new ReentrantLock();

	/** Guards all below. */
	private final ReentrantLock lock = new ReentrantLock();

	private final Condition work = this.lock.newCondition();

	private final Condition more = this.lock.newCondition();

	private final byte[] scratch = new byte[SCRATCH_BYTES];

	private final TreeMap<Long, Segment> segments = new TreeMap<>();

	/** The segment that is appended to: the last one, if any. */
	private @Nullable Segment active;

	/** Sealed, with a file to be closed. */
	private final List<Segment> toClose = new ArrayList<>();

	/** No longer among the segments, with a file to be deleted. */
	private final List<Segment> toDelete = new ArrayList<>();

	private final Set<Segment> unsynced = new LinkedHashSet<>();

	private long unsyncedSince;

	/** What those wait for whose records the next sync will force. */
	private CompletableFuture<Void> group = new CompletableFuture<>();

	/** Whether records of this group were in files that are gone. */
	private boolean groupVanished;

	private boolean syncRequested;

	private boolean maintenanceRequested;

	/** Whether something was appended that may have gone into a deleted file. */
	private boolean unchecked;

	private long lastMaintenance;

	private long nextSequence = 1;

	/** Of all segment files, those included that are to be deleted. */
	private long bytes;

	private final Map<String, ReaderPosition> positions = new TreeMap<>();

	private final Map<String, JournalReader> readers = new HashMap<>();

	private int waiting;

	private boolean closed;

	private @Nullable Thread worker;

	private long appended;

	private long appendedBytes;

	private final Map<Refused, Long> refused = new EnumMap<>(Refused.class);

	private final Map<Loss, Long> lost = new EnumMap<>(Loss.class);

	private long syncs;

	private long syncFailures;

	private long syncNanos;

	private long slowestSyncNanos;

	private long recreated;

	/**
	 * Opens without a worker: whoever calls {@link #work} is it.
	 */
	Journal(JournalOptions options, InstantSource clock, LongSupplier nanoTime, Disk disk) throws JournalException {
		this.options = options;
		this.directory = options.directory().toAbsolutePath();
		this.disk = disk;
		this.clock = clock;
		this.nanoTime = nanoTime;
		this.lastMaintenance = nanoTime.getAsLong();
		DirectoryLock held = null;
		this.lock.lock();
		try {
			Files.createDirectories(this.directory);
			held = DirectoryLock.take(this.directory, disk);
			this.directoryLock = held;
			recover();
		}
		catch (IOException | Format.UnknownVersionException ex) {
			if (held != null) {
				held.release();
			}
			throw new JournalException(Refused.IO, "Can't open the journal in '" + this.directory + "' ("
					+ ex.getMessage() + "): name a directory of its own that this user may write", ex);
		}
		finally {
			this.lock.unlock();
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
		Thread thread = new Thread(journal::run, "journal-" + options.directory().getFileName());
		thread.setDaemon(true);
		journal.worker = thread;
		thread.start();
		return journal;
	}

	private void recover() throws IOException, Format.UnknownVersionException {
		TreeMap<Long, Path> files = new TreeMap<>();
		Map<String, @Nullable Long> stored = new TreeMap<>();
		long highest = 0;
		try (var listed = Files.newDirectoryStream(this.directory)) {
			for (Path file : listed) {
				Long base = Format.baseOf(file);
				if (base != null) {
					files.put(base, file);
				}
				String name = file.getFileName().toString();
				if (name.endsWith(ReaderPosition.SUFFIX)) {
					name = name.substring(0, name.length() - ReaderPosition.SUFFIX.length());
					Long position = ReaderPosition.read(this.disk, file);
					highest = Math.max(highest, (position != null) ? position : 0);
					stored.put(name, position);
				}
			}
		}
		for (Map.Entry<Long, Path> file : files.entrySet()) {
			add(file.getKey(), file.getValue());
		}
		if (!this.segments.isEmpty()) {
			recoverLast(this.segments.lastEntry().getValue(), highest);
		}
		// An acknowledged record may be gone after a power loss. Its sequence is not
		// given
		// to another, which would pass for acknowledged.
		this.nextSequence = Math.max(this.nextSequence, highest + 1);
		// A process that was killed may not have forced them.
		for (Segment segment : this.segments.values()) {
			segment.isNew = true;
			unsynced(segment);
		}
		// A file whose deletion did not come to the disk is deleted again.
		this.maintenanceRequested = true;
		long first = firstSequence();
		stored.forEach((name, position) -> {
			// One that can't be read begins anew: better twice than never.
			long acknowledged = (position != null) ? position : first - 1;
			this.positions.put(name,
					new ReaderPosition(this.disk, this.directory, name, acknowledged, position != null));
		});
		skipMissing(first);
	}

	private void add(long base, Path path) throws IOException, Format.UnknownVersionException {
		long length = Files.size(path);
		long modified = Files.getLastModifiedTime(path).toMillis();
		byte[] header = new byte[Format.SEGMENT_HEADER];
		Long created = null;
		try (RandomAccessFile file = this.disk.open(path, "r")) {
			if (this.disk.read(file, 0, header, header.length) == header.length) {
				created = Format.readSegmentHeader(header, base);
			}
		}
		Segment segment = new Segment(base, path, (created != null) ? created : modified, length);
		segment.headerDamaged = created == null;
		Map.Entry<Long, Segment> before = this.segments.lastEntry();
		if (before != null) {
			before.getValue().seal(base);
			before.getValue().lastAppend = Math.max(before.getValue().created, segment.created);
		}
		this.segments.put(base, segment);
		this.bytes += length;
	}

	/**
	 * Finds the end of the last segment. Appending goes on behind it if it is whole, else
	 * in a new segment. Others are looked at when they are read.
	 */
	private void recoverLast(Segment last, long highestAcknowledged) throws IOException {
		if (last.end() < Format.SEGMENT_HEADER || last.headerDamaged && last.end() == Format.SEGMENT_HEADER) {
			// It was being created: there is nothing in it.
			this.nextSequence = Math.max(last.base, highestAcknowledged + 1);
			replace(last);
			return;
		}
		RandomAccessFile file = this.disk.open(last.path, "rw");
		boolean keep = false;
		try {
			SegmentScanner scanner = new SegmentScanner(this.disk, file, last.base);
			long follows = last.base;
			for (JournalRecord record = scanner.next(last.end()); record != null; record = scanner.next(last.end())) {
				damaged(last, follows, record.sequence());
				follows = record.sequence() + 1;
				last.lastAppend = Math.max(last.lastAppend, record.appendedAt().toEpochMilli());
			}
			if (scanner.endedDamaged()) {
				// How many there were can't be told. One, where a process was killed.
				damaged(last, follows, follows + 1);
				follows++;
			}
			this.nextSequence = Math.max(follows, highestAcknowledged + 1);
			if (this.nextSequence == last.base
					|| !scanner.endedDamaged() && !last.headerDamaged && this.nextSequence == follows) {
				last.file = file;
				last.key = this.disk.keyOf(last.path);
				this.active = last;
				keep = true;
			}
			else if (last.base == follows) {
				replace(last);
			}
			else {
				last.seal(this.nextSequence);
				beginAgain();
			}
		}
		finally {
			if (!keep) {
				file.close();
			}
		}
	}

	private void replace(Segment empty) throws IOException {
		this.segments.remove(empty.base);
		this.bytes -= empty.end();
		this.disk.delete(empty.path);
		beginAgain();
	}

	/**
	 * Begins a segment before anybody appends, so that what the last one told (damage
	 * that was counted, sequences that were used) is not told anew, and differently, when
	 * the journal is opened the next time.
	 */
	private void beginAgain() {
		try {
			begin(0, this.clock.millis());
		}
		catch (JournalException ex) {
			// The next append tries again, and tells.
		}
	}

	private long firstSequence() {
		return this.segments.isEmpty() ? this.nextSequence : this.segments.firstKey();
	}

	/**
	 * Counts for every reader what is not there any more although it was not
	 * acknowledged.
	 */
	private void skipMissing(long first) {
		long most = 0;
		for (ReaderPosition position : this.positions.values()) {
			long missing = first - position.acknowledged() - 1;
			if (missing > 0) {
				position.lost(Loss.DAMAGED, missing);
				position.acknowledge(first - 1);
				most = Math.max(most, missing);
			}
		}
		if (most > 0) {
			this.lost.merge(Loss.DAMAGED, most, Long::sum);
		}
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
		this.lock.lock();
		try {
			if (this.closed) {
				throw wasClosed();
			}
			if (largest > this.options.maxRecordBytes()) {
				throw refuse(Refused.TOO_LARGE, records.size(),
						"a record of " + largest + " bytes is over maxRecordBytes, " + this.options.maxRecordBytes(),
						null);
			}
			if (length + Format.SEGMENT_HEADER > this.options.segmentBytes()) {
				throw refuse(Refused.TOO_LARGE, records.size(), "a batch of " + length
						+ " bytes with its headers is over segmentBytes, " + this.options.segmentBytes(), null);
			}
			return append(records, payload, (int) length);
		}
		catch (JournalException ex) {
			this.refused.merge(ex.reason(), (long) records.size(), Long::sum);
			throw ex;
		}
		finally {
			this.lock.unlock();
		}
	}

	private Append append(List<byte[]> records, long payload, int length) throws JournalException {
		long millis = this.clock.millis();
		Segment segment = segmentWithRoom(length, records.size(), millis);
		byte[] encoded = (length <= SCRATCH_BYTES) ? this.scratch : new byte[length];
		long first = this.nextSequence;
		Format.encode(records, first, millis, encoded);
		write(segment, encoded, length, records.size());
		this.nextSequence += records.size();
		this.bytes += length;
		this.appended += records.size();
		this.appendedBytes += payload;
		segment.lastAppend = millis;
		segment.end(segment.end() + length);
		unsynced(segment);
		this.unchecked = true;
		if (this.waiting > 0) {
			this.more.signalAll();
		}
		return new Append(first, this.nextSequence - 1, this.group);
	}

	private void unsynced(Segment segment) {
		if (!segment.unsynced) {
			segment.unsynced = true;
			if (this.unsynced.isEmpty()) {
				this.unsyncedSince = this.nanoTime.getAsLong();
				this.work.signal();
			}
			this.unsynced.add(segment);
		}
	}

	private JournalException wasClosed() {
		return new JournalException(Refused.CLOSED, "The journal in '" + this.directory + "' was closed", null);
	}

	private JournalException refuse(Refused reason, int records, String why, @Nullable Throwable cause) {
		return new JournalException(reason, "The journal in '" + this.directory + "' refused "
				+ ((records == 1) ? "a record" : records + " records") + ": " + why, cause);
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

	private JournalException refusal(IOException failure, long length, int records) {
		boolean full = this.disk.isFull(failure, this.directory, length);
		return refuse(full ? Refused.DISK_FULL : Refused.IO, records,
				(full ? "the disk is full (" : "the disk failed (") + failure + ")", failure);
	}

	/**
	 * The segment for the next record: a new one if it does not fit, after something was
	 * deleted if the journal would get too large.
	 */
	private Segment segmentWithRoom(int length, int records, long millis) throws JournalException {
		Segment current = this.active;
		if (current != null && current.end() + length > this.options.segmentBytes()) {
			seal(current);
			current = null;
		}
		long needed = (current != null) ? length : length + Format.SEGMENT_HEADER;
		if (this.bytes + needed > this.options.maxBytes()) {
			makeRoom(needed, records, millis);
		}
		return (this.active != null) ? this.active : begin(records, millis);
	}

	private void makeRoom(long needed, int records, long millis) throws JournalException {
		deleteAcknowledged((this.active != null) ? 1 : 0);
		if (this.options.whenFull() == WhenFull.LET_OLDEST_GO) {
			long deleted = this.toDelete.stream().mapToLong(Segment::end).sum();
			while (this.bytes - deleted + needed > this.options.maxBytes() && !this.segments.isEmpty()
					&& this.segments.firstEntry().getValue().isSealed()) {
				Segment oldest = this.segments.firstEntry().getValue();
				letGo(oldest, Loss.FULL);
				deleted += oldest.end();
			}
		}
		long missing = needed;
		if (this.segments.isEmpty()) {
			try {
				begin(records, millis);
				missing -= Format.SEGMENT_HEADER;
			}
			catch (JournalException ex) {
				// Perhaps for want of the room that is being made.
			}
		}
		deleteFiles();
		if (this.bytes + missing > this.options.maxBytes()) {
			throw refuse(Refused.FULL, records, "it holds " + this.bytes + " bytes of maxBytes, "
					+ this.options.maxBytes() + "; readers have to acknowledge first", null);
		}
	}

	private Segment begin(int records, long millis) throws JournalException {
		Path path = Format.segmentPath(this.directory, this.nextSequence);
		RandomAccessFile file = null;
		try {
			if (!this.directoryLock.isPresent()) {
				recreate();
			}
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
		segment.file = file;
		segment.key = this.disk.keyOf(path);
		segment.isNew = true;
		this.segments.put(segment.base, segment);
		this.bytes += Format.SEGMENT_HEADER;
		this.active = segment;
		return segment;
	}

	/**
	 * Ends appending to a segment. The worker closes its file.
	 */
	private void seal(Segment segment) {
		this.active = null;
		this.toClose.add(segment);
		if (segment.base == this.nextSequence) {
			// Its successor will have the same name.
			remove(segment);
			this.bytes -= segment.end();
			try {
				this.disk.delete(segment.path);
			}
			catch (IOException ex) {
				// Whoever creates the successor overwrites it.
			}
		}
		segment.seal(this.nextSequence);
		this.work.signal();
	}

	private void remove(Segment segment) {
		this.segments.remove(segment.base);
		this.unsynced.remove(segment);
		segment.setGone();
	}

	/**
	 * Lets a sealed segment go, whoever has not acknowledged it.
	 */
	private void letGo(Segment segment, Loss reason) {
		long losses = unacknowledged(segment);
		if (losses > 0) {
			this.lost.merge(reason, losses, Long::sum);
		}
		long last = segment.endSequence() - 1;
		for (ReaderPosition position : this.positions.values()) {
			long missed = last - Math.max(position.acknowledged(), segment.base - 1);
			if (missed > 0) {
				position.lost(reason, missed);
				position.acknowledge(last);
			}
		}
		delete(segment);
	}

	/**
	 * How many records of a sealed segment somebody has not acknowledged; all where there
	 * is nobody.
	 */
	private long unacknowledged(Segment segment) {
		return Math.max(0, segment.endSequence() - Math.max(lowestAcknowledged() + 1, segment.base));
	}

	private long lowestAcknowledged() {
		long lowest = this.positions.isEmpty() ? 0 : Long.MAX_VALUE;
		for (ReaderPosition position : this.positions.values()) {
			lowest = Math.min(lowest, position.acknowledged());
		}
		return lowest;
	}

	private void delete(Segment segment) {
		remove(segment);
		this.toDelete.add(segment);
	}

	/**
	 * Marks for deletion what all readers have acknowledged.
	 * @param keep how many segments stay: one where no other is about to begin, because
	 * its name tells which sequences were used
	 */
	private void deleteAcknowledged(int keep) {
		while (this.segments.size() > keep && this.segments.firstEntry().getValue().isSealed()) {
			Segment oldest = this.segments.firstEntry().getValue();
			if (unacknowledged(oldest) > 0) {
				return;
			}
			delete(oldest);
		}
	}

	/**
	 * Deletes files. Positions are forced first: a reader that found its records missing
	 * after a power loss would count them as lost. So is the name of one later segment:
	 * without any, sequences would begin anew. What can't be deleted is tried again.
	 */
	private void deleteFiles() {
		List<Segment> deleting;
		List<Segment> staying;
		this.lock.lock();
		try {
			deleting = List.copyOf(this.toDelete);
			staying = List.copyOf(this.segments.values());
		}
		finally {
			this.lock.unlock();
		}
		if (deleting.isEmpty()) {
			return;
		}
		syncPositions();
		if (staying.stream().allMatch((segment) -> segment.isNew)) {
			try {
				this.disk.syncDirectory(this.directory);
			}
			catch (IOException ex) {
				return;
			}
			staying.forEach((segment) -> segment.isNew = false);
		}
		for (Segment segment : deleting) {
			try {
				this.disk.delete(segment.path);
			}
			catch (IOException ex) {
				continue;
			}
			this.lock.lock();
			try {
				if (this.toDelete.remove(segment)) {
					this.bytes -= segment.end();
				}
			}
			finally {
				this.lock.unlock();
			}
		}
		// Not forced: a file that is there again after a power loss is deleted again.
	}

	private void syncPositions() {
		List<ReaderPosition> unforced;
		this.lock.lock();
		try {
			this.positions.values().forEach(ReaderPosition::write);
			unforced = this.positions.values().stream().filter(ReaderPosition::isPending).toList();
		}
		finally {
			this.lock.unlock();
		}
		for (ReaderPosition position : unforced) {
			try {
				position.sync();
			}
			catch (IOException ex) {
				// It stays marked and is tried again.
			}
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
		boolean own;
		this.lock.lock();
		try {
			if (this.closed) {
				throw wasClosed();
			}
			synced = this.group;
			this.syncRequested = true;
			own = this.worker == null || Thread.currentThread() == this.worker;
			this.work.signal();
		}
		finally {
			this.lock.unlock();
		}
		if (own) {
			work();
		}
		Append.await(synced, Long.MAX_VALUE);
	}

	private void run() {
		while (true) {
			boolean failed = !tryWork();
			this.lock.lock();
			try {
				if (this.closed) {
					return;
				}
				long wait = failed ? MAINTENANCE_NANOS : nanosUntilWork();
				if (wait > 0) {
					this.work.awaitNanos(wait);
				}
			}
			catch (InterruptedException ex) {
				// Nobody but close ends this thread, and that does not interrupt it.
			}
			finally {
				this.lock.unlock();
			}
		}
	}

	/**
	 * Works, and survives it: nobody else would complete what others wait for.
	 */
	private boolean tryWork() {
		try {
			work();
			return true;
		}
		catch (RuntimeException | Error ex) {
			CompletableFuture<Void> failing;
			this.lock.lock();
			try {
				failing = this.group;
				this.group = new CompletableFuture<>();
			}
			finally {
				this.lock.unlock();
			}
			failing.completeExceptionally(new JournalException(Refused.IO,
					"The journal in '" + this.directory + "' could not be synced (" + ex + ")", ex));
			return false;
		}
	}

	private long nanosUntilWork() {
		long now = this.nanoTime.getAsLong();
		return Math.min(nanosUntilSync(now), nanosUntilMaintenance(now));
	}

	private long nanosUntilSync(long now) {
		if (this.syncRequested) {
			return 0;
		}
		if (this.unsynced.isEmpty() || this.options.sync() instanceof Sync.Never) {
			return Long.MAX_VALUE;
		}
		long interval = (this.options.sync() instanceof Sync.Interval some) ? some.atMost().toNanos() : 0;
		return Math.max(0, this.unsyncedSince + interval - now);
	}

	private long nanosUntilMaintenance(long now) {
		if (this.maintenanceRequested) {
			return 0;
		}
		boolean needed = this.unchecked || !this.toClose.isEmpty() || !this.toDelete.isEmpty()
				|| this.positions.values().stream().anyMatch(ReaderPosition::isPending)
				|| this.options.maxAge() != null && !this.segments.isEmpty();
		return needed ? Math.max(0, this.lastMaintenance + MAINTENANCE_NANOS - now) : Long.MAX_VALUE;
	}

	/**
	 * Does what is due: syncs, and cleans up every second at most.
	 */
	void work() {
		this.working.lock();
		try {
			boolean sync;
			boolean maintenance;
			this.lock.lock();
			try {
				long now = this.nanoTime.getAsLong();
				sync = nanosUntilSync(now) == 0;
				maintenance = nanosUntilMaintenance(now) == 0;
			}
			finally {
				this.lock.unlock();
			}
			if (sync) {
				syncGroup();
			}
			if (maintenance) {
				maintain();
			}
			closeFiles(false);
		}
		finally {
			this.working.unlock();
		}
	}

	private @Nullable JournalException syncGroup() {
		CompletableFuture<Void> synced;
		List<Segment> written;
		boolean gone;
		this.lock.lock();
		try {
			synced = this.group;
			gone = this.groupVanished;
			this.groupVanished = false;
			this.group = new CompletableFuture<>();
			this.syncRequested = false;
			written = List.copyOf(this.unsynced);
			this.unsynced.clear();
			written.forEach((segment) -> segment.unsynced = false);
		}
		finally {
			this.lock.unlock();
		}
		long begin = this.nanoTime.getAsLong();
		Throwable failure = null;
		boolean linked = false;
		for (Segment segment : written) {
			try {
				force(segment);
				if (segment.isNew && !linked) {
					this.disk.syncDirectory(this.directory);
					linked = true;
				}
				segment.isNew = false;
			}
			catch (IOException | RuntimeException | Error ex) {
				failure = ex;
				abandon(segment);
			}
		}
		JournalException refusal = synced(written, failure, gone, this.nanoTime.getAsLong() - begin);
		if (refusal == null) {
			synced.complete(null);
		}
		else {
			synced.completeExceptionally(refusal);
		}
		return refusal;
	}

	private void force(Segment segment) throws IOException {
		RandomAccessFile open = segment.file;
		if (open != null) {
			this.disk.sync(open);
		}
		else if (!segment.isGone()) {
			try (RandomAccessFile again = this.disk.open(segment.path, "rw")) {
				this.disk.sync(again);
			}
		}
	}

	/**
	 * Appends no more to a segment that could not be forced. Forcing it again would
	 * succeed without a write: Linux forgets what it could not write. PostgreSQL learned
	 * that the hard way.
	 */
	private void abandon(Segment segment) {
		this.lock.lock();
		try {
			if (segment == this.active) {
				seal(segment);
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	private @Nullable JournalException synced(List<Segment> written, @Nullable Throwable failure, boolean vanished,
			long nanos) {
		this.lock.lock();
		try {
			boolean gone = this.unchecked && checkFiles() || vanished;
			if (!written.isEmpty()) {
				this.syncs++;
				this.syncNanos += nanos;
				this.slowestSyncNanos = Math.max(this.slowestSyncNanos, nanos);
				this.syncFailures += (failure != null || gone) ? 1 : 0;
			}
			if (failure != null) {
				return new JournalException(Refused.IO,
						"The journal in '" + this.directory + "' could not be synced (" + failure + ")", failure);
			}
			return gone
					? new JournalException(Refused.IO,
							"The journal in '" + this.directory + "' was deleted before it could be synced", null)
					: null;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Looks whether the files that are open are still those of the directory: what is
	 * written to a deleted file is lost, and no write tells.
	 * @return whether some are not
	 */
	private boolean checkFiles() {
		this.unchecked = false;
		Segment current = this.active;
		boolean present = this.directoryLock.isPresent()
				&& (current == null || Objects.equals(current.key, this.disk.keyOf(current.path)));
		if (!present && !this.closed) {
			try {
				recreate();
			}
			catch (IOException ex) {
				// The next append tries again, and tells.
			}
		}
		return !present;
	}

	/**
	 * Takes leave of segments whose files are gone, and of the lock and the positions, if
	 * those are, makes new ones. The next append begins a new segment.
	 */
	private void recreate() throws IOException {
		vanished();
		if (!this.directoryLock.isPresent()) {
			this.directoryLock.renew();
			this.positions.values().forEach(ReaderPosition::rewrite);
		}
		this.recreated++;
	}

	/**
	 * Takes leave of segments whose files are gone. Readers count for themselves what
	 * they miss.
	 */
	void vanished() {
		this.lock.lock();
		try {
			for (Segment segment : List.copyOf(this.segments.values())) {
				Object now = this.disk.keyOf(segment.path);
				if (now == null || segment.key != null && !segment.key.equals(now)) {
					if (segment == this.active) {
						seal(segment);
					}
					long losses = unacknowledged(segment);
					if (losses > 0) {
						this.lost.merge(Loss.DAMAGED, losses, Long::sum);
					}
					this.groupVanished |= segment.unsynced;
					if (!segment.isGone()) {
						remove(segment);
						this.bytes -= segment.end();
					}
				}
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	private void maintain() {
		this.lock.lock();
		try {
			this.maintenanceRequested = false;
			this.lastMaintenance = this.nanoTime.getAsLong();
			if (this.unchecked) {
				checkFiles();
			}
			letOldGo();
			deleteAcknowledged(1);
		}
		finally {
			this.lock.unlock();
		}
		deleteFiles();
		syncPositions();
	}

	private void letOldGo() {
		Duration maxAge = this.options.maxAge();
		if (maxAge == null) {
			return;
		}
		long now = this.clock.millis();
		Segment current = this.active;
		if (current != null && current.base < this.nextSequence
				&& now - current.created >= maxAge.toMillis() / SEALS_PER_AGE) {
			seal(current);
		}
		while (!this.segments.isEmpty()) {
			Segment oldest = this.segments.firstEntry().getValue();
			if (!oldest.isSealed() || now - oldest.lastAppend < maxAge.toMillis()) {
				return;
			}
			if (this.segments.size() == 1) {
				try {
					begin(0, now);
				}
				catch (JournalException ex) {
					// Without a successor nothing would tell which sequences were used.
					return;
				}
			}
			letGo(oldest, Loss.AGE);
		}
	}

	private void closeFiles(boolean all) {
		List<Segment> closing = new ArrayList<>();
		this.lock.lock();
		try {
			boolean never = this.options.sync() instanceof Sync.Never;
			for (Segment segment : this.toClose) {
				if (all || never || !segment.unsynced || segment.isGone()) {
					closing.add(segment);
				}
			}
			this.toClose.removeAll(closing);
		}
		finally {
			this.lock.unlock();
		}
		for (Segment segment : closing) {
			RandomAccessFile open = segment.file;
			segment.file = null;
			if (open != null) {
				closeQuietly(open);
			}
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
		this.lock.lock();
		try {
			if (this.closed) {
				throw wasClosed();
			}
			if (this.readers.containsKey(name)) {
				throw new IllegalStateException("'" + name + "' is being read in '" + this.directory + "' already");
			}
			ReaderPosition position = this.positions.get(name);
			if (position == null) {
				position = new ReaderPosition(this.disk, this.directory, name, firstSequence() - 1, false);
				this.positions.put(name, position);
				position.write();
			}
			JournalReader reader = new JournalReader(this, this.disk, position);
			this.readers.put(name, reader);
			return reader;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Keeps nothing more for a name. What only it had not acknowledged is deleted.
	 * @param name a reader that is closed; nothing happens if there is none of the name
	 * @throws JournalException if its position can't be deleted
	 * @throws IllegalStateException if somebody reads under that name
	 */
	public void forget(String name) throws JournalException {
		this.lock.lock();
		try {
			if (this.readers.containsKey(name)) {
				throw new IllegalStateException(
						"'" + name + "' is being read in '" + this.directory + "': close it first");
			}
			ReaderPosition position = this.positions.get(name);
			if (position != null) {
				position.delete();
				this.positions.remove(name);
				this.maintenanceRequested = true;
				this.work.signal();
			}
		}
		catch (JournalException ex) {
			throw ex;
		}
		catch (IOException ex) {
			throw new JournalException(Refused.IO,
					"Can't delete the position of '" + name + "' in '" + this.directory + "' (" + ex + ")", ex);
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Waits until a reader has something to read.
	 * @return what is left of the time; 0 or less if it ran out
	 */
	long awaitMore(JournalReader reader, long nanos) throws JournalException, InterruptedException {
		this.lock.lockInterruptibly();
		try {
			long left = nanos;
			this.waiting++;
			try {
				while (!this.closed && !reader.isBehind() && left > 0) {
					left = this.more.awaitNanos(left);
				}
			}
			finally {
				this.waiting--;
			}
			if (this.closed) {
				throw wasClosed();
			}
			return (left <= 0 && reader.isBehind() && nanos > 0) ? 1 : left;
		}
		finally {
			this.lock.unlock();
		}
	}

	void wakeReaders() {
		this.lock.lock();
		try {
			this.more.signalAll();
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * The segment with a sequence, else the next.
	 */
	@Nullable Segment segmentFor(long sequence) {
		this.lock.lock();
		try {
			Map.Entry<Long, Segment> at = this.segments.floorEntry(sequence);
			if (at != null && (!at.getValue().isSealed() || at.getValue().endSequence() > sequence)) {
				return at.getValue();
			}
			Map.Entry<Long, Segment> after = this.segments.higherEntry(sequence);
			return (after != null) ? after.getValue() : null;
		}
		finally {
			this.lock.unlock();
		}
	}

	long acknowledged(ReaderPosition position) {
		this.lock.lock();
		try {
			return position.acknowledged();
		}
		finally {
			this.lock.unlock();
		}
	}

	void acknowledge(ReaderPosition position, long sequence) {
		this.lock.lock();
		try {
			if (this.closed || this.positions.get(position.name) != position) {
				return;
			}
			boolean pending = position.isPending();
			position.acknowledge(sequence);
			if (this.segments.size() > 1 && unacknowledged(this.segments.firstEntry().getValue()) == 0) {
				this.maintenanceRequested = true;
				this.work.signal();
			}
			else if (!pending && position.isPending()) {
				this.work.signal();
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Counts damage in a segment, once however many come by.
	 */
	void damaged(Segment segment, long from, long to) {
		this.lock.lock();
		try {
			long uncounted = to - Math.max(from, segment.damageCounted);
			if (uncounted > 0) {
				segment.damageCounted = to;
				this.lost.merge(Loss.DAMAGED, uncounted, Long::sum);
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	void lost(ReaderPosition position, long from, long to) {
		this.lock.lock();
		try {
			long missed = to - Math.max(from, position.acknowledged() + 1);
			if (missed > 0) {
				position.lost(Loss.DAMAGED, missed);
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	void closed(JournalReader reader) {
		this.lock.lock();
		try {
			this.readers.remove(reader.name(), reader);
		}
		finally {
			this.lock.unlock();
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
		this.lock.lock();
		try {
			List<ReaderStats> of = new ArrayList<>();
			for (ReaderPosition position : this.positions.values()) {
				of.add(new ReaderStats(position.name, this.readers.containsKey(position.name), position.acknowledged(),
						this.nextSequence - 1 - position.acknowledged(), position.lost()));
			}
			return new JournalStats(this.appended, this.appendedBytes, this.refused, this.lost, this.bytes,
					this.segments.size(), this.nextSequence, oldest(), this.syncs, this.syncFailures,
					Duration.ofNanos(this.syncNanos), Duration.ofNanos(this.slowestSyncNanos), this.recreated, of);
		}
		finally {
			this.lock.unlock();
		}
	}

	private @Nullable Duration oldest() {
		long wanted = lowestAcknowledged() + 1;
		for (Segment segment : this.segments.values()) {
			long end = segment.isSealed() ? segment.endSequence() : this.nextSequence;
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
		this.lock.lock();
		try {
			if (this.closed) {
				return;
			}
			this.closed = true;
			this.more.signalAll();
			this.work.signal();
			open = List.copyOf(this.readers.values());
		}
		finally {
			this.lock.unlock();
		}
		awaitWorker();
		open.forEach(JournalReader::close);
		this.working.lock();
		try {
			JournalException failure = syncGroup();
			syncPositions();
			this.lock.lock();
			try {
				if (this.active != null) {
					this.toClose.add(this.active);
				}
				this.positions.values().forEach(ReaderPosition::close);
			}
			finally {
				this.lock.unlock();
			}
			closeFiles(true);
			this.directoryLock.release();
			if (failure != null) {
				throw failure;
			}
		}
		finally {
			this.working.unlock();
		}
	}

	private void awaitWorker() {
		Thread thread = this.worker;
		boolean interrupted = false;
		while (thread != null && thread != Thread.currentThread() && thread.isAlive()) {
			try {
				thread.join();
			}
			catch (InterruptedException ex) {
				interrupted = true;
			}
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

}
