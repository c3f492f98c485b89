package io.telemetry.handler;

import java.time.Duration;
import java.util.Objects;

/**
 * The queue between the threads that make signals and a handler.
 *
 * @param capacity signals that the queue holds at most
 * @param threads threads that feed the handler; with more than one, order is lost
 * @param batchSize signals that the handler is given at once, at most; a queue without
 * room for so many hands on what it holds
 * @param batchInterval how long a signal waits at most for its batch to fill
 * @param overflow what a full queue does
 * @param drainTimeout how long closing waits for the queue to empty
 */
public record QueueOptions(int capacity, int threads, int batchSize, Duration batchInterval, Overflow overflow,
		Duration drainTimeout) {

	/** A thousand signals, one thread, batches of a hundred, nobody ever waits. */
	public static final QueueOptions DEFAULTS = new QueueOptions(1000, 1, 100, Duration.ofSeconds(5),
			new Overflow.DropNewest(), Duration.ofSeconds(6));

	public QueueOptions {
		requireAtLeastOne("capacity", capacity);
		requireAtLeastOne("threads", threads);
		requireAtLeastOne("batchSize", batchSize);
		Objects.requireNonNull(overflow, "overflow");
		if (batchInterval.isNegative()) {
			throw new IllegalArgumentException("batchInterval must not be negative, not " + batchInterval);
		}
		if (drainTimeout.isNegative()) {
			throw new IllegalArgumentException("drainTimeout must not be negative, not " + drainTimeout);
		}
	}

	private static void requireAtLeastOne(String name, int value) {
		if (value < 1) {
			throw new IllegalArgumentException(name + " must be at least 1, not " + value);
		}
	}

	/**
	 * A copy with another capacity.
	 * @param capacity signals that the queue holds at most
	 * @return the copy
	 */
	public QueueOptions withCapacity(int capacity) {
		return new QueueOptions(capacity, this.threads, this.batchSize, this.batchInterval, this.overflow,
				this.drainTimeout);
	}

	/**
	 * A copy with another number of threads.
	 * @param threads threads that feed the handler
	 * @return the copy
	 */
	public QueueOptions withThreads(int threads) {
		return new QueueOptions(this.capacity, threads, this.batchSize, this.batchInterval, this.overflow,
				this.drainTimeout);
	}

	/**
	 * A copy with other batches.
	 * @param batchSize signals that the handler is given at once, at most
	 * @param batchInterval how long a signal waits at most for its batch to fill
	 * @return the copy
	 */
	public QueueOptions withBatches(int batchSize, Duration batchInterval) {
		return new QueueOptions(this.capacity, this.threads, batchSize, batchInterval, this.overflow,
				this.drainTimeout);
	}

	/**
	 * A copy that does something else when it is full.
	 * @param overflow what a full queue does
	 * @return the copy
	 */
	public QueueOptions withOverflow(Overflow overflow) {
		return new QueueOptions(this.capacity, this.threads, this.batchSize, this.batchInterval, overflow,
				this.drainTimeout);
	}

	/**
	 * A copy with another time to drain.
	 * @param drainTimeout how long closing waits for the queue to empty
	 * @return the copy
	 */
	public QueueOptions withDrainTimeout(Duration drainTimeout) {
		return new QueueOptions(this.capacity, this.threads, this.batchSize, this.batchInterval, this.overflow,
				drainTimeout);
	}

}
