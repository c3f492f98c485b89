package io.telemetry.boot.channel;

import io.telemetry.signal.Uid;
import org.jspecify.annotations.Nullable;

/**
 * Decides who a client is. The server's own knowledge comes first, then what the client
 * says where that is to be believed, else a name that says nothing.
 */
final class Identities {

	private final boolean trustClient;

	/** Nobody outside can work out the name that a session gets. */
	private final String secret = Uid.next(System.currentTimeMillis()) + "/" + java.util.UUID.randomUUID();

	Identities(boolean trustClient) {
		this.trustClient = trustClient;
	}

	/**
	 * A session id for a client that brings none.
	 */
	static String newSessionId() {
		return java.util.UUID.randomUUID().toString();
	}

	/**
	 * The user of a connection.
	 * @param sessionId the session
	 * @param principal the user the server knows
	 * @param claimed the user the client says it is
	 * @return a user id, never empty
	 */
	String userId(String sessionId, @Nullable String principal, @Nullable String claimed) {
		if (principal != null && !principal.isEmpty()) {
			return principal;
		}
		if (this.trustClient && claimed != null && !claimed.isEmpty()) {
			return claimed;
		}
		return anonymous(sessionId);
	}

	/**
	 * Random, yet the same on every road and connection of one session while the server
	 * runs.
	 */
	private String anonymous(String sessionId) {
		return "anon-" + Uid.derivedFrom(this.secret + sessionId).toString().substring(0, 16);
	}

	/**
	 * Who a batch is from.
	 * @param sender who brings it
	 * @param batch the batch
	 * @return the identity its events carry
	 */
	Identity of(Sender sender, DecodedBatch batch) {
		String sessionId = sender.sessionId();
		if (sessionId == null) {
			sessionId = (batch.sessionId() != null) ? batch.sessionId() : newSessionId();
		}
		// The page may have learnt who the user is after the connection was made
		String claimed = (batch.userId() != null) ? batch.userId() : sender.claimedUserId();
		String userId = userId(sessionId, sender.principal(), claimed);
		return new Identity(sessionId, userId, userId.equals(claimed) ? null : claimed, sender.connectionId());
	}

}
