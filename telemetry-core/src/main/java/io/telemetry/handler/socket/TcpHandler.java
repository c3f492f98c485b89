package io.telemetry.handler.socket;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;

import io.telemetry.encode.Framing;
import io.telemetry.encode.Lines;
import io.telemetry.encode.SignalEncoder;
import io.telemetry.handler.Backoff;
import io.telemetry.handler.BatchLines;
import io.telemetry.handler.HandlerException;
import io.telemetry.handler.SignalHandler;
import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;

/**
 * Sends signals over TCP, with or without TLS, one after the other on one connection.
 * <p>
 * The first batch connects. A batch is one write. If the connection is lost before or in
 * it, the handler connects again, at once if the connection had proven good, and then
 * with growing pauses that are left to chance, and sends the whole batch again: how much
 * of it had arrived can't be known, so signals may arrive twice (with the same uid), and
 * the old connection may end in the middle of one. Meanwhile the queue before the handler
 * fills, and what it does when it is full decides. A batch that can't be sent within
 * {@link ReconnectOptions#maxWait()} fails; that failure is retryable.
 * <p>
 * TCP does not tell whether the peer has read what was sent. Before each write the
 * handler looks whether the peer has ended the connection, and a new connection is looked
 * at for a tenth of a second, so that what was closed in the orderly way, or accepted and
 * closed at once as load balancers without a server do, is not written to. What is on its
 * way when a peer dies is lost without being counted.
 * <p>
 * Safe for several threads, which send one after the other. An interrupt ends the waiting
 * and the connection.
 */
public final class TcpHandler implements SignalHandler {

	private static final System.Logger LOGGER = System.getLogger("io.telemetry.handlers");

	/** How long closing waits for the peer to take note of it. */
	private static final Duration FAREWELL = Duration.ofSeconds(1);

	private final BatchLines lines;

	private final TcpOptions options;

	private final String peer;

	private final Timing timing;

	private final Backoff backoff;

	private final ReentrantLock lock = new ReentrantLock();

	private final CountDownLatch closing = new CountDownLatch(1);

	private @Nullable Connection connection;

	/** Whether the connection was found good some time after something was written. */
	private boolean proven;

	/** Why the peer can't be reached, until a connection has proven good. */
	private @Nullable IOException failure;

	/**
	 * Makes the handler, and connects it if {@link TcpOptions#failFast()} says so.
	 * @param encoder what makes the form of a signal
	 * @param options where and how to send
	 * @throws IllegalArgumentException if the framing contradicts the encoder's form, or
	 * the TLS context does not know a protocol or cipher
	 * @throws UncheckedIOException if the peer can't be reached and has to be; the
	 * message names it and the remedy
	 */
	public TcpHandler(SignalEncoder encoder, TcpOptions options) {
		this(encoder, options, Timing.SYSTEM);
	}

	TcpHandler(SignalEncoder encoder, TcpOptions options, Timing timing) {
		this.lines = new BatchLines(framed(encoder, options.framing()));
		this.options = options;
		this.timing = timing;
		ReconnectOptions reconnect = options.reconnect();
		this.backoff = new Backoff(reconnect.initialDelay(), reconnect.maxDelay(), timing::random);
		this.peer = TcpOptions.uri((options.tls() != null) ? "tls" : "tcp", options.host(), options.port());
		if (options.tls() != null) {
			// Settings that the context does not know are better found now than later.
			options.tls().check();
		}
		if (options.failFast()) {
			try {
				this.connection = open();
			}
			catch (IOException ex) {
				throw new UncheckedIOException(
						"Can't connect to '" + this.peer + "' (" + ex
								+ "): start the peer first, correct host and port, or don't ask for it to be there",
						ex);
			}
		}
	}

	private static SignalEncoder framed(SignalEncoder encoder, @Nullable TcpFraming framing) {
		if (framing == TcpFraming.LENGTH) {
			return new LengthFramedEncoder(encoder);
		}
		if (framing == TcpFraming.NEWLINE && encoder.framing() != Framing.LINES) {
			throw new IllegalArgumentException(
					"framing must not be newline with a binary form, which may hold line ends: leave it out, or use length");
		}
		return encoder;
	}

	@Override
	public void handle(Signal signal) throws HandlerException {
		handle(List.of(signal));
	}

	/**
	 * {@inheritDoc}
	 * @throws HandlerException retryable if the batch could not be sent in time, and then
	 * part of it may have arrived; permanent for signals that can't be encoded, and then
	 * the others are sent
	 */
	@Override
	public void handle(List<Signal> batch) throws HandlerException {
		this.lines.write(batch, (lines) -> write(lines, batch.size()));
	}

	private void write(Lines lines, int signals) throws HandlerException {
		if (lines.bytes().size() == 0) {
			return;
		}
		// An interrupt from before is the application's, and would close the channel.
		boolean interrupted = Thread.interrupted();
		try {
			this.lock.lockInterruptibly();
			try {
				send(ByteBuffer.wrap(lines.bytes().array(), 0, lines.bytes().size()), signals);
			}
			finally {
				this.lock.unlock();
			}
		}
		catch (InterruptedException ex) {
			interrupted = true;
			throw HandlerException.retryable("Interrupted while sending " + signals + " signals to '" + this.peer + "'",
					ex);
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	private void send(ByteBuffer bytes, int signals) throws HandlerException, InterruptedException {
		long start = this.timing.nanoTime();
		boolean waited = false;
		while (true) {
			if (this.closing.getCount() == 0) {
				throw HandlerException.permanent(
						"The handler for '" + this.peer + "' was closed, " + signals + " signals come too late", null);
			}
			long now = this.timing.nanoTime();
			long pause = this.backoff.left(now);
			long left = this.options.reconnect().maxWait().toNanos() - (now - start);
			if (left <= 0 && (waited || pause > 0)) {
				throw HandlerException.retryable(
						"Can't send " + signals + " signals to '" + this.peer + "': " + this.failure, this.failure);
			}
			waited = true;
			if (pause > 0) {
				this.timing.pause(Math.min(pause, left), this.closing);
			}
			else if (trySend(bytes.duplicate())) {
				return;
			}
		}
	}

	private boolean trySend(ByteBuffer bytes) throws InterruptedException {
		try {
			current().write(bytes);
			return true;
		}
		catch (ClosedByInterruptException ex) {
			Thread.interrupted();
			giveUp();
			throw new InterruptedException();
		}
		catch (IOException ex) {
			lost(ex);
			return false;
		}
	}

	private Connection current() throws IOException {
		Connection current = this.connection;
		if (current == null) {
			current = open();
			this.connection = current;
			return current;
		}
		if (current.isEnded()) {
			throw new EOFException("the peer closed the connection");
		}
		this.proven = true;
		this.backoff.reset();
		if (this.failure != null) {
			this.failure = null;
			LOGGER.log(System.Logger.Level.INFO, "'" + this.peer + "' takes signals again");
		}
		return current;
	}

	private Connection open() throws IOException {
		Connection opened = PlainConnection.open(this.options);
		TlsOptions tls = this.options.tls();
		try {
			if (tls != null) {
				opened = TlsConnection.open((PlainConnection) opened,
						tls.engine(this.options.host(), this.options.port()), this.options.connectTimeout());
			}
			if (opened.isEndedWithin(this.timing.probation())) {
				throw new EOFException("the peer accepted the connection and closed it at once");
			}
			return opened;
		}
		catch (IOException ex) {
			opened.close();
			throw ex;
		}
		catch (RuntimeException ex) {
			// A bundle of certificates that was replaced by one that makes no sense.
			opened.close();
			throw new IOException("TLS can't be set up: " + ex, ex);
		}
	}

	private void lost(IOException ex) {
		giveUp();
		if (this.proven) {
			this.proven = false;
			this.backoff.reset();
		}
		else {
			this.backoff.failed(this.timing.nanoTime());
		}
		if (this.failure == null) {
			LOGGER.log(System.Logger.Level.WARNING, "'" + this.peer + "' takes no signals and is tried again: " + ex);
		}
		this.failure = ex;
	}

	private void giveUp() {
		Connection last = this.connection;
		if (last != null) {
			this.connection = null;
			last.close();
		}
	}

	/**
	 * Ends the connection in the orderly way and waits for up to a second until the peer
	 * has taken note. Closing again does nothing.
	 * @throws IOException if the connection is broken, and then what was sent last may
	 * not have arrived; it is given up all the same
	 */
	@Override
	public void close() throws IOException {
		this.closing.countDown();
		this.lock.lock();
		try {
			if (this.connection != null) {
				this.connection.end(FAREWELL);
			}
		}
		finally {
			giveUp();
			this.lock.unlock();
		}
	}

}
