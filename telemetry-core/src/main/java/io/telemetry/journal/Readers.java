package io.telemetry.journal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

/**
 * Who reads a journal: under each name how far it has acknowledged, which stays while
 * nobody reads under it, and what went before that.
 * <p>
 * Guarded by the journal's lock, which the caller holds; what a {@link JournalReader}
 * calls ({@link #awaitMore}, {@link #wake}, {@link #closed}, {@link #damaged},
 * {@link #lost(ReaderPosition, long, long) lost}) takes it itself, and so do
 * {@link #sync} and {@link #close}, which are called with the worker's.
 */
final class Readers {

	private final Path directory;

	private final Disk disk;

	private final Monitor monitor;

	private final Map<String, ReaderPosition> positions = new TreeMap<>();

	private final Map<String, JournalReader> open = new HashMap<>();

	private int waiting;

	/** Of the journal: each record once, however many miss it. */
	private final Map<Loss, Long> lost = new EnumMap<>(Loss.class);

	Readers(Path directory, Disk disk, Monitor monitor) {
		this.directory = directory;
		this.disk = disk;
		this.monitor = monitor;
	}

	/**
	 * Adds a position that was found.
	 * @param acknowledged what its file says; {@code null} if that can't be read
	 * @param first the lowest sequence that a record may have
	 */
	void add(String name, @Nullable Long acknowledged, long first) {
		// One that can't be read begins anew: better twice than never.
		this.positions.put(name, new ReaderPosition(this.disk, this.directory, name,
				(acknowledged != null) ? acknowledged : first - 1, acknowledged != null));
	}

	/**
	 * Begins to read under a name.
	 * @param first the lowest sequence that a record may have, for a new name
	 * @throws IllegalStateException if somebody reads under that name already
	 */
	JournalReader open(Journal journal, String name, long first) {
		if (this.open.containsKey(name)) {
			throw new IllegalStateException("'" + name + "' is being read in '" + this.directory + "' already");
		}
		ReaderPosition position = this.positions.get(name);
		if (position == null) {
			position = new ReaderPosition(this.disk, this.directory, name, first - 1, false);
			this.positions.put(name, position);
			position.write();
		}
		JournalReader reader = new JournalReader(journal, this, this.disk, position);
		this.open.put(name, reader);
		return reader;
	}

	/**
	 * All who read now.
	 */
	List<JournalReader> open() {
		return List.copyOf(this.open.values());
	}

	/**
	 * Ends reading, for now.
	 */
	void closed(JournalReader reader) {
		this.monitor.lock.lock();
		try {
			this.open.remove(reader.name(), reader);
		}
		finally {
			this.monitor.lock.unlock();
		}
	}

	/**
	 * Removes a name.
	 * @return whether there was one
	 * @throws IOException if its file can't be deleted; it stays then
	 * @throws IllegalStateException if somebody reads under it
	 */
	boolean forget(String name) throws IOException {
		if (this.open.containsKey(name)) {
			throw new IllegalStateException("'" + name + "' is being read in '" + this.directory + "': close it first");
		}
		ReaderPosition position = this.positions.get(name);
		if (position == null) {
			return false;
		}
		position.delete();
		this.positions.remove(name);
		return true;
	}

	/**
	 * Waits until a reader has something to read.
	 * @return what is left of the time; 0 or less if it ran out
	 * @throws JournalException if the journal is closed
	 */
	long awaitMore(JournalReader reader, long nanos) throws JournalException, InterruptedException {
		this.monitor.lock.lockInterruptibly();
		try {
			long left = nanos;
			this.waiting++;
			try {
				while (!this.monitor.closed && !reader.isBehind() && left > 0) {
					left = this.monitor.more.awaitNanos(left);
				}
			}
			finally {
				this.waiting--;
			}
			if (this.monitor.closed) {
				throw JournalException.closed(this.directory);
			}
			return (left <= 0 && nanos > 0 && reader.isBehind()) ? 1 : left;
		}
		finally {
			this.monitor.lock.unlock();
		}
	}

	/**
	 * Lets readers look whether they are closed.
	 */
	void wake() {
		this.monitor.lock.lock();
		try {
			this.monitor.more.signalAll();
		}
		finally {
			this.monitor.lock.unlock();
		}
	}

	/**
	 * Says that something was appended.
	 */
	void appended() {
		if (this.waiting > 0) {
			this.monitor.more.signalAll();
		}
	}

	/**
	 * Moves a position forward.
	 * @return whether the disk does not know where it is, and did before
	 */
	boolean acknowledge(ReaderPosition position, long sequence) {
		if (this.positions.get(position.name) != position) {
			return false;
		}
		boolean pending = position.isPending();
		position.acknowledge(sequence);
		return !pending && position.isPending();
	}

	/**
	 * Up to where all have acknowledged; 0 where there is nobody.
	 */
	long lowestAcknowledged() {
		long lowest = this.positions.isEmpty() ? 0 : Long.MAX_VALUE;
		for (ReaderPosition position : this.positions.values()) {
			lowest = Math.min(lowest, position.acknowledged());
		}
		return lowest;
	}

	/**
	 * How many records of a sealed segment somebody has not acknowledged; all where there
	 * is nobody.
	 */
	long unacknowledged(Segment segment) {
		return Math.max(0, segment.endSequence() - Math.max(lowestAcknowledged() + 1, segment.base));
	}

	/**
	 * Counts what somebody has not acknowledged of a sealed segment that goes, for the
	 * journal.
	 */
	void missed(Segment segment, Loss reason) {
		lost(reason, unacknowledged(segment));
	}

	/**
	 * Counts a sealed segment that is let go, for the journal and for each reader, and
	 * moves on whoever has not acknowledged it.
	 */
	void letGo(Segment segment, Loss reason) {
		missed(segment, reason);
		long last = segment.endSequence() - 1;
		for (ReaderPosition position : this.positions.values()) {
			long missed = last - Math.max(position.acknowledged(), segment.base - 1);
			if (missed > 0) {
				position.lost(reason, missed);
				position.acknowledge(last);
			}
		}
	}

	/**
	 * Counts for every reader what is not there any more although it was not
	 * acknowledged.
	 * @param first the lowest sequence that is there
	 */
	void skipMissing(long first) {
		long most = 0;
		for (ReaderPosition position : this.positions.values()) {
			long missing = first - position.acknowledged() - 1;
			if (missing > 0) {
				position.lost(Loss.DAMAGED, missing);
				position.acknowledge(first - 1);
				most = Math.max(most, missing);
			}
		}
		lost(Loss.DAMAGED, most);
	}

	/**
	 * Counts damage in a segment for the journal, once however many come by.
	 */
	void damaged(Segment segment, long from, long to) {
		this.monitor.lock.lock();
		try {
			long uncounted = to - Math.max(from, segment.damageCounted);
			if (uncounted > 0) {
				segment.damageCounted = to;
				lost(Loss.DAMAGED, uncounted);
			}
		}
		finally {
			this.monitor.lock.unlock();
		}
	}

	/**
	 * Counts damage for one reader.
	 */
	void lost(ReaderPosition position, long from, long to) {
		this.monitor.lock.lock();
		try {
			long missed = to - Math.max(from, position.acknowledged() + 1);
			if (missed > 0) {
				position.lost(Loss.DAMAGED, missed);
			}
		}
		finally {
			this.monitor.lock.unlock();
		}
	}

	private void lost(Loss reason, long records) {
		if (records > 0) {
			this.lost.merge(reason, records, Long::sum);
		}
	}

	Map<Loss, Long> lost() {
		return this.lost;
	}

	/**
	 * What is known of all names.
	 * @param next the sequence of the next record
	 */
	List<ReaderStats> stats(long next) {
		List<ReaderStats> stats = new ArrayList<>();
		for (ReaderPosition position : this.positions.values()) {
			stats.add(new ReaderStats(position.name, this.open.containsKey(position.name), position.acknowledged(),
					next - 1 - position.acknowledged(), position.lost()));
		}
		return stats;
	}

	/**
	 * Whether the disk may know other positions.
	 */
	boolean isPending() {
		return this.positions.values().stream().anyMatch(ReaderPosition::isPending);
	}

	/**
	 * Writes all positions into new files, for the directory that was deleted.
	 */
	void rewrite() {
		this.positions.values().forEach(ReaderPosition::rewrite);
	}

	/**
	 * Writes positions that could not be written, and forces onto the disk what it may
	 * not have yet. What fails stays marked and is tried again.
	 */
	void sync() {
		List<ReaderPosition> unforced;
		this.monitor.lock.lock();
		try {
			this.positions.values().forEach(ReaderPosition::write);
			unforced = this.positions.values().stream().filter(ReaderPosition::isPending).toList();
		}
		finally {
			this.monitor.lock.unlock();
		}
		for (ReaderPosition position : unforced) {
			try {
				position.sync();
			}
			catch (IOException ex) {
				// It stays marked.
			}
		}
	}

	/**
	 * Closes the files of the positions.
	 */
	void close() {
		this.monitor.lock.lock();
		try {
			this.positions.values().forEach(ReaderPosition::close);
		}
		finally {
			this.monitor.lock.unlock();
		}
	}

}
