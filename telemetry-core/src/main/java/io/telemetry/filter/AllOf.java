package io.telemetry.filter;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;

/**
 * True where all of several predicates are.
 *
 * @param operands two or more, none of which is an {@code AllOf}: long chains are flat,
 * so that asking them needs no deep stack
 */
record AllOf(List<SignalPredicate> operands) implements SignalPredicate {

	static SignalPredicate of(SignalPredicate first, SignalPredicate second) {
		Objects.requireNonNull(second, "other");
		if (first == ALWAYS) {
			return second;
		}
		if (second == ALWAYS) {
			return first;
		}
		List<SignalPredicate> operands = new ArrayList<>(operands(first));
		operands.addAll(operands(second));
		return new AllOf(List.copyOf(operands));
	}

	private static List<SignalPredicate> operands(SignalPredicate predicate) {
		return (predicate instanceof AllOf all) ? all.operands : List.of(predicate);
	}

	@Override
	public boolean test(Signal signal) {
		// By index: an iterator would be made for every signal.
		for (int i = 0; i < this.operands.size(); i++) {
			if (!this.operands.get(i).test(signal)) {
				return false;
			}
		}
		return true;
	}

	@Override
	public Decision decide(Level level, Kind kind, String namespace, @Nullable String id) {
		Decision result = Decision.YES;
		for (int i = 0; i < this.operands.size(); i++) {
			Decision decision = this.operands.get(i).decide(level, kind, namespace, id);
			if (decision == Decision.NO) {
				return Decision.NO;
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
			text.append(text.isEmpty() ? "" : " and ");
			text.append((operand instanceof AnyOf) ? "(" + operand + ")" : operand);
		}
		return text.toString();
	}

}
