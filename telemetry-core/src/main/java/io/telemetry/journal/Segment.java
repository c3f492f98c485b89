package io.telemetry.journal;

import java.io.RandomAccessFile;
import java.nio.file.Path;

import org.jspecify.annotations.Nullable;

/**
 * One file of a journal. What readers look at is volatile, all else is guarded by the
 * journal's lock.
 */
final class Segment {

	/** The sequence of its first record. */
	final long base;

	final Path path;

	/** When it was begun, in milliseconds. */
	final long created;

	/** When its last record was appended, or a little later. */
	long lastAppend;

	/**
	 * Open for writing; {@code null} once closed, which only the journal's worker does.
	 */
	volatile @Nullable RandomAccessFile file;

	/** Which file was opened for writing. */
	@Nullable Object key;

	/** Whether its directory does not know it for good yet. */
	volatile boolean isNew;

	/** Whether it is in the group of the next sync. */
	boolean unsynced;

	/** Whether its file was deleted from outside. */
	boolean vanished;

	/** Whether its first bytes are not what they should be; its records may still be. */
	boolean headerDamaged;

	/** Up to here damage was counted. */
	long damageCounted;

	/** Where the next record goes; what is before is there to be read. */
	private volatile long end;

	/** What follows its last record; 0 as long as records are appended. */
	private volatile long endSequence;

	private volatile boolean gone;

	Segment(long base, Path path, long created, long end) {
		this.base = base;
		this.path = path;
		this.created = created;
		this.lastAppend = created;
		this.end = end;
		this.damageCounted = base;
	}

	long end() {
		return this.end;
	}

	void end(long end) {
		this.end = end;
	}

	boolean isSealed() {
		return this.endSequence != 0;
	}

	/**
	 * The sequence that follows its last record, also where that is damaged.
	 */
	long endSequence() {
		return this.endSequence;
	}

	void seal(long endSequence) {
		this.endSequence = endSequence;
	}

	/**
	 * Whether it is no longer part of the journal.
	 */
	boolean isGone() {
		return this.gone;
	}

	void setGone() {
		this.gone = true;
	}

}
