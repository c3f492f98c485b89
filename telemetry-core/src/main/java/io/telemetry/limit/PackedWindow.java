package io.telemetry.limit;

/**
 * One window of a limit over a state that is one number: when the window began and how
 * many have passed since. The beginning stands in the upper bits, counted in ticks and
 * wrapping round; the number of those that passed stands in the lower bits. A state of
 * which none has passed is a window that has not begun.
 * <p>
 * A tick is a nanosecond where there is room, and otherwise at most a 2<sup>19</sup>th of
 * the period, which is then cut to whole ticks. A window that ended lies in the past for
 * at least 2<sup>20</sup> periods before the beginning wraps round to where it seems to
 * be running again, for at most one period.
 * <p>
 * More at once than the window ever gives take the windows that follow, too: then the
 * number is one above what ever passes, and the beginning is that of the last window they
 * took, which lies ahead. Only such a state is taken for running before it has begun, and
 * so for {@value #MAX_AHEAD} periods more after wrapping round.
 */
final class PackedWindow {

	/** The state of a window that nothing has passed yet. */
	static final long NEVER = 0;

	/** The state of a window that nothing is to pass any more. */
	static final long RETIRED = -1;

	/** Windows that can be taken ahead. */
	static final int MAX_AHEAD = 1000;

	private static final int ROUND_TRIP_BITS = 20;

	private final long signals;

	private final int usedBits;

	private final long usedMask;

	private final int tickBits;

	private final long length;

	PackedWindow(RateLimit.Window window) {
		this.signals = window.signals();
		// Room for two more than ever pass: one for the windows taken ahead, and one so
		// that RETIRED is no state of its own.
		this.usedBits = Long.SIZE - Long.numberOfLeadingZeros(this.signals + 2);
		this.usedMask = (1L << this.usedBits) - 1;
		long period = window.period().toNanos();
		int periodBits = Long.SIZE - Long.numberOfLeadingZeros(period);
		this.tickBits = Math.max(0, periodBits - (Long.SIZE - this.usedBits - ROUND_TRIP_BITS));
		this.length = (period >> this.tickBits) << this.usedBits;
	}

	boolean isRunning(long state, long now) {
		long used = state & this.usedMask;
		if (used == 0) {
			return false;
		}
		long age = ticks(now) - (state & ~this.usedMask);
		return Long.compareUnsigned(age, this.length) < 0 || (used > this.signals
				&& Long.compareUnsigned(age + this.length * MAX_AHEAD, this.length * MAX_AHEAD) < 0);
	}

	/**
	 * Whether a window that is running has room. What it would never have room for finds
	 * none, because something has passed it.
	 */
	boolean hasRoom(long state, int permits) {
		return (state & this.usedMask) + permits <= this.signals;
	}

	/**
	 * Nanoseconds until a window has room, if nothing else passes it; 0 if it has.
	 */
	long awaitRoom(long state, int permits, long now) {
		if (!isRunning(state, now) || hasRoom(state, permits)) {
			return 0;
		}
		long left = this.length - (ticks(now) - (state & ~this.usedMask));
		return (left >>> this.usedBits) << this.tickBits;
	}

	/**
	 * The state of a window that begins now, with those that it begins with.
	 */
	long begin(long now, int permits) {
		if (permits <= this.signals) {
			return ticks(now) + permits;
		}
		long ahead = Math.min(MAX_AHEAD, (permits - 1) / this.signals);
		return ticks(now) + ahead * this.length + this.signals + 1;
	}

	boolean isSameWindow(long state, long other) {
		return ((state ^ other) & ~this.usedMask) == 0;
	}

	private long ticks(long now) {
		return (now >> this.tickBits) << this.usedBits;
	}

}
