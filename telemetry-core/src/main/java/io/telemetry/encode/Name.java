package io.telemetry.encode;

import java.nio.charset.StandardCharsets;

/**
 * The name of a field that every signal may have, as opposed to names from outside. Made
 * once, so that what a format makes of it is made once too.
 */
final class Name {

	private final String text;

	private final byte[] json;

	/**
	 * A name.
	 * @param text letters, digits and what else needs no escape in any format
	 */
	Name(String text) {
		this.text = text;
		this.json = ('"' + text + "\":").getBytes(StandardCharsets.US_ASCII);
	}

	String text() {
		return this.text;
	}

	/**
	 * The name as JSON has it, in quotes and with the colon.
	 */
	byte[] json() {
		return this.json;
	}

	@Override
	public String toString() {
		return this.text;
	}

}
