package io.telemetry.encode;

import java.io.IOException;
import java.io.OutputStream;

import io.telemetry.signal.Signal;

/**
 * A signal as bytes. Called by several threads at once.
 */
@FunctionalInterface
public interface SignalEncoder {

	/**
	 * Writes one signal, without the line end or length that a destination sets around
	 * it.
	 * @param signal the signal
	 * @param out where the bytes go; not to be closed
	 * @throws IOException if the destination fails; a value that can't be written is
	 * written as its error instead
	 */
	void encode(Signal signal, OutputStream out) throws IOException;

	/**
	 * What tells a reader where a signal ends and the next begins. Always the same.
	 * @return {@link Framing#LINES} unless the form is a binary one
	 */
	default Framing framing() {
		return Framing.LINES;
	}

	/**
	 * The same form in colour, for a terminal.
	 * @return an encoder with colours, or this one where the form has none
	 */
	default SignalEncoder coloured() {
		return this;
	}

	/**
	 * The same form, cut where a signal takes more bytes than a destination has room for.
	 * Forms that are of no use when they are cut stay as they are.
	 * @param maxBytes how many bytes a signal may take
	 * @return an encoder that heeds the limit, or this one
	 */
	default SignalEncoder within(int maxBytes) {
		return this;
	}

}
