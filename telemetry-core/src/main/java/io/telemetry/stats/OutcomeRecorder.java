package io.telemetry.stats;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts signals received and what became of them. Safe for several threads; counting
 * allocates nothing.
 */
public final class OutcomeRecorder {

	private final LongAdder received = new LongAdder();

	private final LongAdder[] outcomes = new LongAdder[Outcome.values().length];

	/**
	 * A recorder at zero.
	 */
	public OutcomeRecorder() {
		for (int i = 0; i < this.outcomes.length; i++) {
			this.outcomes[i] = new LongAdder();
		}
	}

	/**
	 * Counts one signal in.
	 */
	public void received() {
		this.received.increment();
	}

	/**
	 * Counts one signal out.
	 * @param outcome what became of it
	 */
	public void count(Outcome outcome) {
		this.outcomes[outcome.ordinal()].increment();
	}

	/**
	 * Counts several signals out.
	 * @param outcome what became of them
	 * @param signals how many
	 */
	public void count(Outcome outcome, long signals) {
		if (signals > 0) {
			this.outcomes[outcome.ordinal()].add(signals);
		}
	}

	/**
	 * What was counted so far. Outcomes are read before receipts, so that out never
	 * exceeds in while signals flow.
	 * @return a snapshot
	 */
	public OutcomeStats snapshot() {
		Map<Outcome, Long> counts = new EnumMap<>(Outcome.class);
		for (Outcome outcome : Outcome.values()) {
			long count = this.outcomes[outcome.ordinal()].sum();
			if (count != 0) {
				counts.put(outcome, count);
			}
		}
		return new OutcomeStats(this.received.sum(), counts);
	}

}
