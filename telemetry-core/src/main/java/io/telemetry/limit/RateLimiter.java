package io.telemetry.limit;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;

/**
 * Lets no more signals pass than a {@link RateLimit} allows, and tells how many it held
 * back meanwhile. Each window begins with the first signal that passes after the one
 * before has ended, so around the change from one window to the next up to twice the
 * number can pass within one period. A signal passes if every window has room, and then
 * counts in each; one that is held back counts in none.
 * <p>
 * Safe for several threads. Asking takes no lock and allocates nothing.
 */
public final class RateLimiter {

	/** What {@link #ask()} returns for a signal that is held back. */
	public static final long LIMITED = -1;

	/** What {@link #ask()} returns after {@link #retire}. */
	static final long RETIRED = -2;

	private final RateLimit limit;

	private final LongSupplier nanoTime;

	private final PackedWindow[] windows;

	/**
	 * A state for each window, then how many were held back since the last that passed.
	 */
	private final AtomicLongArray states;

	/**
	 * A limiter by the system's monotonic clock.
	 * @param limit what may pass
	 */
	public RateLimiter(RateLimit limit) {
		this(limit, System::nanoTime);
	}

	/**
	 * A limiter by a given clock.
	 * @param limit what may pass
	 * @param nanoTime a monotonic clock in nanoseconds; it may begin anywhere and
	 * overflow
	 */
	public RateLimiter(RateLimit limit, LongSupplier nanoTime) {
		this.limit = limit;
		this.nanoTime = nanoTime;
		this.windows = limit.windows().stream().map(PackedWindow::new).toArray(PackedWindow[]::new);
		this.states = new AtomicLongArray(this.windows.length + 1);
	}

	/**
	 * A limiter with the limit and the clock of another, of which nothing is used up.
	 */
	RateLimiter(RateLimiter other) {
		this.limit = other.limit;
		this.nanoTime = other.nanoTime;
		this.windows = other.windows;
		this.states = new AtomicLongArray(this.windows.length + 1);
	}

	/**
	 * A limiter by the system's monotonic clock.
	 * @param limit what may pass, as {@link RateLimit#parse} takes it
	 * @return the limiter
	 * @throws IllegalArgumentException if the text is not a rate limit
	 */
	public static RateLimiter of(String limit) {
		return new RateLimiter(RateLimit.parse(limit));
	}

	/**
	 * What may pass.
	 * @return the limit
	 */
	public RateLimit limit() {
		return this.limit;
	}

	/**
	 * Asks for one signal.
	 * @return {@link #LIMITED}, or for one that passes, how many were held back since the
	 * last that did. Each that was held back is told of once; the first that passes tells
	 * of none.
	 */
	public long ask() {
		long now = this.nanoTime.getAsLong();
		// Seen before anything is charged, a full window costs no taking back.
		for (int i = 1; i < this.windows.length; i++) {
			long state = this.states.get(i);
			if (this.windows[i].isUsedUp(state) && this.windows[i].isRunning(state, now)) {
				return holdBack();
			}
		}
		return charge(0, now, false);
	}

	/**
	 * Charges a window and those after it, or none of them.
	 * @param anew whether a window before this one has begun anew
	 */
	private long charge(int index, long now, boolean anew) {
		if (index == this.windows.length) {
			// Whatever was held back waits for a window to end. Within a window there is
			// nothing to tell but what other threads do at this moment.
			return anew ? this.states.getAndSet(index, 0) : 0;
		}
		PackedWindow window = this.windows[index];
		long time = now;
		while (true) {
			long state = this.states.get(index);
			boolean running = window.isRunning(state, time);
			long charged;
			if (running) {
				if (window.isUsedUp(state)) {
					return (state != PackedWindow.RETIRED) ? holdBack() : RETIRED;
				}
				charged = state + 1;
			}
			else {
				// Another thread may have begun the window after this one read the clock.
				// What is read after the state can not be before it.
				time = this.nanoTime.getAsLong();
				if (window.isRunning(state, time)) {
					continue;
				}
				if (state == PackedWindow.RETIRED) {
					return RETIRED;
				}
				charged = window.begin(time);
			}
			if (this.states.compareAndSet(index, state, charged)) {
				long result = charge(index + 1, time, anew || (!running && state != PackedWindow.NEVER));
				if (result < 0) {
					takeBack(index, state, charged);
				}
				return result;
			}
		}
	}

	private void takeBack(int index, long before, long charged) {
		if (this.states.compareAndSet(index, charged, before)) {
			return;
		}
		long state = this.states.get(index);
		while (this.windows[index].isSameWindow(state, charged)
				&& !this.states.compareAndSet(index, state, state - 1)) {
			state = this.states.get(index);
		}
	}

	private long holdBack() {
		this.states.getAndIncrement(this.windows.length);
		return LIMITED;
	}

	/**
	 * Ends this limiter if none of its windows is running, so that whoever still asks it
	 * learns that it is over and nothing passes that nobody knows of.
	 * @param now the time, or one shortly before
	 * @return {@code true} if this call ended it
	 */
	boolean retire(long now) {
		long state = this.states.get(0);
		if (state == PackedWindow.RETIRED || isRunning(now)) {
			return false;
		}
		return !isRunning(this.nanoTime.getAsLong()) && this.states.compareAndSet(0, state, PackedWindow.RETIRED);
	}

	private boolean isRunning(long now) {
		for (int i = 0; i < this.windows.length; i++) {
			if (this.windows[i].isRunning(this.states.get(i), now)) {
				return true;
			}
		}
		return false;
	}

}
