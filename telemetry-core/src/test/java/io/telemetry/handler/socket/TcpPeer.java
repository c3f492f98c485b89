package io.telemetry.handler.socket;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A real peer that reads lines from every connection, to be stopped and started again on
 * the same port.
 */
final class TcpPeer implements AutoCloseable {

	static final long PATIENCE_SECONDS = 30;

	private final ServerSocket server;

	private final List<Socket> sockets = new CopyOnWriteArrayList<>();

	private final List<Thread> threads = new CopyOnWriteArrayList<>();

	private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

	private final BlockingQueue<Socket> accepted = new LinkedBlockingQueue<>();

	private final Behaviour behaviour;

	private TcpPeer(ServerSocket server, Behaviour behaviour) {
		this.server = server;
		this.behaviour = behaviour;
		start(this::accept);
	}

	static TcpPeer start() throws IOException {
		return start(0);
	}

	static TcpPeer start(int port) throws IOException {
		return start(bound(new ServerSocket(), port), TcpPeer::readLines);
	}

	static TcpPeer start(ServerSocket server, Behaviour behaviour) {
		return new TcpPeer(server, behaviour);
	}

	static ServerSocket bound(ServerSocket server, int port) throws IOException {
		server.setReuseAddress(true);
		server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
		return server;
	}

	/**
	 * A port on which nobody listens.
	 */
	static int freePort() throws IOException {
		try (ServerSocket server = bound(new ServerSocket(), 0)) {
			return server.getLocalPort();
		}
	}

	int port() {
		return this.server.getLocalPort();
	}

	private void start(Runnable task) {
		Thread thread = new Thread(task, "tcp-peer");
		thread.setDaemon(true);
		this.threads.add(thread);
		thread.start();
	}

	private void accept() {
		try {
			while (true) {
				Socket socket = this.server.accept();
				this.sockets.add(socket);
				this.accepted.add(socket);
				start(() -> {
					try (socket) {
						this.behaviour.serve(socket, this.lines);
					}
					catch (IOException ex) {
						// A torn connection is what some tests are about.
					}
				});
			}
		}
		catch (SocketException ex) {
			// Closed.
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	static void readLines(Socket socket, BlockingQueue<String> lines) throws IOException {
		BufferedReader reader = new BufferedReader(
				new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
		for (String line = reader.readLine(); line != null; line = reader.readLine()) {
			lines.add(line);
		}
	}

	String nextLine() throws InterruptedException {
		String line = this.lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
		assertThat(line).as("line within %s s", PATIENCE_SECONDS).isNotNull();
		return line;
	}

	Socket nextConnection() throws InterruptedException {
		Socket socket = this.accepted.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
		assertThat(socket).as("connection within %s s", PATIENCE_SECONDS).isNotNull();
		return socket;
	}

	/**
	 * What came and was not asked for.
	 */
	List<String> otherLines() {
		return List.copyOf(this.lines);
	}

	/**
	 * Stops listening, closes what is open and waits until all threads are done.
	 */
	@Override
	public void close() throws IOException {
		this.server.close();
		awaitEnd(this.threads.get(0));
		for (Socket socket : this.sockets) {
			socket.close();
		}
		awaitEnd();
	}

	/**
	 * Stops listening, says so to who is connected, and reads until they have ended too.
	 */
	void finish() throws IOException {
		this.server.close();
		awaitEnd(this.threads.get(0));
		for (Socket socket : this.sockets) {
			try {
				socket.shutdownOutput();
			}
			catch (SocketException ex) {
				// Ended already.
			}
		}
		awaitEnd();
	}

	private void awaitEnd() {
		// The first accepts; when it has ended there will be no others.
		awaitEnd(this.threads.get(0));
		this.threads.forEach(TcpPeer::awaitEnd);
	}

	private static void awaitEnd(Thread thread) {
		try {
			thread.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		assertThat(thread.isAlive()).isFalse();
	}

	/**
	 * What the peer does with a connection.
	 */
	@FunctionalInterface
	interface Behaviour {

		void serve(Socket socket, BlockingQueue<String> lines) throws IOException;

	}

}
