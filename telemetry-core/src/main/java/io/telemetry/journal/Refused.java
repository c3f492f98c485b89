package io.telemetry.journal;

/**
 * Why a journal refuses a record. A refused record left no trace in the journal.
 */
public enum Refused {

	/** The journal has reached its size. */
	FULL,

	/** The disk has no room. The next append tries again. */
	DISK_FULL,

	/** The record, or the batch, is larger than the journal takes. */
	TOO_LARGE,

	/** The journal, or the reader, was closed. */
	CLOSED,

	/** The disk failed in another way. The next append tries again, in a new file. */
	IO

}
