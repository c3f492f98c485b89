package io.telemetry.boot.channel;

import io.telemetry.boot.channel.caller.Arrival;
import io.telemetry.boot.channel.caller.Caller;
import io.telemetry.limit.RateLimiter;
import org.jspecify.annotations.Nullable;

/**
 * Who brings a batch, as far as the road it comes on knows.
 *
 * @param road the road
 * @param connectionId the connection, where there is one
 * @param sessionId the session that the connection is bound to; {@code null} where the
 * batch itself names it
 * @param caller who the client is
 * @param arrival what the client is known by, where the batch may still bring a ticket;
 * {@code null} where it is decided who the client is
 * @param budget the connection's events, where there is a connection and a limit
 */
record Sender(Road road, @Nullable String connectionId, @Nullable String sessionId, Caller caller,
		@Nullable Arrival arrival, @Nullable RateLimiter budget) {

	Sender withCaller(Caller caller) {
		return new Sender(this.road, this.connectionId, this.sessionId, caller, this.arrival, this.budget);
	}

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
