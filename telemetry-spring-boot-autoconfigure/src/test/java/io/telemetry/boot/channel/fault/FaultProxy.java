package io.telemetry.boot.channel.fault;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * A line between clients and servers that fails when it is told to. It listens on an
 * address of its own, so servers behind it may come and go. Safe for several threads;
 * what a command says holds for every byte that is passed after it returned.
 */
public final class FaultProxy implements AutoCloseable {

	/** Which way bytes go. */
	public enum Direction {

		/** From clients to the server. */
		TO_SERVER,

		/** From the server to clients. */
		TO_CLIENT

	}

	private final ServerSocket listener = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition changed = this.lock.newCondition();

	/** All that follow are guarded by the lock. */
	private final List<Link> links = new ArrayList<>();

	private final List<Cut> cuts = new ArrayList<>();

	private final Set<Direction> swallowed = EnumSet.noneOf(Direction.class);

	private final Map<Direction, Long> passedBytes = new EnumMap<>(Direction.class);

	private final Map<Direction, Long> swallowedBytes = new EnumMap<>(Direction.class);

	private int[] targets;

	private int nextTarget;

	private Duration delay = Duration.ZERO;

	private boolean stopped;

	private int connections;

	private int refused;

	private int cutConnections;

	/**
	 * A line to one server, or to several that connections go to in turn.
	 * @param targets their ports; none refuses all connections until there is one
	 */
	public FaultProxy(int... targets) throws IOException {
		this.targets = targets.clone();
		daemon("accept", this::accept);
	}

	/**
	 * Where clients connect to.
	 */
	public int port() {
		return this.listener.getLocalPort();
	}

	/**
	 * Sends new connections to other servers, in turn. Those that are open stay.
	 */
	public void target(int... targets) {
		locked(() -> {
			this.targets = targets.clone();
			this.nextTarget = 0;
		});
	}

	/**
	 * Lets every byte from now on come later.
	 * @param delay how much; zero for not at all
	 */
	public void delay(Duration delay) {
		locked(() -> this.delay = delay);
	}

	/**
	 * Passes nothing any more, in either direction, and loses nothing.
	 */
	public void stop() {
		locked(() -> this.stopped = true);
	}

	/**
	 * Passes what has waited, and what comes.
	 */
	public void resume() {
		locked(() -> this.stopped = false);
	}

	/**
	 * Loses what goes one way from now on; neither end is told.
	 */
	public void swallow(Direction direction) {
		locked(() -> this.swallowed.add(direction));
	}

	/**
	 * Swallows nothing any more.
	 */
	public void pass() {
		locked(this.swallowed::clear);
	}

	/**
	 * Resets all connections at once.
	 */
	public void cutAll() {
		locked(() -> List.copyOf(this.links).forEach(Link::cut));
	}

	/**
	 * Resets one connection.
	 * @param number which, the first ever made being 1
	 */
	public void cut(int number) {
		locked(() -> this.links.stream().filter((link) -> link.number == number).toList().forEach(Link::cut));
	}

	/**
	 * Resets the connection that is the next to pass a byte in the direction, when it has
	 * passed so many. Several such commands hold for several connections, or one after
	 * the other for one.
	 * @param bytes how many it passes; at least 1
	 */
	public void cutAfter(Direction direction, long bytes) {
		locked(() -> this.cuts.add(new Cut(direction, bytes, null)));
	}

	/**
	 * Resets the first connection that passes a text (ASCII), right behind it.
	 */
	public void cutBehind(Direction direction, String text) {
		locked(() -> this.cuts.add(new Cut(direction, 0, text)));
	}

	/**
	 * Whether nothing is left of what {@link #cutAfter} and {@link #cutBehind} wanted.
	 */
	public boolean hasCut() {
		return counted(() -> this.cuts.isEmpty() ? 1L : 0L) == 1;
	}

	/**
	 * Connections that were made, also those for which there was no server.
	 */
	public int connections() {
		return (int) counted(() -> this.connections);
	}

	/**
	 * Connections for which there was no server, and which were reset.
	 */
	public int refused() {
		return (int) counted(() -> this.refused);
	}

	/**
	 * Connections that were reset by command.
	 */
	public int cutConnections() {
		return (int) counted(() -> this.cutConnections);
	}

	/**
	 * Connections that are open.
	 */
	public int open() {
		return (int) counted(() -> this.links.size());
	}

	/**
	 * Bytes that were handed on.
	 */
	public long passed(Direction direction) {
		return counted(() -> this.passedBytes.getOrDefault(direction, 0L));
	}

	/**
	 * Bytes that were lost.
	 */
	public long swallowed(Direction direction) {
		return counted(() -> this.swallowedBytes.getOrDefault(direction, 0L));
	}

	@Override
	public void close() throws IOException {
		this.listener.close();
		locked(() -> {
			this.stopped = false;
			List.copyOf(this.links).forEach(Link::end);
		});
	}

	private void locked(Runnable action) {
		counted(() -> {
			action.run();
			this.changed.signalAll();
			return 0L;
		});
	}

	private long counted(LongSupplier reading) {
		this.lock.lock();
		try {
			return reading.getAsLong();
		}
		finally {
			this.lock.unlock();
		}
	}

	private static void daemon(String name, Runnable task) {
		Thread thread = new Thread(task, "fault-proxy-" + name);
		thread.setDaemon(true);
		thread.start();
	}

	private void accept() {
		while (!this.listener.isClosed()) {
			try {
				connect(this.listener.accept());
			}
			catch (IOException ex) {
				// Closed, or a client that has gone already
			}
		}
	}

	private void connect(Socket client) throws IOException {
		int[] target = new int[1];
		int number = (int) counted(() -> {
			target[0] = (this.targets.length > 0) ? this.targets[this.nextTarget++ % this.targets.length] : 0;
			return ++this.connections;
		});
		Socket server = new Socket();
		try {
			if (target[0] == 0) {
				throw new IOException("There is no server");
			}
			server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target[0]), 5000);
		}
		catch (IOException ex) {
			locked(() -> this.refused++);
			server.close();
			reset(client);
			return;
		}
		client.setTcpNoDelay(true);
		server.setTcpNoDelay(true);
		Link link = new Link(number, client, server);
		locked(() -> this.links.add(link));
		daemon(number + "-up", () -> pump(link, Direction.TO_SERVER, client, server));
		daemon(number + "-down", () -> pump(link, Direction.TO_CLIENT, server, client));
	}

	private static void reset(Socket socket) {
		try {
			socket.setSoLinger(true, 0);
			socket.close();
		}
		catch (IOException ex) {
			// It has gone
		}
	}

	private void pump(Link link, Direction direction, Socket from, Socket to) {
		byte[] piece = new byte[16 * 1024];
		try {
			InputStream in = from.getInputStream();
			OutputStream out = to.getOutputStream();
			for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
				awaitTurn(System.nanoTime());
				Verdict verdict = judge(link, direction, piece, read);
				out.write(piece, 0, verdict.passed);
				if (verdict.cut) {
					locked(link::cut);
					return;
				}
			}
			awaitTurn(System.nanoTime());
			to.shutdownOutput();
			locked(() -> link.ended(direction));
		}
		catch (IOException | InterruptedException ex) {
			// Whichever end it was, the other is told in the same way
			locked(link::end);
		}
	}

	private void awaitTurn(long came) throws InterruptedException {
		this.lock.lockInterruptibly();
		try {
			long left = came + this.delay.toNanos() - System.nanoTime();
			while (this.stopped || left > 0) {
				if (this.stopped) {
					this.changed.await();
				}
				else {
					this.changed.await(left, TimeUnit.NANOSECONDS);
				}
				left = came + this.delay.toNanos() - System.nanoTime();
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	private Verdict judge(Link link, Direction direction, byte[] piece, int length) {
		this.lock.lock();
		try {
			if (this.swallowed.contains(direction)) {
				this.swallowedBytes.merge(direction, (long) length, Long::sum);
				return new Verdict(0, false);
			}
			Verdict verdict = new Verdict(length, false);
			for (Cut cut : this.cuts) {
				int end = (cut.direction == direction) ? cut.end(link, piece, length) : 0;
				if (end > 0) {
					this.cuts.remove(cut);
					verdict = new Verdict(end, true);
					break;
				}
			}
			this.passedBytes.merge(direction, (long) verdict.passed, Long::sum);
			return verdict;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * What becomes of bytes that have come.
	 *
	 * @param passed how many go on
	 * @param cut whether the connection ends behind them
	 */
	private record Verdict(int passed, boolean cut) {
	}

	/**
	 * One connection and the server's end of it.
	 */
	private final class Link {

		private final int number;

		private final Socket client;

		private final Socket server;

		private final Set<Direction> ended = EnumSet.noneOf(Direction.class);

		Link(int number, Socket client, Socket server) {
			this.number = number;
			this.client = client;
			this.server = server;
		}

		void cut() {
			if (FaultProxy.this.links.contains(this)) {
				FaultProxy.this.cutConnections++;
			}
			end();
		}

		void end() {
			FaultProxy.this.links.remove(this);
			FaultProxy.this.cuts.forEach((cut) -> cut.forget(this));
			reset(this.client);
			reset(this.server);
		}

		void ended(Direction direction) {
			this.ended.add(direction);
			if (this.ended.size() == Direction.values().length) {
				end();
			}
		}

	}

	/**
	 * Where a connection is to be cut.
	 */
	private static final class Cut {

		private final Direction direction;

		private final long bytes;

		private final String text;

		/** What may be the beginning of the text, by connection. */
		private final Map<Link, String> tails = new IdentityHashMap<>();

		private Link link;

		private long left;

		Cut(Direction direction, long bytes, String text) {
			this.direction = direction;
			this.bytes = bytes;
			this.text = text;
		}

		/**
		 * Bytes of the piece that are before the cut, or 0 where it is not in the piece.
		 */
		int end(Link passing, byte[] piece, int length) {
			return (this.text != null) ? find(passing, new String(piece, 0, length, StandardCharsets.ISO_8859_1))
					: count(passing, length);
		}

		private int find(Link passing, String piece) {
			String tail = this.tails.getOrDefault(passing, "");
			String seen = tail + piece;
			int start = seen.indexOf(this.text);
			if (start >= 0) {
				return start + this.text.length() - tail.length();
			}
			this.tails.put(passing, seen.substring(Math.max(0, seen.length() - this.text.length() + 1)));
			return 0;
		}

		private int count(Link passing, int length) {
			if (this.link == null) {
				this.link = passing;
				this.left = this.bytes;
			}
			if (this.link != passing) {
				return 0;
			}
			if (this.left > length) {
				this.left -= length;
				return 0;
			}
			return (int) this.left;
		}

		/**
		 * One that ends before is no longer meant.
		 */
		void forget(Link ended) {
			this.tails.remove(ended);
			if (this.link == ended) {
				this.link = null;
			}
		}

	}

}
