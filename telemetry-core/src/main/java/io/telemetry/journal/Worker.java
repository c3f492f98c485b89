package io.telemetry.journal;

import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

/**
 * Syncs when that is due, cleans up every second at most, and knows when either has to be
 * done next. A daemon thread, or, where none was started, whoever calls {@link #work}.
 * <p>
 * Deadlines are guarded by the journal's lock. A lock of its own, taken before that one,
 * is held by whoever syncs and cleans up, so that no file is closed while it is forced.
 */
final class Worker {

	private static final long MAINTENANCE_NANOS = TimeUnit.SECONDS.toNanos(1);

	private final Sync sync;

	private final InstantSource clock;

	private final LongSupplier nanoTime;

	private final Monitor monitor;

	private final Segments segments;

	private final Readers readers;

	private final Presence presence;

	private final Syncer syncer;

	private final Retention retention;

	private final ReentrantLock working = new ReentrantLock();

	private volatile @Nullable Thread thread;

	/** A file whose deletion did not come to the disk is deleted again, so at once. */
	private boolean maintenanceRequested = true;

	private long lastMaintenance;

	Worker(Sync sync, InstantSource clock, LongSupplier nanoTime, Monitor monitor, Segments segments, Readers readers,
			Presence presence, Syncer syncer, Retention retention) {
		this.sync = sync;
		this.clock = clock;
		this.nanoTime = nanoTime;
		this.monitor = monitor;
		this.segments = segments;
		this.readers = readers;
		this.presence = presence;
		this.syncer = syncer;
		this.retention = retention;
		this.lastMaintenance = nanoTime.getAsLong();
	}

	/**
	 * Starts the thread.
	 */
	void start(String name) {
		Thread started = new Thread(this::run, name);
		started.setDaemon(true);
		this.thread = started;
		started.start();
	}

	/**
	 * Whether nobody else would do what the current thread waits for.
	 */
	boolean isCurrentThread() {
		Thread started = this.thread;
		return started == null || started == Thread.currentThread();
	}

	private void run() {
		while (true) {
			boolean failed = !tryWork();
			this.monitor.lock.lock();
			try {
				if (this.monitor.closed) {
					return;
				}
				long wait = failed ? MAINTENANCE_NANOS : nanosUntilWork();
				if (wait > 0) {
					this.monitor.work.awaitNanos(wait);
				}
			}
			catch (InterruptedException ex) {
				// Nobody but close ends this thread, and that does not interrupt it.
			}
			finally {
				this.monitor.lock.unlock();
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
			return false;
		}
	}

	private long nanosUntilWork() {
		long now = this.nanoTime.getAsLong();
		return Math.min(this.syncer.nanosUntilDue(now), nanosUntilMaintenance(now));
	}

	private long nanosUntilMaintenance(long now) {
		if (this.maintenanceRequested) {
			return 0;
		}
		boolean needed = this.presence.isUnchecked() || this.segments.isPending() || this.readers.isPending()
				|| this.retention.isAging();
		return needed ? Math.max(0, this.lastMaintenance + MAINTENANCE_NANOS - now) : Long.MAX_VALUE;
	}

	/**
	 * Makes cleaning up due at once. Called with the journal's lock.
	 */
	void requestMaintenance() {
		this.maintenanceRequested = true;
		this.monitor.work.signal();
	}

	/**
	 * Does what is due. Called without the journal's lock.
	 */
	void work() {
		this.working.lock();
		try {
			boolean syncDue;
			boolean maintenanceDue;
			this.monitor.lock.lock();
			try {
				long now = this.nanoTime.getAsLong();
				syncDue = this.syncer.nanosUntilDue(now) == 0;
				maintenanceDue = nanosUntilMaintenance(now) == 0;
			}
			finally {
				this.monitor.lock.unlock();
			}
			if (syncDue) {
				this.syncer.sync();
			}
			if (maintenanceDue) {
				maintain();
			}
			// What is never forced need not wait for it.
			this.segments.closeFiles(this.sync instanceof Sync.Never);
		}
		finally {
			this.working.unlock();
		}
	}

	private void maintain() {
		this.monitor.lock.lock();
		try {
			this.maintenanceRequested = false;
			this.lastMaintenance = this.nanoTime.getAsLong();
			this.presence.check();
			this.retention.letOldGo(this.clock.millis());
			this.retention.deleteAcknowledged(1);
		}
		finally {
			this.monitor.lock.unlock();
		}
		this.retention.deleteFiles();
		this.readers.sync();
	}

	/**
	 * Waits for the thread's end, which comes by itself once the journal is closed.
	 */
	void awaitEnd() {
		Thread started = this.thread;
		boolean interrupted = false;
		while (started != null && started != Thread.currentThread() && started.isAlive()) {
			try {
				started.join();
			}
			catch (InterruptedException ex) {
				interrupted = true;
			}
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * Forces what there is onto the disk a last time, and closes the files.
	 * @return why that failed; {@code null} if it did not
	 */
	@Nullable JournalException finish() {
		this.working.lock();
		try {
			JournalException failure = this.syncer.sync();
			this.readers.sync();
			this.readers.close();
			this.segments.close();
			return failure;
		}
		finally {
			this.working.unlock();
		}
	}

}
