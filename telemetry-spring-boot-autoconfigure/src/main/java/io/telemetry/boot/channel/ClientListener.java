package io.telemetry.boot.channel;

import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Who speaks to clients and is told of them. Called by several threads, none of which may
 * be kept waiting.
 */
public interface ClientListener {

	/**
	 * The channel takes clients from now on.
	 * @param clients those who are connected
	 */
	void started(ConnectedClients clients);

	/**
	 * The channel lets go of its clients.
	 */
	void stopped();

	/**
	 * A client has subscribed to control messages.
	 * @param client the client
	 */
	void subscribed(ConnectedClient client);

	/**
	 * The largest answer to a request that is read.
	 * @return bytes
	 */
	int maxAnswerSize();

	/**
	 * A client has answered a request.
	 * @param client the client
	 * @param requestId the request, as the client says
	 * @param answer what it said, within the limits of an event
	 * @return what became of the answer
	 */
	DiagnosticsOutcome answered(ConnectedClient client, String requestId, Map<String, @Nullable Object> answer);

	/**
	 * Some time has passed, a second at most: a good moment to look what has run out.
	 */
	void timePassed();

}
