package io.telemetry.journal;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * How long records stay: what all readers have acknowledged goes, and what is over the
 * bounds of size and age, by whole segments.
 * <p>
 * Guarded by the journal's lock, which the caller holds; {@link #deleteFiles} takes it
 * itself, and while it deletes holds it only if the caller does.
 */
final class Retention {

	/** A segment is sealed at this part of the age at which its records go. */
	private static final int SEALS_PER_AGE = 4;

	private final JournalOptions options;

	private final Path directory;

	private final Disk disk;

	private final Monitor monitor;

	private final Segments segments;

	private final Readers readers;

	private final Presence presence;

	Retention(JournalOptions options, Disk disk, Monitor monitor, Segments segments, Readers readers,
			Presence presence) {
		this.options = options;
		this.directory = options.directory();
		this.disk = disk;
		this.monitor = monitor;
		this.segments = segments;
		this.readers = readers;
		this.presence = presence;
	}

	/**
	 * The segment for the next records: a new one if they do not fit, after something was
	 * deleted if the journal would get too large.
	 * @param length of the records with their headers
	 * @param records how many, for the message
	 * @throws JournalException if there is no room, or the disk fails
	 */
	Segment segmentWithRoom(int length, int records, long millis) throws JournalException {
		Segment active = this.segments.active();
		if (active != null && active.end() + length > this.options.segmentBytes()) {
			this.segments.seal(active);
			active = null;
		}
		long needed = (active != null) ? length : length + Format.SEGMENT_HEADER;
		if (this.segments.bytes() + needed > this.options.maxBytes()) {
			makeRoom(needed, records, millis);
			active = this.segments.active();
		}
		return (active != null) ? active : begin(records, millis);
	}

	private void makeRoom(long needed, int records, long millis) throws JournalException {
		deleteAcknowledged((this.segments.active() != null) ? 1 : 0);
		if (this.options.whenFull() == WhenFull.LET_OLDEST_GO) {
			Segment oldest = oldestSealed();
			while (oldest != null
					&& this.segments.bytes() - this.segments.bytesToDelete() + needed > this.options.maxBytes()) {
				letGo(oldest, Loss.FULL);
				oldest = oldestSealed();
			}
		}
		long missing = needed - deleteMarked(records, millis);
		if (this.segments.bytes() + missing > this.options.maxBytes()) {
			throw JournalException.refused(this.directory, Refused.FULL, records, "it holds " + this.segments.bytes()
					+ " bytes of maxBytes, " + this.options.maxBytes() + "; readers have to acknowledge first", null);
		}
	}

	/**
	 * Deletes the files that are marked, behind the first of a new segment if none is
	 * left.
	 * @return bytes of the segment that was begun
	 */
	private long deleteMarked(int records, long millis) {
		long begun = 0;
		if (this.segments.size() == 0) {
			try {
				begin(records, millis);
				begun = Format.SEGMENT_HEADER;
			}
			catch (JournalException ex) {
				// Perhaps for want of the room that is being made.
			}
		}
		deleteFiles();
		return begun;
	}

	/**
	 * Gives a full disk its room back: what all readers have acknowledged goes, also from
	 * the segment that is appended to, if that is all it has.
	 * @return whether something went
	 */
	boolean makeRoomOnDisk(int records, long millis) {
		Segment active = this.segments.active();
		long last = this.segments.nextSequence() - 1;
		if (active != null && active.base <= last && this.readers.lowestAcknowledged() >= last) {
			this.segments.seal(active);
		}
		deleteAcknowledged((this.segments.active() != null) ? 1 : 0);
		if (this.segments.bytesToDelete() == 0) {
			return false;
		}
		deleteMarked(records, millis);
		return true;
	}

	private Segment begin(int records, long millis) throws JournalException {
		try {
			this.presence.require();
		}
		catch (IOException ex) {
			throw this.segments.refusal(ex, Format.SEGMENT_HEADER, records);
		}
		return this.segments.begin(records, millis);
	}

	private @Nullable Segment oldestSealed() {
		Segment oldest = this.segments.oldest();
		return (oldest != null && oldest.isSealed()) ? oldest : null;
	}

	private void letGo(Segment segment, Loss reason) {
		this.readers.letGo(segment, reason);
		this.segments.delete(segment);
	}

	/**
	 * Whether records go by age, so that somebody has to look.
	 */
	boolean isAging() {
		return this.options.maxAge() != null && this.segments.size() > 0;
	}

	/**
	 * Lets go what is over the age.
	 */
	void letOldGo(long now) {
		Duration maxAge = this.options.maxAge();
		if (maxAge == null) {
			return;
		}
		Segment active = this.segments.active();
		if (active != null && active.base < this.segments.nextSequence()
				&& now - active.created >= maxAge.toMillis() / SEALS_PER_AGE) {
			this.segments.seal(active);
		}
		Segment oldest = oldestSealed();
		while (oldest != null && now - oldest.lastAppend >= maxAge.toMillis()) {
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
			oldest = oldestSealed();
		}
	}

	/**
	 * Whether there is a segment that all readers have acknowledged.
	 */
	boolean hasAcknowledged() {
		Segment oldest = oldestSealed();
		return oldest != null && this.segments.size() > 1 && this.readers.unacknowledged(oldest) == 0;
	}

	/**
	 * Marks for deletion what all readers have acknowledged.
	 * @param keep how many segments stay: one where no other is about to begin, because
	 * its name tells which sequences were used
	 */
	void deleteAcknowledged(int keep) {
		Segment oldest = oldestSealed();
		while (oldest != null && this.segments.size() > keep && this.readers.unacknowledged(oldest) == 0) {
			this.segments.delete(oldest);
			oldest = oldestSealed();
		}
	}

	/**
	 * Deletes files. Positions are forced first: a reader that found its records missing
	 * after a power loss would count them as lost. So is the name of one later segment:
	 * without any, sequences would begin anew. What can't be deleted is tried again.
	 */
	void deleteFiles() {
		List<Segment> deleting;
		List<Segment> staying;
		this.monitor.lock.lock();
		try {
			deleting = this.segments.toDelete();
			staying = this.segments.all();
		}
		finally {
			this.monitor.lock.unlock();
		}
		if (deleting.isEmpty()) {
			return;
		}
		this.readers.sync();
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
			this.monitor.lock.lock();
			try {
				this.segments.deleted(segment);
			}
			finally {
				this.monitor.lock.unlock();
			}
		}
		// Not forced: a file that is there again after a power loss is deleted again.
	}

}
