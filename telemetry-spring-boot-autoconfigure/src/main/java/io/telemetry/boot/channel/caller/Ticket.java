package io.telemetry.boot.channel.caller;

import java.time.Instant;

/**
 * A ticket as it is handed to a client.
 *
 * @param text what the client presents, at most {@value Tickets#MAX_LENGTH} characters
 * that need no escaping anywhere
 * @param expiresAt when it ends to be good
 */
public record Ticket(String text, Instant expiresAt) {
}
