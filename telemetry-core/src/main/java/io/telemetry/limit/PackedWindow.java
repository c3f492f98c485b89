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
 */
final class PackedWindow {

	/** The state of a window that nothing has passed yet. */
	static final long NEVER = 0;

	/** The state of a window that nothing is to pass any more. */
	static final long RETIRED = -1;

	private static final int ROUND_TRIP_BITS = 20;

	private final long signals;

	private final int usedBits;

	private final long usedMask;

	private final int tickBits;

	private final long length;

	PackedWindow(RateLimit.Window window) {
		this.signals = window.signals();
		// Room for one more than ever pass, so that RETIRED is no state of its own.
		this.usedBits = Long.SIZE - Long.numberOfLeadingZeros(this.signals + 1);
		this.usedMask = (1L << this.usedBits) - 1;
		long period = window.period().toNanos();
		int periodBits = Long.SIZE - Long.numberOfLeadingZeros(period);
		this.tickBits = Math.max(0, periodBits - (Long.SIZE - this.usedBits - ROUND_TRIP_BITS));
		this.length = (period >> this.tickBits) << this.usedBits;
	}

	boolean isRunning(long state, long now) {
		return (state & this.usedMask) != 0
				&& Long.compareUnsigned(ticks(now) - (state & ~this.usedMask), this.length) < 0;
	}

	boolean isUsedUp(long state) {
		return (state & this.usedMask) >= this.signals;
	}

	/**
	 * The state of a window that begins now, with the one that it begins with.
	 */
	long begin(long now) {
		return ticks(now) + 1;
	}

	boolean isSameWindow(long state, long other) {
		return ((state ^ other) & ~this.usedMask) == 0;
	}

	private long ticks(long now) {
		return (now >> this.tickBits) << this.usedBits;
	}

}
