package io.telemetry.boot.channel.limit;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

import io.telemetry.boot.InvalidSettingException;

/**
 * The memory that all clients together may take for what has come of them and is not done
 * with: beginnings of frames and bodies, and what waits for a thread. A bound for each
 * client alone is none, because there can be any number of them.
 * <p>
 * Whoever wants to keep bytes reserves them first and releases as many, once, when they
 * are gone. Safe for several threads, without locks.
 */
public final class BytesInHand {

	/** The most bytes where nothing is set. */
	public static final long DEFAULT_LIMIT = 64L * 1024 * 1024;

	/** What a batch may need beside its size before and after decompression. */
	private static final int BESIDE_A_BATCH = 64 * 1024;

	private final long limit;

	private final AtomicLong used = new AtomicLong();

	private final AtomicLong highest = new AtomicLong();

	private final LongAdder refused = new LongAdder();

	/**
	 * A bound of which nothing is used.
	 * @param limit most bytes
	 * @param maxBatchSize bytes that a batch may have
	 * @throws InvalidSettingException if the limit is less than one batch can need
	 */
	public BytesInHand(long limit, int maxBatchSize) {
		long least = 2L * maxBatchSize + BESIDE_A_BATCH;
		if (limit < least) {
			throw new InvalidSettingException("overload.max-in-hand", limit + "B", "must be at least " + least
					+ "B, which a batch of max-batch-size can need before and after decompression");
		}
		this.limit = limit;
	}

	/**
	 * Asks for bytes.
	 * @param bytes how many, not negative
	 * @return whether they are reserved; if not, nothing is, and nothing is to be
	 * released
	 */
	public boolean reserve(long bytes) {
		long before = this.used.get();
		while (bytes <= this.limit - before) {
			long now = before + bytes;
			long witness = this.used.compareAndExchange(before, now);
			if (witness == before) {
				if (now > this.highest.get()) {
					this.highest.accumulateAndGet(now, Math::max);
				}
				return true;
			}
			before = witness;
		}
		this.refused.increment();
		return false;
	}

	/**
	 * Gives bytes back that were reserved.
	 * @param bytes how many
	 */
	public void release(long bytes) {
		if (bytes > 0) {
			this.used.addAndGet(-bytes);
		}
	}

	/**
	 * What is reserved now, and was until now.
	 * @return a snapshot
	 */
	public Snapshot snapshot() {
		return new Snapshot(this.limit, this.used.get(), this.highest.get(), this.refused.sum());
	}

	/**
	 * The counters at one moment.
	 *
	 * @param limit most bytes
	 * @param used bytes that are reserved now
	 * @param highest the most bytes that ever were
	 * @param refused how often there was no room
	 */
	public record Snapshot(long limit, long used, long highest, long refused) {
	}

}
