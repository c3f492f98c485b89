package io.telemetry.signal;

import java.util.Locale;

/**
 * What sort of thing a signal tells of.
 */
public enum Kind {

	/** A message for people. */
	LOG,

	/** Something that happened, named by its id. */
	EVENT,

	/** A failure. */
	ERROR,

	/** A piece of work with a duration, a result and a place in a trace. */
	TRACE,

	/** A value that was looked at as it went by. */
	SPY,

	/** A measurement. */
	METRIC,

	/** The browser channel speaking of itself. */
	CHANNEL,

	/** The pipeline or the application's life cycle. */
	SYSTEM;

	private final String text = name().toLowerCase(Locale.ROOT);

	/**
	 * The kind of a name, in any case.
	 * @param text the name
	 * @return the kind
	 * @throws IllegalArgumentException if there is none; the message says what is allowed
	 */
	public static Kind parse(String text) {
		String trimmed = text.trim();
		for (Kind kind : values()) {
			if (kind.text.equalsIgnoreCase(trimmed)) {
				return kind;
			}
		}
		StringBuilder allowed = new StringBuilder();
		for (Kind kind : values()) {
			allowed.append(allowed.isEmpty() ? "" : ", ").append(kind.text);
		}
		throw new IllegalArgumentException("'" + text + "' is not a kind: allowed are " + allowed);
	}

	/**
	 * The name in lower case, as properties and JSON write it.
	 */
	@Override
	public String toString() {
		return this.text;
	}

}
