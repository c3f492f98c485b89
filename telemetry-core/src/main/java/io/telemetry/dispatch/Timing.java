package io.telemetry.dispatch;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * Time and chance between two tries, which tests replace.
 */
interface Timing {

	/** Those of the system. */
	Timing SYSTEM = new Timing() {
	};

	default long nanoTime() {
		return System.nanoTime();
	}

	/**
	 * At least 0, below 1.
	 */
	default double random() {
		return ThreadLocalRandom.current().nextDouble();
	}

	/**
	 * Waits for some time, until the thread is unparked, or for no reason less.
	 */
	default void pause(long nanos) {
		LockSupport.parkNanos(this, nanos);
	}

}
