package io.telemetry.handler.console;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;

import io.telemetry.encode.Lines;
import io.telemetry.encode.SignalEncoder;
import io.telemetry.handler.BatchLines;
import io.telemetry.handler.HandlerException;
import io.telemetry.handler.SignalHandler;
import io.telemetry.signal.Signal;

/**
 * Writes signals to standard output, standard error or another stream that the process
 * keeps open. A batch is one write and one flush, so it is not mixed with what others
 * write. Safe for several threads; the stream is never closed.
 */
public final class ConsoleHandler implements SignalHandler {

	private final BatchLines lines;

	private final OutputStream out;

	private final ReentrantLock lock = new ReentrantLock();

	/**
	 * A handler for a stream.
	 * @param encoder what makes the text of a signal
	 * @param out where it goes
	 */
	public ConsoleHandler(SignalEncoder encoder, OutputStream out) {
		this.lines = new BatchLines(encoder);
		this.out = Objects.requireNonNull(out, "out");
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
		this.lines.write(batch, this::write);
	}

	private void write(Lines lines) throws HandlerException {
		this.lock.lock();
		try {
			lines.bytes().writeTo(this.out);
			this.out.flush();
			if (this.out instanceof PrintStream stream && stream.checkError()) {
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
