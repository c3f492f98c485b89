package io.telemetry.boot.channel;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients of a STOMP endpoint at {@code /chsk}, all of them on one thread and one
 * selector, with frames made beforehand, so that as little as possible of the machine is
 * theirs. Each sends a batch of events to {@code /app/log/batch}, in WebSocket messages
 * of 8 KB, and the next one when one is acknowledged; or they only connect, subscribe and
 * stay.
 * <p>
 * The mask of the clients' frames is zero: allowed by the protocol, and the server
 * unmasks all the same.
 * <p>
 * Arguments: {@code load PORT SECONDS [binary|text] [clients] [window] [events]}, or
 * {@code idle PORT CONNECTIONS SECONDS}.
 */
public final class ChannelLoad implements AutoCloseable {

	static final int EVENTS = 100;

	private static final int PIECE = 8192;

	private static final int TEXT = 1;

	private static final int BINARY = 2;

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
				this.clients.add(new Client(this.clients.size()));
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
			client.begin(run, body, binary ? BINARY : TEXT, window);
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
			Client client = (Client) key.attachment();
			if (key.isReadable()) {
				client.read();
			}
			if (key.isValid() && key.isWritable()) {
				client.write();
			}
		}
		this.selector.selectedKeys().clear();
	}

	@Override
	public void close() throws IOException {
		for (Client client : this.clients) {
			client.channel.close();
		}
		this.selector.close();
	}

	/**
	 * WebSocket messages of one frame each, with a mask of zero.
	 */
	private static ByteBuffer messages(int opcode, byte[] bytes) {
		int pieces = (bytes.length + PIECE - 1) / PIECE;
		ByteBuffer out = ByteBuffer.allocateDirect(bytes.length + 8 * pieces);
		for (int start = 0; start < bytes.length; start += PIECE) {
			int length = Math.min(PIECE, bytes.length - start);
			out.put((byte) (0x80 | opcode));
			if (length < 126) {
				out.put((byte) (0x80 | length));
			}
			else {
				out.put((byte) (0x80 | 126)).putShort((short) length);
			}
			out.putInt(0).put(bytes, start, length);
		}
		return out.flip();
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

	private final class Client {

		private static final byte[] BATCH = "\"batch\":\"".getBytes(StandardCharsets.US_ASCII);

		private static final byte[] CONNECTED = "CONNECTED".getBytes(StandardCharsets.US_ASCII);

		private static final byte[] MESSAGE = "MESSAGE".getBytes(StandardCharsets.US_ASCII);

		private final int number;

		private final SocketChannel channel;

		private final SelectionKey key;

		/** What has come and is not a whole frame yet. */
		private byte[] pending = new byte[0];

		private boolean upgraded;

		private Run run;

		private ByteBuffer out;

		private int idAt;

		private int window;

		private int sent;

		private int toSend;

		private long[] sentAt;

		Client(int number) throws IOException {
			this.number = number;
			this.channel = SocketChannel
				.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), ChannelLoad.this.port));
			this.channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
			this.channel.configureBlocking(false);
			this.key = this.channel.register(ChannelLoad.this.selector, SelectionKey.OP_READ, this);
			sendNow(ByteBuffer.wrap(("GET /chsk HTTP/1.1\r\nHost: localhost:" + ChannelLoad.this.port
					+ "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
					+ "Sec-WebSocket-Protocol: v12.stomp\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
				.getBytes(StandardCharsets.US_ASCII)));
		}

		private void sendNow(ByteBuffer bytes) throws IOException {
			while (bytes.hasRemaining()) {
				this.channel.write(bytes);
			}
		}

		private void frame(String frame) throws IOException {
			sendNow(messages(TEXT, frame.getBytes(StandardCharsets.US_ASCII)));
		}

		void begin(Run run, byte[] body, int opcode, int window) throws IOException {
			byte[] head = ("SEND\ndestination:/app/log/batch\ncontent-type:application/json\ncontent-length:"
					+ body.length + "\n\n")
				.getBytes(StandardCharsets.US_ASCII);
			byte[] frame = Arrays.copyOf(head, head.length + body.length + 1);
			System.arraycopy(body, 0, frame, head.length, body.length);
			this.out = messages(opcode, frame);
			this.idAt = indexOf(this.out, LoadBatch.ID.getBytes(StandardCharsets.US_ASCII), 0, this.out.limit());
			this.out.position(this.out.limit());
			this.run = run;
			this.window = window;
			this.sentAt = new long[window];
			this.toSend = window;
			run.outstanding += window;
			write();
		}

		void write() throws IOException {
			while (true) {
				if (this.out.hasRemaining()) {
					this.channel.write(this.out);
					if (this.out.hasRemaining()) {
						this.key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
						return;
					}
				}
				if (this.toSend == 0) {
					this.key.interestOps(SelectionKey.OP_READ);
					return;
				}
				this.toSend--;
				next();
			}
		}

		/**
		 * A batch that nobody has sent before: the client, and how many it has sent.
		 */
		private void next() {
			int sequence = this.sent++;
			long id = (this.number + 1) * 1_000_000_000L + sequence;
			this.out.clear();
			for (int i = LoadBatch.ID.length() - 1; i >= 0; i--) {
				this.out.put(this.idAt + i, (byte) ('0' + id % 10));
				id /= 10;
			}
			this.sentAt[sequence % this.window] = System.nanoTime();
		}

		void read() throws IOException {
			ByteBuffer in = ChannelLoad.this.in;
			in.clear().put(this.pending);
			if (this.channel.read(in) < 0) {
				throw new IOException("The server has closed a connection");
			}
			in.flip();
			if (!this.upgraded && !upgrade(in)) {
				keep(in);
				return;
			}
			while (frame(in)) {
				// On to the next
			}
			keep(in);
		}

		private void keep(ByteBuffer in) {
			this.pending = new byte[in.remaining()];
			in.get(this.pending);
		}

		private boolean upgrade(ByteBuffer in) throws IOException {
			byte[] end = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
			int at = indexOf(in, end, in.position(), in.limit());
			if (at < 0) {
				return false;
			}
			String answer = text(in, in.position(), at);
			if (!answer.startsWith("HTTP/1.1 101")) {
				throw new IOException(answer);
			}
			in.position(at + end.length);
			this.upgraded = true;
			frame("CONNECT\naccept-version:1.2\nheart-beat:0,0\nhost:localhost\nsession-id:load-" + ChannelLoad.this.begun
					+ "-" + this.number
					+ "\n\n\0");
			return true;
		}

		private boolean frame(ByteBuffer in) throws IOException {
			int start = in.position();
			if (in.remaining() < 2) {
				return false;
			}
			int opcode = in.get(start) & 0xf;
			int length = in.get(start + 1) & 0x7f;
			int body = start + 2;
			if (length == 126) {
				if (in.remaining() < 4) {
					return false;
				}
				length = in.getShort(start + 2) & 0xffff;
				body = start + 4;
			}
			if (in.limit() - body < length) {
				return false;
			}
			if (opcode != TEXT && opcode != BINARY) {
				throw new IOException("Opcode " + opcode + ": " + text(in, body, body + length));
			}
			take(in, body, body + length);
			in.position(body + length);
			return true;
		}

		private void take(ByteBuffer in, int start, int end) throws IOException {
			if (startsWith(in, start, end, MESSAGE)) {
				int at = indexOf(in, BATCH, start, end);
				if (at < 0 || indexOf(in, this.run.accepted, start, end) < 0) {
					throw new IOException(text(in, start, end));
				}
				long id = 0;
				for (int i = 0; i < LoadBatch.ID.length(); i++) {
					id = id * 10 + in.get(at + BATCH.length + i) - '0';
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
			else if (startsWith(in, start, end, CONNECTED)) {
				frame("SUBSCRIBE\nid:0\ndestination:/user/queue/acks\n\n\0");
				ChannelLoad.this.ready++;
			}
			else {
				throw new IOException(text(in, start, end));
			}
		}

		private static boolean startsWith(ByteBuffer in, int start, int end, byte[] wanted) {
			return end - start >= wanted.length && indexOf(in, wanted, start, start + wanted.length) == start;
		}

		private static int indexOf(ByteBuffer in, byte[] wanted, int start, int end) {
			for (int at = start; at <= end - wanted.length; at++) {
				int i = 0;
				while (i < wanted.length && in.get(at + i) == wanted[i]) {
					i++;
				}
				if (i == wanted.length) {
					return at;
				}
			}
			return -1;
		}

		private static String text(ByteBuffer in, int start, int end) {
			byte[] bytes = new byte[end - start];
			in.get(start, bytes);
			return new String(bytes, StandardCharsets.UTF_8);
		}

	}

}
