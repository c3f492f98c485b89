package io.telemetry.filter;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;

/**
 * True where at least one of several predicates is.
 *
 * @param operands two or more, none of which is an {@code AnyOf}
 */
record AnyOf(List<SignalPredicate> operands) implements SignalPredicate {

	static SignalPredicate of(SignalPredicate first, SignalPredicate second) {
		Objects.requireNonNull(second, "other");
		if (first == ALWAYS || second == ALWAYS) {
			return ALWAYS;
		}
		List<SignalPredicate> operands = new ArrayList<>(operands(first));
		operands.addAll(operands(second));
		return new AnyOf(List.copyOf(operands));
	}

	private static List<SignalPredicate> operands(SignalPredicate predicate) {
		return (predicate instanceof AnyOf any) ? any.operands : List.of(predicate);
	}

	@Override
	public boolean test(Signal signal) {
		for (int i = 0; i < this.operands.size(); i++) {
			if (this.operands.get(i).test(signal)) {
				return true;
			}
		}
		return false;
	}

	@Override
	public Decision decide(Level level, Kind kind, String namespace, @Nullable String id) {
		Decision result = Decision.NO;
		for (int i = 0; i < this.operands.size(); i++) {
			Decision decision = this.operands.get(i).decide(level, kind, namespace, id);
			if (decision == Decision.YES) {
				return Decision.YES;
			}
			if (decision == Decision.UNKNOWN) {
				result = Decision.UNKNOWN;
			}
		}
		return result;
	}

	@Override
	public String toString() {
		StringBuilder text = new StringBuilder();
		for (SignalPredicate operand : this.operands) {
			text.append(text.isEmpty() ? "" : " or ").append(operand);
		}
		return text.toString();
	}

}
