package io.telemetry.journal;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What was appended: handed to the operating system, so it outlives this process, and
 * forced onto the disk by the next sync. Safe for several threads.
 */
public final class Append {

	private final long first;

	private final long last;

	private final CompletableFuture<Void> synced;

	Append(long first, long last, CompletableFuture<Void> synced) {
		this.first = first;
		this.last = last;
		this.synced = synced;
	}

	/**
	 * The sequence of the first record.
	 * @return the sequence; those of a batch follow one another without a gap
	 */
	public long first() {
		return this.first;
	}

	/**
	 * The sequence of the last record.
	 * @return the sequence; the same as the first where one record was appended
	 */
	public long last() {
		return this.last;
	}

	/**
	 * Completed when the records are on the disk.
	 * @return a stage that completes exceptionally with a {@link JournalException} if the
	 * sync fails; whether the records will outlive a power loss is then unknown, and
	 * whoever appends them again has them twice at worst. What depends on it without an
	 * executor of its own runs on the journal's thread, in any order, and the next sync
	 * waits for it.
	 */
	public CompletionStage<Void> durable() {
		return this.synced.minimalCompletionStage();
	}

	/**
	 * Waits until the records are on the disk. With {@link Sync.Never} somebody has to
	 * call {@link Journal#sync()}.
	 * @param atMost how long to wait
	 * @return whether they are; {@code false} if time ran out
	 * @throws JournalException if the sync failed
	 * @throws InterruptedException if the thread is interrupted while it waits; the
	 * records are synced all the same
	 */
	public boolean awaitDurable(Duration atMost) throws JournalException, InterruptedException {
		return await(this.synced, atMost.toNanos());
	}

	static boolean await(CompletableFuture<Void> synced, long nanos) throws JournalException, InterruptedException {
		try {
			synced.get(nanos, TimeUnit.NANOSECONDS);
			return true;
		}
		catch (TimeoutException ex) {
			return false;
		}
		catch (ExecutionException ex) {
			throw (ex.getCause() instanceof JournalException known) ? known
					: new JournalException(Refused.IO, String.valueOf(ex.getCause()), ex.getCause());
		}
	}

}
