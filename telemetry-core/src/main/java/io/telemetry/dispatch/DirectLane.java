package io.telemetry.dispatch;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import io.telemetry.handler.HandlerFault;
import io.telemetry.signal.Signal;
import io.telemetry.stats.LatencyStats;
import io.telemetry.stats.Outcome;

/**
 * Calls the handler on the thread that made the signal.
 */
final class DirectLane implements Lane {

	/**
	 * How long closing waits for calls that are under way on the application's threads.
	 */
	private static final Duration PATIENCE = Duration.ofSeconds(6);

	private static final long LONGEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(4);

	private final HandlerGuard guard;

	private final Object monitor = new Object();

	private volatile boolean closed;

	DirectLane(HandlerGuard guard) {
		this.guard = guard;
	}

	@Override
	public void accept(Signal signal) {
		if (this.guard.isWorkingHere()) {
			this.guard.recorder.count(Outcome.RECURSIVE);
		}
		else if (this.closed) {
			this.guard.recorder.count(Outcome.DROPPED_CLOSED);
		}
		else {
			this.guard.handle(signal);
		}
	}

	@Override
	public int depth() {
		return 0;
	}

	@Override
	public double pressure(long now) {
		return 0;
	}

	@Override
	public long retries() {
		return 0;
	}

	@Override
	public LatencyStats latency() {
		return this.guard.latency();
	}

	@Override
	public boolean flush(Duration timeout) {
		if (!this.closed) {
			this.guard.flush(0);
		}
		return true;
	}

	@Override
	public void beginClose() {
		// Nothing waits here, so there is nothing to begin.
	}

	@Override
	public boolean isWorkingHere() {
		return this.guard.isWorkingHere();
	}

	@Override
	public void close() {
		if (this.guard.isWorkingHere()) {
			throw new IllegalStateException("Handler '" + this.guard.name() + "' can't close its own lane");
		}
		boolean first;
		synchronized (this.monitor) {
			first = !this.closed;
			this.closed = true;
		}
		boolean ended = awaitCallsEnd();
		if (!first) {
			// Whoever was first closes the handler, but nobody returns while a call that
			// saw the lane open may still start.
			return;
		}
		if (ended) {
			this.guard.close();
		}
		else {
			// The thread is the application's: it is not ours to interrupt.
			this.guard.report(HandlerFault.Type.CLOSE, 0, null,
					new IllegalStateException("A call of the handler did not end within " + PATIENCE));
		}
	}

	/**
	 * Waits until no call is under way. A call was counted as received before it read
	 * that the lane is open, so it is seen here by whoever closed it, and it is in flight
	 * until its outcome is counted: the counters tell what a lock around each call would.
	 */
	private boolean awaitCallsEnd() {
		long deadline = System.nanoTime() + PATIENCE.toNanos();
		long pause = TimeUnit.MICROSECONDS.toNanos(50);
		while (this.guard.recorder.snapshot().inFlight() > 0) {
			if (deadline - System.nanoTime() <= 0) {
				return false;
			}
			try {
				TimeUnit.NANOSECONDS.sleep(pause);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				return false;
			}
			pause = Math.min(pause * 2, LONGEST_PAUSE);
		}
		return true;
	}

}
