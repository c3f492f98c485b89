package io.telemetry.dispatch;

import java.time.Duration;

import io.telemetry.handler.HandlerFaultListener;
import io.telemetry.handler.QueueOptions;
import io.telemetry.handler.SignalHandler;
import io.telemetry.signal.Signal;
import io.telemetry.stats.LatencyStats;
import io.telemetry.stats.OutcomeRecorder;
import org.jspecify.annotations.Nullable;

/**
 * The way to one handler. Everything a lane is given gets exactly one outcome.
 */
public interface Lane {

	/**
	 * A lane with or without a queue.
	 * @param name the handler's name
	 * @param handler where it leads
	 * @param queue the queue's options, or {@code null} for none
	 * @param durable whether it loses no signal that somebody keeps
	 * @param recorder counts outcomes
	 * @param faults is told what goes wrong
	 * @return a lane that is open
	 * @throws IllegalArgumentException if it is to be durable without a queue
	 */
	static Lane of(String name, SignalHandler handler, @Nullable QueueOptions queue, boolean durable,
			OutcomeRecorder recorder, HandlerFaultListener faults) {
		HandlerGuard guard = new HandlerGuard(name, handler, recorder, faults);
		if (queue != null) {
			return new QueuedLane(guard, queue, durable, Timing.SYSTEM);
		}
		if (durable) {
			throw new IllegalArgumentException("Handler '" + name + "' can't be durable without a queue");
		}
		return new DirectLane(guard);
	}

	/**
	 * Takes a signal, on the thread that made it. The caller has counted it as received
	 * before; the lane counts what becomes of it. Never throws what a handler throws, but
	 * virtual machine errors other than {@link StackOverflowError}.
	 * <p>
	 * Where the lane is durable and somebody keeps the signal, it is held until it was
	 * handled or refused for good, and the thread waits for room until there is some, the
	 * lane closes or the thread is interrupted, which it stays.
	 * @param signal the signal
	 */
	void accept(Signal signal);

	/**
	 * Signals that wait in the queue.
	 * @return 0 where there is no queue
	 */
	int depth();

	/**
	 * How full the queue is for signals below error. A queue that has stood still for ten
	 * seconds does not count until it moves again. Takes no lock while it is less than
	 * half full.
	 * @param now the monotonic time in nanoseconds
	 * @return 0 to 1; 0 where there is no queue
	 */
	double pressure(long now);

	/**
	 * How long the handler took: for each batch where there is a queue, else for one call
	 * in sixteen, by chance.
	 * @return a snapshot of all calls so far
	 */
	LatencyStats latency();

	/**
	 * How often a durable lane handed a batch, or what was left of it, on again because
	 * its failure was one that passes.
	 * @return 0 or more; 0 where the lane is not durable
	 */
	long retries();

	/**
	 * Waits until everything that was accepted before is handled and written out.
	 * @param timeout how long to wait
	 * @return whether it was done in time
	 * @throws InterruptedException if the waiting thread is interrupted
	 */
	boolean flush(Duration timeout) throws InterruptedException;

	/**
	 * Whether the current thread is inside the handler, so that it can't wait for the
	 * handler's end.
	 * @return {@code true} if {@link #close()} would be refused here
	 */
	boolean isWorkingHere();

	/**
	 * Takes nothing more and begins to drain. Does not wait.
	 */
	void beginClose();

	/**
	 * Waits for the lane to drain, at most the queue's drain timeout after
	 * {@link #beginClose()}, then closes the handler. After it returned no {@code handle}
	 * starts; one that still runs is interrupted and left. A durable lane tries what it
	 * has set aside, and whatever fails from now on, no more than once. Idempotent.
	 * @throws IllegalStateException if it is called from inside the handler
	 */
	void close();

}
