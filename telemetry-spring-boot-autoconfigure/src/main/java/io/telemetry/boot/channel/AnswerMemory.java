package io.telemetry.boot.channel;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;

import io.telemetry.boot.channel.ChannelSettings.Memory;
import io.telemetry.signal.Uid;
import org.jspecify.annotations.Nullable;

/**
 * The answers to accepted batches, so that a batch that comes again is not handled again.
 * Bounded by count and time; the oldest go first. Safe for several threads: of several
 * that bring the same batch, one is told to handle it.
 */
final class AnswerMemory {

	/**
	 * Rejections that are remembered for each batch that may be, on average. One batch
	 * can have a thousand of them in two kilobytes, so counting batches alone bounds
	 * little.
	 */
	static final int REJECTIONS_PER_BATCH = 4;

	private final Memory settings;

	private final LongSupplier nanoTime;

	/** In the order of remembering; guarded by itself. */
	private final Map<Uid, Remembered> answers = new LinkedHashMap<>();

	/** Of all the answers; guarded by them. */
	private long rejections;

	AnswerMemory(Memory settings, LongSupplier nanoTime) {
		this.settings = settings;
		this.nanoTime = nanoTime;
	}

	/**
	 * Remembers the answer to a batch, unless there is one.
	 * @param batch what identifies the batch
	 * @param answer the answer it is to get
	 * @param kept completes when the batch is kept as it was promised; {@code null} where
	 * that is so already
	 * @return {@code null} for whoever is to handle the batch, else what was remembered
	 * first
	 */
	@Nullable Remembered remember(Uid batch, Answer.Accepted answer, @Nullable CompletionStage<Void> kept) {
		return put(batch, new Remembered(answer, this.nanoTime.getAsLong(), kept));
	}

	/**
	 * Remembers the answer to a batch that came before this memory was made. To be called
	 * with the oldest first.
	 * @param batch what identifies the batch
	 * @param answer the answer it has got
	 * @param age how long ago that was
	 */
	void recall(Uid batch, Answer.Accepted answer, Duration age) {
		if (age.compareTo(this.settings.time()) <= 0) {
			put(batch, new Remembered(answer, this.nanoTime.getAsLong() - age.toNanos(), null));
		}
	}

	private @Nullable Remembered put(Uid batch, Remembered remembered) {
		long now = this.nanoTime.getAsLong();
		synchronized (this.answers) {
			forget(now);
			Remembered first = this.answers.putIfAbsent(batch, remembered);
			if (first != null) {
				return first;
			}
			this.rejections += remembered.answer().rejected().size();
			keepBounds();
			return null;
		}
	}

	/**
	 * Forgets a batch that was not kept after all.
	 */
	void forget(Uid batch) {
		synchronized (this.answers) {
			Remembered forgotten = this.answers.remove(batch);
			if (forgotten != null) {
				this.rejections -= forgotten.answer().rejected().size();
			}
		}
	}

	private void keepBounds() {
		long most = (long) this.settings.batches() * REJECTIONS_PER_BATCH;
		Iterator<Remembered> oldest = this.answers.values().iterator();
		// The one that has just come stays: it is the likeliest to come again.
		while (this.answers.size() > 1 && (this.answers.size() > this.settings.batches() || this.rejections > most)) {
			this.rejections -= oldest.next().answer().rejected().size();
			oldest.remove();
		}
	}

	private void forget(long now) {
		long time = this.settings.time().toNanos();
		Iterator<Remembered> oldest = this.answers.values().iterator();
		while (oldest.hasNext()) {
			Remembered answer = oldest.next();
			if (now - answer.since() <= time) {
				return;
			}
			this.rejections -= answer.answer().rejected().size();
			oldest.remove();
		}
	}

	/**
	 * How many batches are remembered.
	 */
	int size() {
		synchronized (this.answers) {
			return this.answers.size();
		}
	}

	/**
	 * An answer that was given.
	 *
	 * @param answer the answer
	 * @param since when it was
	 * @param kept completes when the batch is kept as it was promised; {@code null} where
	 * that is so
	 */
	record Remembered(Answer.Accepted answer, long since, @Nullable CompletionStage<Void> kept) {
	}

}
