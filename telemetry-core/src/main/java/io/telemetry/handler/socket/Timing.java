package io.telemetry.handler.socket;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Time and chance, which tests replace.
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
	 * Waits for some time, or until something else is over.
	 */
	default void pause(long nanos, CountDownLatch orUntil) throws InterruptedException {
		orUntil.await(nanos, TimeUnit.NANOSECONDS);
	}

	/**
	 * How long a new connection is looked at before anything is written to it.
	 */
	default Duration probation() {
		return Duration.ofMillis(100);
	}

}
