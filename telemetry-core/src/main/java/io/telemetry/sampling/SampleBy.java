package io.telemetry.sampling;

import java.util.Locale;

/**
 * What decides whether a signal is sampled.
 */
public enum SampleBy {

	/** Chance, anew for each signal. */
	CHANCE,

	/** The signal's trace: all signals of one trace go on, or none. */
	TRACE,

	/** The signal's session: all signals of one session go on, or none. */
	SESSION;

	private final String text = name().toLowerCase(Locale.ROOT);

	/**
	 * What a text stands for, in any case.
	 * @param text the name
	 * @return what decides
	 * @throws IllegalArgumentException if it is none; the message says what is allowed
	 */
	public static SampleBy parse(String text) {
		String trimmed = text.trim();
		for (SampleBy by : values()) {
			if (by.text.equalsIgnoreCase(trimmed)) {
				return by;
			}
		}
		StringBuilder allowed = new StringBuilder();
		for (SampleBy by : values()) {
			allowed.append(allowed.isEmpty() ? "" : ", ").append(by.text);
		}
		throw new IllegalArgumentException("'" + text + "' is nothing to sample by: allowed are " + allowed);
	}

	/**
	 * The name in lower case, as properties write it.
	 */
	@Override
	public String toString() {
		return this.text;
	}

}
