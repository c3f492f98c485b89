package io.telemetry.boot.channel;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.telemetry.Telemetry;
import io.telemetry.boot.channel.caller.Arrival;
import io.telemetry.boot.channel.caller.Caller;
import io.telemetry.boot.channel.caller.Callers;
import io.telemetry.boot.channel.caller.Credentials;
import io.telemetry.boot.channel.caller.UnauthorizedException;
import io.telemetry.boot.channel.durable.DurableLog;
import io.telemetry.boot.channel.limit.EventRates;
import io.telemetry.journal.JournalException;
import io.telemetry.signal.Delivery;
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

	private final Identities identities = new Identities();

	private final AnswerMemory memory;

	private final EventMapper mapper;

	private final ChannelSignals signals;

	private final ChannelStats stats;

	private final Admission admission;

	private final InstantSource clock;

	/** {@code null} where an acknowledgement promises no more than memory. */
	private final @Nullable DurableBatches durable;

	private volatile boolean open = true;

	/**
	 * A receiver that hands events to the given facade.
	 * @param settings limits and names
	 * @param telemetry any facade of the pipeline
	 * @param stats where to count
	 * @param admission what clients have to pass
	 * @param mappers refine what events become, in this order
	 * @param log keeps what is acknowledged, and has it handed on between the channel's
	 * start and stop; {@code null} where an acknowledgement promises no more than memory
	 * @throws java.io.UncheckedIOException if the log can't be read
	 */
	public BatchReceiver(ChannelSettings settings, Telemetry telemetry, ChannelStats stats, Admission admission,
			List<BrowserEventMapper> mappers, @Nullable DurableLog log) {
		this(settings, telemetry, stats, admission, mappers, log, InstantSource.system());
	}

	BatchReceiver(ChannelSettings settings, Telemetry telemetry, ChannelStats stats, Admission admission,
			List<BrowserEventMapper> mappers, @Nullable DurableLog log, InstantSource clock) {
		this.decoder = new BatchDecoder(settings.limits());
		this.memory = new AnswerMemory(settings.memory(), System::nanoTime);
		this.signals = new ChannelSignals(telemetry, settings.warnInterval());
		this.mapper = new EventMapper(telemetry, settings.serverId(), settings.region(), stats, mappers,
				(failure, batch) -> failed(failure, batch));
		this.stats = stats;
		this.admission = admission;
		this.clock = clock;
		this.durable = (log == null) ? null : new DurableBatches(log, this.decoder, this::handOver,
				() -> admission.overload().ask() > 0, this.signals::notKept);
		if (this.durable != null) {
			this.durable.recall(this.memory, clock.instant());
		}
	}

	Admission admission() {
		return this.admission;
	}

	InstantSource clock() {
		return this.clock;
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
	 * Takes batches, as it does from the beginning, and has handed on what is kept.
	 */
	void open() {
		this.open = true;
		if (this.durable != null) {
			this.durable.start();
		}
	}

	/**
	 * Refuses every batch from now on, because the server is about to stop.
	 */
	void shutDown() {
		this.open = false;
	}

	/**
	 * Waits until whoever brought a batch before was given an answer.
	 */
	void settle() {
		if (this.durable != null) {
			this.durable.settle();
		}
	}

	/**
	 * Has nothing more handed on of what is kept.
	 * @param atMost how long to wait until all of it is
	 */
	void rest(Duration atMost) {
		if (this.durable != null) {
			this.durable.settle();
			this.durable.stop(atMost);
		}
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
	CompletionStage<Answer> receive(Sender sender, byte[] body) {
		return receive(sender, body, 0, body.length);
	}

	/**
	 * Takes a batch that is a part of an array.
	 * @param sender who brings it
	 * @param bytes an array that holds the batch, decompressed; nothing of it is kept
	 * @param offset where the batch begins
	 * @param length bytes of the batch
	 * @return what the sender is to be told: at once, or when the batch is on the disk.
	 * What hangs on it may run on a thread that others wait for
	 */
	CompletionStage<Answer> receive(Sender sender, byte[] bytes, int offset, int length) {
		if (!this.open) {
			return now(refuse(RefusalReason.SHUTTING_DOWN, this.decoder.peekBatchId(bytes, offset, length)));
		}
		// What is kept on the disk waits there while handlers have enough to do
		long retryAfterMs = (this.durable != null) ? 0 : this.admission.overload().ask();
		if (retryAfterMs > 0) {
			// Before it is read: that is what there is no time for
			return now(refuse(RefusalReason.OVERLOADED, this.decoder.peekBatchId(bytes, offset, length), retryAfterMs));
		}
		String id = null;
		try {
			DecodedBatch batch = this.decoder.decode(bytes, offset, length);
			id = batch.id();
			Sender known = identified(sender, batch);
			charge(known, batch);
			return take(known, batch, ByteBuffer.wrap(bytes, offset, length));
		}
		catch (BatchRefusedException ex) {
			return now((ex.reason() == RefusalReason.RATE_LIMITED) ? refuse(ex.reason(), ex.batch(), ex.retryAfterMs())
					: refuse(sender, ex.reason(), ex.batch()));
		}
		catch (RuntimeException ex) {
			// Not to be asked for again: what failed once will fail again
			failed(ex, id);
			return now(refuse(RefusalReason.MALFORMED, id));
		}
	}

	private static CompletionStage<Answer> now(Answer answer) {
		return CompletableFuture.completedFuture(answer);
	}

	/**
	 * Takes a batch, or refuses one that is not good or not whole.
	 * @param sender who brings it
	 * @param body the batch as far as it has come
	 * @return what the sender is to be told, as
	 * {@link #receive(Sender, byte[], int, int)} says
	 */
	CompletionStage<Answer> receive(Sender sender, Body body) {
		RefusalReason refusal = body.refusal();
		if (refusal == null) {
			return receive(sender, body.bytes(), 0, body.length());
		}
		String id = peekBatchId(body.bytes(), 0, body.length());
		return now((refusal == RefusalReason.OVERLOADED) ? overloaded(id) : refuse(sender, refusal, id));
	}

	/**
	 * The id of a batch of which only the beginning is there.
	 * @param bytes an array that holds the beginning, decompressed
	 * @param offset where it begins
	 * @param length how many of its bytes are there
	 * @return the id, or {@code null} if it is not among them
	 */
	@Nullable String peekBatchId(byte[] bytes, int offset, int length) {
		return this.decoder.peekBatchId(bytes, offset, length);
	}

	/**
	 * Refuses a batch because of what it is. It has cost work without being charged for
	 * its events, so it is charged as one; whoever sends too many of the sort is told to
	 * wait instead.
	 * @param sender who brought it
	 * @param reason why
	 * @param batch its id, where known
	 * @return what the sender is to be told
	 */
	Answer.Refused refuse(Sender sender, RefusalReason reason, @Nullable String batch) {
		EventRates.Refusal limited = ask(sender, 1);
		return (limited != null) ? refuse(RefusalReason.RATE_LIMITED, batch, limited.retryAfterMs())
				: refuse(reason, batch);
	}

	/**
	 * Refuses a batch.
	 * @param reason why
	 * @param batch its id, where known
	 * @return what the sender is to be told
	 */
	Answer.Refused refuse(RefusalReason reason, @Nullable String batch) {
		return refuse(reason, batch, (reason == RefusalReason.SHUTTING_DOWN) ? RETRY_AFTER_SHUTDOWN_MS : 0);
	}

	/**
	 * Refuses a batch for the time being.
	 * @param reason why
	 * @param batch its id, where known
	 * @param retryAfterMs when to try again, in milliseconds from now; 0 for never
	 * @return what the sender is to be told
	 */
	Answer.Refused refuse(RefusalReason reason, @Nullable String batch, long retryAfterMs) {
		this.stats.refused(reason);
		return new Answer.Refused(batch, reason, retryAfterMs);
	}

	/**
	 * Refuses a batch because the server has too much in hand.
	 * @param batch its id, where known
	 * @return what the sender is to be told
	 */
	Answer.Refused overloaded(@Nullable String batch) {
		return refuse(RefusalReason.OVERLOADED, batch, this.admission.overload().retryAfterMs());
	}

	/**
	 * Who sends a request, by what it says beside its body.
	 * @param call the request
	 * @return the sender
	 * @throws BatchRefusedException if nothing is taken from it
	 */
	Sender sender(HttpCall call) throws BatchRefusedException {
		Callers callers = this.admission.callers();
		try {
			Arrival arrival = callers.arrive(call);
			Caller caller = callers.resolve(arrival, Credentials.NONE);
			return new Sender(Sender.Road.HTTP, null, null, caller, arrival, null);
		}
		catch (UnauthorizedException ex) {
			throw unauthorized(ex, null);
		}
	}

	/**
	 * Counts and tells of a client that is not let in.
	 * @param refusal why
	 * @param batch the batch it brought, where known
	 * @return what to refuse it with
	 */
	BatchRefusedException unauthorized(UnauthorizedException refusal, @Nullable String batch) {
		unauthorized(refusal);
		return new BatchRefusedException(RefusalReason.UNAUTHORIZED, batch);
	}

	void unauthorized(UnauthorizedException refusal) {
		if (refusal.reason() == UnauthorizedException.Reason.FAILED) {
			failed(refusal, null);
		}
		this.stats.unauthorized(refusal.reason());
		this.signals.unauthorized(refusal);
	}

	/**
	 * The sender with everything that the batch itself says of it.
	 */
	private Sender identified(Sender sender, DecodedBatch batch) throws BatchRefusedException {
		Callers callers = this.admission.callers();
		Caller caller = sender.caller();
		try {
			if (sender.arrival() != null) {
				if (batch.ticket() != null) {
					caller = callers.resolve(sender.arrival(), new Credentials(null, batch.ticket(), null));
				}
				callers.require(caller);
			}
		}
		catch (UnauthorizedException ex) {
			throw unauthorized(ex, batch.id());
		}
		// The page may have learnt who the user is after the connection was made
		caller = callers.claim(caller, batch.userId());
		return (caller != sender.caller()) ? sender.withCaller(caller) : sender;
	}

	private void charge(Sender sender, DecodedBatch batch) throws BatchRefusedException {
		EventRates.Refusal refusal = ask(sender, batch.size());
		if (refusal != null) {
			throw new BatchRefusedException(RefusalReason.RATE_LIMITED, batch.id(), refusal.retryAfterMs());
		}
	}

	private EventRates.@Nullable Refusal ask(Sender sender, int events) {
		Caller caller = sender.caller();
		return this.admission.rates()
			.ask(sender.budget(), caller.userId(), caller.address().limitKey(), caller.application().name(), events);
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

	private CompletionStage<Answer> take(Sender sender, DecodedBatch batch, ByteBuffer body) {
		if (sender.sessionId() != null && batch.sessionId() != null && !sender.sessionId().equals(batch.sessionId())) {
			this.stats.sessionMismatch();
		}
		Instant received = this.clock.instant();
		Identity identity = this.identities.of(sender, batch);
		Answer.Accepted answer = new Answer.Accepted(batch.id(), batch.events().size(), batch.rejections(), false);
		Uid batchUid = uid(sender, batch);
		CompletableFuture<Void> kept = (this.durable != null) ? new CompletableFuture<>() : null;
		if (batchUid != null) {
			// Before the events are handed on: of two roads that bring the batch at the
			// same time, one hands it on
			AnswerMemory.Remembered first = this.memory.remember(batchUid, answer, kept);
			if (first != null) {
				this.stats.duplicate();
				Answer.Accepted again = first.answer().asDuplicate();
				this.signals.batchReceived(batch, identity, sender, again, body.remaining());
				return promise(first.kept(), again, null);
			}
		}
		if (this.durable != null && kept != null) {
			keep(this.durable, (batchUid != null) ? batchUid : Uid.next(received.toEpochMilli()), received, identity,
					answer, body, kept);
		}
		else {
			handOver(batch, identity, received, batchUid, null);
		}
		this.signals.batchReceived(batch, identity, sender, answer, body.remaining());
		return promise(kept, answer, batch);
	}

	private void keep(DurableBatches durable, Uid uid, Instant received, Identity identity, Answer.Accepted answer,
			ByteBuffer body, CompletableFuture<Void> kept) {
		CompletionStage<Void> written;
		try {
			written = durable.keep(uid, received, identity, answer, body);
		}
		catch (JournalException | RuntimeException ex) {
			written = CompletableFuture.failedFuture(ex);
		}
		written.whenComplete((nothing, failure) -> {
			if (failure != null) {
				// Its client is to bring it once more
				this.memory.forget(uid);
				kept.completeExceptionally(failure);
			}
			else {
				kept.complete(null);
			}
		});
	}

	/**
	 * The answer when it is true.
	 * @param kept completes when it is; {@code null} for at once
	 * @param counted the batch, where it came for the first time
	 */
	private CompletionStage<Answer> promise(@Nullable CompletionStage<Void> kept, Answer.Accepted answer,
			@Nullable DecodedBatch counted) {
		if (kept == null) {
			count(counted);
			return now(answer);
		}
		return kept.handle((nothing, failure) -> {
			if (failure != null) {
				this.signals.notKept(failure);
				return overloaded(answer.batch());
			}
			count(counted);
			return answer;
		});
	}

	private void handOver(DecodedBatch batch, Identity identity, Instant received, @Nullable Uid batchUid,
			@Nullable Delivery delivery) {
		for (DecodedBatch.Event event : batch.events()) {
			try {
				this.mapper.emit(event, batch, identity, received, batchUid, delivery);
			}
			catch (RuntimeException ex) {
				failed(ex, batch.id());
			}
		}
	}

	/**
	 * What identifies the batch on every road: its id and the session, as the client sees
	 * it, and the user where that is proved: who learns of another's session can neither
	 * ask what became of a batch nor have it taken for a repetition. A client that names
	 * no session has to make its batch ids unique by itself.
	 */
	private static @Nullable Uid uid(Sender sender, DecodedBatch batch) {
		if (batch.id() == null) {
			return null;
		}
		String session = (sender.sessionId() != null) ? sender.sessionId() : batch.sessionId();
		String name = ((session != null) ? session : "") + "\n" + batch.id();
		Caller caller = sender.caller();
		return Uid.derivedFrom(caller.isAuthenticated() ? name + "\n" + caller.userId() : name);
	}

	private void count(@Nullable DecodedBatch batch) {
		if (batch == null) {
			return;
		}
		this.stats.accepted(batch.events().size());
		for (Rejection rejection : batch.rejections()) {
			this.stats.rejected(rejection.reason());
		}
		batch.dropped().forEach((reason, events) -> this.stats.droppedByClient(Text.printable(reason, 64), events));
	}

}
