package io.telemetry.boot.channel.fault;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What clients have sent and what they were told of it, by event. Safe for several
 * threads.
 */
public final class Ledger {

	private final Set<String> sent = new HashSet<>();

	private final Set<String> acknowledged = new HashSet<>();

	private final Map<String, String> refused = new LinkedHashMap<>();

	private final Map<String, String> rejected = new LinkedHashMap<>();

	private final Map<String, Integer> counts = new TreeMap<>();

	private final List<Long> windows = new ArrayList<>();

	private final List<String> failures = new ArrayList<>();

	private final String prefix;

	private int unanswered;

	/**
	 * An empty ledger.
	 * @param prefix with which the names of all events begin, and of nobody else's
	 */
	Ledger(String prefix) {
		this.prefix = prefix;
	}

	String prefix() {
		return this.prefix;
	}

	synchronized void failed(RuntimeException failure) {
		this.failures.add(failure.toString());
	}

	synchronized void sent(List<String> events) {
		this.sent.addAll(events);
		this.unanswered++;
	}

	synchronized void accepted(List<String> events, Map<Integer, String> rejections, int accepted, boolean duplicate) {
		this.unanswered--;
		add(duplicate ? "duplicates" : "accepted");
		if (accepted + rejections.size() != events.size()) {
			this.failures.add(accepted + " accepted and " + rejections + " rejected of " + events);
		}
		for (int i = 0; i < events.size(); i++) {
			String reason = rejections.get(i);
			if (reason != null) {
				this.rejected.put(events.get(i), reason);
			}
			else {
				this.acknowledged.add(events.get(i));
			}
		}
	}

	synchronized void refused(List<String> events, String reason) {
		this.unanswered--;
		events.forEach((event) -> this.refused.put(event, reason));
	}

	synchronized void add(String what) {
		this.counts.merge(what, 1, Integer::sum);
	}

	synchronized void toldToReconnect(long withinMs) {
		this.windows.add(withinMs);
	}

	/**
	 * Events that were sent, once or more often.
	 */
	public synchronized Set<String> sent() {
		return new HashSet<>(this.sent);
	}

	/**
	 * Events that the server said it took.
	 */
	public synchronized Set<String> acknowledged() {
		return new HashSet<>(this.acknowledged);
	}

	/**
	 * How many events the server said it took.
	 */
	public synchronized int acknowledgedEvents() {
		return this.acknowledged.size();
	}

	/**
	 * Events of batches that were refused for good, with the reason.
	 */
	public synchronized Map<String, String> refused() {
		return new LinkedHashMap<>(this.refused);
	}

	/**
	 * Events that were left out of accepted batches, with the reason.
	 */
	public synchronized Map<String, String> rejected() {
		return new LinkedHashMap<>(this.rejected);
	}

	/**
	 * Batches that nobody has answered for yet.
	 */
	public synchronized int unanswered() {
		return this.unanswered;
	}

	/**
	 * How often something happened: {@code accepted} and {@code duplicates} (answers that
	 * settled a batch), {@code late answers} (to batches that were settled),
	 * {@code attempts}, {@code connections}, {@code timeouts}, {@code failed posts},
	 * {@code refused <reason>} (for the time being or for good), {@code closed <code>}.
	 */
	public synchronized int count(String what) {
		return this.counts.getOrDefault(what, 0);
	}

	/**
	 * What clients could make nothing of.
	 */
	public synchronized List<String> failures() {
		return new ArrayList<>(this.failures);
	}

	/**
	 * Everything that was counted.
	 */
	public synchronized Map<String, Integer> counts() {
		return new TreeMap<>(this.counts);
	}

	/**
	 * The windows of the messages that told clients to come back, in milliseconds.
	 */
	public synchronized List<Long> windows() {
		return new ArrayList<>(this.windows);
	}

	@Override
	public synchronized String toString() {
		return this.sent.size() + " sent, " + this.acknowledged.size() + " acknowledged, " + this.refused.size()
				+ " refused, " + this.rejected.size() + " rejected, " + this.unanswered + " batches unanswered, "
				+ this.counts;
	}

}
