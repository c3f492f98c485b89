package io.telemetry.dispatch;

import java.time.Duration;

import io.telemetry.handler.Backoff;
import io.telemetry.handler.HandlerException;
import org.jspecify.annotations.Nullable;

/**
 * When one worker of a durable lane tries a batch again. Not safe for several threads.
 */
final class Retry {

	private static final Duration FIRST_DELAY = Duration.ofMillis(100);

	private static final Duration LONGEST_DELAY = Duration.ofSeconds(30);

	/**
	 * What a destination can ask for at most: one that is wrong about it must not keep
	 * signals for ever.
	 */
	private static final Duration LONGEST_WISH = Duration.ofHours(1);

	private final Timing timing;

	private final Backoff backoff;

	Retry(Timing timing) {
		this.timing = timing;
		this.backoff = new Backoff(FIRST_DELAY, LONGEST_DELAY, timing::random);
	}

	/**
	 * Whether the signals that failed are to be tried again.
	 */
	static boolean helps(Throwable failure) {
		return failure instanceof HandlerException known && known.isRetryable();
	}

	/**
	 * Begins the pause before the next try.
	 * @param failure what the handler threw
	 */
	void failed(Throwable failure) {
		Duration wish = (failure instanceof HandlerException known) ? known.retryAfter() : null;
		this.backoff.failed(this.timing.nanoTime(), nanos(wish));
	}

	private static long nanos(@Nullable Duration wish) {
		if (wish == null) {
			return 0;
		}
		return ((wish.compareTo(LONGEST_WISH) < 0) ? wish : LONGEST_WISH).toNanos();
	}

	/**
	 * Ends the pause: the next failure is a first one.
	 */
	void reset() {
		this.backoff.reset();
	}

	/**
	 * Waits for a part of the pause, or for all of it.
	 * @return whether the pause is over
	 */
	boolean pause() {
		long left = this.backoff.left(this.timing.nanoTime());
		if (left > 0) {
			this.timing.pause(left);
		}
		return left <= 0;
	}

}
