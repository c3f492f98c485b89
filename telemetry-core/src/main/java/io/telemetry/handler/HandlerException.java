package io.telemetry.handler;

import java.time.Duration;
import java.util.List;

import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;

/**
 * A handler's failure that says whether trying again helps, and which signals of a batch
 * it concerns.
 */
public class HandlerException extends Exception {

	private static final long serialVersionUID = 1L;

	private final boolean retryable;

	private final @Nullable Duration retryAfter;

	/** Not written out: signals hold values that can't be. */
	private final transient List<Signal> failed;

	private HandlerException(String message, @Nullable Throwable cause, boolean retryable,
			@Nullable Duration retryAfter, List<Signal> failed) {
		super(message, cause);
		this.retryable = retryable;
		this.retryAfter = retryAfter;
		this.failed = List.copyOf(failed);
	}

	/**
	 * A failure that passes: the destination is down, busy or slow.
	 * @param message what failed
	 * @param cause why, where an exception tells
	 * @return the failure
	 */
	public static HandlerException retryable(String message, @Nullable Throwable cause) {
		return new HandlerException(message, cause, true, null, List.of());
	}

	/**
	 * A failure that the same signals would meet again: the destination refuses them.
	 * @param message what failed
	 * @param cause why, where an exception tells
	 * @return the failure
	 */
	public static HandlerException permanent(String message, @Nullable Throwable cause) {
		return new HandlerException(message, cause, false, null, List.of());
	}

	/**
	 * Any failure as a failure of this type; permanent unless it says otherwise.
	 * @param cause the failure
	 * @return the same where it is of this type already, else one that holds it
	 */
	public static HandlerException of(Throwable cause) {
		return (cause instanceof HandlerException known) ? known : permanent(String.valueOf(cause.getMessage()), cause);
	}

	/**
	 * The same failure, for some signals of the batch only.
	 * @param failed the signals that were not handled
	 * @return a copy
	 */
	public HandlerException withFailed(List<Signal> failed) {
		return copy(this.retryAfter, failed);
	}

	/**
	 * The same failure, with the time that the destination asked for.
	 * @param retryAfter how long to wait before the next try
	 * @return a copy
	 */
	public HandlerException withRetryAfter(Duration retryAfter) {
		return copy(retryAfter, this.failed);
	}

	private HandlerException copy(@Nullable Duration retryAfter, List<Signal> failed) {
		HandlerException copy = new HandlerException(String.valueOf(getMessage()), getCause(), this.retryable,
				retryAfter, failed);
		copy.setStackTrace(getStackTrace());
		return copy;
	}

	/**
	 * Whether trying the same signals again may help.
	 * @return {@code false} if the destination refuses them for good
	 */
	public boolean isRetryable() {
		return this.retryable;
	}

	/**
	 * How long to wait before the next try, where the destination said so.
	 * @return the wait
	 */
	public @Nullable Duration retryAfter() {
		return this.retryAfter;
	}

	/**
	 * The signals of the batch that were not handled.
	 * @return those signals; empty means all of the batch
	 */
	public List<Signal> failed() {
		return this.failed;
	}

}
