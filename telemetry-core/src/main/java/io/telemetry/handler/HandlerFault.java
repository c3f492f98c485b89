package io.telemetry.handler;

import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;

/**
 * Something that went wrong on the way to a handler or inside it.
 *
 * @param handler the handler's name, or {@code null} for the pipeline itself
 * @param type what went wrong
 * @param signals how many signals it concerns
 * @param signal one of them
 * @param cause why, where an exception tells
 */
public record HandlerFault(@Nullable String handler, Type type, int signals, @Nullable Signal signal,
		@Nullable Throwable cause) {

	/**
	 * What can go wrong.
	 */
	public enum Type {

		/** The handler failed to handle. */
		HANDLE("failed to handle"),

		/** The handler failed to write out what it holds. */
		FLUSH("failed to flush"),

		/** The handler failed to close, or was left because it did not end in time. */
		CLOSE("failed to close"),

		/** The queue was full. */
		OVERFLOW("dropped for want of room"),

		/** A transform threw; the signal went on without it. */
		TRANSFORM("failed to transform"),

		/** A predicate threw; the signal was refused. */
		PREDICATE("failed to decide about"),

		/** A meter was given a number that makes no sense, or its sink threw. */
		METER("failed to measure"),

		/** The tracing system threw; spans are our own where it did. */
		TRACING("failed to trace"),

		/** What was to supply a message or data threw; the signal went on without it. */
		SUPPLIER("failed to supply message or data for");

		private final String words;

		Type(String words) {
			this.words = words;
		}

		/**
		 * What went wrong, in words that "n signals" can follow.
		 * @return the words
		 */
		public String words() {
			return this.words;
		}

	}

}
