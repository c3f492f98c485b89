package io.telemetry.handler.socket;

/**
 * What tells the reader of a stream where a signal ends.
 */
public enum TcpFraming {

	/**
	 * A line feed after each signal, which a form for machines does not hold itself.
	 */
	NEWLINE,

	/**
	 * Before each signal the number of its bytes, as decimal digits and a space, which
	 * RFC 6587 calls octet counting.
	 */
	LENGTH

}
