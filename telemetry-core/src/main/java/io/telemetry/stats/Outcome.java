package io.telemetry.stats;

import java.util.Locale;

/**
 * What became of a signal, at the pipeline or at one handler. Every signal that was
 * received has exactly one outcome at each, once things are quiet.
 */
public enum Outcome {

	/** The pipeline passed it on to its handlers. */
	DISPATCHED,

	/** The handler handled it. */
	HANDLED,

	/** The handler, or what made the signal, failed. */
	ERRORS,

	/** The handler's own filter did not want it. */
	FILTERED,

	/** A sampler left it out. */
	SAMPLED,

	/** A rate limit held it back. */
	LIMITED,

	/** A transform dropped it. */
	TRANSFORMED,

	/** It came from the handler's own work and would have fed it again. */
	RECURSIVE,

	/** The queue was full. */
	DROPPED_OVERFLOW,

	/** The time to drain ended, or closing began, before it was handled. */
	DROPPED_CLOSED,

	/** The handler was in the middle of it when the time to drain ended. */
	INTERRUPTED;

	private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');

	/**
	 * The name in lower case with hyphens, as meters and JSON write it.
	 */
	@Override
	public String toString() {
		return this.text;
	}

}
