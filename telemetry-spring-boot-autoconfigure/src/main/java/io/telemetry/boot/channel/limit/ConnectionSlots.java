package io.telemetry.boot.channel.limit;

import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

/**
 * Counts the open connections: in all, from each address, and of each application that
 * has a limit. A connection takes a {@link Slot} before its handshake is answered and
 * gives it back when it is closed. A handshake that never becomes a connection is told of
 * by nobody; its slot is taken back by {@link #sweep}.
 * <p>
 * Only addresses with open connections are remembered. Safe for several threads; what is
 * taken for a connection that another limit refuses is given back at once, and narrower
 * limits are asked first, so that a client over its own limit takes nothing from others
 * even for a moment.
 */
public final class ConnectionSlots {

	private final LongSupplier nanoTime;

	private final int most;

	private final int mostPerAddress;

	private final AtomicInteger open = new AtomicInteger();

	private final Map<String, Integer> addresses = new ConcurrentHashMap<>();

	private final Map<String, Application> applications;

	/** Those whose connection is not open yet. */
	private final Set<Slot> pending = ConcurrentHashMap.newKeySet();

	private final Map<Limit, LongAdder> refused = new EnumMap<>(Limit.class);

	private final LongAdder abandoned = new LongAdder();

	/**
	 * Slots by the system's monotonic clock.
	 * @param limits how many there are
	 */
	public ConnectionSlots(ConnectionLimits limits) {
		this(limits, System::nanoTime);
	}

	/**
	 * Slots by a given clock.
	 * @param limits how many there are
	 * @param nanoTime a monotonic clock in nanoseconds
	 */
	public ConnectionSlots(ConnectionLimits limits, LongSupplier nanoTime) {
		this.nanoTime = nanoTime;
		this.most = limits.most();
		this.mostPerAddress = limits.mostPerAddress();
		Map<String, Application> applications = new LinkedHashMap<>();
		limits.mostPerApplication()
			.forEach((name, most) -> applications.put(name, new Application(most, new AtomicInteger())));
		this.applications = Map.copyOf(applications);
		for (Limit limit : Limit.values()) {
			this.refused.put(limit, new LongAdder());
		}
	}

	/**
	 * Takes a slot for a connection that is about to open.
	 * @param address a key for the client's address, {@code null} where it is not known
	 * @param application the name of the client's application, {@code null} for none
	 * @return the slot, or which limit refuses it
	 */
	public Claim take(@Nullable String address, @Nullable String application) {
		if (address != null && !takeAddress(address)) {
			return refuse(Limit.ADDRESS);
		}
		Application counted = (application != null) ? this.applications.get(application) : null;
		if (counted != null && !increment(counted.open(), counted.most())) {
			releaseAddress(address);
			return refuse(Limit.APPLICATION);
		}
		if (!increment(this.open, this.most)) {
			release(counted);
			releaseAddress(address);
			return refuse(Limit.TOTAL);
		}
		Slot slot = new Slot(this, address, counted, this.nanoTime.getAsLong());
		this.pending.add(slot);
		return slot;
	}

	private Refused refuse(Limit limit) {
		LongAdder counter = this.refused.get(limit);
		if (counter != null) {
			counter.increment();
		}
		return new Refused(limit);
	}

	private boolean takeAddress(String address) {
		boolean[] taken = new boolean[1];
		this.addresses.compute(address, (key, open) -> {
			int now = (open != null) ? open : 0;
			taken[0] = now < this.mostPerAddress;
			return taken[0] ? Integer.valueOf(now + 1) : open;
		});
		return taken[0];
	}

	private void releaseAddress(@Nullable String address) {
		if (address != null) {
			this.addresses.computeIfPresent(address, (key, open) -> (open > 1) ? Integer.valueOf(open - 1) : null);
		}
	}

	private static void release(@Nullable Application application) {
		if (application != null) {
			application.open().decrementAndGet();
		}
	}

	private static boolean increment(AtomicInteger counter, int most) {
		int now = counter.get();
		while (now < most) {
			if (counter.compareAndSet(now, now + 1)) {
				return true;
			}
			now = counter.get();
		}
		return false;
	}

	/**
	 * Takes back the slots of handshakes that did not become connections in time. To be
	 * called now and then.
	 * @param patience how long a handshake may take
	 * @return how many were taken back
	 */
	public int sweep(Duration patience) {
		long now = this.nanoTime.getAsLong();
		int count = 0;
		for (Slot slot : this.pending) {
			if (now - slot.takenNanos > patience.toNanos()
					&& slot.state.compareAndSet(Slot.State.PENDING, Slot.State.RELEASED)) {
				free(slot);
				this.abandoned.increment();
				count++;
			}
		}
		return count;
	}

	private void free(Slot slot) {
		this.pending.remove(slot);
		this.open.decrementAndGet();
		release(slot.application);
		releaseAddress(slot.address);
	}

	/**
	 * What was counted until now.
	 * @return a snapshot
	 */
	public Snapshot snapshot() {
		Map<String, Long> refused = new LinkedHashMap<>();
		this.refused.forEach((limit, count) -> refused.put(limit.toString(), count.sum()));
		Map<String, Integer> byApplication = new LinkedHashMap<>();
		this.applications.forEach((name, application) -> byApplication.put(name, application.open().get()));
		return new Snapshot(this.open.get(), this.addresses.size(), Map.copyOf(byApplication), Map.copyOf(refused),
				this.abandoned.sum());
	}

	/**
	 * Whose connections are counted.
	 */
	public enum Limit {

		/** Those from one address. */
		ADDRESS,

		/** Those of one application. */
		APPLICATION,

		/** All. */
		TOTAL;

		private final String text = name().toLowerCase(Locale.ROOT);

		/**
		 * The limit as counters write it.
		 */
		@Override
		public String toString() {
			return this.text;
		}

	}

	/**
	 * What becomes of a wish to connect.
	 */
	public sealed interface Claim {

	}

	/**
	 * There is no slot.
	 *
	 * @param limit the limit that is reached
	 */
	public record Refused(Limit limit) implements Claim {
	}

	/**
	 * A connection's place among those that may be open.
	 */
	public static final class Slot implements Claim {

		private final ConnectionSlots slots;

		private final @Nullable String address;

		private final @Nullable Application application;

		private final long takenNanos;

		private final AtomicReference<State> state = new AtomicReference<>(State.PENDING);

		Slot(ConnectionSlots slots, @Nullable String address, @Nullable Application application, long takenNanos) {
			this.slots = slots;
			this.address = address;
			this.application = application;
			this.takenNanos = takenNanos;
		}

		/**
		 * Tells that the connection is open, so that the slot is kept until it is
		 * released.
		 * @return {@code false} if the slot was given up before; then the connection has
		 * none and is to be closed
		 */
		public boolean opened() {
			if (!this.state.compareAndSet(State.PENDING, State.OPEN)) {
				return this.state.get() == State.OPEN;
			}
			this.slots.pending.remove(this);
			return true;
		}

		/**
		 * Gives the slot back. Only the first call does.
		 */
		public void release() {
			if (this.state.getAndSet(State.RELEASED) != State.RELEASED) {
				this.slots.free(this);
			}
		}

		private enum State {

			PENDING, OPEN, RELEASED

		}

	}

	/**
	 * An application that has a limit.
	 */
	private record Application(int most, AtomicInteger open) {
	}

	/**
	 * The counters at one moment.
	 *
	 * @param open connections that are open or about to be
	 * @param addresses addresses that they are from
	 * @param applications how many are of each application that has a limit
	 * @param refused connections that were refused, by limit
	 * @param abandoned slots that were taken back, because no connection came of them
	 */
	public record Snapshot(int open, int addresses, Map<String, Integer> applications, Map<String, Long> refused,
			long abandoned) {
	}

}
