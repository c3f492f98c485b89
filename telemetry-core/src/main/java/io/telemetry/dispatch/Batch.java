package io.telemetry.dispatch;

import java.util.AbstractList;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
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
	 * Asks for the right to count what became of the signals.
	 * @return whether the caller is the one who counts
	 */
	boolean count() {
		return this.state.compareAndSet(State.OPEN, State.COUNTED);
	}

	/**
	 * Gives the batch up for good.
	 * @return whether the caller is the one who counts
	 */
	boolean abandon() {
		return this.state.getAndSet(State.ABANDONED) == State.OPEN;
	}

	/**
	 * Makes room for the next signals. Not {@code clear}, which handlers could call.
	 */
	void empty() {
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

	private enum State {

		/** Signals are in, and nobody has counted what became of them. */
		OPEN,

		/** There is nothing to count, or it is done. */
		COUNTED,

		/** Closing took it away. */
		ABANDONED

	}

}
