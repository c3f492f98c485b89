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
import java.util.Arrays;

/**
 * One client of a STOMP endpoint at {@code /chsk}, on a selector that it shares with
 * others: it connects, subscribes to acknowledgements and sends a batch that was made
 * beforehand, each time under another number, in WebSocket messages of 8 KB.
 * <p>
 * The mask of its frames is zero: allowed by the protocol, and the server unmasks all the
 * same. Everything is done by the selector's one thread. What a client can't go on after
 * is an {@code IOException} that tells why.
 */
abstract class LoadConnection {

	private static final int PIECE = 8192;

	private static final int TEXT = 1;

	private static final int BINARY = 2;

	private static final int CLOSE = 8;

	private static final byte[] BATCH = "\"batch\":\"".getBytes(StandardCharsets.US_ASCII);

	private static final byte[] CONNECTED = "CONNECTED".getBytes(StandardCharsets.US_ASCII);

	private static final byte[] MESSAGE = "MESSAGE".getBytes(StandardCharsets.US_ASCII);

	private final SocketChannel channel;

	private final SelectionKey key;

	/** What comes is read into it; the selector's, not the connection's. */
	private final ByteBuffer in;

	private final String handshake;

	private final String connect;

	/** What has come and is not a whole frame yet. */
	private byte[] pending = new byte[0];

	private boolean upgraded;

	/** What goes before the next batch. */
	private ByteBuffer control = ByteBuffer.allocate(0);

	private ByteBuffer out = ByteBuffer.allocate(0);

	private int idAt;

	/**
	 * Connects, and says nothing yet.
	 * @param from the client's own address, its port is any
	 * @param session the session's id
	 * @param heartBeatMs the time between heart-beats, in both directions; 0 for none
	 */
	LoadConnection(Selector selector, ByteBuffer in, InetAddress from, int port, String session, int heartBeatMs)
			throws IOException {
		this.in = in;
		this.handshake = "GET /chsk HTTP/1.1\r\nHost: localhost:" + port
				+ "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
				+ "Sec-WebSocket-Protocol: v12.stomp\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
		this.connect = "CONNECT\naccept-version:1.2\nheart-beat:" + heartBeatMs + "," + heartBeatMs
				+ "\nhost:localhost\nsession-id:" + session + "\n\n\0";
		this.channel = SocketChannel.open();
		this.channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
		this.channel.bind(new InetSocketAddress(from, 0));
		this.channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
		this.channel.configureBlocking(false);
		this.key = this.channel.register(selector, SelectionKey.OP_READ, this);
	}

	final void open() throws IOException {
		send(ByteBuffer.wrap(this.handshake.getBytes(StandardCharsets.US_ASCII)));
	}

	/**
	 * Called when the connection stands and the subscription is sent.
	 */
	abstract void connected();

	/**
	 * Called whenever a batch may be sent.
	 * @return the number of the next batch, negative for none now
	 */
	abstract long next();

	/**
	 * Called when a batch is answered.
	 * @param id the batch's number, -1 where the answer names none
	 * @param answer the answer
	 */
	abstract void answered(long id, Answer answer) throws IOException;

	/**
	 * Called when a heart-beat of the server's comes.
	 */
	void heartBeat() {
	}

	/**
	 * Sets the batch that is sent from now on. To be called when the last is sent.
	 */
	final void prepare(byte[] body, boolean binary) {
		byte[] head = ("SEND\ndestination:/app/log/batch\ncontent-type:application/json\ncontent-length:" + body.length
				+ "\n\n")
			.getBytes(StandardCharsets.US_ASCII);
		byte[] frame = Arrays.copyOf(head, head.length + body.length + 1);
		System.arraycopy(body, 0, frame, head.length, body.length);
		this.out = messages(binary ? BINARY : TEXT, frame);
		this.idAt = indexOf(this.out, LoadBatch.ID.getBytes(StandardCharsets.US_ASCII), 0, this.out.limit());
		this.out.position(this.out.limit());
	}

	/**
	 * Sends a heart-beat, unless something else is on its way.
	 */
	final void beat() throws IOException {
		if (!this.control.hasRemaining() && !this.out.hasRemaining()) {
			send(messages(TEXT, new byte[] { '\n' }));
		}
	}

	private void send(ByteBuffer bytes) throws IOException {
		if (this.control.hasRemaining()) {
			throw new IOException("The server does not read");
		}
		this.control = bytes;
		write();
	}

	final void write() throws IOException {
		while (flush(this.control) && flush(this.out)) {
			long id = next();
			if (id < 0) {
				this.key.interestOps(SelectionKey.OP_READ);
				return;
			}
			this.out.clear();
			for (int i = LoadBatch.ID.length() - 1; i >= 0; i--) {
				this.out.put(this.idAt + i, (byte) ('0' + id % 10));
				id /= 10;
			}
		}
		this.key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
	}

	private boolean flush(ByteBuffer bytes) throws IOException {
		if (bytes.hasRemaining()) {
			this.channel.write(bytes);
		}
		return !bytes.hasRemaining();
	}

	/**
	 * Reads and writes what can be read and written.
	 */
	final void ready() throws IOException {
		if (this.key.isReadable()) {
			read();
		}
		if (this.key.isValid() && this.key.isWritable()) {
			write();
		}
	}

	private void read() throws IOException {
		this.in.clear().put(this.pending);
		if (this.channel.read(this.in) < 0) {
			throw new IOException("The server has closed a connection");
		}
		this.in.flip();
		if (this.upgraded || upgrade()) {
			while (frame()) {
				// On to the next
			}
		}
		this.pending = new byte[this.in.remaining()];
		this.in.get(this.pending);
	}

	private boolean upgrade() throws IOException {
		byte[] end = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
		int at = indexOf(this.in, end, this.in.position(), this.in.limit());
		if (at < 0) {
			return false;
		}
		String answer = text(this.in.position(), at);
		if (!answer.startsWith("HTTP/1.1 101")) {
			throw new IOException(answer.lines().findFirst().orElse(""));
		}
		this.in.position(at + end.length);
		this.upgraded = true;
		send(messages(TEXT, this.connect.getBytes(StandardCharsets.US_ASCII)));
		return true;
	}

	private boolean frame() throws IOException {
		int start = this.in.position();
		if (this.in.remaining() < 2) {
			return false;
		}
		int opcode = this.in.get(start) & 0xf;
		int length = this.in.get(start + 1) & 0x7f;
		int body = start + 2;
		if (length == 126) {
			if (this.in.remaining() < 4) {
				return false;
			}
			length = this.in.getShort(start + 2) & 0xffff;
			body = start + 4;
		}
		if (this.in.limit() - body < length) {
			return false;
		}
		if (opcode == CLOSE && length >= 2) {
			throw new IOException(
					"Closed with " + (this.in.getShort(body) & 0xffff) + " " + text(body + 2, body + length));
		}
		if (opcode != TEXT && opcode != BINARY) {
			throw new IOException("Opcode " + opcode + ": " + text(body, body + length));
		}
		take(body, body + length);
		this.in.position(body + length);
		return true;
	}

	private void take(int start, int end) throws IOException {
		if (startsWith(start, end, MESSAGE)) {
			int at = indexOf(this.in, BATCH, start, end);
			long id = (at < 0) ? -1 : 0;
			for (int i = 0; at >= 0 && i < LoadBatch.ID.length(); i++) {
				id = id * 10 + this.in.get(at + BATCH.length + i) - '0';
			}
			answered(id, new Answer(start, end));
		}
		else if (end - start == 1) {
			heartBeat();
		}
		else if (startsWith(start, end, CONNECTED)) {
			send(messages(TEXT,
					"SUBSCRIBE\nid:0\ndestination:/user/queue/acks\n\n\0".getBytes(StandardCharsets.US_ASCII)));
			connected();
		}
		else {
			throw new IOException(text(start, end));
		}
	}

	final void close() throws IOException {
		this.channel.close();
	}

	private boolean startsWith(int start, int end, byte[] wanted) {
		return end - start >= wanted.length && indexOf(this.in, wanted, start, start + wanted.length) == start;
	}

	private String text(int start, int end) {
		byte[] bytes = new byte[end - start];
		this.in.get(start, bytes);
		return new String(bytes, StandardCharsets.UTF_8);
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
	 * An answer of the server's, where it was read; good until the call returns.
	 */
	final class Answer {

		private final int start;

		private final int end;

		private Answer(int start, int end) {
			this.start = start;
			this.end = end;
		}

		boolean holds(byte[] wanted) {
			return indexOf(LoadConnection.this.in, wanted, this.start, this.end) >= 0;
		}

		@Override
		public String toString() {
			return text(this.start, this.end);
		}

	}

}
