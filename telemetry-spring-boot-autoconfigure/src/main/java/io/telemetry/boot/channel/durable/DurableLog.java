package io.telemetry.boot.channel.durable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

import io.telemetry.journal.Append;
import io.telemetry.journal.Journal;
import io.telemetry.journal.JournalException;
import io.telemetry.journal.JournalOptions;
import io.telemetry.journal.JournalReader;
import io.telemetry.journal.JournalRecord;
import io.telemetry.journal.RecordsInFlight;
import io.telemetry.journal.Refused;
import io.telemetry.journal.Sync;
import io.telemetry.journal.WhenFull;
import io.telemetry.signal.Delivery;
import org.jspecify.annotations.Nullable;

/**
 * Batches on disk: each is kept until everything that was made of it is delivered, and
 * handed on again after a restart if it was not. What is delivered leaves a short receipt
 * behind, by which the batch is known when its client sends it once more.
 * <p>
 * There are two journals: one of batches, which are gone when they are delivered, and one
 * of receipts, which are gone when they are old. A batch is let go only after its receipt
 * is on the disk, so that one of the two is there at any time.
 * <p>
 * One thread hands batches on, in the order in which they were kept, and only those that
 * are on the disk. It works between {@link #start} and {@link #stop}; what handlers have
 * in hand may be delivered later, until {@link #close()}. Safe for several threads.
 */
public final class DurableLog implements AutoCloseable {

	private static final String READER = "pipeline";

	private static final String RECEIPTS_READER = "memory";

	/** Batches that handlers may have in hand at a time. */
	private static final int MOST_IN_HAND = 10_000;

	/** Their bytes, in KB. */
	private static final int MOST_KILOBYTES = 32 << 10;

	private static final int POLLED = 64;

	/** Bytes of a receipt, as a rule. */
	private static final long RECEIPT = 256;

	private static final Duration RECEIPTS_DELAY = Duration.ofMillis(200);

	private static final long BUSY_PAUSE = TimeUnit.MILLISECONDS.toNanos(5);

	/** After so long whoever waits looks for itself. */
	private static final Duration IDLE = Duration.ofMillis(200);

	/**
	 * Before a disk that has failed is asked again, and a batch that was abandoned comes
	 * again.
	 */
	private static final Duration PAUSE = Duration.ofMillis(500);

	/** How often a thread is interrupted that is to end. */
	private static final int INTERRUPTS = 20;

	private final Journal batches;

	private final Journal receipts;

	private final JournalReader reader;

	private final RecordsInFlight inFlight;

	/** Room for what handlers have in hand. */
	private final Semaphore places = new Semaphore(MOST_IN_HAND);

	private final Semaphore kilobytes = new Semaphore(MOST_KILOBYTES);

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition synced = this.lock.newCondition();

	/** Up to here all is on the disk; guarded by the lock. */
	private long durable;

	/** Read and not handed on; of the thread that hands on. */
	private final Deque<JournalRecord> polled = new ArrayDeque<>();

	/** To be handed on once more. */
	private final ConcurrentLinkedQueue<Kept> again = new ConcurrentLinkedQueue<>();

	private final LongAdder redelivered = new LongAdder();

	private final LongAdder failed = new LongAdder();

	private final LongAdder forgotten = new LongAdder();

	private volatile @Nullable Pump pump;

	/**
	 * Opens the files, and makes them whole where a crash left them torn.
	 * @param settings where and how
	 * @param maxContent bytes of one batch and what goes with it, at most
	 * @param maxReceipt bytes of one receipt, at most
	 * @param receipts how many receipts are kept, at most
	 * @param receiptsTime how long a receipt is kept
	 * @throws IOException if the files can't be opened; the message names the directory
	 * and the remedy
	 */
	public DurableLog(DurableSettings settings, int maxContent, int maxReceipt, int receipts, Duration receiptsTime)
			throws IOException {
		this.batches = Journal.open(options(settings, 4 + maxReceipt + maxContent));
		Journal opened = null;
		try {
			opened = Journal.open(receiptOptions(settings.directory(), maxReceipt, receipts, receiptsTime));
			// What a process left that was killed may not be on the disk yet
			this.batches.sync();
			this.durable = this.batches.stats().nextSequence() - 1;
			this.receipts = opened;
			this.reader = this.batches.reader(READER);
			this.inFlight = new RecordsInFlight(this.reader);
		}
		catch (IOException ex) {
			close(ex, opened, this.batches);
			throw ex;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			IOException failure = new IOException("Interrupted while opening '" + settings.directory() + "'", ex);
			close(failure, opened, this.batches);
			throw failure;
		}
	}

	private static void close(IOException failure, @Nullable Journal... journals) {
		for (Journal journal : journals) {
			try {
				if (journal != null) {
					journal.close();
				}
			}
			catch (IOException ex) {
				failure.addSuppressed(ex);
			}
		}
	}

	private static JournalOptions options(DurableSettings settings, int maxRecord) {
		long segment = Math.max(Math.min(16L << 20, settings.maxSize() / 4), maxRecord + 1024L);
		Duration delay = settings.maxDelay();
		return JournalOptions.of(settings.directory().resolve("batches"))
			.withMaxRecordBytes(1)
			.withSize(Math.max(settings.maxSize(), 2 * segment), segment)
			.withMaxRecordBytes(maxRecord)
			.withSync(delay.isZero() ? new Sync.Each() : new Sync.Interval(delay));
	}

	private static JournalOptions receiptOptions(Path directory, int maxReceipt, int receipts, Duration time) {
		long segment = Math.max(maxReceipt + 1024L, Math.max(1 << 20, Math.min(16 << 20, receipts * RECEIPT / 8)));
		return JournalOptions.of(directory.resolve("receipts"))
			.withMaxRecordBytes(1)
			.withSize(Math.max(receipts * RECEIPT, 4 * segment), segment)
			.withMaxRecordBytes(maxReceipt)
			.withMaxAge(time)
			.withWhenFull(WhenFull.LET_OLDEST_GO)
			.withSync(new Sync.Interval(RECEIPTS_DELAY));
	}

	/**
	 * Reads the receipts there are, oldest first: those of what was delivered, then those
	 * of what waits. To be called before anything is kept or handed on.
	 * @param receipt takes a receipt and when it was written
	 * @throws IOException if the disk can't be read
	 */
	public void recall(ReceiptReader receipt) throws IOException {
		try (JournalReader delivered = this.receipts.reader(RECEIPTS_READER)) {
			for (List<JournalRecord> records = poll(delivered); !records.isEmpty(); records = poll(delivered)) {
				for (JournalRecord record : records) {
					receipt.read(record.bytes(), record.appendedAt());
				}
			}
		}
		for (List<JournalRecord> records = poll(this.reader); !records.isEmpty(); records = poll(this.reader)) {
			for (JournalRecord record : records) {
				receipt.read(receipt(record), record.appendedAt());
			}
		}
		this.reader.rewind();
	}

	private static List<JournalRecord> poll(JournalReader reader) throws IOException {
		try {
			return reader.poll(1000, Duration.ZERO);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IOException("Interrupted while reading the journal", ex);
		}
	}

	/**
	 * Keeps a batch.
	 * @param receipt what it is known by
	 * @param content what is handed on, its remaining bytes
	 * @return a stage that completes when the batch is on the disk, on a thread that is
	 * not to be held up, and exceptionally if that failed: then it may be handed on or
	 * not
	 * @throws JournalException if it is not kept; nothing is left of it
	 */
	public CompletionStage<Void> keep(byte[] receipt, ByteBuffer... content) throws JournalException {
		int length = 4 + receipt.length;
		for (ByteBuffer part : content) {
			length += part.remaining();
		}
		ByteBuffer record = ByteBuffer.allocate(length).putInt(receipt.length).put(receipt);
		for (ByteBuffer part : content) {
			record.put(part);
		}
		Append append = this.batches.append(record.array());
		return append.durable().thenRun(() -> durable(append.last()));
	}

	private void durable(long sequence) {
		this.lock.lock();
		try {
			this.durable = Math.max(this.durable, sequence);
			this.synced.signalAll();
		}
		finally {
			this.lock.unlock();
		}
	}

	private static byte[] receipt(JournalRecord record) {
		ByteBuffer bytes = ByteBuffer.wrap(record.bytes());
		byte[] receipt = new byte[bytes.getInt()];
		bytes.get(receipt);
		return receipt;
	}

	/**
	 * Begins to hand on. What was read and not delivered before comes first.
	 * @param receiver is handed each batch
	 * @param busy whether handlers have enough to do, so that nothing is to be handed on
	 * for the moment; looked at often
	 * @param onFailure is told of what goes wrong, on the thread that hands on
	 */
	public synchronized void start(Receiver receiver, BooleanSupplier busy, Consumer<Throwable> onFailure) {
		if (this.pump == null) {
			Pump started = new Pump(receiver, busy, onFailure);
			this.pump = started;
			started.thread.start();
		}
	}

	/**
	 * Hands on what is there, for a time, then no more. What is left is handed on after
	 * the next start.
	 * @param atMost how long to wait until all is handed on
	 */
	public synchronized void stop(Duration atMost) {
		Pump stopping = this.pump;
		if (stopping == null) {
			return;
		}
		long deadline = System.nanoTime() + atMost.toNanos();
		stopping.draining = true;
		boolean ended = stopping.join(deadline - System.nanoTime());
		stopping.stopped = true;
		for (int i = 0; i < INTERRUPTS && !ended; i++) {
			stopping.thread.interrupt();
			ended = stopping.join(TimeUnit.MILLISECONDS.toNanos(50));
		}
		if (ended) {
			this.pump = null;
		}
		else {
			stopping.onFailure.accept(new IllegalStateException("A handler does not let go of the thread '"
					+ stopping.thread.getName() + "', which hands on what the channel keeps"));
		}
	}

	/**
	 * Waits until what was kept before is on the disk, so that whoever waits for that was
	 * told.
	 */
	public void sync() {
		try {
			this.batches.sync();
		}
		catch (JournalException ex) {
			// Whoever waits is told so
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * What was kept and what became of it.
	 * @return a snapshot
	 */
	public DurableStats stats() {
		return DurableStats.of(this.batches.stats(), MOST_IN_HAND - this.places.availablePermits(),
				this.redelivered.sum(), this.failed.sum(), this.forgotten.sum());
	}

	/**
	 * Closes the files. What is delivered from now on is handed on again after the next
	 * start. Closing again does nothing.
	 * @throws IOException if what was written could not be forced onto the disk
	 */
	@Override
	public void close() throws IOException {
		stop(Duration.ZERO);
		IOException failure = null;
		for (Journal journal : List.of(this.receipts, this.batches)) {
			// The receipts first: what hangs on them lets batches go
			try {
				journal.close();
			}
			catch (IOException ex) {
				failure = (failure != null) ? failure : ex;
			}
		}
		if (failure != null) {
			throw failure;
		}
	}

	/**
	 * Takes receipts that were found.
	 */
	@FunctionalInterface
	public interface ReceiptReader {

		/**
		 * Takes a receipt.
		 * @param receipt as it was written
		 * @param writtenAt when it was
		 */
		void read(byte[] receipt, Instant writtenAt);

	}

	/**
	 * Takes what was kept.
	 */
	@FunctionalInterface
	public interface Receiver {

		/**
		 * Takes a batch. May wait for whoever it hands things on to. What it throws is
		 * told, and the batch is given up.
		 * @param content what was kept
		 * @param delivery held while this runs
		 */
		void receive(ByteBuffer content, Delivery delivery);

	}

	/**
	 * The thread of one run.
	 */
	private final class Pump implements Runnable {

		private final Receiver receiver;

		private final BooleanSupplier busy;

		private final Consumer<Throwable> onFailure;

		private final Thread thread = new Thread(this, "telemetry-durable");

		private volatile boolean draining;

		private volatile boolean stopped;

		Pump(Receiver receiver, BooleanSupplier busy, Consumer<Throwable> onFailure) {
			this.receiver = receiver;
			this.busy = busy;
			this.onFailure = onFailure;
			this.thread.setDaemon(true);
		}

		boolean join(long nanos) {
			try {
				TimeUnit.NANOSECONDS.timedJoin(this.thread, Math.max(1, nanos));
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
			return !this.thread.isAlive();
		}

		@Override
		public void run() {
			try {
				while (!this.stopped && step()) {
					// On to the next
				}
			}
			catch (InterruptedException ex) {
				// Stopped: what is left is there after the next start
			}
		}

		/**
		 * Hands on what comes next.
		 * @return whether there may be more
		 */
		private boolean step() throws InterruptedException {
			if (!this.draining && !DurableLog.this.again.isEmpty()) {
				// Who abandoned it may need a moment to be gone
				TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
				awaitRest();
				Kept once = DurableLog.this.again.remove();
				DurableLog.this.redelivered.increment();
				deliver(once);
				return true;
			}
			JournalRecord next = next();
			if (next != null) {
				awaitSynced(next.sequence());
				awaitRest();
				int size = Math.min(MOST_KILOBYTES, 1 + (next.bytes().length >> 10));
				DurableLog.this.kilobytes.acquire(size);
				try {
					DurableLog.this.places.acquire();
				}
				catch (InterruptedException ex) {
					DurableLog.this.kilobytes.release(size);
					throw ex;
				}
				DurableLog.this.polled.remove();
				deliver(new Kept(next, DurableLog.this.inFlight.take(next), size));
				return true;
			}
			return !this.draining;
		}

		/**
		 * The next record, which stays where it is until it is handed on.
		 */
		private @Nullable JournalRecord next() throws InterruptedException {
			Deque<JournalRecord> polled = DurableLog.this.polled;
			if (polled.isEmpty()) {
				try {
					polled.addAll(DurableLog.this.reader.poll(POLLED, this.draining ? Duration.ZERO : IDLE));
				}
				catch (JournalException ex) {
					if (ex.reason() == Refused.CLOSED) {
						this.stopped = true;
						return null;
					}
					this.onFailure.accept(ex);
					TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
				}
			}
			return polled.peek();
		}

		/**
		 * A record that is handed on before it is on the disk could be let go before, and
		 * after a power cut another one would have its number.
		 */
		private void awaitSynced(long sequence) throws InterruptedException {
			DurableLog log = DurableLog.this;
			log.lock.lockInterruptibly();
			try {
				long left = IDLE.toNanos();
				while (log.durable < sequence && left > 0) {
					left = log.synced.awaitNanos(left);
				}
				if (log.durable >= sequence) {
					return;
				}
			}
			finally {
				log.lock.unlock();
			}
			try {
				// The sync that was to come has failed
				long appended = log.batches.stats().nextSequence() - 1;
				log.batches.sync();
				log.durable(appended);
			}
			catch (JournalException ex) {
				this.onFailure.accept(ex);
				if (!this.stopped) {
					awaitSynced(sequence);
				}
			}
		}

		private void awaitRest() throws InterruptedException {
			while (!this.draining && this.busy.getAsBoolean()) {
				TimeUnit.NANOSECONDS.sleep(BUSY_PAUSE);
			}
		}

		private void deliver(Kept kept) {
			try {
				ByteBuffer bytes = ByteBuffer.wrap(kept.record.bytes());
				bytes.position(4 + bytes.getInt(0));
				this.receiver.receive(bytes.slice(), kept);
			}
			catch (RuntimeException ex) {
				DurableLog.this.failed.increment();
				this.onFailure.accept(ex);
			}
			finally {
				kept.done();
			}
		}

	}

	/**
	 * A batch that is being delivered.
	 */
	private final class Kept implements Delivery {

		private final JournalRecord record;

		private final RecordsInFlight.Ticket ticket;

		private final int kilobytes;

		/** Of the thread that hands on, to begin with. */
		private final AtomicInteger holders = new AtomicInteger(1);

		private volatile boolean abandoned;

		Kept(JournalRecord record, RecordsInFlight.Ticket ticket, int kilobytes) {
			this.record = record;
			this.ticket = ticket;
			this.kilobytes = kilobytes;
		}

		@Override
		public void hold() {
			this.holders.incrementAndGet();
		}

		@Override
		public void done() {
			if (this.holders.decrementAndGet() != 0) {
				return;
			}
			if (this.abandoned) {
				// Now or after the next start
				this.abandoned = false;
				this.holders.set(1);
				DurableLog.this.again.add(this);
				return;
			}
			DurableLog.this.kilobytes.release(this.kilobytes);
			try {
				DurableLog.this.receipts.append(receipt(this.record)).durable().whenComplete((nothing, failure) -> {
					if (failure != null) {
						DurableLog.this.forgotten.increment();
					}
					letGo();
				});
			}
			catch (JournalException ex) {
				if (ex.reason() != Refused.CLOSED) {
					// Kept, it would end up with the whole disk full of what is delivered
					DurableLog.this.forgotten.increment();
					letGo();
				}
			}
		}

		private void letGo() {
			DurableLog.this.places.release();
			this.ticket.done();
		}

		@Override
		public void abandon() {
			this.abandoned = true;
			done();
		}

	}

}
