package io.telemetry.boot.channel.caller;

import java.time.Instant;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * What a bearer token says that was found to be genuine.
 *
 * @param subject the user, never empty
 * @param expiresAt when it ends to be good; {@code null} for never
 * @param claims everything that it says, for a {@link UserIdResolver}
 */
public record VerifiedToken(String subject, @Nullable Instant expiresAt, Map<String, Object> claims) {

	public VerifiedToken {
		if (subject.isEmpty()) {
			throw new IllegalArgumentException("The subject of a token must not be empty");
		}
		claims = Map.copyOf(claims);
	}

}
