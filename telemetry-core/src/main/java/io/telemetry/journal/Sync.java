package io.telemetry.journal;

import java.time.Duration;

/**
 * When a journal forces what was appended onto the disk (fsync). What was appended and
 * not yet forced outlives the process, however that ends, but not the machine.
 */
public sealed interface Sync {

	/**
	 * At once. Appends that come while one sync is under way share the next.
	 */
	record Each() implements Sync {
	}

	/**
	 * At once if there was no sync for so long, else so long after that one: the appends
	 * of that time share one sync.
	 *
	 * @param atMost how long an append waits at most until its sync begins, or until the
	 * one before has ended if that takes longer
	 */
	record Interval(Duration atMost) implements Sync {

		/**
		 * Checks the time.
		 * @throws IllegalArgumentException if it is not positive
		 */
		public Interval {
			if (atMost.isNegative() || atMost.isZero()) {
				throw new IllegalArgumentException(
						"atMost must be positive, not " + atMost + ": without a wait, use Each");
			}
		}

	}

	/**
	 * Only when asked to and when the journal is closed; else the operating system writes
	 * when it likes, on Linux after up to half a minute.
	 */
	record Never() implements Sync {
	}

}
