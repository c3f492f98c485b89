package io.telemetry.pipeline;

import io.telemetry.limit.KeyedRateLimiter;
import io.telemetry.limit.RateLimiter;
import io.telemetry.transform.SignalTransform;
import org.jspecify.annotations.Nullable;

/**
 * What one call asks for itself, over what is configured.
 *
 * @param sampleRate the share of its signals that goes on, 0 to 1; multiplies with the
 * configured ones
 * @param limiter its own rate limit
 * @param keyedLimiter its own rate limit by key
 * @param key the key that it is limited by
 * @param transform what happens to its signals before anything else does
 * @param traceId the trace it belongs to, where that is not the one in force
 */
public record CallOptions(double sampleRate, @Nullable RateLimiter limiter, @Nullable KeyedRateLimiter keyedLimiter,
		@Nullable String key, @Nullable SignalTransform transform, @Nullable String traceId) {

	/** Nothing of its own. */
	public static final CallOptions NONE = new CallOptions(1, null, null, null, null, null);

	/**
	 * Checks the rate.
	 * @throws IllegalArgumentException if it is not a share
	 */
	public CallOptions {
		if (!(sampleRate >= 0 && sampleRate <= 1)) {
			throw new IllegalArgumentException("sampleRate must be from 0 to 1, not " + sampleRate);
		}
	}

	/**
	 * A copy with another sample rate.
	 * @param sampleRate the share that goes on, 0 to 1
	 * @return the copy
	 */
	public CallOptions withSampleRate(double sampleRate) {
		return new CallOptions(sampleRate, this.limiter, this.keyedLimiter, this.key, this.transform, this.traceId);
	}

	/**
	 * A copy with another rate limit.
	 * @param limiter how many go on in a time
	 * @return the copy
	 */
	public CallOptions withLimiter(RateLimiter limiter) {
		return new CallOptions(this.sampleRate, limiter, this.keyedLimiter, this.key, this.transform, this.traceId);
	}

	/**
	 * A copy with another rate limit by key.
	 * @param limiter how many go on in a time
	 * @param key whose budget it is
	 * @return the copy
	 */
	public CallOptions withLimiter(KeyedRateLimiter limiter, String key) {
		return new CallOptions(this.sampleRate, this.limiter, limiter, key, this.transform, this.traceId);
	}

	/**
	 * A copy with another transform.
	 * @param transform what happens to the signal before anything else does
	 * @return the copy
	 */
	public CallOptions withTransform(SignalTransform transform) {
		return new CallOptions(this.sampleRate, this.limiter, this.keyedLimiter, this.key, transform, this.traceId);
	}

	/**
	 * A copy for another trace.
	 * @param traceId the trace it belongs to
	 * @return the copy
	 */
	public CallOptions withTraceId(@Nullable String traceId) {
		return new CallOptions(this.sampleRate, this.limiter, this.keyedLimiter, this.key, this.transform, traceId);
	}

	/**
	 * Asks the call's own limits.
	 * @return how many they held back since the last that passed, or
	 * {@link RateLimiter#LIMITED}
	 */
	long askLimits() {
		long suppressed = 0;
		if (this.limiter != null) {
			suppressed = this.limiter.ask();
			if (suppressed == RateLimiter.LIMITED) {
				return RateLimiter.LIMITED;
			}
		}
		if (this.keyedLimiter != null && this.key != null) {
			long more = this.keyedLimiter.ask(this.key);
			if (more == RateLimiter.LIMITED) {
				return RateLimiter.LIMITED;
			}
			suppressed += more;
		}
		return suppressed;
	}

}
