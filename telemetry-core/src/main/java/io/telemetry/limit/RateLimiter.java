package io.telemetry.limit;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

/**
 * Lets no more signals pass than a {@link RateLimit} allows, and tells how many it held
 * back meanwhile. Each window begins with the first signal that passes after the one
 * before has ended, so around the change from one window to the next up to twice the
 * number can pass within one period. A signal passes if every window has room, and then
 * counts in each; one that is held back counts in none.
 * <p>
 * Several can be asked for at once, and pass all or not at all. More than a window ever
 * gives pass only while nothing else has passed it, and then take the windows that follow
 * as well: of 1,000 under {@code 500/10s} the next passes after 20 seconds, so that over
 * time the limit holds and what is larger than it is not held back for ever. At most
 * {@value PackedWindow#MAX_AHEAD} windows are taken ahead. Who asks for so many of a
 * limiter that others use too may find it used at every time; a limit should let the
 * largest number that is asked for pass.
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

	private RateLimiter(RateLimiter other) {
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
	 * A limiter with the limit and the clock of this one, of which nothing is used up.
	 * Takes less memory than one made of the limit.
	 * @return a new limiter
	 */
	public RateLimiter unused() {
		return new RateLimiter(this);
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
		return ask(1, null);
	}

	/**
	 * Asks for several signals at once, which pass all or not at all.
	 * @param permits how many, at least 1; of more than a window ever gives see above
	 * @return {@link #LIMITED}, or for those that pass, how many were held back since the
	 * last that did
	 * @throws IllegalArgumentException if {@code permits} is below 1
	 */
	public long ask(int permits) {
		return ask(permits, null);
	}

	/**
	 * Asks for several signals at once, which pass if something else agrees. That is
	 * asked when they have been charged here and would pass, and on a no they are taken
	 * back, so that of several limiters that are asked through one another all are
	 * charged or none.
	 * @param permits how many, at least 1; of more than a window ever gives see above
	 * @param also what has to agree, asked at most once, on this thread; it must not
	 * throw, or what was charged stays so
	 * @return {@link #LIMITED}, or for those that pass, how many were held back since the
	 * last that did
	 * @throws IllegalArgumentException if {@code permits} is below 1
	 */
	public long ask(int permits, @Nullable BooleanSupplier also) {
		if (permits < 1) {
			throw new IllegalArgumentException("permits must be at least 1, not " + permits);
		}
		long now = this.nanoTime.getAsLong();
		// Seen before anything is charged, a full window costs no taking back.
		for (int i = 1; i < this.windows.length; i++) {
			long state = this.states.get(i);
			if (!this.windows[i].hasRoom(state, permits) && this.windows[i].isRunning(state, now)) {
				return holdBack(permits);
			}
		}
		return charge(0, permits, now, false, also);
	}

	/**
	 * How long until so many could pass, if nothing else does meanwhile.
	 * @param permits how many, at least 1
	 * @return nanoseconds, 0 if they could now; nothing is charged
	 * @throws IllegalArgumentException if {@code permits} is below 1
	 */
	public long retryAfter(int permits) {
		if (permits < 1) {
			throw new IllegalArgumentException("permits must be at least 1, not " + permits);
		}
		long now = this.nanoTime.getAsLong();
		long longest = 0;
		if (this.states.get(0) == PackedWindow.RETIRED) {
			return 0;
		}
		for (int i = 0; i < this.windows.length; i++) {
			longest = Math.max(longest, this.windows[i].awaitRoom(this.states.get(i), permits, now));
		}
		return longest;
	}

	/**
	 * Charges a window and those after it, or none of them.
	 * @param anew whether a window before this one has begun anew
	 */
	private long charge(int index, int permits, long now, boolean anew, @Nullable BooleanSupplier also) {
		if (index == this.windows.length) {
			if (also != null && !also.getAsBoolean()) {
				return holdBack(permits);
			}
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
				if (!window.hasRoom(state, permits)) {
					return (state != PackedWindow.RETIRED) ? holdBack(permits) : RETIRED;
				}
				charged = state + permits;
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
				charged = window.begin(time, permits);
			}
			if (this.states.compareAndSet(index, state, charged)) {
				long result = charge(index + 1, permits, time, anew || (!running && state != PackedWindow.NEVER), also);
				if (result < 0) {
					takeBack(index, permits, state, charged);
				}
				return result;
			}
		}
	}

	private void takeBack(int index, int permits, long before, long charged) {
		if (this.states.compareAndSet(index, charged, before)) {
			return;
		}
		// Others are in the same window only if there was room beside what was charged,
		// so it holds the permits one by one.
		long state = this.states.get(index);
		while (this.windows[index].isSameWindow(state, charged)
				&& !this.states.compareAndSet(index, state, state - permits)) {
			state = this.states.get(index);
		}
	}

	private long holdBack(int permits) {
		this.states.getAndAdd(this.windows.length, permits);
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
