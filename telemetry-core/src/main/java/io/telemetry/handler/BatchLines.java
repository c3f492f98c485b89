package io.telemetry.handler;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

import io.telemetry.encode.Lines;
import io.telemetry.encode.SignalEncoder;
import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;

/**
 * Hands batches to a destination of text as lines, one a signal. Keeps one buffer between
 * batches. Safe for several threads.
 */
public final class BatchLines {

	private final SignalEncoder encoder;

	private final AtomicReference<@Nullable Lines> spare = new AtomicReference<>();

	/**
	 * Lines of an encoder.
	 * @param encoder what makes the text of a signal
	 */
	public BatchLines(SignalEncoder encoder) {
		this.encoder = Objects.requireNonNull(encoder, "encoder");
	}

	/**
	 * Encodes a batch and has it written.
	 * @param batch the signals
	 * @param destination where the lines go
	 * @throws HandlerException if the destination fails, with what it says, for the
	 * signals that are not written; else permanent for the signals that can't be encoded,
	 * and then the others are written
	 */
	public void write(List<Signal> batch, Destination destination) throws HandlerException {
		Lines lines = this.spare.getAndSet(null);
		lines = (lines != null) ? lines : new Lines(this.encoder);
		// Encoding runs foreign code, which may log: the destination is not locked yet.
		batch.forEach(lines::add);
		try {
			destination.write(lines);
		}
		catch (HandlerException ex) {
			throw (lines.written() > 0) ? ex.withFailed(notWritten(batch, lines)) : ex;
		}
		Throwable failure = lines.failure();
		List<Signal> failed = lines.failed();
		lines.reset();
		this.spare.set(lines);
		if (failure != null) {
			throw HandlerException.permanent(failed.size() + " signals could not be encoded: " + failure, failure)
				.withFailed(failed);
		}
	}

	private static List<Signal> notWritten(List<Signal> batch, Lines lines) {
		List<Signal> left = new ArrayList<>();
		int written = 0;
		int notEncoded = 0;
		for (Signal signal : batch) {
			if (notEncoded < lines.failed().size() && lines.failed().get(notEncoded) == signal) {
				notEncoded++;
				left.add(signal);
			}
			else if (written < lines.written()) {
				written++;
			}
			else {
				left.add(signal);
			}
		}
		return left;
	}

	/**
	 * Where lines go.
	 */
	@FunctionalInterface
	public interface Destination {

		/**
		 * Writes lines. One that can't write all of them at once says how many it has
		 * written with {@link Lines#written(int)}.
		 * @param lines the lines; not to be kept
		 * @throws HandlerException if it failed
		 */
		void write(Lines lines) throws HandlerException;

	}

}
