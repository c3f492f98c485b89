package io.telemetry.handler.socket;

import java.io.IOException;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

import io.telemetry.encode.Framing;
import io.telemetry.encode.Lines;
import io.telemetry.encode.SignalEncoder;
import io.telemetry.handler.HandlerException;
import io.telemetry.handler.SignalHandler;
import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;

/**
 * Sends signals over UDP, each as one datagram.
 * <p>
 * A signal that is larger than {@link UdpOptions#maxSize()} is cut if its form can be
 * ({@link SignalEncoder#within}), else it fails for good. Whether a datagram arrives
 * nobody knows; where the receiver's machine answers that nobody listens, the next signal
 * fails in its place. Failures to send are retryable and harm no other signal of the
 * batch.
 * <p>
 * Safe for several threads.
 */
public final class UdpHandler implements SignalHandler {

	private static final long LOOKUP_NANOS = TimeUnit.SECONDS.toNanos(30);

	private final Bare encoder;

	private final UdpOptions options;

	private final LongSupplier nanoTime;

	/** What the last batch used, for the next. */
	private final AtomicReference<@Nullable Lines> spare = new AtomicReference<>();

	private final ReentrantLock lock = new ReentrantLock();

	private @Nullable DatagramSocket socket;

	/** Whether the host's name is looked up before the next signal, whatever the time. */
	private boolean lookupDue;

	private long lastLookup;

	private boolean closed;

	/**
	 * Makes the handler. Nothing is looked up or sent yet.
	 * @param encoder what makes the form of a signal
	 * @param options where and how to send
	 */
	public UdpHandler(SignalEncoder encoder, UdpOptions options) {
		this(encoder, options, System::nanoTime);
	}

	UdpHandler(SignalEncoder encoder, UdpOptions options, LongSupplier nanoTime) {
		this.encoder = new Bare(encoder.within(options.maxSize()));
		this.options = options;
		this.nanoTime = nanoTime;
	}

	@Override
	public void handle(Signal signal) throws HandlerException {
		handle(List.of(signal));
	}

	/**
	 * {@inheritDoc}
	 * @throws HandlerException retryable if a signal could not be sent, else permanent if
	 * one is too large or can't be encoded; either way it names all that failed, and the
	 * others are sent
	 */
	@Override
	public void handle(List<Signal> batch) throws HandlerException {
		Lines datagram = this.spare.getAndSet(null);
		datagram = (datagram != null) ? datagram : new Lines(this.encoder);
		List<Signal> failed = new ArrayList<>(0);
		HandlerException first = null;
		for (Signal signal : batch) {
			try {
				handle(signal, datagram);
			}
			catch (HandlerException ex) {
				failed.add(signal);
				// Whoever tries again does so with all that failed.
				first = (first == null || (ex.isRetryable() && !first.isRetryable())) ? ex : first;
			}
			datagram.reset();
		}
		this.spare.set(datagram);
		if (first != null) {
			throw first.withFailed(failed);
		}
	}

	private void handle(Signal signal, Lines datagram) throws HandlerException {
		// Encoding runs foreign code, which may log: no lock is held yet.
		datagram.add(signal);
		Throwable failure = datagram.failure();
		if (failure != null) {
			throw HandlerException.permanent("A signal could not be encoded: " + failure, failure);
		}
		int size = datagram.bytes().size();
		if (size > this.options.maxSize()) {
			throw HandlerException.permanent("A signal takes " + size + " bytes and a datagram to '" + peer()
					+ "' may have " + this.options.maxSize(), null);
		}
		this.lock.lock();
		try {
			send(datagram.bytes().array(), size);
		}
		catch (IOException ex) {
			this.lookupDue = true;
			throw HandlerException.retryable("Can't send to '" + peer() + "': " + ex, ex);
		}
		finally {
			this.lock.unlock();
		}
	}

	private void send(byte[] bytes, int size) throws HandlerException, IOException {
		if (this.closed) {
			throw HandlerException.permanent("The handler for '" + peer() + "' was closed", null);
		}
		DatagramSocket current = this.socket;
		if (current == null || this.lookupDue || this.nanoTime.getAsLong() - this.lastLookup >= LOOKUP_NANOS) {
			current = lookUp(current);
		}
		current.send(new DatagramPacket(bytes, size));
	}

	/**
	 * Looks the host's name up, and makes another socket if it stands for another address
	 * now.
	 */
	private DatagramSocket lookUp(@Nullable DatagramSocket current) throws IOException {
		InetAddress[] addresses = InetAddress.getAllByName(this.options.host());
		this.lookupDue = false;
		this.lastLookup = this.nanoTime.getAsLong();
		if (current != null && List.of(addresses).contains(current.getInetAddress())) {
			return current;
		}
		if (current != null) {
			this.socket = null;
			current.close();
		}
		DatagramSocket next = new DatagramSocket();
		try {
			// Connected, so that the receiver's machine can say that nobody listens.
			next.connect(new InetSocketAddress(addresses[0], this.options.port()));
		}
		catch (IOException | RuntimeException ex) {
			next.close();
			throw ex;
		}
		this.socket = next;
		return next;
	}

	private String peer() {
		return TcpOptions.uri("udp", this.options.host(), this.options.port());
	}

	/**
	 * Closes the socket. Closing again does nothing.
	 */
	@Override
	public void close() {
		this.lock.lock();
		try {
			this.closed = true;
			if (this.socket != null) {
				this.socket.close();
				this.socket = null;
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * An encoder's forms with nothing around them: a datagram ends by itself.
	 */
	private record Bare(SignalEncoder delegate) implements SignalEncoder {

		@Override
		public void encode(Signal signal, OutputStream out) throws IOException {
			this.delegate.encode(signal, out);
		}

		@Override
		public Framing framing() {
			return Framing.SELF_DELIMITING;
		}

	}

}
