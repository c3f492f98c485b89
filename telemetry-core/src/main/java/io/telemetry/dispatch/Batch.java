package io.telemetry.dispatch;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

import io.telemetry.signal.Signal;
import org.jctools.queues.MessagePassingQueue;
import org.jspecify.annotations.Nullable;

/**
 * The signals in a worker's hands, and whose it is to count them. Filled again and again,
 * by one thread; only giving it up comes from another.
 * <p>
 * An iteration ends early once the batch is given up, so that a handler that goes through
 * it one by one starts with no other signal.
 */
final class Batch extends AbstractList<Signal> implements MessagePassingQueue.Consumer<Object> {

	private final @Nullable Signal[] signals;

	private int size;

	private int generation;

	private final AtomicReference<State> state = new AtomicReference<>(State.COUNTED);

	Batch(int capacity) {
		this.signals = new @Nullable Signal[capacity];
	}

	/**
	 * Takes one more signal, as it is or as an {@link Echo}.
	 */
	@Override
	public void accept(Object entry) {
		if (entry instanceof Echo echo) {
			this.generation = Math.max(this.generation, echo.generation());
		}
		this.signals[this.size++] = Echo.signal(entry);
	}

	/**
	 * The highest generation of its signals: what a handler makes of a batch is made of
	 * all of them.
	 */
	int generation() {
		return this.generation;
	}

	/**
	 * Says that all signals are in.
	 */
	void filled() {
		this.state.set(State.OPEN);
	}

	/**
	 * Whether the outcome of the signals is still to come.
	 */
	boolean isOpen() {
		return this.state.get() == State.OPEN;
	}

	/**
	 * Asks for the right to count what became of the signals. Only who has it changes
	 * which signals there are.
	 * @return whether the caller is the one who counts
	 */
	boolean count() {
		return this.state.compareAndSet(State.OPEN, State.COUNTED);
	}

	/**
	 * Sets what is left aside, to be handled again. To be called by who has the right to
	 * count, who has it no longer then.
	 * @return {@code false} if the batch was given up meanwhile: the caller counts
	 */
	boolean setAside() {
		return this.state.compareAndSet(State.COUNTED, State.ASIDE);
	}

	/**
	 * Whether the signals wait to be handled again.
	 */
	boolean isAside() {
		return this.state.get() == State.ASIDE;
	}

	/**
	 * Takes what was set aside in hand again.
	 * @return whether it was there
	 */
	boolean resume() {
		return this.state.compareAndSet(State.ASIDE, State.OPEN);
	}

	/**
	 * Leaves only the signals that failed. To be called by who has the right to count.
	 * @param failed those signals; if one of them is not in here, nobody knows which were
	 * meant, and all stay
	 * @return the signals that left
	 */
	List<Signal> retain(List<Signal> failed) {
		if (failed == this) {
			return List.of();
		}
		Set<Signal> staying = Collections.newSetFromMap(new IdentityHashMap<>());
		staying.addAll(failed);
		Set<Signal> strangers = Collections.newSetFromMap(new IdentityHashMap<>());
		strangers.addAll(failed);
		for (int i = 0; i < this.size; i++) {
			strangers.remove(get(i));
		}
		List<Signal> leaving = new ArrayList<>();
		if (strangers.isEmpty()) {
			int count = this.size;
			this.size = 0;
			for (int i = 0; i < count; i++) {
				Signal signal = Objects.requireNonNull(this.signals[i]);
				this.signals[i] = null;
				if (staying.contains(signal)) {
					this.signals[this.size++] = signal;
				}
				else {
					leaving.add(signal);
				}
			}
		}
		return leaving;
	}

	/**
	 * Gives the batch up for good. Its signals stay in it if they were not counted, for
	 * the caller to look at.
	 * @return what it was
	 */
	State abandon() {
		return this.state.getAndSet(State.ABANDONED);
	}

	/**
	 * Makes room for the next signals, unless the batch was given up. Not {@code clear},
	 * which handlers could call.
	 */
	void empty() {
		if (this.state.get() != State.COUNTED) {
			return;
		}
		for (int i = 0; i < this.size; i++) {
			this.signals[i] = null;
		}
		this.size = 0;
		this.generation = 0;
	}

	@Override
	public Signal get(int index) {
		return Objects.requireNonNull(this.signals[Objects.checkIndex(index, this.size)]);
	}

	@Override
	public int size() {
		return this.size;
	}

	@Override
	public Iterator<Signal> iterator() {
		return new Iterator<>() {

			private int next;

			@Override
			public boolean hasNext() {
				return this.next < Batch.this.size && Batch.this.state.get() != State.ABANDONED;
			}

			@Override
			public Signal next() {
				if (this.next >= Batch.this.size) {
					throw new NoSuchElementException();
				}
				return get(this.next++);
			}

		};
	}

	/**
	 * A signal that was made while a handler behind a queue worked, as it waits in a
	 * queue itself.
	 *
	 * @param signal the signal
	 * @param generation how many queues led to it
	 */
	record Echo(Signal signal, int generation) {

		/**
		 * The signal of what a queue holds.
		 */
		static Signal signal(Object entry) {
			return (entry instanceof Echo echo) ? echo.signal() : (Signal) entry;
		}

	}

	/**
	 * Whose the signals are.
	 */
	enum State {

		/** Signals are in, and nobody has counted what became of them. */
		OPEN,

		/** Signals are in that failed and are to be handled again later. */
		ASIDE,

		/** There is nothing to count, or it is done. */
		COUNTED,

		/** Closing took it away. */
		ABANDONED

	}

}
