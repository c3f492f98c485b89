package io.telemetry.filter;

/**
 * What can be said of a signal before all of it is known.
 */
public enum Decision {

	/** It passes, whatever is not yet known. */
	YES,

	/** It doesn't pass, whatever is not yet known. */
	NO,

	/** That depends on what is not yet known. */
	UNKNOWN;

	/**
	 * The decision that a truth value is.
	 * @param passes whether it passes
	 * @return {@link #YES} or {@link #NO}
	 */
	public static Decision of(boolean passes) {
		return passes ? YES : NO;
	}

	/**
	 * The opposite.
	 * @return {@link #UNKNOWN} of itself
	 */
	public Decision negate() {
		return switch (this) {
			case YES -> NO;
			case NO -> YES;
			case UNKNOWN -> UNKNOWN;
		};
	}

}
