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
	 * @param recorder counts outcomes
	 * @param faults is told what goes wrong
	 * @return a lane that is open
	 */
	static Lane of(String name, SignalHandler handler, @Nullable QueueOptions queue, OutcomeRecorder recorder,
			HandlerFaultListener faults) {
		HandlerGuard guard = new HandlerGuard(name, handler, recorder, faults);
		return (queue == null) ? new DirectLane(guard) : new QueuedLane(guard, queue);
	}

	/**
	 * Takes a signal, on the thread that made it. The caller has counted it as received
	 * before; the lane counts what becomes of it. Never throws what a handler throws, but
	 * virtual machine errors other than {@link StackOverflowError}.
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
	 * starts; one that still runs is interrupted and left. Idempotent.
	 * @throws IllegalStateException if it is called from inside the handler
	 */
	void close();

}
