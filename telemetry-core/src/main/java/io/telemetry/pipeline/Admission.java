package io.telemetry.pipeline;

import io.telemetry.handler.HandlerFault;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;

/**
 * What a {@link Gate} gives for a signal that it lets through: what the signal has to
 * carry, and the way on. A signal that was admitted was counted in, so whoever got an
 * admission owes one {@link #publish} or {@link #fail}.
 * <p>
 * Immutable, and mostly shared by all signals of a namespace.
 */
public final class Admission {

	final Gate.Plan plan;

	private final double sampleRate;

	private final long suppressed;

	/** What the call asked for itself. */
	final CallOptions options;

	/** Whether the filter's predicate can only be asked once the data is there. */
	final boolean predicatePending;

	/** Whether sampling waits for the session's id, which stands in data or context. */
	final boolean samplingPending;

	Admission(Gate.Plan plan, double sampleRate, long suppressed, CallOptions options, boolean predicatePending,
			boolean samplingPending) {
		this.plan = plan;
		this.sampleRate = sampleRate;
		this.suppressed = suppressed;
		this.options = options;
		this.predicatePending = predicatePending;
		this.samplingPending = samplingPending;
	}

	/**
	 * The rate at which such signals are let through, to be carried by the signal.
	 * @return above 0, at most 1
	 */
	public double sampleRate() {
		return this.sampleRate;
	}

	/**
	 * How many like it a rate limit held back since the last, to be carried by the
	 * signal.
	 * @return 0 or more
	 */
	public long suppressed() {
		return this.suppressed;
	}

	/**
	 * The pipeline that admitted it.
	 * @return the pipeline
	 */
	public SignalPipeline pipeline() {
		return this.plan.compiled.pipeline;
	}

	/**
	 * Whether a signal is to tell the place in the source that made it.
	 * @param level its level
	 * @return {@code true} if the place has to be found
	 */
	public boolean wantsLocation(Level level) {
		return level.value() >= this.plan.compiled.locationsFrom;
	}

	/**
	 * Sends the signal on: what is left of the filter, the rate limits, the transforms,
	 * the handlers. Never throws what a handler, transform or predicate throws.
	 * @param signal the signal, with the sample rate and the suppressed ones of this
	 * admission
	 */
	public void publish(Signal signal) {
		pipeline().publish(signal, this);
	}

	/**
	 * Gives the admission up: the signal could not be made after all. Counted as an
	 * error, of which the fault listener is told.
	 * @param cause why, which is thrown if it is a virtual machine error other than
	 * {@link StackOverflowError}
	 */
	public void fail(Throwable cause) {
		pipeline().failed(new HandlerFault(null, HandlerFault.Type.SUPPLIER, 1, null, cause), cause);
	}

}
