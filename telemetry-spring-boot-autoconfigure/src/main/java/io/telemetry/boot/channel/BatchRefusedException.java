package io.telemetry.boot.channel;

import org.jspecify.annotations.Nullable;

/**
 * Says that a batch is refused as a whole. Has no stack trace: it is an answer, and
 * hostile clients can ask for many.
 */
final class BatchRefusedException extends Exception {

	private static final long serialVersionUID = 1L;

	private final RefusalReason reason;

	private final @Nullable String batch;

	private final long retryAfterMs;

	BatchRefusedException(RefusalReason reason, @Nullable String batch) {
		this(reason, batch, 0);
	}

	BatchRefusedException(RefusalReason reason, @Nullable String batch, long retryAfterMs) {
		super(reason.title(), null, false, false);
		this.reason = reason;
		this.batch = batch;
		this.retryAfterMs = retryAfterMs;
	}

	RefusalReason reason() {
		return this.reason;
	}

	/**
	 * The id of the batch, where it was read before the refusal.
	 */
	@Nullable String batch() {
		return this.batch;
	}

	/**
	 * When to try again, in milliseconds from now; 0 where trying again does not help.
	 */
	long retryAfterMs() {
		return this.retryAfterMs;
	}

}
