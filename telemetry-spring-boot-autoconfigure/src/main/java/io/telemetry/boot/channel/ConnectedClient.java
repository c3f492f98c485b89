package io.telemetry.boot.channel;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * A client that is connected over a WebSocket, as whoever speaks to it sees it. Safe for
 * several threads. Nothing here waits for the client.
 */
public interface ConnectedClient {

	/**
	 * The connection.
	 * @return its id
	 */
	String connectionId();

	/**
	 * The session that the connection is bound to.
	 * @return its id
	 */
	String sessionId();

	/**
	 * The user, as CONNECTED told.
	 * @return its id, random where nobody knows the user
	 */
	String userId();

	/**
	 * The front end whose key the client gave.
	 * @return its name, or {@code null} where it gave none
	 */
	@Nullable String application();

	/**
	 * The client's address, as far as it is to be shown.
	 * @return the address, or {@code null}
	 */
	@Nullable String clientAddress();

	/**
	 * How long the connection has been open.
	 * @return the time since the handshake
	 */
	Duration age();

	/**
	 * What the client has subscribed to.
	 * @return destinations
	 */
	List<String> subscriptions();

	/**
	 * Whether the client hears control messages.
	 * @return whether it is there and has subscribed to them
	 */
	boolean isListening();

	/**
	 * Sends a control message.
	 * @param message the message, as JSON
	 */
	void send(byte[] message);

	/**
	 * Sends a control message that holds what is in force now. When calls of several
	 * threads have returned, the last message was made after the last of them began.
	 * @param message makes the message, on this thread or on one that is at it already
	 */
	void sendLatest(Supplier<byte[]> message);

}
