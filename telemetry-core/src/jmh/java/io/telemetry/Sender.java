package io.telemetry;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One library, set up as the benchmarks want all of them: level info, a bounded queue of
 * {@value #QUEUE} that makes the caller wait when it is full, one thread behind it, and a
 * destination that only counts. {@link #send()} makes one signal that says the same in
 * every library: a message, three fields, and one field of context that was set outside,
 * with time, level, thread and name of the logger.
 */
abstract class Sender implements AutoCloseable {

	static final int QUEUE = 1024;

	static final String NAME = "com.acme.Shop";

	static final String CONTEXT_KEY = "request";

	static final String CONTEXT_VALUE = "r-17";

	private static final long PATIENCE = TimeUnit.SECONDS.toNanos(60);

	// Strings made beforehand, and no constants: no library pays for boxing or for making
	// a string of a number (Log4j's StringMapMessage would), and none is folded away.

	String order = "o-4711";

	String cents = "1999";

	String country = "NO";

	private final AtomicLong arrived = new AtomicLong();

	private volatile String seen = "";

	/**
	 * Puts the context around the calling thread; for the rest of its life, as every
	 * producer does it once.
	 */
	abstract void enter();

	/**
	 * Makes one signal.
	 */
	abstract void send();

	/**
	 * Has the destination given what waits for a batch to fill.
	 */
	void flush() {
	}

	/**
	 * Refuses a set-up that is not what the benchmark claims.
	 */
	abstract void checkSettings();

	@Override
	public abstract void close();

	/**
	 * What a signal that arrived must hold.
	 */
	List<String> expected() {
		return List.of("INFO", NAME, "Order", "placed", this.order, this.cents, this.country, CONTEXT_VALUE,
				Thread.currentThread().getName());
	}

	/**
	 * Checks the set-up, sends one signal and looks at what arrives.
	 * @return this, with a count of zero
	 */
	Sender verified() {
		checkSettings();
		enter();
		send();
		awaitArrived(1);
		for (String part : expected()) {
			require(this.seen.contains(part), "'" + part + "' did not arrive, but: " + this.seen);
		}
		return this;
	}

	/**
	 * Whether the destination has to {@link #look(String) look} at what it is given: at
	 * the first signal alone.
	 */
	final boolean isFirst() {
		return this.arrived.getPlain() == 0;
	}

	final void look(String signal) {
		this.seen = signal;
	}

	/**
	 * Counts a signal; only the one thread behind the queue calls this.
	 */
	final void arrived() {
		this.arrived.setRelease(this.arrived.getPlain() + 1);
	}

	/**
	 * Whether everything that entered the queue has arrived.
	 */
	abstract boolean isQueueEmpty();

	/**
	 * How many of so many signals may be lost in a queue that never drops by its
	 * settings.
	 */
	long tolerated(long signals) {
		return 0;
	}

	/**
	 * Waits until so many signals arrived, the one of {@link #verified()} included. All
	 * producers have to be at rest.
	 * @param signals how many were sent
	 * @throws IllegalStateException if some were lost, or more came
	 */
	final void awaitArrived(long signals) {
		flush();
		long begin = System.nanoTime();
		while (this.arrived.getAcquire() < signals && !isQueueEmpty()) {
			require(System.nanoTime() - begin < PATIENCE, "The queue does not empty");
			Thread.yield();
		}
		long count = this.arrived.getAcquire();
		require(count <= signals && count >= signals - tolerated(signals),
				count + " signals of " + signals + " arrived");
		if (count < signals) {
			System.err.println("Lost: " + (signals - count) + " of " + signals);
		}
	}

	static void require(boolean condition, String otherwise) {
		if (!condition) {
			throw new IllegalStateException(otherwise);
		}
	}

}
