package io.telemetry.filter;

import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;

/**
 * True where another predicate is false.
 *
 * @param operand the other, not a {@code Not}
 */
record Not(SignalPredicate operand) implements SignalPredicate {

	static SignalPredicate of(SignalPredicate predicate) {
		return (predicate instanceof Not not) ? not.operand : new Not(predicate);
	}

	@Override
	public boolean test(Signal signal) {
		return !this.operand.test(signal);
	}

	@Override
	public Decision decide(Level level, Kind kind, String namespace, @Nullable String id) {
		return this.operand.decide(level, kind, namespace, id).negate();
	}

	@Override
	public String toString() {
		if (this.operand instanceof Comparison comparison) {
			return comparison.negated();
		}
		return (this.operand == ALWAYS) ? "not always" : "not (" + this.operand + ")";
	}

}
