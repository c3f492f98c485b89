package io.telemetry.boot.channel;

import java.time.Instant;
import java.time.InstantSource;

import io.telemetry.Telemetry;
import io.telemetry.signal.Uid;
import org.jspecify.annotations.Nullable;

/**
 * Takes batches from every road: reads them, refuses or remembers them, and hands their
 * events to the pipeline. A batch is handled once, however often and on whichever road it
 * comes, as long as it is remembered. Safe for several threads; works on the caller's.
 */
public final class BatchReceiver {

	/** When a client may try again that meets a server which is about to stop. */
	private static final long RETRY_AFTER_SHUTDOWN_MS = 5000;

	private final BatchDecoder decoder;

	private final Identities identities;

	private final AnswerMemory memory;

	private final EventMapper mapper;

	private final ChannelSignals signals;

	private final ChannelStats stats;

	private final InstantSource clock;

	private volatile boolean open = true;

	/**
	 * A receiver that hands events to the given facade.
	 * @param settings limits and identities
	 * @param telemetry any facade of the pipeline
	 * @param stats where to count
	 */
	public BatchReceiver(ChannelSettings settings, Telemetry telemetry, ChannelStats stats) {
		this(settings, telemetry, stats, InstantSource.system());
	}

	BatchReceiver(ChannelSettings settings, Telemetry telemetry, ChannelStats stats, InstantSource clock) {
		this.decoder = new BatchDecoder(settings.limits());
		this.identities = new Identities(settings.trustClientUserId());
		this.memory = new AnswerMemory(settings.memory(), System::nanoTime);
		this.mapper = new EventMapper(telemetry, settings.serverId(), settings.region(), stats);
		this.signals = new ChannelSignals(telemetry, settings.warnInterval());
		this.stats = stats;
		this.clock = clock;
	}

	ChannelSignals signals() {
		return this.signals;
	}

	ChannelStats stats() {
		return this.stats;
	}

	Identities identities() {
		return this.identities;
	}

	/**
	 * Takes batches, as it does from the beginning.
	 */
	void open() {
		this.open = true;
	}

	/**
	 * Refuses every batch from now on, because the server is about to stop.
	 */
	void shutDown() {
		this.open = false;
	}

	boolean isOpen() {
		return this.open;
	}

	/**
	 * Takes a batch.
	 * @param sender who brings it
	 * @param body the batch, decompressed
	 * @return what the sender is to be told
	 */
	Answer receive(Sender sender, byte[] body) {
		if (!this.open) {
			return refuse(RefusalReason.SHUTTING_DOWN, this.decoder.peekBatchId(body, body.length));
		}
		DecodedBatch batch;
		try {
			batch = this.decoder.decode(body);
		}
		catch (BatchRefusedException ex) {
			return refuse(ex.reason(), ex.batch());
		}
		try {
			return take(sender, batch, body.length);
		}
		catch (RuntimeException ex) {
			// Not to be asked for again: what failed once will fail again
			failed(ex, batch.id());
			return refuse(RefusalReason.MALFORMED, batch.id());
		}
	}

	/**
	 * Refuses a batch of which only the beginning is there.
	 * @param reason why
	 * @param beginning decompressed bytes from the batch's beginning
	 * @return what the sender is to be told
	 */
	Answer.Refused refuse(RefusalReason reason, byte[] beginning) {
		return refuse(reason, this.decoder.peekBatchId(beginning, beginning.length));
	}

	/**
	 * Refuses a batch.
	 * @param reason why
	 * @param batch its id, where known
	 * @return what the sender is to be told
	 */
	Answer.Refused refuse(RefusalReason reason, @Nullable String batch) {
		this.stats.refused(reason);
		return new Answer.Refused(batch, reason, (reason == RefusalReason.SHUTTING_DOWN) ? RETRY_AFTER_SHUTDOWN_MS : 0);
	}

	/**
	 * Counts and tells of a failure of the channel itself.
	 * @param failure what happened
	 * @param batch the batch at which it happened, where known
	 */
	void failed(Throwable failure, @Nullable String batch) {
		this.stats.processingError();
		this.signals.processingError(failure, batch);
	}

	private Answer take(Sender sender, DecodedBatch batch, int bytes) {
		if (sender.sessionId() != null && batch.sessionId() != null && !sender.sessionId().equals(batch.sessionId())) {
			this.stats.sessionMismatch();
		}
		Instant received = this.clock.instant();
		Identity identity = this.identities.of(sender, batch);
		Answer.Accepted answer = new Answer.Accepted(batch.id(), batch.events().size(), batch.rejections(), false);
		Uid batchUid = uid(sender, batch);
		if (batchUid != null) {
			// Before the events are handed on: of two roads that bring the batch at the
			// same
			// time, one hands it on
			Answer.Accepted first = this.memory.remember(batchUid, answer);
			if (first != null) {
				this.stats.duplicate();
				Answer.Accepted again = first.asDuplicate();
				this.signals.batchReceived(batch, identity, sender, again, bytes);
				return again;
			}
		}
		count(batch);
		for (DecodedBatch.Event event : batch.events()) {
			try {
				this.mapper.emit(event, batch, identity, received, batchUid);
			}
			catch (RuntimeException ex) {
				failed(ex, batch.id());
			}
		}
		this.signals.batchReceived(batch, identity, sender, answer, bytes);
		return answer;
	}

	/**
	 * What identifies the batch on every road: its id and the session, as the client sees
	 * it. A client that names no session has to make its batch ids unique by itself.
	 */
	private static @Nullable Uid uid(Sender sender, DecodedBatch batch) {
		if (batch.id() == null) {
			return null;
		}
		String session = (sender.sessionId() != null) ? sender.sessionId() : batch.sessionId();
		return Uid.derivedFrom(((session != null) ? session : "") + "\n" + batch.id());
	}

	private void count(DecodedBatch batch) {
		this.stats.accepted(batch.events().size());
		for (Rejection rejection : batch.rejections()) {
			this.stats.rejected(rejection.reason());
		}
		batch.dropped().forEach((reason, events) -> this.stats.droppedByClient(Text.printable(reason, 64), events));
	}

}
