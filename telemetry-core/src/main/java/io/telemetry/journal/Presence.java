package io.telemetry.journal;

import java.io.IOException;
import java.util.Objects;

/**
 * Whether the files that are open are still those of the directory: what is written to a
 * deleted file is lost, and no write tells.
 * <p>
 * Guarded by the journal's lock, which the caller holds.
 */
final class Presence {

	private final DirectoryLock directoryLock;

	private final Disk disk;

	private final Monitor monitor;

	private final Segments segments;

	private final Readers readers;

	/** Whether something was appended that may have gone into a deleted file. */
	private boolean unchecked;

	private long recreated;

	Presence(DirectoryLock directoryLock, Disk disk, Monitor monitor, Segments segments, Readers readers) {
		this.directoryLock = directoryLock;
		this.disk = disk;
		this.monitor = monitor;
		this.segments = segments;
		this.readers = readers;
	}

	/**
	 * Says that something was appended, so that it is worth looking.
	 */
	void appended() {
		this.unchecked = true;
	}

	boolean isUnchecked() {
		return this.unchecked;
	}

	/**
	 * How often files or the directory were made anew.
	 */
	long recreated() {
		return this.recreated;
	}

	/**
	 * Looks, if something was appended since the last time. What is gone is made anew,
	 * unless the journal is closed.
	 * @return whether all were there
	 */
	boolean check() {
		if (!this.unchecked) {
			return true;
		}
		this.unchecked = false;
		Segment active = this.segments.active();
		boolean present = this.directoryLock.isPresent()
				&& (active == null || Objects.equals(active.key, this.disk.keyOf(active.path)));
		if (!present && !this.monitor.closed) {
			try {
				recreate();
			}
			catch (IOException ex) {
				// The next append tries again, and tells.
			}
		}
		return present;
	}

	/**
	 * Sees to it that there is a directory to begin a segment in.
	 * @throws IOException if it is gone and can't be made anew
	 */
	void require() throws IOException {
		if (!this.directoryLock.isPresent()) {
			recreate();
		}
	}

	/**
	 * Takes leave of segments whose files are gone, and of the lock and the positions, if
	 * those are, makes new ones. The next append begins a new segment.
	 */
	private void recreate() throws IOException {
		vanished();
		if (!this.directoryLock.isPresent()) {
			this.directoryLock.renew();
			this.readers.rewrite();
		}
		this.recreated++;
	}

	/**
	 * Takes leave of segments whose files are gone. Readers count for themselves what
	 * they miss.
	 */
	void vanished() {
		for (Segment segment : this.segments.all()) {
			Object now = this.disk.keyOf(segment.path);
			if (now == null || segment.key != null && !segment.key.equals(now)) {
				segment.vanished = true;
				if (segment == this.segments.active()) {
					this.segments.seal(segment);
				}
				this.readers.missed(segment, Loss.DAMAGED);
				if (!segment.isGone()) {
					this.segments.forget(segment);
				}
			}
		}
	}

}
