package io.telemetry.signal;

import java.util.Locale;

/**
 * How important a signal is: any integer, of which seven have names. Higher is more
 * important. The numbers are Telemere's, so that levels between the named ones have room.
 *
 * @param value the importance; every integer is allowed
 */
public record Level(int value) implements Comparable<Level> {

	/** The finest detail. */
	public static final Level TRACE = new Level(10);

	/** Detail for whoever looks for a fault. */
	public static final Level DEBUG = new Level(20);

	/** What happens in the ordinary course. */
	public static final Level INFO = new Level(50);

	/** Something unexpected that was coped with. */
	public static final Level WARN = new Level(60);

	/** Something failed. */
	public static final Level ERROR = new Level(70);

	/** Something failed and the application can't go on as it should. */
	public static final Level FATAL = new Level(80);

	/** What is always wanted, whatever the level in force. */
	public static final Level REPORT = new Level(90);

	private static final Level[] NAMED = { TRACE, DEBUG, INFO, WARN, ERROR, FATAL, REPORT };

	private static final String[] NAMES = { "trace", "debug", "info", "warn", "error", "fatal", "report" };

	/**
	 * The level of a number: the named constant where there is one.
	 * @param value any integer
	 * @return the level
	 */
	public static Level of(int value) {
		for (Level level : NAMED) {
			if (level.value == value) {
				return level;
			}
		}
		return new Level(value);
	}

	/**
	 * The level of a name ({@code trace} to {@code report}, in any case) or of a number.
	 * @param text a name or an integer
	 * @return the level
	 * @throws IllegalArgumentException if it is neither; the message says what is allowed
	 */
	public static Level parse(String text) {
		String trimmed = text.trim().toLowerCase(Locale.ROOT);
		for (int i = 0; i < NAMES.length; i++) {
			if (NAMES[i].equals(trimmed)) {
				return NAMED[i];
			}
		}
		try {
			return of(Integer.parseInt(trimmed));
		}
		catch (NumberFormatException ex) {
			throw new IllegalArgumentException(
					"'" + text + "' is not a level: allowed are " + String.join(", ", NAMES) + " or an integer", ex);
		}
	}

	/**
	 * Whether this level is as important as another or more.
	 * @param other the level to compare with
	 * @return {@code true} if this level is not below the other
	 */
	public boolean isAtLeast(Level other) {
		return this.value >= other.value;
	}

	/**
	 * Whether this level is one of the seven that have a name.
	 * @return {@code true} if {@link #toString()} gives a name and not a number
	 */
	public boolean isNamed() {
		for (Level level : NAMED) {
			if (level.value == this.value) {
				return true;
			}
		}
		return false;
	}

	@Override
	public int compareTo(Level other) {
		return Integer.compare(this.value, other.value);
	}

	/**
	 * The name in lower case, or the number where there is no name; {@link #parse} reads
	 * it back.
	 */
	@Override
	public String toString() {
		for (int i = 0; i < NAMED.length; i++) {
			if (NAMED[i].value == this.value) {
				return NAMES[i];
			}
		}
		return Integer.toString(this.value);
	}

}
