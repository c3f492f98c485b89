package io.telemetry.encode;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicReference;

import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;

/**
 * An encoder that writes into an {@link Output}, which it keeps from one signal to the
 * next, and hands on what it wrote at once: a destination gets a whole signal or nothing.
 * Safe for several threads.
 *
 * @param <O> the output of the format
 */
abstract class StructuredEncoder<O extends Output> implements SignalEncoder {

	/**
	 * What the last thread used, for the next; a thread that finds none makes a new one.
	 */
	private final AtomicReference<@Nullable O> spare = new AtomicReference<>();

	abstract O newOutput();

	/**
	 * Writes a signal into an output that is empty.
	 */
	void write(Signal signal, O output) {
		SignalForm.write(signal, output);
	}

	@Override
	public final void encode(Signal signal, OutputStream out) throws IOException {
		O output = this.spare.getAndSet(null);
		if (output == null) {
			output = newOutput();
		}
		output.reset();
		write(signal, output);
		output.bytes().writeTo(out);
		this.spare.set(output);
	}

}
