package io.telemetry.dispatch;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import io.telemetry.handler.HandlerFault;
import io.telemetry.handler.Overflow;
import io.telemetry.handler.QueueOptions;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import io.telemetry.stats.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue before the handler, and the threads that feed it. A tenth of the queue
 * is kept for errors, so that a flood of lesser signals does not cost the ones that
 * explain it.
 */
final class QueuedLane implements Lane {

	private static final int RESERVE_DIVISOR = 10;

	private final HandlerGuard guard;

	private final QueueOptions options;

	private final int commonCapacity;

	/** What is worth handing on at once: never more than lesser signals can make up. */
	private final int fullBatch;

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition notEmpty = this.lock.newCondition();

	private final Condition notFull = this.lock.newCondition();

	private final Condition progress = this.lock.newCondition();

	// All below is guarded by the lock.

	private final ArrayDeque<Signal> queue;

	private final List<Worker> workers = new ArrayList<>();

	/** Signals that ever entered the queue, and those of them that have left for good. */
	private long entered;

	private long finished;

	private long flushUpTo;

	private boolean closing;

	private boolean closed;

	private long closeDeadline;

	QueuedLane(HandlerGuard guard, QueueOptions options) {
		this.guard = guard;
		this.options = options;
		this.commonCapacity = options.capacity() - options.capacity() / RESERVE_DIVISOR;
		this.fullBatch = Math.min(options.batchSize(), this.commonCapacity);
		this.queue = new ArrayDeque<>(Math.min(options.capacity(), 1024));
		for (int i = 0; i < options.threads(); i++) {
			startWorker(i);
		}
	}

	private void startWorker(int index) {
		Worker worker = new Worker(index);
		this.workers.add(worker);
		worker.thread.start();
	}

	@Override
	public void accept(Signal signal) {
		if (this.guard.isWorkingHere()) {
			this.guard.recorder.count(Outcome.RECURSIVE);
			return;
		}
		Outcome refusal;
		this.lock.lock();
		try {
			refusal = offer(signal);
		}
		finally {
			this.lock.unlock();
		}
		if (refusal != null) {
			this.guard.recorder.count(refusal);
			if (refusal == Outcome.DROPPED_OVERFLOW) {
				this.guard.report(HandlerFault.Type.OVERFLOW, 1, signal, null);
			}
		}
	}

	/**
	 * Enters a signal.
	 * @return why something was dropped, or {@code null} if nothing was
	 */
	private @Nullable Outcome offer(Signal signal) {
		if (this.closing) {
			return Outcome.DROPPED_CLOSED;
		}
		int capacity = signal.level().isAtLeast(Level.ERROR) ? this.options.capacity() : this.commonCapacity;
		if (this.queue.size() < capacity) {
			enter(signal);
			return null;
		}
		Overflow overflow = this.options.overflow();
		if (overflow instanceof Overflow.DropOldest) {
			dropOldest();
			enter(signal);
			return Outcome.DROPPED_OVERFLOW;
		}
		if (overflow instanceof Overflow.Block block && awaitRoom(capacity, block.atMost())) {
			enter(signal);
			return null;
		}
		return this.closing ? Outcome.DROPPED_CLOSED : Outcome.DROPPED_OVERFLOW;
	}

	private void enter(Signal signal) {
		this.queue.addLast(signal);
		this.entered++;
		int size = this.queue.size();
		// Only the first signal and a full batch wake a worker: what comes between joins
		// the batch.
		if (size == 1 || size >= this.fullBatch) {
			this.notEmpty.signal();
		}
	}

	private void dropOldest() {
		this.queue.removeFirst();
		this.finished++;
		this.progress.signalAll();
	}

	private boolean awaitRoom(int capacity, Duration patience) {
		long left = patience.toNanos();
		try {
			while (this.queue.size() >= capacity && !this.closing) {
				if (left <= 0) {
					return false;
				}
				left = this.notFull.awaitNanos(left);
			}
			return !this.closing;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

	@Override
	public int depth() {
		this.lock.lock();
		try {
			return this.queue.size();
		}
		finally {
			this.lock.unlock();
		}
	}

	@Override
	public boolean flush(Duration timeout) throws InterruptedException {
		if (this.guard.isWorkingHere()) {
			// It would wait for itself.
			return false;
		}
		long left = timeout.toNanos();
		this.lock.lock();
		try {
			long target = this.entered;
			this.flushUpTo = Math.max(this.flushUpTo, target);
			this.notEmpty.signalAll();
			while (this.finished < target) {
				if (left <= 0) {
					return false;
				}
				left = this.progress.awaitNanos(left);
			}
			return true;
		}
		finally {
			this.lock.unlock();
		}
	}

	@Override
	public void beginClose() {
		this.lock.lock();
		try {
			if (!this.closing) {
				this.closing = true;
				this.closeDeadline = System.nanoTime() + this.options.drainTimeout().toNanos();
				this.notEmpty.signalAll();
				this.notFull.signalAll();
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	@Override
	public void close() {
		if (this.guard.isWorkingHere()) {
			throw new IllegalStateException("Handler '" + this.guard.name() + "' can't close its own lane");
		}
		beginClose();
		int left;
		this.lock.lock();
		try {
			if (this.closed) {
				return;
			}
			awaitWorkersEnd();
			this.closed = true;
			this.guard.recorder.count(Outcome.DROPPED_CLOSED, this.queue.size());
			this.finished += this.queue.size();
			this.queue.clear();
			left = this.workers.size();
			this.workers.forEach(Worker::abandon);
			this.progress.signalAll();
		}
		finally {
			this.lock.unlock();
		}
		if (left == 0) {
			this.guard.close();
		}
		else {
			// Closing a handler under the hands of the thread that is stuck in it could
			// block as well.
			this.guard.report(HandlerFault.Type.CLOSE, 0, null, new IllegalStateException(
					left + " thread(s) did not end within the drain timeout of " + this.options.drainTimeout()));
		}
	}

	private void awaitWorkersEnd() {
		boolean interrupted = false;
		long left = this.closeDeadline - System.nanoTime();
		while (!this.workers.isEmpty() && left > 0 && !interrupted) {
			try {
				left = this.progress.awaitNanos(left);
			}
			catch (InterruptedException ex) {
				interrupted = true;
			}
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * A thread that feeds the handler.
	 */
	private final class Worker implements Runnable {

		private final int index;

		private final Thread thread;

		private final List<Signal> batch = new ArrayList<>();

		/** Whether the batch in hand has its outcome; guarded by the lock. */
		private boolean counted;

		Worker(int index) {
			this.index = index;
			this.thread = new Thread(this, "telemetry-" + QueuedLane.this.guard.name() + "-" + index);
			this.thread.setDaemon(true);
		}

		@Override
		public void run() {
			boolean replace = true;
			try {
				while (take()) {
					QueuedLane.this.guard.handle(Collections.unmodifiableList(this.batch), this::count);
					if (isFlushDue()) {
						QueuedLane.this.guard.flush();
					}
					finish();
				}
				replace = false;
			}
			finally {
				end(replace);
			}
		}

		private boolean take() {
			QueuedLane lane = QueuedLane.this;
			lane.lock.lock();
			try {
				this.counted = false;
				while (this.batch.isEmpty()) {
					while (lane.queue.isEmpty()) {
						if (lane.closing) {
							return false;
						}
						lane.notEmpty.awaitUninterruptibly();
					}
					awaitFullBatch();
					if (lane.closed) {
						return false;
					}
					// Another worker may have emptied the queue meanwhile.
					int size = Math.min(lane.queue.size(), lane.options.batchSize());
					for (int i = 0; i < size; i++) {
						this.batch.add(lane.queue.removeFirst());
					}
				}
				lane.notFull.signalAll();
				return true;
			}
			finally {
				lane.lock.unlock();
			}
		}

		private void awaitFullBatch() {
			QueuedLane lane = QueuedLane.this;
			long left = lane.options.batchInterval().toNanos();
			boolean interrupted = false;
			while (left > 0 && !lane.closing && !lane.queue.isEmpty() && lane.queue.size() < lane.fullBatch
					&& lane.finished >= lane.flushUpTo) {
				try {
					left = lane.notEmpty.awaitNanos(left);
				}
				catch (InterruptedException ex) {
					interrupted = true;
					left = 0;
				}
			}
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}

		private boolean isFlushDue() {
			QueuedLane lane = QueuedLane.this;
			lane.lock.lock();
			try {
				return lane.queue.isEmpty()
						|| (lane.finished < lane.flushUpTo && lane.finished + this.batch.size() >= lane.flushUpTo);
			}
			finally {
				lane.lock.unlock();
			}
		}

		private void count(int handled, int failed) {
			QueuedLane lane = QueuedLane.this;
			lane.lock.lock();
			try {
				if (!this.counted) {
					this.counted = true;
					lane.guard.recorder.count(Outcome.HANDLED, handled);
					lane.guard.recorder.count(Outcome.ERRORS, failed);
				}
			}
			finally {
				lane.lock.unlock();
			}
		}

		private void finish() {
			QueuedLane lane = QueuedLane.this;
			lane.lock.lock();
			try {
				lane.finished += this.batch.size();
				this.batch.clear();
				lane.progress.signalAll();
			}
			finally {
				lane.lock.unlock();
			}
			// A handler's interrupt is its own; it must not stop the next batch.
			if (Thread.interrupted() && isClosed()) {
				Thread.currentThread().interrupt();
			}
		}

		private boolean isClosed() {
			QueuedLane.this.lock.lock();
			try {
				return QueuedLane.this.closed;
			}
			finally {
				QueuedLane.this.lock.unlock();
			}
		}

		/**
		 * Gives this worker up, with the lock held.
		 */
		void abandon() {
			if (!this.counted) {
				this.counted = true;
				QueuedLane.this.guard.recorder.count(Outcome.INTERRUPTED, this.batch.size());
			}
			this.thread.interrupt();
		}

		private void end(boolean replace) {
			QueuedLane lane = QueuedLane.this;
			lane.lock.lock();
			try {
				lane.finished += this.batch.size();
				this.batch.clear();
				lane.workers.remove(this);
				if (replace && !lane.closing) {
					// A virtual machine error ended this thread; the lane must not stand
					// still.
					startWorker(this.index);
				}
				lane.progress.signalAll();
			}
			finally {
				lane.lock.unlock();
			}
		}

	}

}
