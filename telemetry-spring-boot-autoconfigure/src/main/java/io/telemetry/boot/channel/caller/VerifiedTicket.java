package io.telemetry.boot.channel.caller;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * What a genuine ticket says.
 *
 * @param userId the user to whom it was issued
 * @param application the name of the front end for which it was issued, empty for none
 * @param expiresAt when the ticket ends to be good
 * @param authenticatedUntil when that ends to be good by which the user got the ticket;
 * {@code null} for never
 */
public record VerifiedTicket(String userId, String application, Instant expiresAt,
		@Nullable Instant authenticatedUntil) {
}
