package io.telemetry.boot.channel;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What a client is told of a batch it sent.
 */
sealed interface Answer {

	/**
	 * The batch the answer is about, where its id is known.
	 */
	@Nullable String batch();

	/**
	 * The batch was taken into the pipeline, now or when it came first.
	 *
	 * @param batch its id; {@code null} for a bare array of events, which is not answered
	 * over a connection
	 * @param accepted events that were taken
	 * @param rejected events that were left out
	 * @param duplicate whether the batch had been taken before
	 */
	record Accepted(@Nullable String batch, int accepted, List<Rejection> rejected,
			boolean duplicate) implements Answer {

		Accepted asDuplicate() {
			return new Accepted(this.batch, this.accepted, this.rejected, true);
		}

	}

	/**
	 * Nothing of the batch was taken, and it was not remembered.
	 *
	 * @param batch its id, where it was read
	 * @param reason why
	 * @param retryAfterMs when to try again, in milliseconds from now; 0 where trying
	 * again does not help
	 */
	record Refused(@Nullable String batch, RefusalReason reason, long retryAfterMs) implements Answer {
	}

}
