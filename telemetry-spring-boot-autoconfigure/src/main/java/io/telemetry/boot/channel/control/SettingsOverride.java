package io.telemetry.boot.channel.control;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * A change of settings that is in force.
 *
 * @param target for whom
 * @param change the change
 * @param expiresAt when it ends; {@code null} when it is taken back
 */
public record SettingsOverride(Target target, ClientSettingsChange change, @Nullable Instant expiresAt) {

	boolean isOver(Instant now) {
		return this.expiresAt != null && !now.isBefore(this.expiresAt);
	}

	/**
	 * Whether this one lasts no longer than another.
	 */
	boolean endsBefore(@Nullable Instant other) {
		return other == null || (this.expiresAt != null && !this.expiresAt.isAfter(other));
	}

}
