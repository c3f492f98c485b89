package io.telemetry.filter;

import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;

/**
 * True where a field is there and its value passes a test.
 *
 * @param field what is looked at
 * @param test what its value is asked
 */
record Comparison(SignalField field, ValueTest test) implements SignalPredicate {

	@Override
	public boolean test(Signal signal) {
		try {
			Object value = this.field.read(signal);
			return value != null && this.test.matches(value);
		}
		// Values are foreign code: toString, equals, get and whatever these throw.
		catch (VirtualMachineError ex) {
			if (ex instanceof StackOverflowError) {
				return false;
			}
			throw ex;
		}
		catch (Throwable ex) {
			return false;
		}
	}

	@Override
	public Decision decide(Level level, Kind kind, String namespace, @Nullable String id) {
		if (!this.field.isHeader()) {
			return Decision.UNKNOWN;
		}
		Object value = this.field.read(level, kind, namespace, id);
		return Decision.of(value != null && this.test.matches(value));
	}

	String negated() {
		return this.test.negated(this.field.toString());
	}

	@Override
	public String toString() {
		return this.test.expression(this.field.toString());
	}

}
