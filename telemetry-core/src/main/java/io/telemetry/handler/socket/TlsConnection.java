package io.telemetry.handler.socket;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.time.Duration;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;

/**
 * TLS over TCP. With an {@link SSLEngine} and not an {@code SSLSocket}, which has no
 * timeout for writing, can't be interrupted, and can't look for the peer's end without
 * waiting.
 */
final class TlsConnection implements Connection {

	private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

	private static final int MAX_READS = 16;

	private final PlainConnection wire;

	private final SSLEngine engine;

	private final Duration handshakeTimeout;

	/** What came, to be read from; empty at first. */
	private ByteBuffer incoming;

	private ByteBuffer outgoing;

	private ByteBuffer ignored;

	private TlsConnection(PlainConnection wire, SSLEngine engine, Duration handshakeTimeout) {
		this.wire = wire;
		this.engine = engine;
		this.handshakeTimeout = handshakeTimeout;
		int packet = engine.getSession().getPacketBufferSize();
		this.incoming = ByteBuffer.allocate(packet).limit(0);
		this.outgoing = ByteBuffer.allocate(packet);
		this.ignored = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize());
	}

	/**
	 * Shakes hands.
	 * @throws IOException if that fails or takes too long; the wire is closed then
	 */
	static TlsConnection open(PlainConnection wire, SSLEngine engine, Duration handshakeTimeout) throws IOException {
		TlsConnection connection = new TlsConnection(wire, engine, handshakeTimeout);
		try {
			engine.beginHandshake();
			connection.handshake();
			return connection;
		}
		catch (IOException | RuntimeException ex) {
			connection.close();
			throw ex;
		}
	}

	/**
	 * Does what the engine wants done before it goes on, which may be nothing.
	 */
	private void handshake() throws IOException {
		long start = System.nanoTime();
		while (true) {
			switch (this.engine.getHandshakeStatus()) {
				case NEED_TASK -> runTasks();
				case NEED_WRAP -> wrap(NOTHING);
				case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
					Status status = unwrap();
					if (status == Status.CLOSED) {
						throw new EOFException("the peer ended TLS in the handshake");
					}
					if (status == Status.BUFFER_UNDERFLOW) {
						Duration left = this.handshakeTimeout.minusNanos(System.nanoTime() - start);
						if (left.isNegative() || !this.wire.await(SelectionKey.OP_READ, left)) {
							throw new SocketTimeoutException("the TLS handshake took over " + this.handshakeTimeout);
						}
						if (fill() < 0) {
							throw new EOFException("the peer closed the connection in the TLS handshake");
						}
					}
				}
				default -> {
					return;
				}
			}
		}
	}

	private void runTasks() {
		Runnable task = this.engine.getDelegatedTask();
		while (task != null) {
			task.run();
			task = this.engine.getDelegatedTask();
		}
	}

	private void wrap(ByteBuffer source) throws IOException {
		this.outgoing.clear();
		SSLEngineResult result = this.engine.wrap(source, this.outgoing);
		if (result.getStatus() == Status.BUFFER_OVERFLOW) {
			this.outgoing = ByteBuffer.allocate(larger(this.outgoing, this.engine.getSession().getPacketBufferSize()));
			return;
		}
		this.outgoing.flip();
		this.wire.write(this.outgoing);
		if (result.getStatus() == Status.CLOSED && source.hasRemaining()) {
			throw new EOFException("the peer ended TLS");
		}
	}

	/**
	 * Takes one record from what came.
	 */
	private Status unwrap() throws SSLException {
		this.ignored.clear();
		Status status = this.engine.unwrap(this.incoming, this.ignored).getStatus();
		if (status == Status.BUFFER_OVERFLOW) {
			this.ignored = ByteBuffer
				.allocate(larger(this.ignored, this.engine.getSession().getApplicationBufferSize()));
		}
		return status;
	}

	private static int larger(ByteBuffer buffer, int wanted) {
		return Math.max(wanted, 2 * buffer.capacity());
	}

	/**
	 * Reads what is there, without waiting.
	 */
	private int fill() throws IOException {
		this.incoming.compact();
		if (!this.incoming.hasRemaining()) {
			this.incoming.flip();
			this.incoming = ByteBuffer.allocate(larger(this.incoming, this.engine.getSession().getPacketBufferSize()))
				.put(this.incoming);
		}
		int read = this.wire.read(this.incoming);
		this.incoming.flip();
		return read;
	}

	@Override
	public void write(ByteBuffer bytes) throws IOException {
		while (bytes.hasRemaining()) {
			handshake();
			wrap(bytes);
		}
	}

	@Override
	public boolean isEnded() throws IOException {
		for (int i = 0; i < MAX_READS; i++) {
			int read = fill();
			Status status = Status.OK;
			while (status != Status.BUFFER_UNDERFLOW && status != Status.CLOSED) {
				status = unwrap();
				handshake();
			}
			if (read < 0 || this.engine.isInboundDone()) {
				return true;
			}
			if (read == 0) {
				return false;
			}
		}
		return false;
	}

	@Override
	public boolean isEndedWithin(Duration time) throws IOException {
		return this.wire.awaitEnd(this, time);
	}

	@Override
	public void end(Duration patience) throws IOException {
		this.engine.closeOutbound();
		while (this.engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
			wrap(NOTHING);
		}
		this.wire.end(patience);
	}

	@Override
	public void close() {
		this.wire.close();
	}

}
