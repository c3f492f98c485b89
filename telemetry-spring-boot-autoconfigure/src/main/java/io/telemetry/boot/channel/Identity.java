package io.telemetry.boot.channel;

import org.jspecify.annotations.Nullable;

/**
 * Who a batch is from, as the server sees it: what events carry and can't override.
 *
 * @param sessionId the session
 * @param userId the user
 * @param claimedUserId the user the client says it is, where the server does not believe
 * it
 * @param connectionId the connection, where there is one
 */
record Identity(String sessionId, String userId, @Nullable String claimedUserId, @Nullable String connectionId) {
}
