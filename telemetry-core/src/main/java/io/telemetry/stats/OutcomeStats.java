package io.telemetry.stats;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * What became of the signals that the pipeline or one handler received. When it is quiet,
 * {@code received} equals the sum of all outcomes; until then the difference is on its
 * way.
 *
 * @param received signals that came in
 * @param outcomes what became of them; outcomes that never happened are absent
 */
public record OutcomeStats(long received, Map<Outcome, Long> outcomes) {

	public OutcomeStats {
		Map<Outcome, Long> copy = new EnumMap<>(Outcome.class);
		copy.putAll(outcomes);
		outcomes = Collections.unmodifiableMap(copy);
	}

	/**
	 * How many signals had one outcome.
	 * @param outcome which
	 * @return the number, 0 where it never happened
	 */
	public long count(Outcome outcome) {
		return this.outcomes.getOrDefault(outcome, 0L);
	}

	/**
	 * Signals that came in and have no outcome yet.
	 * @return 0 or more
	 */
	public long inFlight() {
		return this.received - this.outcomes.values().stream().mapToLong(Long::longValue).sum();
	}

}
