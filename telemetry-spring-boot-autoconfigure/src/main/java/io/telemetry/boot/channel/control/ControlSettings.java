package io.telemetry.boot.channel.control;

import java.time.Duration;

import io.telemetry.boot.InvalidSettingException;

/**
 * Bounds of what is said to clients. Immutable; what makes no sense is refused where it
 * is made.
 *
 * @param maxOverrides changes of settings that may be in force at once
 * @param timeout time that clients have to answer a request for diagnostics
 * @param maxPending requests that may wait for answers at once
 * @param maxSize bytes of an answer
 */
public record ControlSettings(int maxOverrides, Duration timeout, int maxPending, int maxSize) {

	/** What is in force where nothing is set. */
	public static final ControlSettings DEFAULTS = new ControlSettings(1000, Duration.ofSeconds(30), 100, 64 * 1024);

	/**
	 * Bounds.
	 * @throws InvalidSettingException if one makes no sense
	 */
	public ControlSettings {
		between("control.max-overrides", maxOverrides, 1, 100_000);
		if (timeout.toMillis() < 1000 || timeout.compareTo(Duration.ofMinutes(10)) > 0) {
			throw new InvalidSettingException("diagnostics.timeout", timeout, "must be between 1s and 10m");
		}
		between("diagnostics.max-pending", maxPending, 1, 10_000);
		between("diagnostics.max-size", maxSize, 1024, 1024 * 1024);
	}

	private static void between(String setting, int value, int least, int most) {
		if (value < least || value > most) {
			throw new InvalidSettingException(setting, value, "must be between " + least + " and " + most);
		}
	}

}
