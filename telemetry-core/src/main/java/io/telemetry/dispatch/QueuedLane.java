package io.telemetry.dispatch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

import io.telemetry.handler.HandlerFault;
import io.telemetry.handler.Overflow;
import io.telemetry.handler.QueueOptions;
import io.telemetry.signal.Delivery;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import io.telemetry.stats.LatencyStats;
import io.telemetry.stats.Outcome;
import io.telemetry.stats.OutcomeRecorder;
import org.jctools.queues.atomic.MpscAtomicArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue before the handler, and the threads that feed it. A tenth of the queue
 * is kept for errors, so that a flood of lesser signals does not cost the ones that
 * explain it.
 * <p>
 * Producers take no lock. Whoever takes signals out (a worker, or a producer that drops
 * the oldest) holds {@link #consuming}, for as long as it takes to move them. Workers
 * wait for signals one at a time, the one that holds {@link #turn}, and handle at the
 * same time.
 * <p>
 * A durable lane holds the delivery of each signal that it takes and that somebody keeps,
 * and ends the hold where it counts the signal. Such a signal is never dropped for want
 * of room.
 * <p>
 * Waking a worker costs more than all the rest, so producers do it as rarely as they can:
 * {@link #wakeAt} tells how long the queue must be for it. A worker writes it, then looks
 * at the queue, then parks; a producer adds to the queue, then reads it. Both are
 * volatile (the queue's side is the index that producers move by compare-and-set), so of
 * a worker that is about to park and a producer that adds the signal it waits for, at
 * least one sees the other. The same holds for {@link #waiting}, {@link #closing},
 * {@link #flushAsked} and closing for good, which is a value of {@code wakeAt} too.
 */
final class QueuedLane implements Lane {

	private static final int RESERVE_DIVISOR = 10;

	/** No worker is to be woken: one is at work. */
	private static final int BUSY = Integer.MAX_VALUE;

	/** Nobody takes signals out any more: whoever adds one takes it out again. */
	private static final int CLOSED = -1;

	/** Where a worker's batch begins that has none. */
	private static final long IDLE = Long.MAX_VALUE;

	/**
	 * While signals pour in, a worker that has caught up sleeps this long, and is not
	 * woken for each full batch.
	 */
	private static final long NAP = TimeUnit.MICROSECONDS.toNanos(50);

	/**
	 * A producer that waits for room looks for itself after this long: room for it may be
	 * there before the queue has fallen to half.
	 */
	private static final long SLICE = TimeUnit.MILLISECONDS.toNanos(4);

	/**
	 * How often a producer that waits for room lets other threads run before it goes to
	 * sleep. A fast handler has made room before a thread could sleep and be woken.
	 */
	private static final int YIELDS = 50;

	/** A wait that was no longer than this could have done without sleep. */
	private static final long SHORT_WAIT = TimeUnit.MICROSECONDS.toNanos(200);

	/**
	 * How long closing waits for workers that it has interrupted, so that one that was
	 * just about to call the handler, or heeds the interrupt, has done so by then.
	 */
	private static final long GRACE = TimeUnit.MILLISECONDS.toNanos(50);

	/**
	 * How long a signal that somebody keeps waits for room: a hundred years and more.
	 */
	private static final Duration WITHOUT_END = Duration.ofNanos(Long.MAX_VALUE);

	private final HandlerGuard guard;

	private final QueueOptions options;

	private final boolean durable;

	private final Timing timing;

	private final int commonCapacity;

	/**
	 * Signals that somebody keeps may take half of what is kept for errors, so that a
	 * flood of lesser signals does not take every room that they wait for.
	 */
	private final int keptCapacity;

	/**
	 * What is handed on at once at most. A queue that is smaller than a batch could give
	 * more than it holds while producers add to it.
	 */
	private final int largestBatch;

	/** What is worth handing on at once: never more than lesser signals can make up. */
	private final int fullBatch;

	private final long batchInterval;

	/**
	 * Signals, as they are or as a {@link Batch.Echo}. Uses no {@code sun.misc.Unsafe},
	 * of which newer Javas warn.
	 */
	private final MpscAtomicArrayQueue<Object> queue;

	private final Pressure pressure;

	/** Signals that workers have taken out. */
	private final AtomicLong taken = new AtomicLong();

	/** Batches that were handled again. */
	private final AtomicLong retries = new AtomicLong();

	private final AtomicInteger wakeAt = new AtomicInteger(BUSY);

	/** Held by the worker that waits for signals. */
	private final ReentrantLock turn = new ReentrantLock();

	/** The thread that holds the turn, or held it last. */
	private volatile @Nullable Thread onTurn;

	/** Held by whoever takes signals out. */
	private final ReentrantLock consuming = new ReentrantLock();

	private final ReentrantLock room = new ReentrantLock();

	private final Condition roomMade = this.room.newCondition();

	/**
	 * Whether the last producer that waited for room had it soon; if not, the next does
	 * not keep a processor busy. A hint, which a race does not harm.
	 */
	private boolean roomComesSoon = true;

	/** Producers that wait for room. */
	private final AtomicInteger waiting = new AtomicInteger();

	/** Guards what changes rarely: the workers and the lane's life. */
	private final ReentrantLock monitor = new ReentrantLock();

	private final Condition progress = this.monitor.newCondition();

	private final List<Worker> workers = new ArrayList<>();

	/** Threads that wait for progress. */
	private final AtomicInteger watching = new AtomicInteger();

	/**
	 * Positions in all that ever entered the queue: how far somebody wants it flushed,
	 * and how far the handler has been.
	 */
	private final AtomicLong flushAsked = new AtomicLong();

	private final AtomicLong flushed = new AtomicLong();

	private volatile boolean closing;

	/** Written with the monitor and the consuming lock held. */
	private volatile boolean closed;

	private long closeDeadline;

	QueuedLane(HandlerGuard guard, QueueOptions options, boolean durable, Timing timing) {
		this.guard = guard;
		this.options = options;
		this.durable = durable;
		this.timing = timing;
		int reserve = options.capacity() / RESERVE_DIVISOR;
		this.commonCapacity = options.capacity() - reserve;
		this.keptCapacity = this.commonCapacity + reserve / 2;
		this.largestBatch = Math.min(options.batchSize(), options.capacity());
		this.fullBatch = Math.min(options.batchSize(), this.commonCapacity);
		this.batchInterval = options.batchInterval().toNanos();
		this.queue = new MpscAtomicArrayQueue<>(options.capacity());
		this.pressure = new Pressure(this.commonCapacity);
		this.monitor.lock();
		try {
			for (int i = 0; i < options.threads(); i++) {
				startWorker(i);
			}
		}
		finally {
			this.monitor.unlock();
		}
	}

	private void startWorker(int index) {
		Worker worker = new Worker(index);
		this.workers.add(worker);
		worker.thread.start();
	}

	@Override
	public void accept(Signal signal) {
		int generation = this.guard.generation();
		if (generation == HandlerGuard.RECURSIVE) {
			this.guard.recorder.count(Outcome.RECURSIVE);
			return;
		}
		if (this.durable && signal.delivery() != null) {
			if (generation == 0) {
				acceptKept(signal, signal.delivery());
				return;
			}
			// What a handler makes of a kept signal is the handler's, not its keeper's:
			// to wait for room here could be to wait for this very lane.
			signal = signal.toBuilder().delivery(null).build();
		}
		if (this.closing) {
			this.guard.recorder.count(Outcome.DROPPED_CLOSED);
			return;
		}
		int limit = signal.level().isAtLeast(Level.ERROR) ? this.options.capacity() : this.commonCapacity;
		Object entry = (generation == 0) ? signal : new Batch.Echo(signal, generation);
		if (this.queue.offerIfBelowThreshold(entry, limit)) {
			entered();
		}
		else {
			overflow(entry, limit);
		}
	}

	private void acceptKept(Signal signal, Delivery delivery) {
		// Before a worker can be done with it
		delivery.hold();
		if (!this.closing && (this.queue.offerIfBelowThreshold(signal, this.keptCapacity)
				|| awaitRoom(signal, this.keptCapacity, WITHOUT_END))) {
			entered();
		}
		else {
			this.guard.recorder.count(Outcome.DROPPED_CLOSED);
			delivery.abandon();
		}
	}

	/**
	 * Wakes a worker if one waits for what just entered.
	 */
	private void entered() {
		int due = this.wakeAt.get();
		if (due == BUSY) {
			return;
		}
		if (due == CLOSED) {
			// It closed after this thread had read that it was open.
			discard();
		}
		else if (this.queue.size() >= due && this.wakeAt.compareAndSet(due, BUSY)) {
			LockSupport.unpark(this.onTurn);
		}
	}

	private void overflow(Object entry, int limit) {
		Overflow overflow = this.options.overflow();
		if (overflow instanceof Overflow.DropOldest) {
			slide(entry, limit);
		}
		else if (overflow instanceof Overflow.Block block && awaitRoom(entry, limit, block.atMost())) {
			entered();
		}
		else if (this.closing) {
			this.guard.recorder.count(Outcome.DROPPED_CLOSED);
		}
		else {
			dropped(1, entry);
		}
	}

	private void dropped(int signals, Object one) {
		this.guard.recorder.count(Outcome.DROPPED_OVERFLOW, signals);
		this.guard.report(HandlerFault.Type.OVERFLOW, signals, Batch.Echo.signal(one), null);
	}

	private void slide(Object entry, int limit) {
		Object oldest = null;
		int dropped = 0;
		boolean entered;
		this.consuming.lock();
		try {
			entered = this.queue.offerIfBelowThreshold(entry, limit);
			while (!entered && !isOldestKept()) {
				Object next = this.queue.relaxedPoll();
				if (next != null) {
					oldest = next;
					dropped++;
				}
				else {
					// Another producer has a place in the queue and is about to fill it.
					Thread.yield();
				}
				entered = this.queue.offerIfBelowThreshold(entry, limit);
			}
		}
		finally {
			this.consuming.unlock();
		}
		if (entered) {
			entered();
		}
		else {
			oldest = entry;
			dropped++;
		}
		if (oldest != null) {
			dropped(dropped, oldest);
		}
	}

	/**
	 * Whether what would have to make room is not to be dropped. Those behind it can't be
	 * reached.
	 */
	private boolean isOldestKept() {
		Object oldest = this.durable ? this.queue.relaxedPeek() : null;
		return oldest != null && Deliveries.isKept(oldest);
	}

	private boolean awaitRoom(Object entry, int limit, Duration patience) {
		if (this.roomComesSoon && offerWhileYielding(entry, limit)) {
			return true;
		}
		long start = System.nanoTime();
		boolean entered = awaitRoom(entry, limit, start, patience.toNanos());
		this.roomComesSoon = System.nanoTime() - start < SHORT_WAIT;
		return entered;
	}

	private boolean offerWhileYielding(Object entry, int limit) {
		for (int i = 0; i < YIELDS && !this.closing; i++) {
			Thread.yield();
			if (this.queue.offerIfBelowThreshold(entry, limit)) {
				return true;
			}
		}
		return false;
	}

	private boolean awaitRoom(Object entry, int limit, long start, long patience) {
		long left = patience;
		this.waiting.incrementAndGet();
		this.room.lock();
		try {
			while (!this.closing) {
				if (this.queue.offerIfBelowThreshold(entry, limit)) {
					return true;
				}
				if (left <= 0) {
					return false;
				}
				this.roomMade.awaitNanos(Math.min(left, SLICE));
				left = patience - (System.nanoTime() - start);
			}
			return false;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
		finally {
			this.room.unlock();
			this.waiting.decrementAndGet();
		}
	}

	private void releaseProducers() {
		if (this.waiting.get() > 0) {
			this.room.lock();
			try {
				this.roomMade.signalAll();
			}
			finally {
				this.room.unlock();
			}
		}
	}

	@Override
	public int depth() {
		return this.queue.size();
	}

	@Override
	public double pressure(long now) {
		// The order matters: what is taken in between makes the queue look fuller, never
		// a handler at work look as if it stood still.
		int waiting = this.queue.size();
		return this.pressure.of(waiting, this.taken.get(), now);
	}

	@Override
	public long retries() {
		return this.retries.get();
	}

	@Override
	public LatencyStats latency() {
		return this.guard.latency();
	}

	@Override
	public boolean flush(Duration timeout) throws InterruptedException {
		if (this.guard.isWorkingHere()) {
			// It would wait for itself.
			return false;
		}
		long target = this.queue.currentProducerIndex();
		this.flushAsked.accumulateAndGet(target, Math::max);
		LockSupport.unpark(this.onTurn);
		return await(() -> isFlushed(target), timeout.toNanos());
	}

	private boolean isFlushed(long target) {
		// The order matters: a worker says where its batch begins before it takes it.
		if (this.queue.currentConsumerIndex() < target) {
			return false;
		}
		for (Worker worker : this.workers) {
			if (worker.batchStart < target) {
				return false;
			}
		}
		return this.closed || this.flushed.get() >= target;
	}

	@Override
	public boolean isWorkingHere() {
		return this.guard.isWorkingHere();
	}

	@Override
	public void beginClose() {
		this.monitor.lock();
		try {
			if (this.closing) {
				return;
			}
			this.closeDeadline = System.nanoTime() + this.options.drainTimeout().toNanos();
			this.closing = true;
			this.workers.forEach((worker) -> LockSupport.unpark(worker.thread));
		}
		finally {
			this.monitor.unlock();
		}
		releaseProducers();
	}

	@Override
	public void close() {
		if (this.guard.isWorkingHere()) {
			throw new IllegalStateException("Handler '" + this.guard.name() + "' can't close its own lane");
		}
		beginClose();
		int interrupted;
		this.monitor.lock();
		try {
			awaitWorkersEnd(this.closeDeadline - System.nanoTime());
			if (this.closed) {
				return;
			}
			interrupted = abandon();
			awaitWorkersEnd(GRACE);
		}
		finally {
			this.monitor.unlock();
		}
		if (interrupted == 0) {
			this.guard.close();
		}
		else {
			// Closing a handler under the hands of the thread that is stuck in it could
			// block as well.
			this.guard.report(HandlerFault.Type.CLOSE, 0, null, new IllegalStateException(
					interrupted + " thread(s) did not end within the drain timeout of " + this.options.drainTimeout()));
		}
	}

	private void awaitWorkersEnd(long nanos) {
		try {
			await(this.workers::isEmpty, nanos);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * Takes everything from the workers that are left.
	 * @return how many of them were in the middle of a batch
	 */
	private int abandon() {
		int interrupted = 0;
		this.wakeAt.set(CLOSED);
		this.consuming.lock();
		try {
			this.closed = true;
			discard();
			for (Worker worker : this.workers) {
				interrupted += worker.abandon() ? 1 : 0;
			}
		}
		finally {
			this.consuming.unlock();
		}
		this.progress.signalAll();
		return interrupted;
	}

	private void discard() {
		this.consuming.lock();
		try {
			while (!this.queue.isEmpty()) {
				// Waits for a producer that has a place in the queue and is about to fill
				// it.
				Object entry = this.queue.poll();
				if (entry != null) {
					this.guard.recorder.count(Outcome.DROPPED_CLOSED);
					if (this.durable) {
						Deliveries.abandonEntry(entry);
					}
				}
			}
		}
		finally {
			this.consuming.unlock();
		}
	}

	private boolean await(BooleanSupplier condition, long nanos) throws InterruptedException {
		long left = nanos;
		this.monitor.lock();
		this.watching.incrementAndGet();
		try {
			while (!condition.getAsBoolean()) {
				if (left <= 0) {
					return false;
				}
				left = this.progress.awaitNanos(left);
			}
			return true;
		}
		finally {
			this.watching.decrementAndGet();
			this.monitor.unlock();
		}
	}

	private void progressed() {
		if (this.watching.get() > 0) {
			this.monitor.lock();
			try {
				this.progress.signalAll();
			}
			finally {
				this.monitor.unlock();
			}
		}
	}

	/**
	 * A thread that feeds the handler.
	 */
	private final class Worker implements Runnable, HandlerGuard.BatchOutcome {

		private final int index;

		private final Thread thread;

		private final Batch batch;

		private final Retry retry;

		private volatile long batchStart = IDLE;

		/** The last batch was full, so the next will be soon. */
		private boolean flowing;

		Worker(int index) {
			this.index = index;
			this.batch = new Batch(QueuedLane.this.largestBatch);
			this.retry = new Retry(QueuedLane.this.timing);
			this.thread = new Thread(this, "telemetry-" + QueuedLane.this.guard.name() + "-" + index);
			this.thread.setDaemon(true);
		}

		@Override
		public void run() {
			boolean died = true;
			try {
				while (take()) {
					do {
						// A handler's interrupt is its own and must not stop the next
						// batch. Closing first takes the batch away and then interrupts,
						// so that it is noticed in the one way or the other.
						Thread.interrupted();
						if (this.batch.isOpen()) {
							QueuedLane.this.guard.handle(this.batch, this);
						}
					}
					while (awaitRetry());
					Thread.interrupted();
					flush();
					finish();
				}
				died = false;
			}
			finally {
				end(died);
			}
		}

		/**
		 * Waits for its turn and for signals.
		 * @return whether there are any; if not, that was all
		 */
		private boolean take() {
			QueuedLane lane = QueuedLane.this;
			lane.turn.lock();
			try {
				if (lane.onTurn != this.thread) {
					lane.onTurn = this.thread;
				}
				while (awaitSignals()) {
					if (drain()) {
						return true;
					}
					if (lane.closed) {
						return false;
					}
					// A producer has a place in the queue and is about to fill it.
					Thread.yield();
				}
				return false;
			}
			finally {
				lane.turn.unlock();
			}
		}

		private boolean drain() {
			QueuedLane lane = QueuedLane.this;
			int taken = 0;
			lane.consuming.lock();
			try {
				if (!lane.closed) {
					this.batchStart = lane.queue.currentConsumerIndex();
					taken = lane.queue.drain(this.batch, lane.largestBatch);
					if (taken > 0) {
						lane.taken.lazySet(lane.taken.get() + taken);
						this.batch.filled();
					}
					else {
						this.batchStart = IDLE;
					}
				}
			}
			finally {
				lane.consuming.unlock();
			}
			this.flowing = taken >= lane.fullBatch;
			if (taken > 0 && lane.queue.size() <= lane.commonCapacity / 2) {
				releaseProducers();
			}
			return taken > 0;
		}

		/**
		 * Waits until there is a batch to hand on.
		 * @return whether there is; if not, that was all
		 */
		private boolean awaitSignals() {
			QueuedLane lane = QueuedLane.this;
			boolean mayNap = this.flowing;
			boolean lingering = false;
			long lingeringSince = 0;
			while (true) {
				int size = lane.queue.size();
				if (lane.closing) {
					return size > 0;
				}
				if (size >= lane.fullBatch || (size > 0 && isFlushWanted())) {
					return true;
				}
				if (mayNap) {
					mayNap = false;
					park(Math.max(lane.fullBatch, lane.commonCapacity / 2), NAP);
					continue;
				}
				long left = 0;
				if (lane.batchInterval > 0) {
					long now = System.nanoTime();
					if (!lingering) {
						lingering = true;
						lingeringSince = now;
					}
					left = lane.batchInterval - (now - lingeringSince);
				}
				if (left > 0) {
					park(lane.fullBatch, left);
				}
				else if (size > 0) {
					return true;
				}
				else {
					park(1, 0);
					lingering = false;
				}
			}
		}

		private boolean isFlushWanted() {
			return QueuedLane.this.flushAsked.get() > QueuedLane.this.flushed.get();
		}

		/**
		 * Parks until the queue holds so many signals, or the time is over; or for no
		 * reason.
		 * @param signals how many signals are to wake this worker
		 * @param nanos how long it sleeps at most; 0 for no limit
		 */
		private void park(int signals, long nanos) {
			QueuedLane lane = QueuedLane.this;
			// An interrupt that somebody left behind would let nothing park.
			Thread.interrupted();
			if (!announce(signals)) {
				return;
			}
			// What waits for room has it by now.
			releaseProducers();
			// No lock may be taken from here on: waiting for one swallows an unpark.
			int size = lane.queue.size();
			if (size < signals && lane.wakeAt.get() == signals && !lane.closing && !(size > 0 && isFlushWanted())) {
				if (nanos > 0) {
					LockSupport.parkNanos(lane, nanos);
				}
				else {
					LockSupport.park(lane);
				}
			}
			announce(BUSY);
		}

		private boolean announce(int wakeAt) {
			AtomicInteger announced = QueuedLane.this.wakeAt;
			int before = announced.get();
			while (before != CLOSED && before != wakeAt) {
				if (announced.compareAndSet(before, wakeAt)) {
					return true;
				}
				before = announced.get();
			}
			return before != CLOSED;
		}

		@Override
		public void handled() {
			if (this.batch.count()) {
				this.retry.reset();
				dealtWith(this.batch, 0);
			}
		}

		@Override
		public void failed(List<Signal> failed, Throwable cause) {
			if (!this.batch.count()) {
				return;
			}
			QueuedLane lane = QueuedLane.this;
			if (lane.durable && Retry.helps(cause)) {
				dealtWith(this.batch.retain(failed), 0);
				this.retry.failed(cause);
				if (lane.closing || !this.batch.setAside()) {
					notDealtWith(Outcome.DROPPED_CLOSED);
				}
				return;
			}
			this.retry.reset();
			dealtWith(this.batch, Math.min(failed.size(), this.batch.size()));
		}

		private void dealtWith(List<Signal> signals, int failures) {
			OutcomeRecorder recorder = QueuedLane.this.guard.recorder;
			recorder.count(Outcome.HANDLED, signals.size() - failures);
			recorder.count(Outcome.ERRORS, failures);
			if (QueuedLane.this.durable) {
				Deliveries.done(signals);
			}
		}

		private void notDealtWith(Outcome outcome) {
			QueuedLane.this.guard.recorder.count(outcome, this.batch.size());
			if (QueuedLane.this.durable) {
				Deliveries.abandon(this.batch);
			}
		}

		/**
		 * Waits until a batch that was set aside is to be handled again: after its pause,
		 * or for the last time once the lane is closing.
		 * @return whether there is one; if not, it was counted
		 */
		private boolean awaitRetry() {
			QueuedLane lane = QueuedLane.this;
			while (this.batch.isAside() && !lane.closing && !this.retry.pause()) {
				// An interrupt that somebody left behind would let no pause last.
				Thread.interrupted();
			}
			boolean again = this.batch.resume();
			if (again) {
				lane.retries.incrementAndGet();
			}
			return again;
		}

		/**
		 * Has the handler write out what it holds where nothing follows at once, and
		 * where somebody waits for it.
		 */
		private void flush() {
			QueuedLane lane = QueuedLane.this;
			long asked = lane.flushAsked.get();
			long taken = lane.queue.currentConsumerIndex();
			boolean wanted = taken >= asked && (this.batchStart < asked || lane.flushed.get() < asked);
			if (!lane.closed && (wanted || lane.queue.isEmpty())) {
				lane.guard.flush(this.batch.generation());
				lane.flushed.accumulateAndGet(taken, Math::max);
			}
		}

		private void finish() {
			this.batch.empty();
			this.batchStart = IDLE;
			progressed();
		}

		/**
		 * Gives this worker up, with the consuming lock held.
		 * @return whether it was in the middle of a batch
		 */
		boolean abandon() {
			Batch.State before = this.batch.abandon();
			if (before == Batch.State.OPEN) {
				notDealtWith(Outcome.INTERRUPTED);
			}
			else if (before == Batch.State.ASIDE) {
				notDealtWith(Outcome.DROPPED_CLOSED);
			}
			this.thread.interrupt();
			return before == Batch.State.OPEN;
		}

		private void end(boolean died) {
			QueuedLane lane = QueuedLane.this;
			// A virtual machine error may have come before the batch was counted, or
			// while
			// it was told that it failed.
			if (this.batch.count() || (this.batch.resume() && this.batch.count())) {
				notDealtWith(Outcome.ERRORS);
			}
			lane.monitor.lock();
			try {
				lane.workers.remove(this);
				if (died) {
					// Nobody will write out what the handler held.
					lane.flushed.accumulateAndGet(lane.queue.currentConsumerIndex(), Math::max);
				}
				if (died && !lane.closing) {
					// A virtual machine error ended this thread; the lane must not stand
					// still.
					startWorker(this.index);
				}
				lane.progress.signalAll();
			}
			finally {
				lane.monitor.unlock();
			}
		}

	}

}
