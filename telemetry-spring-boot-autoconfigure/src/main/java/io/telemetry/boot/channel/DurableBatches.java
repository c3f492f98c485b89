package io.telemetry.boot.channel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

import io.telemetry.boot.channel.durable.DurableLog;
import io.telemetry.journal.JournalException;
import io.telemetry.signal.Delivery;
import io.telemetry.signal.Uid;

/**
 * Batches whose acknowledgement promises that they are on the disk: what is written of
 * them, and what is read of it again. Safe for several threads.
 */
final class DurableBatches {

	private final DurableLog log;

	private final BatchDecoder decoder;

	private final Handover handover;

	private final BooleanSupplier busy;

	private final Consumer<Throwable> onFailure;

	/**
	 * Batches in the given log.
	 * @param log keeps them
	 * @param decoder reads them again
	 * @param handover is given what was read
	 * @param busy whether handlers have enough to do
	 * @param onFailure is told of what goes wrong
	 */
	DurableBatches(DurableLog log, BatchDecoder decoder, Handover handover, BooleanSupplier busy,
			Consumer<Throwable> onFailure) {
		this.log = log;
		this.decoder = decoder;
		this.handover = handover;
		this.busy = busy;
		this.onFailure = onFailure;
	}

	/**
	 * Has a memory know the batches that were kept before.
	 * @param memory the memory, still empty
	 * @param now the time
	 */
	void recall(AnswerMemory memory, Instant now) {
		try {
			this.log.recall((bytes, writtenAt) -> {
				StoredBatch.Receipt receipt = StoredBatch.Receipt.read(bytes);
				// A clock that was set back meanwhile makes nothing older
				Duration age = Duration.between(writtenAt, now);
				memory.recall(receipt.uid(), receipt.answer(), age.isNegative() ? Duration.ZERO : age);
			});
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Keeps a batch.
	 * @param uid what identifies it
	 * @param received when it came
	 * @param identity who it is from
	 * @param answer what its client is to be told
	 * @param body its bytes
	 * @return a stage that completes when it is on the disk
	 * @throws JournalException if it can't be kept
	 */
	CompletionStage<Void> keep(Uid uid, Instant received, Identity identity, Answer.Accepted answer, ByteBuffer body)
			throws JournalException {
		StoredBatch stored = new StoredBatch(uid, received, identity, body);
		return this.log.keep(new StoredBatch.Receipt(uid, answer).toBytes(), stored.head(), body);
	}

	void start() {
		this.log.start(this::deliver, this.busy, this.onFailure);
	}

	/**
	 * Waits until those who wait for the disk have been told.
	 */
	void settle() {
		this.log.sync();
	}

	void stop(Duration atMost) {
		this.log.stop(atMost);
	}

	private void deliver(ByteBuffer content, Delivery delivery) {
		StoredBatch stored = StoredBatch.read(content);
		ByteBuffer body = stored.body();
		try {
			DecodedBatch batch = this.decoder.decode(body.array(), body.arrayOffset() + body.position(),
					body.remaining());
			this.handover.handOver(batch, stored.identity(), stored.received(), stored.uid(), delivery);
		}
		catch (BatchRefusedException ex) {
			// The limits were others when it was taken
			throw new IllegalStateException(
					"A batch that was acknowledged is over the limits that now hold: " + ex.getMessage(), ex);
		}
	}

	/**
	 * Takes what was read again.
	 */
	@FunctionalInterface
	interface Handover {

		void handOver(DecodedBatch batch, Identity identity, Instant received, Uid uid, Delivery delivery);

	}

}
