package io.telemetry.journal;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

/**
 * Forces onto the disk what was appended, in groups: while one is being forced, appends
 * join the next.
 * <p>
 * Guarded by the journal's lock, which the caller holds; but {@link #sync} is called with
 * the worker's lock alone, and takes the journal's only before and behind what the disk
 * does.
 */
final class Syncer {

	private final Path directory;

	private final Sync when;

	private final Disk disk;

	private final LongSupplier nanoTime;

	private final Monitor monitor;

	private final Segments segments;

	private final Presence presence;

	/** What the next sync is for. */
	private SyncGroup next = new SyncGroup();

	/** When the last sync began; when the journal was opened, before the first. */
	private long lastBegin;

	private long syncs;

	private long failures;

	private long nanos;

	private long slowestNanos;

	Syncer(JournalOptions options, Disk disk, LongSupplier nanoTime, Monitor monitor, Segments segments,
			Presence presence) {
		this.directory = options.directory();
		this.when = options.sync();
		this.disk = disk;
		this.nanoTime = nanoTime;
		this.monitor = monitor;
		this.segments = segments;
		this.presence = presence;
		this.lastBegin = nanoTime.getAsLong();
	}

	/**
	 * Takes a segment that was written to into the next sync.
	 * @return completed by that sync
	 */
	CompletableFuture<Void> written(Segment segment) {
		if (this.next.isEmpty()) {
			this.monitor.work.signal();
		}
		this.next.add(segment);
		return this.next.synced;
	}

	/**
	 * Makes the next sync due at once.
	 * @return completed by that sync
	 */
	CompletableFuture<Void> request() {
		this.next.requested = true;
		this.monitor.work.signal();
		return this.next.synced;
	}

	/**
	 * When the next sync is due.
	 * @return in how many nanoseconds, 0 for now
	 */
	long nanosUntilDue(long now) {
		if (this.next.requested) {
			return 0;
		}
		if (this.next.isEmpty() || this.when instanceof Sync.Never) {
			return Long.MAX_VALUE;
		}
		return (this.when instanceof Sync.Interval interval)
				? Math.max(0, this.lastBegin + interval.atMost().toNanos() - now) : 0;
	}

	/**
	 * Forces the group, and tells those who wait for it.
	 * @return why it failed; {@code null} if it did not
	 */
	@Nullable JournalException sync() {
		SyncGroup group;
		List<Segment> written;
		long begin;
		this.monitor.lock.lock();
		try {
			begin = this.nanoTime.getAsLong();
			this.lastBegin = begin;
			group = this.next;
			this.next = new SyncGroup();
			written = group.begin();
		}
		finally {
			this.monitor.lock.unlock();
		}
		JournalException refusal;
		try {
			Throwable failure = force(written);
			refusal = forced(written, failure, this.nanoTime.getAsLong() - begin);
		}
		catch (RuntimeException | Error ex) {
			// Nobody else would tell them.
			group.synced.completeExceptionally(failed(ex));
			throw ex;
		}
		if (refusal == null) {
			group.synced.complete(null);
		}
		else {
			group.synced.completeExceptionally(refusal);
		}
		return refusal;
	}

	private @Nullable Throwable force(List<Segment> written) {
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
		return failure;
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
		this.monitor.lock.lock();
		try {
			if (segment == this.segments.active()) {
				this.segments.seal(segment);
			}
		}
		finally {
			this.monitor.lock.unlock();
		}
	}

	private @Nullable JournalException forced(List<Segment> written, @Nullable Throwable failure, long took) {
		this.monitor.lock.lock();
		try {
			boolean gone = !this.presence.check() || written.stream().anyMatch((segment) -> segment.vanished);
			if (!written.isEmpty()) {
				this.syncs++;
				this.nanos += took;
				this.slowestNanos = Math.max(this.slowestNanos, took);
				this.failures += (failure != null || gone) ? 1 : 0;
			}
			if (failure != null) {
				return failed(failure);
			}
			return gone
					? new JournalException(Refused.IO,
							"The journal in '" + this.directory + "' was deleted before it could be synced", null)
					: null;
		}
		finally {
			this.monitor.lock.unlock();
		}
	}

	private JournalException failed(Throwable failure) {
		return new JournalException(Refused.IO,
				"The journal in '" + this.directory + "' could not be synced (" + failure + ")", failure);
	}

	long syncs() {
		return this.syncs;
	}

	long failures() {
		return this.failures;
	}

	Duration time() {
		return Duration.ofNanos(this.nanos);
	}

	Duration slowest() {
		return Duration.ofNanos(this.slowestNanos);
	}

}
