package io.telemetry.handler.console;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;

import io.telemetry.encode.Framing;
import io.telemetry.encode.Lines;
import io.telemetry.encode.SignalEncoder;
import io.telemetry.handler.BatchLines;
import io.telemetry.handler.HandlerException;
import io.telemetry.handler.SignalHandler;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;

/**
 * Writes signals to standard output, standard error or another stream that the process
 * keeps open, or errors to one and the others to another. A batch is one write and one
 * flush, so it is not mixed with what others write; with two streams that holds for what
 * stands in a row in the batch and goes to the same one, and the order is kept. Safe for
 * several threads; the streams are never closed.
 */
public final class ConsoleHandler implements SignalHandler {

	private final BatchLines lines;

	private final OutputStream out;

	private final OutputStream errors;

	private final ReentrantLock lock = new ReentrantLock();

	/**
	 * A handler for a stream.
	 * @param encoder what makes the text of a signal
	 * @param out where it goes
	 * @throws IllegalArgumentException if the encoder makes no text
	 */
	public ConsoleHandler(SignalEncoder encoder, OutputStream out) {
		this(encoder, out, out);
	}

	/**
	 * A handler for two streams.
	 * @param encoder what makes the text of a signal
	 * @param out where what is below {@link Level#ERROR} goes
	 * @param errors where the rest goes
	 * @throws IllegalArgumentException if the encoder makes no text
	 */
	public ConsoleHandler(SignalEncoder encoder, OutputStream out, OutputStream errors) {
		if (encoder.framing() != Framing.LINES) {
			throw new IllegalArgumentException("a console shows text, and the format is a binary one: "
					+ "choose pretty, json or another text format, or another destination");
		}
		this.lines = new BatchLines(encoder);
		this.out = Objects.requireNonNull(out, "out");
		this.errors = Objects.requireNonNull(errors, "errors");
	}

	/**
	 * A handler for what {@link System#out} is now. A later {@link System#setOut} is not
	 * followed: whoever captures the stream to make signals of it would get his own
	 * signals back.
	 * @param encoder what makes the text of a signal
	 * @return the handler
	 */
	public static ConsoleHandler toStdout(SignalEncoder encoder) {
		return new ConsoleHandler(encoder, System.out);
	}

	/**
	 * A handler for what {@link System#err} is now; a later {@link System#setErr} is not
	 * followed.
	 * @param encoder what makes the text of a signal
	 * @return the handler
	 */
	public static ConsoleHandler toStderr(SignalEncoder encoder) {
		return new ConsoleHandler(encoder, System.err);
	}

	/**
	 * A handler for what {@link System#out} and, for errors and above, {@link System#err}
	 * are now; later changes are not followed.
	 * @param encoder what makes the text of a signal
	 * @return the handler
	 */
	public static ConsoleHandler split(SignalEncoder encoder) {
		return new ConsoleHandler(encoder, System.out, System.err);
	}

	@Override
	public void handle(Signal signal) throws HandlerException {
		handle(List.of(signal));
	}

	/**
	 * {@inheritDoc}
	 * @throws HandlerException retryable if the stream fails, permanent for signals that
	 * can't be encoded; the others of the batch are written
	 */
	@Override
	public void handle(List<Signal> batch) throws HandlerException {
		if (this.out == this.errors) {
			write(batch, this.out);
			return;
		}
		List<HandlerException> failures = new ArrayList<>(0);
		List<Signal> failed = new ArrayList<>(0);
		int end;
		for (int start = 0; start < batch.size(); start = end) {
			boolean errors = isError(batch.get(start));
			end = start + 1;
			while (end < batch.size() && isError(batch.get(end)) == errors) {
				end++;
			}
			List<Signal> part = batch.subList(start, end);
			try {
				write(part, errors ? this.errors : this.out);
			}
			catch (HandlerException ex) {
				failures.add(ex);
				failed.addAll(ex.failed().isEmpty() ? part : ex.failed());
			}
		}
		if (!failures.isEmpty()) {
			throw worst(failures).withFailed(failed);
		}
	}

	private static boolean isError(Signal signal) {
		return signal.level().isAtLeast(Level.ERROR);
	}

	private static HandlerException worst(List<HandlerException> failures) {
		for (HandlerException failure : failures) {
			if (failure.isRetryable()) {
				// What fails for good does so again when it is tried again.
				return failure;
			}
		}
		return failures.get(0);
	}

	private void write(List<Signal> signals, OutputStream target) throws HandlerException {
		this.lines.write(signals, (lines) -> write(lines, target));
	}

	private void write(Lines lines, OutputStream target) throws HandlerException {
		this.lock.lock();
		try {
			lines.bytes().writeTo(target);
			target.flush();
			if (target instanceof PrintStream stream && stream.checkError()) {
				throw new IOException("the stream reports an error, and does so for good once it had one");
			}
		}
		catch (IOException ex) {
			throw HandlerException.retryable("The console can't be written to: " + ex.getMessage(), ex);
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Does nothing: the stream belongs to the process.
	 */
	@Override
	public void close() {
	}

}
