package io.telemetry.handler.socket;

import java.time.Duration;

/**
 * How a {@link TcpHandler} tries to connect again.
 *
 * @param initialDelay the longest pause after the first failed attempt; it doubles with
 * each further one
 * @param maxDelay the longest pause ever; how long a pause really is, from nothing to the
 * longest, is left to chance, so that many senders don't come back at once
 * @param maxWait how long a batch waits for the peer before it counts as failed; zero
 * fails it at once
 */
public record ReconnectOptions(Duration initialDelay, Duration maxDelay, Duration maxWait) {

	/** Pauses of up to 100 ms, growing to 10 s; a batch waits for 30 s. */
	public static final ReconnectOptions DEFAULTS = new ReconnectOptions(Duration.ofMillis(100), Duration.ofSeconds(10),
			Duration.ofSeconds(30));

	/**
	 * Checks the options.
	 * @throws IllegalArgumentException if one is not allowed; the message names it
	 */
	public ReconnectOptions {
		TcpOptions.requirePositive("initialDelay", initialDelay);
		if (maxDelay.compareTo(initialDelay) < 0) {
			throw new IllegalArgumentException(
					"maxDelay must not be below initialDelay, which is " + initialDelay + ", not " + maxDelay);
		}
		if (maxWait.isNegative()) {
			throw new IllegalArgumentException("maxWait must not be negative, not " + maxWait);
		}
	}

	/**
	 * A copy with other pauses.
	 * @param initialDelay the longest pause after the first failed attempt
	 * @param maxDelay the longest pause ever
	 * @return the copy
	 */
	public ReconnectOptions withDelays(Duration initialDelay, Duration maxDelay) {
		return new ReconnectOptions(initialDelay, maxDelay, this.maxWait);
	}

	/**
	 * A copy with another wait.
	 * @param maxWait how long a batch waits for the peer
	 * @return the copy
	 */
	public ReconnectOptions withMaxWait(Duration maxWait) {
		return new ReconnectOptions(this.initialDelay, this.maxDelay, maxWait);
	}

}
