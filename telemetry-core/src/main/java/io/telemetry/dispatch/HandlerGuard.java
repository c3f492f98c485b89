package io.telemetry.dispatch;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

import io.telemetry.handler.HandlerException;
import io.telemetry.handler.HandlerFault;
import io.telemetry.handler.HandlerFaultListener;
import io.telemetry.handler.SignalHandler;
import io.telemetry.signal.Signal;
import io.telemetry.stats.LatencyRecorder;
import io.telemetry.stats.LatencyStats;
import io.telemetry.stats.Outcome;
import io.telemetry.stats.OutcomeRecorder;
import org.jspecify.annotations.Nullable;

/**
 * Calls one handler and contains what it throws. Knows on which threads the handler is at
 * work, so that its own signals don't feed it again.
 */
final class HandlerGuard {

	private static final System.Logger LOGGER = System.getLogger(HandlerGuard.class.getName());

	/**
	 * Each thread's innermost frame, in an array of one. The array stays with the thread,
	 * because taking the entry away and putting it back costs more per signal than all
	 * the rest; it is of no class of ours, so that a pooled thread does not hold on to
	 * the application that is gone.
	 */
	private static final ThreadLocal<@Nullable Object[]> WORKING = ThreadLocal.withInitial(() -> new Object[1]);

	/**
	 * One call with a single signal in so many is timed: reading the clock twice and
	 * recording would cost more than a handler that does little.
	 */
	private static final int TIMED_ONE_IN = 16;

	/** What {@link #generation()} says of a signal that would feed this handler again. */
	static final int RECURSIVE = -1;

	/**
	 * Queues in a row that a signal may lead to by way of the handlers behind them. Two
	 * handlers that feed each other through queues do it on two threads, so neither is
	 * found at work on the other's; what ends their circle is that it gets too long.
	 */
	static final int MAX_GENERATION = 4;

	final OutcomeRecorder recorder;

	private final LatencyRecorder latency = new LatencyRecorder();

	private final String name;

	private final SignalHandler handler;

	private final HandlerFaultListener faults;

	/** Serves every thread on which no other handler is at work. */
	private final Frame outermost = new Frame(this, null, 0);

	HandlerGuard(String name, SignalHandler handler, OutcomeRecorder recorder, HandlerFaultListener faults) {
		this.name = name;
		this.handler = handler;
		this.recorder = recorder;
		this.faults = faults;
	}

	String name() {
		return this.name;
	}

	/**
	 * Whether the current thread is inside this handler.
	 */
	boolean isWorkingHere() {
		for (Frame frame = (Frame) WORKING.get()[0]; frame != null; frame = frame.outer()) {
			if (frame.guard() == this) {
				return true;
			}
		}
		return false;
	}

	/**
	 * How many queues, by way of the handlers behind them, led to a signal that is made
	 * on this thread.
	 * @return 0 where no handler is at work here, {@link #RECURSIVE} if this handler is,
	 * or too many others in a row were
	 */
	int generation() {
		Frame innermost = (Frame) WORKING.get()[0];
		if (innermost == null) {
			return 0;
		}
		int generation = innermost.generation() + 1;
		return (generation > MAX_GENERATION || isWorkingHere()) ? RECURSIVE : generation;
	}

	LatencyStats latency() {
		return this.latency.snapshot();
	}

	/**
	 * Handles one signal and counts its outcome.
	 */
	void handle(Signal signal) {
		boolean timed = (ThreadLocalRandom.current().nextInt() & (TIMED_ONE_IN - 1)) == 0;
		long start = timed ? System.nanoTime() : 0;
		Frame outer = enter(0);
		try {
			this.handler.handle(signal);
			this.recorder.count(Outcome.HANDLED);
		}
		catch (Throwable ex) {
			this.recorder.count(Outcome.ERRORS);
			contain(ex, HandlerFault.Type.HANDLE, 1, signal);
		}
		finally {
			leave(outer);
			if (timed) {
				this.latency.record(System.nanoTime() - start);
			}
		}
	}

	/**
	 * Handles a batch and has its outcome counted.
	 */
	void handle(Batch batch, BatchOutcome outcome) {
		long start = System.nanoTime();
		Frame outer = enter(batch.generation());
		try {
			this.handler.handle(batch);
			outcome.handled();
		}
		catch (Throwable ex) {
			List<Signal> failed = (ex instanceof HandlerException known && !known.failed().isEmpty()) ? known.failed()
					: batch;
			int failures = Math.min(failed.size(), batch.size());
			Signal one = failed.get(0);
			outcome.failed(failed, ex);
			contain(ex, HandlerFault.Type.HANDLE, failures, one);
		}
		finally {
			leave(outer);
			this.latency.record(System.nanoTime() - start);
		}
	}

	/**
	 * Has the handler write out what it holds.
	 * @param generation that of the signals that were handled last
	 */
	void flush(int generation) {
		Frame outer = enter(generation);
		try {
			this.handler.flush();
		}
		catch (Throwable ex) {
			contain(ex, HandlerFault.Type.FLUSH, 0, null);
		}
		finally {
			leave(outer);
		}
	}

	void close() {
		Frame outer = enter(0);
		try {
			this.handler.flush();
			this.handler.close();
		}
		catch (Throwable ex) {
			contain(ex, HandlerFault.Type.CLOSE, 0, null);
		}
		finally {
			leave(outer);
		}
	}

	void report(HandlerFault.Type type, int signals, @Nullable Signal signal, @Nullable Throwable cause) {
		Frame outer = enter(0);
		try {
			this.faults.onFault(new HandlerFault(this.name, type, signals, signal, cause));
		}
		catch (Throwable ex) {
			if (isFatal(ex)) {
				throw ex;
			}
			// The listener is where faults go: only the log is left to tell of its own.
			LOGGER.log(System.Logger.Level.ERROR, "The fault listener failed for handler '" + this.name + "'", ex);
		}
		finally {
			leave(outer);
		}
	}

	private void contain(Throwable ex, HandlerFault.Type type, int signals, @Nullable Signal signal) {
		if (ex instanceof InterruptedException) {
			Thread.currentThread().interrupt();
		}
		report(type, signals, signal, ex);
		if (isFatal(ex)) {
			throw (VirtualMachineError) ex;
		}
	}

	private static boolean isFatal(Throwable ex) {
		return ex instanceof VirtualMachineError && !(ex instanceof StackOverflowError);
	}

	private @Nullable Frame enter(int generation) {
		@Nullable Object[] working = WORKING.get();
		Frame outer = (Frame) working[0];
		if (outer != null) {
			working[0] = new Frame(this, outer, Math.max(generation, outer.generation()));
		}
		else {
			working[0] = (generation == 0) ? this.outermost : new Frame(this, null, generation);
		}
		return outer;
	}

	private static void leave(@Nullable Frame outer) {
		WORKING.get()[0] = outer;
	}

	/**
	 * Counts a batch, unless somebody else did meanwhile.
	 */
	interface BatchOutcome {

		/**
		 * The handler took all of it.
		 */
		void handled();

		/**
		 * The handler failed.
		 * @param failed the signals that were not handled, as the handler says
		 * @param cause what it threw
		 */
		void failed(List<Signal> failed, Throwable cause);

	}

	private record Frame(HandlerGuard guard, @Nullable Frame outer, int generation) {
	}

}
