package io.telemetry.boot.channel.caller;

import java.time.Instant;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Who a client is, as far as it was found out.
 *
 * @param userId the user; {@code null} where nobody knows, so that the road makes a
 * random one for the session
 * @param source how the user is known
 * @param expiresAt when that ends to be good by which the user is known: a connection is
 * to be closed then. {@code null} for never
 * @param application the front end
 * @param address the client's address
 * @param userAgent the browser, see {@link UserAgents}
 * @param claimedUserId the user that the client says it is, where that is not believed
 */
public record Caller(@Nullable String userId, Source source, @Nullable Instant expiresAt, Application application,
		ClientAddress address, Map<String, String> userAgent, @Nullable String claimedUserId) {

	/**
	 * Whether the client has proved who it is.
	 * @return whether the user is more than the client's word
	 */
	public boolean isAuthenticated() {
		return this.source.isAuthenticated();
	}

	/**
	 * Whether the client may be given a ticket. Not in return for one, which could be
	 * renewed for ever.
	 * @return whether it has proved who it is, other than by a ticket
	 */
	public boolean isEntitledToTicket() {
		return isAuthenticated() && this.source != Source.TICKET;
	}

	/**
	 * How a user is known, strongest first.
	 */
	public enum Source {

		/** By a {@link UserIdResolver}. */
		RESOLVER(true),

		/** By the request's principal. */
		PRINCIPAL(true),

		/** By a bearer token. */
		TOKEN(true),

		/** By a ticket. */
		TICKET(true),

		/** By a parameter of the query that is believed. */
		HANDSHAKE(false),

		/** By the client's own word, which is believed. */
		CLAIM(false),

		/** Not at all. */
		NONE(false);

		private final boolean authenticated;

		Source(boolean authenticated) {
			this.authenticated = authenticated;
		}

		/**
		 * Whether this is more than the client's word.
		 * @return whether the client has proved who it is
		 */
		public boolean isAuthenticated() {
			return this.authenticated;
		}

	}

}
