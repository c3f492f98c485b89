package io.telemetry.boot.channel;

import java.util.Locale;

/**
 * Why one event of a batch was left out.
 */
public enum RejectReason {

	/** Not a JSON object. */
	NOT_AN_OBJECT,

	/** Nested more deeply than allowed. */
	TOO_DEEP,

	/** Holds a text or a number that is longer than allowed. */
	TOO_LONG,

	/** Holds more fields or values than allowed. */
	TOO_MANY_KEYS,

	/** A field that has a meaning holds a value of another type. */
	BAD_FIELD;

	private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');

	/**
	 * The reason as acknowledgements and counters write it.
	 */
	@Override
	public String toString() {
		return this.text;
	}

}
