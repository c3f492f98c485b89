package io.telemetry.journal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * What one sync is for: the segments with records that no sync was begun for, and whoever
 * waits for these.
 * <p>
 * Guarded by the journal's lock while records are added. Once its sync has begun nothing
 * is added any more.
 */
final class SyncGroup {

	private final List<Segment> segments = new ArrayList<>();

	/** Completed without any lock: what hangs on it runs at once. */
	final CompletableFuture<Void> synced = new CompletableFuture<>();

	/** Whether somebody asked for the sync, so that it is due at once. */
	boolean requested;

	/**
	 * Adds a segment, once however often.
	 */
	void add(Segment segment) {
		if (!segment.unsynced) {
			segment.unsynced = true;
			this.segments.add(segment);
		}
	}

	boolean isEmpty() {
		return this.segments.isEmpty();
	}

	/**
	 * Ends adding.
	 * @return the segments that are to be forced; those too that went meanwhile
	 */
	List<Segment> begin() {
		this.segments.forEach((segment) -> segment.unsynced = false);
		return this.segments;
	}

}
