package io.telemetry.journal;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The lock of a journal, which the parts of the journal share, what threads wait for
 * under it, and whether the journal is closed.
 * <p>
 * Held for moments, and never while the disk is forced, but by an append to a full
 * journal, which has to delete first. Whoever takes the {@linkplain Worker worker's} lock
 * too takes that one before.
 */
final class Monitor {

	final ReentrantLock lock = new ReentrantLock();

	/** The worker waits for it: something became due, or will sooner than before. */
	final Condition work = this.lock.newCondition();

	/** Readers wait for it: something was appended, or they are closed. */
	final Condition more = this.lock.newCondition();

	/** Guarded by the lock. Never open again. */
	boolean closed;

}
