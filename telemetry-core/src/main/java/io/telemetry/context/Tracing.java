package io.telemetry.context;

import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * The door to a tracing system beside this library, such as Micrometer Tracing. Where
 * there is one, its spans are ours: they are the parents of what is traced here, and what
 * is traced here is exported by it. Called on the threads that make signals; safe for
 * several of them.
 */
public interface Tracing {

	/** No tracing system: spans are our own. */
	Tracing NONE = new Tracing() {

		@Override
		public @Nullable Span currentSpan() {
			return null;
		}

		@Override
		public @Nullable StartedSpan start(String name, @Nullable Span parent) {
			return null;
		}

	};

	/**
	 * The tracing system's current span. Asked for every signal, so it must be cheap.
	 * @return the span, or {@code null} if there is none on this thread
	 */
	@Nullable Span currentSpan();

	/**
	 * Starts a span and makes it the current one of this thread.
	 * @param name what is done
	 * @param parent the span around it: the tracing system's current one, or one that
	 * only our context brought to this thread, or {@code null} if there is none
	 * @return the span, or {@code null} to have one of our own instead
	 */
	@Nullable StartedSpan start(String name, @Nullable Span parent);

	/**
	 * A span of the tracing system that runs. Ended by any thread, once.
	 */
	interface StartedSpan {

		/**
		 * Its ids.
		 * @return the span
		 */
		Span span();

		/**
		 * Gives the thread's former span back. Called on the thread that started it; the
		 * span itself goes on.
		 */
		void leave();

		/**
		 * Ends the span.
		 * @param attributes what is known of the work
		 * @param error why the work failed, or {@code null} if it did not
		 */
		void end(Map<String, Object> attributes, @Nullable Throwable error);

	}

}
