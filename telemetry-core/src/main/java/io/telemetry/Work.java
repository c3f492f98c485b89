package io.telemetry;

import org.jspecify.annotations.Nullable;

/**
 * A piece of work that returns something: what {@link java.util.function.Supplier} and
 * {@link java.util.concurrent.Callable} are, with the exception that it may throw. Either
 * can be given as a method reference: {@code supplier::get}, {@code callable::call}. Of
 * work that throws exceptions of several checked types the compiler makes
 * {@code Exception}; a reference to an overloaded method has to be written as a lambda.
 *
 * @param <T> what it returns
 * @param <X> what it may throw
 */
@FunctionalInterface
public interface Work<T extends @Nullable Object, X extends Exception> {

	/**
	 * Does it.
	 * @return what came of it
	 * @throws X if it failed
	 */
	T call() throws X;

	/**
	 * A piece of work that returns nothing.
	 *
	 * @param <X> what it may throw
	 */
	@FunctionalInterface
	interface Silent<X extends Exception> {

		/**
		 * Does it.
		 * @throws X if it failed
		 */
		void run() throws X;

		/**
		 * The same as work that returns something, which is {@code null}.
		 * @return the work
		 */
		@SuppressWarnings("NullAway") // knows no nullable type arguments yet
		default Work<@Nullable Void, X> asWork() {
			return () -> {
				run();
				return null;
			};
		}

	}

}
