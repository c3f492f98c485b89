package io.telemetry.filter;

import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;

/**
 * Something that is true of some signals and false of others. Made of an expression
 * ({@link #parse}), of a {@link SignalField}, or as a lambda of its own.
 * <p>
 * Level, kind, namespace and id are known before a signal is made. Where they are enough,
 * {@link #decide} says so, the data of a refused signal is never made, and {@link #test}
 * is not asked. A lambda says nothing beforehand and is asked with the signal.
 * <p>
 * Called on the threads that make signals, by several at once. What it throws is
 * contained by the pipeline that asks it and harms no caller.
 */
@FunctionalInterface
public interface SignalPredicate {

	/** True of every signal. */
	SignalPredicate ALWAYS = new SignalPredicate() {

		@Override
		public boolean test(Signal signal) {
			return true;
		}

		@Override
		public Decision decide(Level level, Kind kind, String namespace, @Nullable String id) {
			return Decision.YES;
		}

		@Override
		public String toString() {
			return "always";
		}

	};

	/**
	 * Whether this is true of a signal.
	 * @param signal the signal
	 * @return {@code true} if it is
	 */
	boolean test(Signal signal);

	/**
	 * What can be said before there is a signal. Anything but {@link Decision#UNKNOWN} is
	 * final and has to be what {@link #test} says of every such signal.
	 * @param level the signal's level
	 * @param kind its kind
	 * @param namespace its namespace
	 * @param id its id without leading colon, where there is one
	 * @return the decision, {@link Decision#UNKNOWN} unless overridden
	 */
	default Decision decide(Level level, Kind kind, String namespace, @Nullable String id) {
		return Decision.UNKNOWN;
	}

	/**
	 * A predicate that is true where this one and another are. The other is not asked
	 * where this one is false.
	 * @param other the other
	 * @return both together
	 */
	default SignalPredicate and(SignalPredicate other) {
		return AllOf.of(this, other);
	}

	/**
	 * A predicate that is true where this one or another is. The other is not asked where
	 * this one is true.
	 * @param other the other
	 * @return either of them
	 */
	default SignalPredicate or(SignalPredicate other) {
		return AnyOf.of(this, other);
	}

	/**
	 * A predicate that is true where this one is false.
	 * @return the opposite
	 */
	default SignalPredicate negate() {
		return Not.of(this);
	}

	/**
	 * The predicate of an expression, such as
	 * {@code level >= warn and not (ns = 'com.acme.*' or data.amount > 100)}. Its
	 * {@code toString} is an equivalent expression, not always the same text.
	 * {@code docs/filters.md} tells what an expression may say.
	 * @param expression at most 4,096 characters, parentheses and {@code not} at most 64
	 * deep
	 * @return the predicate
	 * @throws IllegalArgumentException if it is no expression, or makes no sense; the
	 * message says in which column, what was found there and what is allowed
	 */
	static SignalPredicate parse(String expression) {
		return new ExpressionParser(expression).predicate();
	}

}
