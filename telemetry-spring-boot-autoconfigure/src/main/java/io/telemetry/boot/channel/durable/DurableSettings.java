package io.telemetry.boot.channel.durable;

import java.nio.file.Path;
import java.time.Duration;

import io.telemetry.boot.InvalidSettingException;

/**
 * Where and how acknowledged batches are kept until they are delivered.
 *
 * @param directory a directory of this application's alone, which outlives it
 * @param maxSize bytes of the batches that wait, at most
 * @param maxDelay how long a batch waits at most for others to be forced onto the disk
 * with it
 */
public record DurableSettings(Path directory, long maxSize, Duration maxDelay) {

	/** Bytes of the batches that wait, where nothing is set. */
	public static final long DEFAULT_MAX_SIZE = 256L << 20;

	/** How long a batch waits for others, where nothing is set. */
	public static final Duration DEFAULT_MAX_DELAY = Duration.ofMillis(10);

	private static final long LEAST_SIZE = 4 << 20;

	private static final Duration LONGEST_DELAY = Duration.ofSeconds(1);

	public DurableSettings {
		if (maxSize < LEAST_SIZE) {
			throw new InvalidSettingException("durable.max-size", maxSize + "B",
					"must be at least " + (LEAST_SIZE >> 20) + "MB");
		}
		if (maxDelay.isNegative() || maxDelay.compareTo(LONGEST_DELAY) > 0) {
			throw new InvalidSettingException("durable.max-delay", maxDelay, "must be from 0 to 1s");
		}
	}

}
