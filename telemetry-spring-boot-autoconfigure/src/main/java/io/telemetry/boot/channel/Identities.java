package io.telemetry.boot.channel;

import java.util.UUID;

import io.telemetry.boot.channel.caller.Caller;
import io.telemetry.signal.Uid;

/**
 * Gives names to those whom nobody knows: a session to a client that brings none, a user
 * to a session. Safe for several threads.
 */
final class Identities {

	/** Nobody outside can work out the name that a session gets. */
	private final String secret = Uid.next(System.currentTimeMillis()) + "/" + UUID.randomUUID();

	/**
	 * A session id for a client that brings none.
	 */
	static String newSessionId() {
		return UUID.randomUUID().toString();
	}

	/**
	 * The user of a client: the one that is known, else a name that says nothing, random,
	 * yet the same on every road and connection of one session while the server runs.
	 * @param sessionId the session
	 * @param caller who the client is
	 * @return a user id, never empty
	 */
	String userId(String sessionId, Caller caller) {
		String known = caller.userId();
		return (known != null) ? known : "anon-" + Uid.derivedFrom(this.secret + sessionId).toString().substring(0, 16);
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
		return Identity.of(sessionId, userId(sessionId, sender.caller()), sender.connectionId(), sender.caller());
	}

}
