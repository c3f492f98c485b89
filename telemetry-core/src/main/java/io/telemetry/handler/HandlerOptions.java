package io.telemetry.handler;

import java.util.List;
import java.util.Objects;

import io.telemetry.filter.FilterSettings;
import io.telemetry.limit.RateLimit;
import io.telemetry.signal.Level;
import io.telemetry.transform.SignalTransform;
import org.jspecify.annotations.Nullable;

/**
 * What one handler is given and how. It can only be stricter than the pipeline.
 *
 * @param enabled whether the handler is given anything
 * @param filter which signals it is given
 * @param sampleRate the share of them it is given, 0 to 1
 * @param rateLimit how many of those it is given in a time, or {@code null} for all
 * @param transforms what happens to a signal for this handler alone, in order
 * @param priority handlers with a higher priority are fed first
 * @param queue the queue before the handler, or {@code null} to call it on the thread
 * that made the signal
 * @param durable whether the handler is to lose no signal that somebody keeps
 * ({@link io.telemetry.signal.Signal#delivery()}): such a signal waits for room in the
 * queue, whatever the overflow says, and what fails in a way that passes is tried again
 * until the handler is closed. What is kept counts as delivered when {@code handle}
 * returned, so the handler must not hold it back then. Needs a queue
 */
public record HandlerOptions(boolean enabled, FilterSettings filter, double sampleRate, @Nullable RateLimit rateLimit,
		List<SignalTransform> transforms, int priority, @Nullable QueueOptions queue, boolean durable) {

	/** From info on, everything, behind a queue with its defaults. */
	public static final HandlerOptions DEFAULTS = new HandlerOptions(true,
			FilterSettings.DEFAULTS.withMinLevel(Level.INFO), 1, null, List.of(), 0, QueueOptions.DEFAULTS, false);

	public HandlerOptions {
		Objects.requireNonNull(filter, "filter");
		if (!(sampleRate >= 0 && sampleRate <= 1)) {
			throw new IllegalArgumentException("sampleRate must be from 0 to 1, not " + sampleRate);
		}
		transforms = List.copyOf(transforms);
		if (durable && queue == null) {
			throw new IllegalArgumentException("durable needs a queue, and queue is null");
		}
	}

	/**
	 * A copy that is switched on or off.
	 * @param enabled whether the handler is given anything
	 * @return the copy
	 */
	public HandlerOptions withEnabled(boolean enabled) {
		return new HandlerOptions(enabled, this.filter, this.sampleRate, this.rateLimit, this.transforms, this.priority,
				this.queue, this.durable);
	}

	/**
	 * A copy with another filter.
	 * @param filter which signals the handler is given
	 * @return the copy
	 */
	public HandlerOptions withFilter(FilterSettings filter) {
		return new HandlerOptions(this.enabled, filter, this.sampleRate, this.rateLimit, this.transforms, this.priority,
				this.queue, this.durable);
	}

	/**
	 * A copy with another minimum level.
	 * @param minLevel the lowest level the handler is given
	 * @return the copy
	 */
	public HandlerOptions withMinLevel(Level minLevel) {
		return withFilter(this.filter.withMinLevel(minLevel));
	}

	/**
	 * A copy with another sample rate.
	 * @param sampleRate the share the handler is given, 0 to 1
	 * @return the copy
	 */
	public HandlerOptions withSampleRate(double sampleRate) {
		return new HandlerOptions(this.enabled, this.filter, sampleRate, this.rateLimit, this.transforms, this.priority,
				this.queue, this.durable);
	}

	/**
	 * A copy with another rate limit.
	 * @param rateLimit how many signals the handler is given in a time, or {@code null}
	 * for all
	 * @return the copy
	 */
	public HandlerOptions withRateLimit(@Nullable RateLimit rateLimit) {
		return new HandlerOptions(this.enabled, this.filter, this.sampleRate, rateLimit, this.transforms, this.priority,
				this.queue, this.durable);
	}

	/**
	 * A copy with other transforms.
	 * @param transforms what happens to a signal for this handler alone
	 * @return the copy
	 */
	public HandlerOptions withTransforms(List<SignalTransform> transforms) {
		return new HandlerOptions(this.enabled, this.filter, this.sampleRate, this.rateLimit, transforms, this.priority,
				this.queue, this.durable);
	}

	/**
	 * A copy with another priority.
	 * @param priority handlers with a higher priority are fed first
	 * @return the copy
	 */
	public HandlerOptions withPriority(int priority) {
		return new HandlerOptions(this.enabled, this.filter, this.sampleRate, this.rateLimit, this.transforms, priority,
				this.queue, this.durable);
	}

	/**
	 * A copy with another queue.
	 * @param queue the queue before the handler, or {@code null} to call it on the thread
	 * that made the signal
	 * @return the copy
	 */
	public HandlerOptions withQueue(@Nullable QueueOptions queue) {
		return new HandlerOptions(this.enabled, this.filter, this.sampleRate, this.rateLimit, this.transforms,
				this.priority, queue, this.durable);
	}

	/**
	 * A copy that loses nothing, or may.
	 * @param durable whether the handler is to lose no signal that somebody keeps
	 * @return the copy
	 * @throws IllegalArgumentException if it is to and there is no queue
	 */
	public HandlerOptions withDurable(boolean durable) {
		return new HandlerOptions(this.enabled, this.filter, this.sampleRate, this.rateLimit, this.transforms,
				this.priority, this.queue, durable);
	}

}
