package io.telemetry.encode;

/**
 * How a reader finds the end of an encoded signal, where a destination holds several in a
 * row, as files and streams do. A destination that keeps each apart, such as a datagram
 * or a message, has no use for it.
 */
public enum Framing {

	/**
	 * Text. The destination sets a line feed after each signal. A form for machines holds
	 * no line feed itself.
	 */
	LINES,

	/**
	 * Bytes that tell for themselves where they end. The destination adds nothing; a byte
	 * more would be taken for the next signal's.
	 */
	SELF_DELIMITING

}
