package io.telemetry.boot.channel;

import org.jspecify.annotations.Nullable;

/**
 * Who brings a batch, as far as the road it comes on knows.
 *
 * @param road the road
 * @param connectionId the connection, where there is one
 * @param sessionId the session that the connection is bound to; {@code null} where the
 * batch itself names it
 * @param principal the user the server knows
 * @param claimedUserId the user the client says it is
 */
record Sender(Road road, @Nullable String connectionId, @Nullable String sessionId, @Nullable String principal,
		@Nullable String claimedUserId) {

	/**
	 * The ways to the server.
	 */
	enum Road {

		/** A STOMP connection. */
		STOMP,

		/** A POST. */
		HTTP;

		@Override
		public String toString() {
			return (this == STOMP) ? "stomp" : "http";
		}

	}

}
