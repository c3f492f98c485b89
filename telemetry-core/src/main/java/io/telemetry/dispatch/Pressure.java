package io.telemetry.dispatch;

import java.util.concurrent.TimeUnit;

/**
 * How full a queue is, as long as its handler gets on. Who holds back senders to spare a
 * queue helps one that is slow. A handler that stands still is not helped by that; its
 * full queue would hold them back for ever and cost the other handlers everything, so it
 * no longer counts. It does again when its queue has fallen to half, or a queue's worth
 * has gone through.
 * <p>
 * Safe for several threads. Below half, asking takes no lock.
 */
final class Pressure {

	/** A handler stands still that took nothing for so long, with the queue half full. */
	static final long STANDSTILL = TimeUnit.SECONDS.toNanos(10);

	private final int capacity;

	private volatile boolean watched;

	/** How many had been taken when it was last seen that some were, and when. */
	private long taken;

	private long since;

	private boolean standing;

	Pressure(int capacity) {
		this.capacity = capacity;
	}

	/**
	 * How full the queue is.
	 * @param waiting signals that wait
	 * @param taken signals that the handler's threads have taken since the beginning
	 * @param now the monotonic time in nanoseconds
	 * @return 0 to 1
	 */
	double of(int waiting, long taken, long now) {
		double full = Math.min(1, (double) waiting / this.capacity);
		if (full < 0.5 && !this.watched) {
			return full;
		}
		synchronized (this) {
			if (full < 0.5) {
				this.watched = false;
				this.standing = false;
			}
			else if (!this.watched) {
				this.watched = true;
				progressed(taken, now);
			}
			else if (this.standing) {
				this.standing = taken - this.taken < this.capacity;
				if (!this.standing) {
					progressed(taken, now);
				}
			}
			else if (taken != this.taken) {
				progressed(taken, now);
			}
			else {
				this.standing = now - this.since >= STANDSTILL;
			}
			return this.standing ? 0 : full;
		}
	}

	private void progressed(long taken, long now) {
		this.taken = taken;
		this.since = now;
	}

}
