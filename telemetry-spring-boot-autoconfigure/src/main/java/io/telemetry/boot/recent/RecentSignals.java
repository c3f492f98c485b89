package io.telemetry.boot.recent;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;

/**
 * The last signals, in a ring of fixed size: a new one takes the place of the oldest.
 * Safe for several threads; adding takes no lock.
 */
public final class RecentSignals {

	private final AtomicReferenceArray<@Nullable Entry> ring;

	private final AtomicLong added = new AtomicLong();

	/**
	 * A ring.
	 * @param size signals that are kept; 0 keeps none
	 */
	public RecentSignals(int size) {
		if (size < 0) {
			throw new IllegalArgumentException("size must not be negative, not " + size);
		}
		this.ring = new AtomicReferenceArray<>(size);
	}

	/**
	 * Keeps a signal.
	 * @param signal the signal
	 */
	public void add(Signal signal) {
		if (this.ring.length() == 0) {
			return;
		}
		long number = this.added.getAndIncrement();
		this.ring.set((int) (number % this.ring.length()), new Entry(number, signal));
	}

	/**
	 * Signals that are kept at most.
	 * @return the size
	 */
	public int size() {
		return this.ring.length();
	}

	/**
	 * The signals that a query asks for.
	 * @param query what is asked for
	 * @return the signals, newest first; a signal that is being added at this moment may
	 * be missing
	 */
	public List<Signal> find(RecentSignalsQuery query) {
		List<Signal> found = new ArrayList<>();
		long next = this.added.get();
		long oldest = Math.max(0, next - this.ring.length());
		for (long number = next - 1; number >= oldest && found.size() < query.limit(); number--) {
			Entry entry = this.ring.get((int) (number % this.ring.length()));
			// Another number: not yet written, or already overwritten.
			if (entry != null && entry.number() == number && query.matches(entry.signal())) {
				found.add(entry.signal());
			}
		}
		return found;
	}

	private record Entry(long number, Signal signal) {
	}

}
