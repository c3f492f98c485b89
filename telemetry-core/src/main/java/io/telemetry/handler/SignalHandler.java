package io.telemetry.handler;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import io.telemetry.signal.Signal;

/**
 * A destination of signals. Only {@link #handle(Signal)} has to be written.
 * <p>
 * A handler without a queue is called on the thread that made the signal, by several
 * threads at once. A handler with a queue is called by that queue's threads, one unless
 * {@link QueueOptions#threads()} says more, in the order in which each producer made its
 * signals. Whatever a handler throws is contained and counted; neither the caller nor
 * another handler notices, but for virtual machine errors, which the caller gets. A
 * signal that a handler makes while it handles one reaches every handler but itself;
 * handlers that feed each other by way of queues come to an end after a few turns.
 */
@FunctionalInterface
public interface SignalHandler extends AutoCloseable {

	/**
	 * Handles one signal.
	 * @param signal the signal
	 * @throws HandlerException if it failed in a way that says whether trying again helps
	 * @throws Exception if it failed; taken as permanent
	 */
	void handle(Signal signal) throws Exception;

	/**
	 * Handles several signals, in order. A queue calls this with up to
	 * {@link QueueOptions#batchSize()} signals. The default hands on one by one and lets
	 * a failing signal harm no other; if one of those that failed may be tried again, the
	 * failure is retryable for all of them.
	 * @param batch one signal or more; not to be kept or changed
	 * @throws HandlerException if some were not handled;
	 * {@link HandlerException#failed()} names them
	 * @throws Exception if none was handled
	 */
	default void handle(List<Signal> batch) throws Exception {
		List<Signal> failed = new ArrayList<>(0);
		HandlerException failure = null;
		for (Signal signal : batch) {
			try {
				handle(signal);
			}
			catch (InterruptedException ex) {
				throw ex;
			}
			catch (Exception ex) {
				failed.add(signal);
				boolean passes = ex instanceof HandlerException known && known.isRetryable();
				failure = (failure == null || (passes && !failure.isRetryable())) ? HandlerException.of(ex) : failure;
			}
		}
		if (failure != null) {
			throw failure.withFailed(failed);
		}
	}

	/**
	 * Writes out what the handler itself still holds. Called when the queue runs empty
	 * and when somebody asks for a flush, by the thread that handles.
	 * @throws Exception if it failed
	 */
	default void flush() throws Exception {
	}

	/**
	 * Gives up what the handler holds. Called once, after the last {@code handle}.
	 * @throws IOException if it failed
	 */
	@Override
	default void close() throws IOException {
	}

}
