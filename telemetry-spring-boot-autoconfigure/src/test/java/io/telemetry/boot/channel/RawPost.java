package io.telemetry.boot.channel;

import java.io.EOFException;
import java.io.IOException;
import java.io.PushbackInputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/**
 * A POST of a batch without a client, for bodies that clients don't send.
 */
final class RawPost implements AutoCloseable {

	private final Socket socket;

	private final PushbackInputStream in;

	private RawPost(Socket socket) throws IOException {
		this.socket = socket;
		this.in = new PushbackInputStream(socket.getInputStream());
	}

	static RawPost open(int port, String... headers) throws IOException {
		Socket socket = new Socket("localhost", port);
		socket.setSoTimeout(15_000);
		socket.setTcpNoDelay(true);
		RawPost post = new RawPost(socket);
		post.again(headers);
		return post;
	}

	void again(String... headers) throws IOException {
		write(("POST /chsk/batch HTTP/1.1\r\nHost: localhost:" + this.socket.getPort()
				+ "\r\nContent-Type: application/json\r\n" + String.join("\r\n", headers) + "\r\n\r\n")
			.getBytes(StandardCharsets.US_ASCII));
	}

	void write(byte[] bytes) throws IOException {
		this.socket.getOutputStream().write(bytes);
	}

	/**
	 * Sends a chunk of one byte after the other, until the server answers.
	 */
	RawPost dribble() throws IOException {
		PushbackInputStream in = this.in;
		this.socket.setSoTimeout(50);
		int answer = -1;
		for (int i = 0; i < 15_000 / 50 && answer < 0; i++) {
			write("1\r\n \r\n".getBytes(StandardCharsets.US_ASCII));
			try {
				answer = in.read();
			}
			catch (SocketTimeoutException ex) {
				continue;
			}
			if (answer < 0) {
				throw new EOFException("Closed without an answer");
			}
			in.unread(answer);
		}
		this.socket.setSoTimeout(15_000);
		return this;
	}

	/**
	 * The head of the answer; its body is passed over.
	 */
	String readHead() throws IOException {
		StringBuilder head = new StringBuilder();
		while (head.indexOf("\r\n\r\n") < 0) {
			int next = this.in.read();
			if (next < 0) {
				throw new IOException("Closed behind: " + head);
			}
			head.append((char) next);
		}
		for (String line : head.toString().split("\r\n")) {
			if (line.toLowerCase(java.util.Locale.ROOT).startsWith("content-length:")) {
				this.in.readNBytes(Integer.parseInt(line.substring(15).trim()));
			}
		}
		return head.toString();
	}

	/**
	 * Whether the server closes the connection.
	 */
	boolean readToTheEnd() {
		try {
			this.in.readAllBytes();
			return true;
		}
		catch (SocketTimeoutException ex) {
			return false;
		}
		catch (IOException ex) {
			return true;
		}
	}

	void leave() throws IOException {
		this.socket.close();
	}

	@Override
	public void close() throws IOException {
		leave();
	}

}
