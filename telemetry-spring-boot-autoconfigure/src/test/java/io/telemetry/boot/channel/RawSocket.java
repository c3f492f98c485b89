package io.telemetry.boot.channel;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A TCP connection to the server, as a WebSocket or for HTTP, that does nothing by
 * itself: it sends the bytes that a test wants to be sent, answers no ping, ends nothing
 * in order. Whoever reads waits for {@link #PATIENCE_MS} at most.
 */
final class RawSocket implements AutoCloseable {

	static final int PATIENCE_MS = 15_000;

	private final Socket socket;

	private final InputStream in;

	private RawSocket(Socket socket) throws IOException {
		this.socket = socket;
		this.in = new java.io.BufferedInputStream(socket.getInputStream());
	}

	/**
	 * A connection on which nothing has been sent.
	 */
	static RawSocket connect(int port) throws IOException {
		return connect(port, 0);
	}

	private static RawSocket connect(int port, int receiveBuffer) throws IOException {
		Socket socket = new Socket();
		if (receiveBuffer > 0) {
			socket.setReceiveBufferSize(receiveBuffer);
		}
		socket.setTcpNoDelay(true);
		socket.setSoTimeout(PATIENCE_MS);
		socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MS);
		return new RawSocket(socket);
	}

	/**
	 * A WebSocket.
	 */
	static RawSocket open(int port, String... headers) throws IOException {
		return connect(port).upgrade(headers);
	}

	/**
	 * A WebSocket of a client with hardly any room for what it does not read.
	 */
	static RawSocket narrow(int port) throws IOException {
		return connect(port, 4096).upgrade();
	}

	/**
	 * A WebSocket that is connected to the channel.
	 */
	static RawSocket stomp(int port, String... headers) throws IOException {
		RawSocket socket = open(port);
		socket.send(RawFrame.text("CONNECT\naccept-version:1.2\nheart-beat:0,0\n"
				+ String.join("", java.util.Arrays.stream(headers).map((header) -> header + "\n").toList()) + "\n\0"));
		assertThat(socket.read().text()).startsWith("CONNECTED\n");
		return socket;
	}

	static String handshake(String... headers) {
		StringBuilder request = new StringBuilder("GET /chsk HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
				+ "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
				+ "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: v12.stomp\r\n");
		for (String header : headers) {
			request.append(header).append("\r\n");
		}
		return request.append("\r\n").toString();
	}

	private RawSocket upgrade(String... headers) throws IOException {
		write(handshake(headers));
		String head = head();
		assertThat(head).startsWith("HTTP/1.1 101 ");
		return this;
	}

	RawSocket write(String text) throws IOException {
		return write(text.getBytes(StandardCharsets.UTF_8));
	}

	RawSocket write(byte[] bytes) throws IOException {
		this.socket.getOutputStream().write(bytes);
		return this;
	}

	RawSocket send(RawFrame frame) throws IOException {
		return write(frame.bytes());
	}

	/**
	 * Whether there is something to read, now.
	 */
	boolean isAnswered() {
		try {
			return this.in.available() > 0;
		}
		catch (IOException ex) {
			throw new java.io.UncheckedIOException(ex);
		}
	}

	/**
	 * The next head of an HTTP response, or the empty text where the connection ends.
	 */
	String head() throws IOException {
		StringBuilder head = new StringBuilder();
		int next = this.in.read();
		while (next >= 0) {
			head.append((char) next);
			if (next == '\n' && head.toString().endsWith("\r\n\r\n")) {
				return head.toString();
			}
			next = this.in.read();
		}
		return "";
	}

	/**
	 * The next frame.
	 * @throws EOFException if the connection has ended
	 */
	RawFrame read() throws IOException {
		return read(this.in);
	}

	static RawFrame read(InputStream in) throws IOException {
		int first = octet(in);
		int second = octet(in);
		int lengthBytes = switch (second & 0x7f) {
			case 126 -> 2;
			case 127 -> 8;
			default -> 0;
		};
		long length = second & 0x7f;
		if (lengthBytes > 0) {
			length = 0;
			for (int i = 0; i < lengthBytes; i++) {
				length = length << 8 | octet(in);
			}
		}
		byte[] mask = ((second & 0x80) != 0) ? in.readNBytes(4) : null;
		byte[] payload = in.readNBytes((int) length);
		if (payload.length < length) {
			throw new EOFException();
		}
		return new RawFrame((first & 0x80) != 0, first >> 4 & 7, first & 15, mask, payload, length, lengthBytes);
	}

	private static int octet(InputStream in) throws IOException {
		int next = in.read();
		if (next < 0) {
			throw new EOFException();
		}
		return next;
	}

	/**
	 * The next byte, or -1 where the connection ends.
	 */
	int readByte() throws IOException {
		return this.in.read();
	}

	/**
	 * The close frame that comes next or behind others.
	 */
	RawFrame readClose() throws IOException {
		RawFrame frame = read();
		while (frame.opcode() != RawFrame.CLOSE) {
			frame = read();
		}
		return frame;
	}

	/**
	 * Whatever comes until the server ends the connection, in whichever way.
	 */
	byte[] readToEnd() throws IOException {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		byte[] piece = new byte[8192];
		try {
			for (int read = this.in.read(piece); read >= 0; read = this.in.read(piece)) {
				bytes.write(piece, 0, read);
			}
		}
		catch (java.net.SocketTimeoutException ex) {
			throw new AssertionError("The server has not ended the connection", ex);
		}
		catch (java.net.SocketException ex) {
			// It was reset
		}
		return bytes.toByteArray();
	}

	/**
	 * Says that nothing more will be sent, and reads on.
	 */
	RawSocket finishSending() throws IOException {
		this.socket.shutdownOutput();
		return this;
	}

	/**
	 * Ends the connection by a reset.
	 */
	void reset() throws IOException {
		this.socket.setSoLinger(true, 0);
		this.socket.close();
	}

	@Override
	public void close() throws IOException {
		this.socket.close();
	}

}
