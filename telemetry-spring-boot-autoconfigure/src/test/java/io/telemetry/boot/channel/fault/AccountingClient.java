package io.telemetry.boot.channel.fault;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import io.telemetry.boot.channel.Patience;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Clients that keep account of what becomes of each event: several sessions, each with a
 * connection, which make batches, send those again that nobody answered for, on the next
 * connection and with the same id, and wait where they are told to. What they know is in
 * the {@link #ledger()}.
 * <p>
 * They do what the browser client does, only less patiently, which is harder on the
 * server and shorter for a test: they wait no longer than {@value #LONGEST_WAIT_MS} ms
 * for anything. One thread does everything, so there are no locks here.
 */
public final class AccountingClient implements AutoCloseable {

	/**
	 * Batches of a session that may be on their way at once, as in the browser client.
	 */
	private static final int WINDOW = 4;

	/** How long clients wait at most, whatever they are told. */
	public static final long LONGEST_WAIT_MS = 250;

	private static final long TICK_MS = 20;

	private static final int PIECE = 8192;

	private final ScheduledExecutorService loop = Executors.newSingleThreadScheduledExecutor((task) -> {
		Thread thread = new Thread(task, "accounting-client");
		thread.setDaemon(true);
		return thread;
	});

	private final HttpClient http = HttpClient.newHttpClient();

	private final String run = UUID.randomUUID().toString().substring(0, 8);

	private final Ledger ledger = new Ledger(this.run);

	private final List<Session> sessions = new ArrayList<>();

	private final Random random = new Random(7);

	private final int port;

	private int eventsPerBatch = 5;

	private int padding;

	private long answerTimeoutMs = 2000;

	private double posted;

	private int batches;

	private boolean sending;

	/**
	 * Clients without a session so far.
	 * @param port of the server, or of what stands before it
	 */
	public AccountingClient(int port) {
		this.port = port;
		this.loop.scheduleWithFixedDelay(guarded(() -> this.sessions.forEach(Session::tick)), TICK_MS, TICK_MS,
				TimeUnit.MILLISECONDS);
	}

	/**
	 * Makes batches larger than their five small events.
	 * @param events in each batch from now on
	 * @param padding characters in each event beside what is needed
	 */
	public AccountingClient withBatches(int events, int padding) {
		return onLoop(() -> {
			this.eventsPerBatch = events;
			this.padding = padding;
			return this;
		});
	}

	/**
	 * Gives a connection up that has not answered for so long.
	 */
	public AccountingClient withAnswerTimeout(long millis) {
		return onLoop(() -> {
			this.answerTimeoutMs = millis;
			return this;
		});
	}

	/**
	 * Lets a share of the batches go by POST, each also over its connection, at the same
	 * time.
	 * @param share 0 to 1
	 */
	public AccountingClient alsoPosting(double share) {
		return onLoop(() -> {
			this.posted = share;
			return this;
		});
	}

	/**
	 * Opens sessions, each with a connection; returns when all are connected.
	 */
	public AccountingClient connect(int sessions) {
		onLoop(() -> {
			for (int i = 0; i < sessions; i++) {
				Session session = new Session(this.run + "-" + this.sessions.size());
				this.sessions.add(session);
				session.open();
			}
			return null;
		});
		awaitConnected();
		return this;
	}

	/**
	 * Waits until all sessions have a connection.
	 */
	public void awaitConnected() {
		Patience.await().until(() -> onLoop(() -> this.sessions.stream().allMatch((session) -> session.ready)));
	}

	/**
	 * Sends some batches from each session.
	 * @param batches how many from each
	 */
	public void send(int batches) {
		onLoop(() -> {
			for (Session session : this.sessions) {
				for (int i = 0; i < batches; i++) {
					session.make();
				}
				session.pump();
			}
			return null;
		});
	}

	/**
	 * Sends from each session a batch that can't be taken, and one of which one event
	 * can't be.
	 */
	public void sendBad() {
		onLoop(() -> {
			for (Session session : this.sessions) {
				String first = session.nextEvent();
				session.add(List.of(first), "\"" + first + "\"");
				String second = session.nextEvent();
				String third = session.nextEvent();
				session.add(List.of(second, third), "[\"" + second + "\"," + session.event(third) + "]");
				session.pump();
			}
			return null;
		});
	}

	/**
	 * Lets every session send a batch every {@value #TICK_MS} ms, as long as it is
	 * answered, until {@link #stopSending()}.
	 */
	public void keepSending() {
		onLoop(() -> {
			this.sending = true;
			this.sessions.forEach(Session::pump);
			return null;
		});
	}

	/**
	 * Makes no more batches.
	 */
	public void stopSending() {
		onLoop(() -> {
			this.sending = false;
			return null;
		});
	}

	/**
	 * Makes no more batches, and waits until each there is was answered for.
	 */
	public Ledger settle() {
		stopSending();
		Patience.await().until(() -> this.ledger.unanswered() == 0);
		return this.ledger;
	}

	/**
	 * Waits until so many more events were acknowledged than when it was called.
	 */
	public void awaitAcknowledged(int events) {
		int before = this.ledger.acknowledgedEvents();
		Patience.await().until(() -> this.ledger.acknowledgedEvents() >= before + events);
	}

	/**
	 * What was sent, and what came of it.
	 */
	public Ledger ledger() {
		return this.ledger;
	}

	@Override
	public void close() {
		try {
			onLoop(() -> {
				this.sessions.forEach(Session::leave);
				return null;
			});
		}
		finally {
			this.loop.shutdownNow();
		}
	}

	/**
	 * What fails here would only be waited for.
	 */
	private Runnable guarded(Runnable task) {
		return () -> {
			try {
				task.run();
			}
			catch (RuntimeException ex) {
				this.ledger.failed(ex);
			}
		};
	}

	private <T> T onLoop(Callable<T> task) {
		try {
			return this.loop.submit(task).get(10, TimeUnit.SECONDS);
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static long millis() {
		return System.nanoTime() / 1_000_000;
	}

	/**
	 * A batch that nobody has answered for.
	 */
	private static final class Batch {

		private final String id;

		private final List<String> events;

		private final String body;

		private boolean travelling;

		private long sentAt;

		private long notBefore;

		Batch(String id, List<String> events, String body) {
			this.id = id;
			this.events = events;
			this.body = body;
		}

	}

	/**
	 * One session: its connection, if there is one, and what it has to deliver.
	 */
	private final class Session {

		private final String id;

		private final Map<String, Batch> unanswered = new LinkedHashMap<>();

		private final Deque<ByteBuffer> outgoing = new ArrayDeque<>();

		private Line line;

		private boolean ready;

		private long openAt;

		private int events;

		Session(String id) {
			this.id = id;
		}

		private String nextEvent() {
			return this.id + "-" + this.events++;
		}

		private String event(String event) {
			return "{\"type\":\"log\",\"level\":\"info\",\"message\":\"m\",\"eventId\":\"" + event + "\""
					+ ((AccountingClient.this.padding > 0)
							? ",\"pad\":\"" + "x".repeat(AccountingClient.this.padding) + "\"" : "")
					+ "}";
		}

		void make() {
			List<String> made = new ArrayList<>();
			StringBuilder body = new StringBuilder("[");
			for (int i = 0; i < AccountingClient.this.eventsPerBatch; i++) {
				String event = nextEvent();
				made.add(event);
				body.append((i > 0) ? "," : "").append(event(event));
			}
			add(made, body.append(']').toString());
		}

		void add(List<String> made, String json) {
			Batch batch = new Batch("b-" + AccountingClient.this.batches++, made, json);
			this.unanswered.put(batch.id, batch);
			AccountingClient.this.ledger.sent(made);
		}

		void tick() {
			long now = millis();
			if (this.line == null) {
				if (now >= this.openAt) {
					open();
				}
				return;
			}
			long limit = AccountingClient.this.answerTimeoutMs;
			if ((!this.ready && now - this.line.since > limit) || this.unanswered.values()
				.stream()
				.anyMatch((batch) -> batch.travelling && now - batch.sentAt > limit)) {
				AccountingClient.this.ledger.add("timeouts");
				this.line.abort();
				lost(this.line, 1006);
				return;
			}
			if (this.ready && AccountingClient.this.sending && this.unanswered.size() < WINDOW) {
				make();
			}
			pump();
		}

		void pump() {
			if (!this.ready) {
				return;
			}
			long now = millis();
			int travelling = (int) this.unanswered.values().stream().filter((batch) -> batch.travelling).count();
			for (Batch batch : this.unanswered.values()) {
				if (travelling >= WINDOW) {
					return;
				}
				if (!batch.travelling && now >= batch.notBefore) {
					batch.travelling = true;
					batch.sentAt = now;
					travelling++;
					send(batch);
				}
			}
		}

		private void send(Batch batch) {
			AccountingClient.this.ledger.add("attempts");
			String body = "{\"batch\":\"" + batch.id + "\",\"session\":{\"id\":\"" + this.id + "\"},\"events\":"
					+ batch.body + "}";
			byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
			write("SEND\ndestination:/app/log/batch\ncontent-length:" + bytes.length + "\n\n" + body + "\0");
			if (AccountingClient.this.random.nextDouble() < AccountingClient.this.posted) {
				post(body);
			}
		}

		private void post(String body) {
			HttpRequest request = HttpRequest
				.newBuilder(URI.create("http://127.0.0.1:" + AccountingClient.this.port + "/chsk/batch"))
				.header("Content-Type", "application/json")
				.POST(HttpRequest.BodyPublishers.ofString(body))
				.build();
			AccountingClient.this.http.sendAsync(request, HttpResponse.BodyHandlers.ofString())
				.whenCompleteAsync((response, failure) -> {
					if (failure != null) {
						// The connection has the batch, too
						AccountingClient.this.ledger.add("failed posts");
					}
					else {
						AccountingClient.this.ledger.add("posts");
						guarded(() -> answered(response.body())).run();
					}
				}, AccountingClient.this.loop);
		}

		void answered(String json) {
			JsonNode answer = JsonMapper.shared().readTree(json);
			Batch batch = this.unanswered.get(answer.path("batch").asString(""));
			if (answer.has("reason")) {
				AccountingClient.this.ledger.add("refused " + answer.get("reason").asString());
			}
			if (batch == null) {
				AccountingClient.this.ledger.add("late answers");
				return;
			}
			if (!answer.has("reason")) {
				Map<Integer, String> rejections = new HashMap<>();
				answer.get("rejected")
					.forEach((rejection) -> rejections.put(rejection.get("index").asInt(),
							rejection.get("reason").asString()));
				this.unanswered.remove(batch.id);
				AccountingClient.this.ledger.accepted(batch.events, rejections, answer.get("accepted").asInt(),
						answer.get("duplicate").asBoolean());
			}
			else {
				long retryAfterMs = answer.path("retryAfterMs").asLong(0);
				if (retryAfterMs > 0) {
					batch.travelling = false;
					batch.notBefore = millis() + Math.min(LONGEST_WAIT_MS, retryAfterMs);
				}
				else {
					this.unanswered.remove(batch.id);
					AccountingClient.this.ledger.refused(batch.events, answer.get("reason").asString());
				}
			}
			pump();
		}

		void open() {
			Line opened = new Line(this);
			this.line = opened;
			AccountingClient.this.http.newWebSocketBuilder()
				.subprotocols("v12.stomp")
				.buildAsync(URI.create("ws://127.0.0.1:" + AccountingClient.this.port + "/chsk"), opened)
				.whenCompleteAsync((socket, failure) -> {
					if (failure != null) {
						AccountingClient.this.ledger.add("failed handshakes");
						lost(opened, 0);
					}
					else if (this.line != opened) {
						socket.abort();
					}
					else {
						AccountingClient.this.ledger.add("connections");
						opened.socket = socket;
						write("CONNECT\naccept-version:1.2\nheart-beat:0,0\nsession-id:" + this.id + "\n\n\0");
					}
				}, AccountingClient.this.loop);
		}

		void frame(Line from, String frame) {
			if (from != this.line) {
				return;
			}
			String body = frame.substring(frame.indexOf("\n\n") + 2);
			if (frame.startsWith("CONNECTED\n")) {
				write("SUBSCRIBE\nid:0\ndestination:/user/queue/acks\n\n\0");
				write("SUBSCRIBE\nid:1\ndestination:/user/queue/control\nreceipt:ready\n\n\0");
			}
			else if (frame.startsWith("RECEIPT\n")) {
				this.ready = true;
				pump();
			}
			else if (frame.startsWith("MESSAGE\n") && frame.contains("\ndestination:/user/queue/control\n")) {
				JsonNode message = JsonMapper.shared().readTree(body);
				if (message.path("type").asString("").equals("reconnect")) {
					AccountingClient.this.ledger.toldToReconnect(message.get("withinMs").asLong());
				}
			}
			else if (frame.startsWith("MESSAGE\n")) {
				answered(body);
			}
		}

		/**
		 * What was on its way may have come or not, so it goes again.
		 */
		void lost(Line lost, int code) {
			if (lost != this.line) {
				return;
			}
			if (code > 0) {
				AccountingClient.this.ledger.add("closed " + code);
			}
			this.line = null;
			this.ready = false;
			this.outgoing.clear();
			this.unanswered.values().forEach((batch) -> batch.travelling = false);
			this.openAt = millis() + AccountingClient.this.random.nextInt((int) LONGEST_WAIT_MS / 2);
		}

		void leave() {
			Line leaving = this.line;
			this.line = null;
			this.ready = false;
			if (leaving != null) {
				leaving.abort();
			}
		}

		private void write(String frame) {
			byte[] bytes = frame.getBytes(StandardCharsets.UTF_8);
			for (int start = 0; start < bytes.length; start += PIECE) {
				this.outgoing.add(ByteBuffer.wrap(bytes, start, Math.min(PIECE, bytes.length - start)).slice());
			}
			if (this.line != null) {
				writeNext(this.line);
			}
		}

		private void writeNext(Line to) {
			if (to != this.line || to.writing || to.socket == null || this.outgoing.isEmpty()) {
				return;
			}
			to.writing = true;
			to.socket.sendBinary(this.outgoing.poll(), true).whenCompleteAsync((socket, failure) -> {
				to.writing = false;
				if (failure == null) {
					writeNext(to);
				}
				else {
					// The listener is not always told
					to.abort();
					lost(to, 1006);
				}
			}, AccountingClient.this.loop);
		}

	}

	/**
	 * One connection of a session.
	 */
	private final class Line implements WebSocket.Listener {

		private final Session session;

		private final long since = millis();

		private final ByteArrayOutputStream received = new ByteArrayOutputStream();

		/** Of the loop, as is the next. */
		private WebSocket socket;

		private boolean writing;

		Line(Session session) {
			this.session = session;
		}

		void abort() {
			if (this.socket != null) {
				this.socket.abort();
			}
		}

		@Override
		public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
			take(data.toString().getBytes(StandardCharsets.UTF_8));
			socket.request(1);
			return null;
		}

		@Override
		public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
			byte[] piece = new byte[data.remaining()];
			data.get(piece);
			take(piece);
			socket.request(1);
			return null;
		}

		private void take(byte[] bytes) {
			for (byte next : bytes) {
				if (next != 0) {
					this.received.write(next);
				}
				else {
					String frame = this.received.toString(StandardCharsets.UTF_8).stripLeading();
					this.received.reset();
					AccountingClient.this.loop.execute(guarded(() -> this.session.frame(this, frame)));
				}
			}
		}

		@Override
		public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
			AccountingClient.this.loop.execute(() -> this.session.lost(this, code));
			return null;
		}

		@Override
		public void onError(WebSocket socket, Throwable failure) {
			AccountingClient.this.loop.execute(() -> this.session.lost(this, 1006));
		}

	}

}
