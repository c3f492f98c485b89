package io.telemetry;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

import io.telemetry.context.Scope;
import io.telemetry.context.SignalContext;
import io.telemetry.pipeline.Captures;
import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;

/**
 * The signals that the code of this thread makes while it is open, after the pipeline's
 * filter and transforms and whatever the handlers want: for tests. It flows as the
 * context does, so what other threads do for this one is in it where the context is
 * propagated, and what they do for others is not: tests that run at the same time don't
 * see each other's signals. The handlers get the signals as always. <pre>{@code
 * try (Capture capture = Capture.open()) {
 *     service.checkout(order);
 *     assertThat(capture.signals()).extracting(Signal::id).containsExactly("shop/checkout");
 * }
 * }</pre> Of captures inside one another each gets what is made inside it. Keeps the
 * first {@value #CAPACITY} signals.
 */
public final class Capture implements AutoCloseable {

	/** Signals that are kept; further ones are counted. */
	public static final int CAPACITY = 100_000;

	private final List<Signal> signals = new ArrayList<>();

	private final @Nullable Consumer<Signal> outer;

	private final Scope scope;

	private long overflow;

	private boolean closed;

	private Capture() {
		SignalContext context = SignalContext.current();
		this.outer = context.witness();
		Captures.begin();
		this.scope = context.withWitness(this::add).open();
	}

	/**
	 * Begins to capture on this thread.
	 * @return a capture, to be closed on the same thread
	 */
	public static Capture open() {
		return new Capture();
	}

	private void add(Signal signal) {
		synchronized (this.signals) {
			if (!this.closed && this.signals.size() < CAPACITY) {
				this.signals.add(signal);
			}
			else if (!this.closed) {
				this.overflow++;
			}
		}
		if (this.outer != null) {
			this.outer.accept(signal);
		}
	}

	/**
	 * What was captured so far, in the order of arrival. Works after closing, too.
	 * @return a copy
	 */
	public List<Signal> signals() {
		synchronized (this.signals) {
			return List.copyOf(this.signals);
		}
	}

	/**
	 * Signals that were made beyond the {@value #CAPACITY} that are kept.
	 * @return 0 or more
	 */
	public long overflow() {
		synchronized (this.signals) {
			return this.overflow;
		}
	}

	/**
	 * Forgets what was captured so far.
	 */
	public void clear() {
		synchronized (this.signals) {
			this.signals.clear();
			this.overflow = 0;
		}
	}

	/**
	 * Ends the capture. Closing twice is harmless.
	 */
	@Override
	public void close() {
		synchronized (this.signals) {
			if (this.closed) {
				return;
			}
			this.closed = true;
		}
		this.scope.close();
		Captures.end();
	}

}
