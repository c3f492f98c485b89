package io.telemetry.handler;

import java.time.Duration;

/**
 * What a full queue does with the next signal. Whatever is dropped is counted.
 */
public sealed interface Overflow {

	/**
	 * The signal that finds no room is dropped.
	 */
	record DropNewest() implements Overflow {
	}

	/**
	 * The oldest signal in the queue makes room.
	 */
	record DropOldest() implements Overflow {
	}

	/**
	 * The caller waits for room, then the signal is dropped.
	 *
	 * @param atMost how long the caller waits
	 */
	record Block(Duration atMost) implements Overflow {

		public Block {
			if (atMost.isNegative() || atMost.isZero()) {
				throw new IllegalArgumentException("The time to block must be above zero, not " + atMost);
			}
		}

	}

}
