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

	/** No CONNECT in time. */
	CONNECT_TIMEOUT,

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
