package io.telemetry.boot.channel;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A client that sends exactly what a test wants to be sent.
 */
public final class StompProbe implements AutoCloseable {

	/**
	 * The JDK's socket takes one message at a time, and some tests send from two threads.
	 */
	private final Object sending = new Object();

	private final List<String> frames = new CopyOnWriteArrayList<>();

	private final CompletableFuture<Integer> closed = new CompletableFuture<>();

	private volatile String closeReason = "";

	private volatile boolean reading = true;

	private WebSocket socket;

	private StompProbe() {
	}

	static StompProbe open(HttpClient http, URI uri, String... headers) throws Exception {
		StompProbe probe = new StompProbe();
		WebSocket.Builder builder = http.newWebSocketBuilder().subprotocols("v12.stomp");
		for (int i = 0; i < headers.length; i += 2) {
			builder.header(headers[i], headers[i + 1]);
		}
		probe.socket = builder.buildAsync(uri, probe.new Listener()).get(10, TimeUnit.SECONDS);
		return probe;
	}

	/**
	 * CONNECT, and SUBSCRIBE to the acknowledgements.
	 */
	void connect(String... headers) {
		StringBuilder extra = new StringBuilder();
		for (int i = 0; i < headers.length; i += 2) {
			extra.append(headers[i]).append(':').append(headers[i + 1]).append('\n');
		}
		text("CONNECT\naccept-version:1.2\nhost:localhost\nheart-beat:0,0\n" + extra + "\n\0");
		awaitFrame("CONNECTED");
		text("SUBSCRIBE\nid:acks\ndestination:/user/queue/acks\nreceipt:subscribed\n\n\0");
		awaitFrame("RECEIPT");
	}

	void text(String text) {
		synchronized (this.sending) {
			this.socket.sendText(text, true).join();
		}
	}

	/**
	 * Sends to a server that may have had enough.
	 */
	void drip(String text) {
		synchronized (this.sending) {
			this.socket.sendText(text, true).exceptionally((ex) -> this.socket).join();
		}
	}

	void binary(byte[] bytes) {
		synchronized (this.sending) {
			this.socket.sendBinary(ByteBuffer.wrap(bytes), true).join();
		}
	}

	void batch(String body) {
		text("SEND\ndestination:/app/log/batch\n\n" + body + "\0");
	}

	/**
	 * A frame in messages of at most 8 KB.
	 */
	void split(String frame) {
		byte[] bytes = frame.getBytes(StandardCharsets.UTF_8);
		for (int start = 0; start < bytes.length; start += 8192) {
			binary(java.util.Arrays.copyOfRange(bytes, start, Math.min(bytes.length, start + 8192)));
		}
	}

	void batchWith(String headers, byte[] body) {
		ByteArrayOutputStream frame = new ByteArrayOutputStream();
		frame.writeBytes(("SEND\ndestination:/app/log/batch\ncontent-length:" + body.length + "\n" + headers + "\n")
			.getBytes(StandardCharsets.UTF_8));
		frame.writeBytes(body);
		frame.write(0);
		byte[] bytes = frame.toByteArray();
		for (int start = 0; start < bytes.length; start += 8192) {
			binary(java.util.Arrays.copyOfRange(bytes, start, Math.min(bytes.length, start + 8192)));
		}
	}

	/**
	 * Leaves what the server sends in the network's buffers.
	 */
	void stopReading() {
		this.reading = false;
	}

	List<String> frames() {
		return this.frames;
	}

	List<String> frames(String command) {
		return this.frames.stream().filter((frame) -> frame.startsWith(command + "\n")).toList();
	}

	String awaitFrame(String command) {
		Patience.await().until(() -> !frames(command).isEmpty());
		return frames(command).get(0);
	}

	/**
	 * The bodies of the acknowledgements so far, when there are as many as wanted.
	 */
	List<String> awaitAcknowledgements(int count) {
		Patience.await().until(() -> frames("MESSAGE").size() >= count);
		return frames("MESSAGE").stream().map((frame) -> frame.substring(frame.indexOf("\n\n") + 2)).toList();
	}

	String awaitAcknowledgement() {
		List<String> acknowledgements = awaitAcknowledgements(1);
		assertThat(acknowledgements).hasSize(1);
		this.frames.removeIf((frame) -> frame.startsWith("MESSAGE"));
		return acknowledgements.get(0);
	}

	int awaitClose() throws Exception {
		return this.closed.get(10, TimeUnit.SECONDS);
	}

	String closeReason() {
		return this.closeReason;
	}

	boolean isOpen() {
		return !this.closed.isDone();
	}

	void abort() {
		this.socket.abort();
	}

	@Override
	public void close() {
		if (!this.closed.isDone()) {
			this.socket.sendClose(1000, "").exceptionally((ex) -> null).join();
		}
	}

	private final class Listener implements WebSocket.Listener {

		private final StringBuilder text = new StringBuilder();

		private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

		@Override
		public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
			this.text.append(data);
			if (last) {
				for (String frame : this.text.toString().split("\0")) {
					StompProbe.this.frames.add(frame);
				}
				this.text.setLength(0);
			}
			if (StompProbe.this.reading) {
				socket.request(1);
			}
			return null;
		}

		@Override
		public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
			byte[] piece = new byte[data.remaining()];
			data.get(piece);
			this.bytes.writeBytes(piece);
			if (!last) {
				return onText(socket, "", false);
			}
			String whole = this.bytes.toString(StandardCharsets.UTF_8);
			this.bytes.reset();
			return onText(socket, whole, true);
		}

		@Override
		public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
			StompProbe.this.closeReason = reason;
			StompProbe.this.closed.complete(code);
			return null;
		}

		@Override
		public void onError(WebSocket socket, Throwable failure) {
			StompProbe.this.closed.complete(1006);
		}

	}

}
