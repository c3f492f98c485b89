package io.telemetry.handler.socket;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Plain TCP. Never blocks but in a selector, because neither connecting nor writing has a
 * timeout otherwise, and looking for the peer's end must not wait.
 */
final class PlainConnection implements Connection {

	/**
	 * A larger heap buffer would have the platform keep a copy of its size per thread.
	 */
	private static final int SLICE = 1 << 16;

	/** A peer that talks without end is not listened to for ever. */
	private static final int MAX_READS = 16;

	/** A peer that is gone without a word is noticed within about two minutes. */
	private static final Map<String, Integer> KEEP_ALIVE = Map.of("TCP_KEEPIDLE", 60, "TCP_KEEPINTERVAL", 15,
			"TCP_KEEPCOUNT", 4);

	private final SocketChannel channel;

	private final Selector selector;

	private final SelectionKey key;

	private final Duration writeTimeout;

	private final ByteBuffer ignored = ByteBuffer.allocate(4096);

	private PlainConnection(SocketChannel channel, Selector selector, Duration writeTimeout) throws IOException {
		this.channel = channel;
		this.selector = selector;
		this.key = channel.register(selector, 0);
		this.writeTimeout = writeTimeout;
	}

	/**
	 * Connects to the first address of a host that answers.
	 * @throws IOException if none does, with the first address's failure
	 */
	static PlainConnection open(TcpOptions options) throws IOException {
		IOException failure = null;
		for (InetAddress address : InetAddress.getAllByName(options.host())) {
			try {
				return open(new InetSocketAddress(address, options.port()), options);
			}
			catch (ClosedByInterruptException ex) {
				throw ex;
			}
			catch (IOException ex) {
				if (failure == null) {
					failure = ex;
				}
				else {
					failure.addSuppressed(ex);
				}
			}
		}
		throw (failure != null) ? failure : new IOException("no address");
	}

	private static PlainConnection open(InetSocketAddress address, TcpOptions options) throws IOException {
		SocketChannel channel = SocketChannel.open();
		try {
			channel.configureBlocking(false);
			channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
			keepAlive(channel);
			return connect(new PlainConnection(channel, Selector.open(), options.writeTimeout()), address,
					options.connectTimeout());
		}
		catch (IOException | RuntimeException ex) {
			channel.close();
			throw ex;
		}
	}

	/**
	 * The options are known by name only: their module may be missing.
	 */
	@SuppressWarnings("unchecked")
	private static void keepAlive(SocketChannel channel) throws IOException {
		channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
		for (SocketOption<?> option : channel.supportedOptions()) {
			Integer value = KEEP_ALIVE.get(option.name());
			if (value != null && option.type() == Integer.class) {
				channel.setOption((SocketOption<Integer>) option, value);
			}
		}
	}

	private static PlainConnection connect(PlainConnection connection, InetSocketAddress address, Duration timeout)
			throws IOException {
		try {
			boolean connected = connection.channel.connect(address);
			while (!connected) {
				if (!connection.await(SelectionKey.OP_CONNECT, timeout)) {
					throw new SocketTimeoutException("no answer from " + address + " for " + timeout);
				}
				connected = connection.channel.finishConnect();
			}
			return connection;
		}
		catch (IOException | RuntimeException ex) {
			connection.close();
			throw ex;
		}
	}

	/**
	 * Waits until something can be done.
	 * @return whether it can; if not, the time is over
	 * @throws ClosedByInterruptException if the thread is interrupted
	 */
	boolean await(int operation, Duration time) throws IOException {
		this.key.interestOps(operation);
		long start = System.nanoTime();
		long left = time.toNanos();
		while (true) {
			// Zero would be for ever.
			int ready = (left > 0) ? this.selector.select(Math.max(1, TimeUnit.NANOSECONDS.toMillis(left)))
					: this.selector.selectNow();
			this.selector.selectedKeys().clear();
			if (Thread.currentThread().isInterrupted()) {
				close();
				throw new ClosedByInterruptException();
			}
			if (ready > 0) {
				return true;
			}
			if (left <= 0) {
				return false;
			}
			left = time.toNanos() - (System.nanoTime() - start);
		}
	}

	@Override
	public void write(ByteBuffer bytes) throws IOException {
		int end = bytes.limit();
		while (bytes.position() < end) {
			bytes.limit(Math.min(end, bytes.position() + SLICE));
			if (this.channel.write(bytes) == 0 && !await(SelectionKey.OP_WRITE, this.writeTimeout)) {
				throw new SocketTimeoutException("the peer took nothing in for " + this.writeTimeout);
			}
		}
	}

	/**
	 * Reads what is there, without waiting.
	 * @return the number of bytes, or -1 if the peer has ended the connection
	 */
	int read(ByteBuffer target) throws IOException {
		return this.channel.read(target);
	}

	@Override
	public boolean isEnded() throws IOException {
		for (int i = 0; i < MAX_READS; i++) {
			this.ignored.clear();
			int read = read(this.ignored);
			if (read <= 0) {
				return read < 0;
			}
		}
		return false;
	}

	@Override
	public boolean isEndedWithin(Duration time) throws IOException {
		return awaitEnd(this, time);
	}

	/**
	 * Reads for some time, or until the peer has ended the connection.
	 * @param reader what makes sense of what the peer says
	 */
	boolean awaitEnd(Connection reader, Duration time) throws IOException {
		long start = System.nanoTime();
		Duration left = time;
		while (!left.isNegative() && await(SelectionKey.OP_READ, left)) {
			if (reader.isEnded()) {
				return true;
			}
			left = time.minusNanos(System.nanoTime() - start);
		}
		return false;
	}

	@Override
	public void end(Duration patience) throws IOException {
		this.channel.shutdownOutput();
		awaitEnd(this, patience);
	}

	@Override
	public void close() {
		// The selector first: as long as it has the channel that is not wholly closed.
		close(this.selector);
		close(this.channel);
	}

	private static void close(Closeable closeable) {
		try {
			closeable.close();
		}
		catch (IOException ex) {
			// It is given up all the same.
		}
	}

}
