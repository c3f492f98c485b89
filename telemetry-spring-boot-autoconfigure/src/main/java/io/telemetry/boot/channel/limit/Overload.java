package io.telemetry.boot.channel.limit;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;

import io.telemetry.boot.InvalidSettingException;

/**
 * Holds clients back while the handlers' queues are nearly full, because a client keeps
 * what it could not send and a full queue does not.
 * <p>
 * There is one threshold and not one to begin and one to end: what is let in at the
 * threshold is what handlers have made room for, so they are never without work, and
 * clients come back at times of their own. The pressure leaves out handlers that stand
 * still, so that one which is stuck does not close the channel. Safe for several threads.
 */
public final class Overload {

	/** What the pressure may be where nothing is set. */
	public static final double DEFAULT_PRESSURE = 0.9;

	/** When a client may come again where nothing is set. */
	public static final Duration DEFAULT_RETRY_AFTER = Duration.ofSeconds(2);

	private static final Duration LONGEST_RETRY = Duration.ofHours(1);

	private final DoubleSupplier pressure;

	private final double threshold;

	private final long retryAfterMs;

	private final DoubleSupplier random;

	/**
	 * An overload that spreads clients by chance.
	 * @param pressure how full the queues are, 0 to 1
	 * @param threshold above which pressure clients are held back, above 0 and at most 1,
	 * with which they never are
	 * @param retryAfter the earliest that a client is told to come again; others are told
	 * up to half as long again
	 * @throws InvalidSettingException if a value is out of range
	 */
	public Overload(DoubleSupplier pressure, double threshold, Duration retryAfter) {
		this(pressure, threshold, retryAfter, () -> ThreadLocalRandom.current().nextDouble());
	}

	/**
	 * An overload that spreads clients as it is told.
	 * @param pressure how full the queues are, 0 to 1
	 * @param threshold above which pressure clients are held back, above 0 and at most 1,
	 * with which they never are
	 * @param retryAfter the earliest that a client is told to come again; others are told
	 * up to half as long again
	 * @param random numbers from 0 to below 1
	 * @throws InvalidSettingException if a value is out of range
	 */
	public Overload(DoubleSupplier pressure, double threshold, Duration retryAfter, DoubleSupplier random) {
		if (!(threshold > 0 && threshold <= 1)) {
			throw new InvalidSettingException("overload.pressure", threshold, "must be above 0 and at most 1");
		}
		if (retryAfter.toMillis() < 1 || retryAfter.compareTo(LONGEST_RETRY) > 0) {
			throw new InvalidSettingException("overload.retry-after", retryAfter,
					"must be from a millisecond to an hour");
		}
		this.pressure = pressure;
		this.threshold = threshold;
		this.retryAfterMs = retryAfter.toMillis();
		this.random = random;
	}

	/**
	 * Asks whether a batch can be taken.
	 * @return 0 if it can, else in how many milliseconds the client may try again
	 */
	public long ask() {
		return (this.pressure.getAsDouble() <= this.threshold) ? 0 : retryAfterMs();
	}

	/**
	 * When a client may come again that is held back.
	 * @return milliseconds from now, at least the time that was set
	 */
	public long retryAfterMs() {
		return this.retryAfterMs + (long) (this.random.getAsDouble() * (this.retryAfterMs / 2 + 1));
	}

}
