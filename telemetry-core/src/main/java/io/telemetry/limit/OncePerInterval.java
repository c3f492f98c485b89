package io.telemetry.limit;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Lets the first occurrence through at once, then one per interval, and tells how many it
 * held back meanwhile. Safe for several threads; asking takes no lock and allocates
 * nothing.
 */
public final class OncePerInterval {

	/** What {@link #ask()} returns for an occurrence that is held back. */
	public static final long HELD_BACK = -1;

	private static final long NEVER = Long.MIN_VALUE;

	private final long intervalNanos;

	private final LongSupplier nanoTime;

	private final AtomicLong lastPass = new AtomicLong(NEVER);

	private final AtomicLong heldBack = new AtomicLong();

	/**
	 * A limit by the system's monotonic clock.
	 * @param interval the time between two that pass
	 */
	public OncePerInterval(Duration interval) {
		this(interval, System::nanoTime);
	}

	/**
	 * A limit by a given clock.
	 * @param interval the time between two that pass
	 * @param nanoTime a monotonic clock in nanoseconds
	 */
	public OncePerInterval(Duration interval, LongSupplier nanoTime) {
		if (interval.isNegative() || interval.isZero()) {
			throw new IllegalArgumentException("interval must be above zero, not " + interval);
		}
		this.intervalNanos = interval.toNanos();
		this.nanoTime = nanoTime;
	}

	/**
	 * Asks for one occurrence.
	 * @return {@link #HELD_BACK}, or for one that passes, how many were held back since
	 * the last that did
	 */
	public long ask() {
		long now = this.nanoTime.getAsLong();
		long last = this.lastPass.get();
		boolean due = last == NEVER || now - last >= this.intervalNanos;
		if (due && this.lastPass.compareAndSet(last, (now != NEVER) ? now : now + 1)) {
			// Nothing came before the first; what other threads meanwhile held back is
			// for the
			// next.
			return (last == NEVER) ? 0 : this.heldBack.getAndSet(0);
		}
		this.heldBack.incrementAndGet();
		return HELD_BACK;
	}

}
