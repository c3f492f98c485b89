package io.telemetry.journal;

/**
 * Why a record that was appended is not there any more although somebody had not
 * acknowledged it.
 */
public enum Loss {

	/** It was let go for a newer one. */
	FULL,

	/** It was older than the journal keeps records. */
	AGE,

	/**
	 * What the disk holds is not what was written: torn by a crash, changed, or deleted
	 * from outside.
	 */
	DAMAGED

}
