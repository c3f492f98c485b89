package io.telemetry.dispatch;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;

import io.telemetry.handler.HandlerFault;
import io.telemetry.signal.Signal;
import io.telemetry.stats.Outcome;

/**
 * Calls the handler on the thread that made the signal.
 */
final class DirectLane implements Lane {

	/**
	 * How long closing waits for calls that are under way on the application's threads.
	 */
	private static final Duration PATIENCE = Duration.ofSeconds(6);

	private final HandlerGuard guard;

	/** Calls of the handler share it, closing excludes them: none starts afterwards. */
	private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();

	private volatile boolean closed;

	DirectLane(HandlerGuard guard) {
		this.guard = guard;
	}

	@Override
	public void accept(Signal signal) {
		if (this.guard.isWorkingHere()) {
			this.guard.recorder.count(Outcome.RECURSIVE);
			return;
		}
		this.lock.readLock().lock();
		try {
			if (this.closed) {
				this.guard.recorder.count(Outcome.DROPPED_CLOSED);
				return;
			}
			this.guard.handle(signal);
		}
		finally {
			this.lock.readLock().unlock();
		}
	}

	@Override
	public int depth() {
		return 0;
	}

	@Override
	public boolean flush(Duration timeout) {
		this.guard.flush();
		return true;
	}

	@Override
	public void beginClose() {
		// Nothing waits here, so there is nothing to begin.
	}

	@Override
	public void close() {
		if (this.guard.isWorkingHere()) {
			throw new IllegalStateException("Handler '" + this.guard.name() + "' can't close its own lane");
		}
		synchronized (this) {
			if (this.closed) {
				return;
			}
			this.closed = true;
		}
		if (awaitCallsEnd()) {
			this.guard.close();
		}
		else {
			// The thread is the application's: it is not ours to interrupt.
			this.guard.report(HandlerFault.Type.CLOSE, 0, null,
					new IllegalStateException("A call of the handler did not end within " + PATIENCE));
		}
	}

	private boolean awaitCallsEnd() {
		try {
			if (this.lock.writeLock().tryLock(PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
				this.lock.writeLock().unlock();
				return true;
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		return false;
	}

}
