package io.telemetry.boot.channel;

import java.util.Locale;

/**
 * Why a connection was ended with an ERROR frame and close code 1008.
 */
public enum FrameRefusal {

	/** Not a STOMP frame. */
	BAD_FRAME,

	/** Its headers are longer than any this channel reads. */
	HEADERS_TOO_LONG,

	/** A frame before CONNECT. */
	NOT_CONNECTED,

	/** A second CONNECT. */
	ALREADY_CONNECTED,

	/** A CONNECT that does not offer STOMP 1.2. */
	UNSUPPORTED_VERSION,

	/** A command that has no use here, transactions and acknowledgements among them. */
	UNSUPPORTED_COMMAND,

	/** SEND or SUBSCRIBE to a destination that is not there for the client. */
	FORBIDDEN_DESTINATION,

	/** A SUBSCRIBE without an id, or more subscriptions than a connection may hold. */
	BAD_SUBSCRIPTION,

	/** A CONNECT from a client that has to prove who it is, or has failed to. */
	UNAUTHORIZED,

	/** A CONNECT without the CSRF token that the application asks for. */
	CSRF_TOKEN,

	/** What the client is known by has expired; it may come again with something new. */
	TOKEN_EXPIRED,

	/** The connection's place was given to another before it was open. */
	TOO_MANY_CONNECTIONS,

	/** No CONNECT in time. */
	CONNECT_TIMEOUT,

	/** A frame whose end did not come in time. */
	FRAME_TIMEOUT,

	/** More frames beside batches than events may be sent in the time. */
	RATE_LIMITED,

	/** Headers came in parts while the server had no room for them. */
	OVERLOADED,

	/** The server failed while it dealt with the frame. */
	SERVER_ERROR;

	private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');

	/**
	 * The reason as the ERROR frame, the close frame and counters write it.
	 */
	@Override
	public String toString() {
		return this.text;
	}

}
