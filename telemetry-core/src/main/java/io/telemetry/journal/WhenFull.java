package io.telemetry.journal;

/**
 * What a journal does with a record for which it has no room.
 */
public enum WhenFull {

	/** The new record is refused, with {@link Refused#FULL}. */
	REFUSE_NEW,

	/**
	 * The oldest segment is deleted, whoever has not read it yet, and what it held is
	 * counted as lost, with {@link Loss#FULL}.
	 */
	LET_OLDEST_GO

}
