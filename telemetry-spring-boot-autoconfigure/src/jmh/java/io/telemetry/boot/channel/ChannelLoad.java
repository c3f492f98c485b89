package io.telemetry.boot.channel;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients of a STOMP endpoint at {@code /chsk}, all of them on one thread and one
 * selector, with frames made beforehand, so that as little as possible of the machine is
 * theirs. Each sends a batch of events to {@code /app/log/batch}, and the next one when
 * one is acknowledged; or they only connect, subscribe and stay.
 * <p>
 * Arguments: {@code load PORT SECONDS [binary|text] [clients] [window] [events]}, or
 * {@code idle PORT CONNECTIONS SECONDS}.
 */
public final class ChannelLoad implements AutoCloseable {

	static final int EVENTS = 100;

	private static final long PATIENCE = 30_000_000_000L;

	private final int port;

	private final Selector selector = Selector.open();

	private final List<Client> clients = new ArrayList<>();

	private final ByteBuffer in = ByteBuffer.allocateDirect(64 * 1024);

	/** Other sessions than last time: their batches are remembered. */
	private final long begun = System.currentTimeMillis();

	private int ready;

	ChannelLoad(int port) throws IOException {
		this.port = port;
	}

	public static void main(String[] args) throws Exception {
		int port = Integer.parseInt(args[1]);
		try (ChannelLoad load = new ChannelLoad(port)) {
			if (args[0].equals("idle")) {
				load.open(Integer.parseInt(args[2]));
				System.out.println(args[2] + " connections");
				Thread.sleep(1000L * Integer.parseInt(args[3]));
				return;
			}
			boolean binary = args.length > 3 && args[3].equals("binary");
			load.open((args.length > 4) ? Integer.parseInt(args[4]) : 20);
			load.settle();
			int window = (args.length > 5) ? Integer.parseInt(args[5]) : 1;
			int events = (args.length > 6) ? Integer.parseInt(args[6]) : EVENTS;
			System.out.println(load.run(Double.parseDouble(args[2]), binary, window, events));
		}
	}

	/**
	 * Opens more connections; returns when each is connected and has subscribed.
	 */
	void open(int count) throws IOException {
		int wanted = this.clients.size() + count;
		while (this.ready < wanted) {
			// Some at a time, as the backlog of a listening socket is short
			while (this.clients.size() < wanted && this.clients.size() - this.ready < 50) {
				Client client = new Client(this.clients.size());
				this.clients.add(client);
				client.open();
			}
			select();
		}
	}

	/**
	 * Gives the server time for the subscriptions: a broker of Spring's tells nobody when
	 * it has one, and is free to do the next frame first.
	 */
	void settle() {
		LockSupport.parkNanos(500_000_000L);
	}

	/**
	 * Sends for some time, then waits for what is still to be acknowledged.
	 */
	Result run(double seconds, boolean binary, int window, int events) throws IOException {
		byte[] body = LoadBatch.of(events);
		long begin = System.nanoTime();
		Run run = new Run(begin + (long) (seconds * 1e9), events);
		for (Client client : this.clients) {
			client.begin(run, body, binary, window);
		}
		while (run.outstanding > 0) {
			select();
		}
		double took = (System.nanoTime() - begin) / 1e9;
		return new Result(run.count, run.count * (double) events, took, run.sorted());
	}

	private void select() throws IOException {
		if (this.selector.select(PATIENCE / 1_000_000) == 0) {
			throw new IOException("Nothing came for " + PATIENCE / 1_000_000_000 + " s");
		}
		for (SelectionKey key : this.selector.selectedKeys()) {
			((Client) key.attachment()).ready();
		}
		this.selector.selectedKeys().clear();
	}

	@Override
	public void close() throws IOException {
		for (Client client : this.clients) {
			client.close();
		}
		this.selector.close();
	}

	/**
	 * What came of it.
	 *
	 * @param batches batches acknowledged
	 * @param events events in them
	 * @param seconds from the first batch to the last acknowledgement
	 * @param nanos from sending a batch to its acknowledgement, sorted
	 */
	record Result(int batches, double events, double seconds, long[] nanos) {

		double batchesPerSecond() {
			return this.batches / this.seconds;
		}

		double eventsPerSecond() {
			return this.events / this.seconds;
		}

		double millisAt(double quantile) {
			return this.nanos[(int) Math.min(this.nanos.length - 1, this.nanos.length * quantile)] / 1e6;
		}

		@Override
		public String toString() {
			return String.format(Locale.ROOT, "%,.0f batches/s, %,.0f events/s, p50 %.1f ms, p99 %.1f ms",
					batchesPerSecond(), eventsPerSecond(), millisAt(0.5), millisAt(0.99));
		}

	}

	private static final class Run {

		private final long end;

		private final byte[] accepted;

		private long[] nanos = new long[100_000];

		private int count;

		private int outstanding;

		Run(long end, int events) {
			this.end = end;
			this.accepted = ("\"accepted\":" + events).getBytes(StandardCharsets.US_ASCII);
		}

		void acknowledged(long nanos) {
			if (this.count == this.nanos.length) {
				this.nanos = Arrays.copyOf(this.nanos, 2 * this.count);
			}
			this.nanos[this.count++] = nanos;
			this.outstanding--;
		}

		long[] sorted() {
			long[] result = Arrays.copyOf(this.nanos, this.count);
			Arrays.sort(result);
			return result;
		}

	}

	private final class Client extends LoadConnection {

		private final int number;

		private Run run;

		private int window;

		private int sent;

		private int toSend;

		private long[] sentAt;

		Client(int number) throws IOException {
			super(ChannelLoad.this.selector, ChannelLoad.this.in, InetAddress.getLoopbackAddress(),
					ChannelLoad.this.port, "load-" + ChannelLoad.this.begun + "-" + number, 0);
			this.number = number;
		}

		void begin(Run run, byte[] body, boolean binary, int window) throws IOException {
			prepare(body, binary);
			this.run = run;
			this.window = window;
			this.sentAt = new long[window];
			this.toSend = window;
			run.outstanding += window;
			write();
		}

		/**
		 * A batch that nobody has sent before: the client, and how many it has sent.
		 */
		@Override
		long next() {
			if (this.toSend == 0) {
				return -1;
			}
			this.toSend--;
			int sequence = this.sent++;
			this.sentAt[sequence % this.window] = System.nanoTime();
			return (this.number + 1) * 1_000_000_000L + sequence;
		}

		@Override
		void connected() {
			ChannelLoad.this.ready++;
		}

		@Override
		void answered(long id, Answer answer) throws IOException {
			if (id < 0 || !answer.holds(this.run.accepted)) {
				throw new IOException(answer.toString());
			}
			int sequence = (int) (id % 1_000_000_000L);
			long now = System.nanoTime();
			this.run.acknowledged(now - this.sentAt[sequence % this.window]);
			if (now < this.run.end) {
				this.run.outstanding++;
				this.toSend++;
				write();
			}
		}

	}

}
