package io.telemetry;

import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

import io.telemetry.context.SignalContext;
import org.jspecify.annotations.Nullable;

/**
 * One run of a piece of work that may end later than its call does, on any thread.
 */
interface FollowedWork {

	/**
	 * Begins the run on the calling thread.
	 * @return {@code false} if nobody wants to know of it
	 */
	boolean begin();

	/**
	 * Leaves the thread that began the run as it was before.
	 */
	void leave();

	/**
	 * What is in force while the work runs.
	 * @return the context, or {@code null} for whatever is in force anyway
	 */
	@Nullable SignalContext context();

	/**
	 * Adds to what is known of the run.
	 * @param name a name
	 * @param value its value
	 */
	void attribute(String name, @Nullable Object value);

	/**
	 * Ends the run, on any thread; later calls do nothing.
	 * @param result what the work returned
	 * @param failure what it threw, else {@code null}
	 */
	void end(@Nullable Object result, @Nullable Throwable failure);

	/**
	 * Ends a run with the result of its work, or when what the work has begun ends.
	 * @param <T> what the work returned
	 * @param result the result
	 * @param run the run
	 * @param further makes the runs of a publisher's further subscriptions
	 * @return what to return instead
	 */
	@SuppressWarnings("unchecked")
	static <T extends @Nullable Object> T follow(T result, FollowedWork run, Supplier<FollowedWork> further) {
		if (result instanceof CompletionStage<?> stage) {
			stage.whenComplete((value, failure) -> run.end(value, unwrap(failure)));
			return result;
		}
		if (result != null && ReactiveWork.isReactive(result)) {
			return (T) ReactiveWork.follow(result, run, further);
		}
		run.end(result, null);
		return result;
	}

	private static @Nullable Throwable unwrap(@Nullable Throwable failure) {
		if (failure instanceof CompletionException || failure instanceof ExecutionException) {
			Throwable cause = failure.getCause();
			return (cause != null) ? cause : failure;
		}
		return failure;
	}

}
