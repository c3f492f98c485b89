package io.telemetry.boot.channel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.Principal;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import jakarta.websocket.RemoteEndpoint;
import jakarta.websocket.SendHandler;
import jakarta.websocket.SendResult;
import jakarta.websocket.Session;
import org.jspecify.annotations.Nullable;

import org.springframework.web.socket.BinaryMessage;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.TextMessage;
import org.springframework.web.socket.WebSocketMessage;
import org.springframework.web.socket.WebSocketSession;
import org.springframework.web.socket.adapter.NativeWebSocketSession;
import org.springframework.web.socket.handler.SessionLimitExceededException;
import org.springframework.web.socket.handler.WebSocketSessionDecorator;

/**
 * Writes to a client without ever waiting for it: one message after the other, by the
 * container's threads when there is room, so that clients that do not read cost nobody a
 * thread. What waits is bounded, and so is the time that one message takes. Ends
 * connections with the close codes of the contract, and keeps the name of the user from
 * Spring, which would send it unescaped. Safe for several threads.
 */
final class OutboundSession extends WebSocketSessionDecorator {

	/**
	 * What Tomcat waits for, in milliseconds: on the thread that answers a ping or
	 * closes; on the one that ends what breaks the protocol, where its 50 are too few for
	 * a close code to be told by a busy server; and, for which it needs no thread, for
	 * the client's close frame, until when it holds the socket.
	 */
	private static final Map<String, Long> TIMEOUTS = Map.of("org.apache.tomcat.websocket.BLOCKING_SEND_TIMEOUT", 1000L,
			"org.apache.tomcat.websocket.ABNORMAL_SESSION_CLOSE_SEND_TIMEOUT", 500L,
			"org.apache.tomcat.websocket.SESSION_CLOSE_TIMEOUT", 3000L);

	/**
	 * Bytes of the longest text that Tomcat writes in one piece. If the session is closed
	 * between two, it tells nobody of the end, and the exception ends its thread. Clients
	 * of STOMP take bytes as well.
	 */
	private static final int MOST_TEXT = 8 * 1024;

	private static final CloseStatus SLOW = CloseStatus.POLICY_VIOLATION.withReason("slow-consumer");

	private final RemoteEndpoint.Async remote;

	private final long timeLimitNanos;

	private final int sizeLimit;

	private final ChannelStats stats;

	private final Executor closers;

	private final Session container;

	private final Consumer<Session> onClosed;

	private final Object lock = new Object();

	/** Behind the one that is being written; guarded by the lock. */
	private @Nullable Queue<WebSocketMessage<?>> waiting;

	/** Of what waits; guarded by the lock. */
	private int waitingSize;

	/** Whether a message is being written; guarded by the lock. */
	private boolean writing;

	/** Whether nothing more is taken; guarded by the lock. */
	private boolean ended;

	/** What to close with when everything is written; guarded by the lock. */
	private @Nullable CloseStatus closeWith;

	/** Whether the client is counted as one that does not read; guarded by the lock. */
	private boolean slow;

	/**
	 * A session that writes to the given one.
	 * @param session the container's
	 * @param limits what may wait, and how long
	 * @param stats where to count
	 * @param closers closes what can't be written to, which takes time
	 * @param onClosed is told of each session that was closed from this side
	 */
	OutboundSession(WebSocketSession session, ChannelSettings.Connections limits, ChannelStats stats, Executor closers,
			Consumer<Session> onClosed) {
		super(session);
		Session container = (session instanceof NativeWebSocketSession nativeSession)
				? nativeSession.getNativeSession(Session.class) : null;
		if (container == null) {
			throw new IllegalStateException("The container has no session of jakarta.websocket");
		}
		container.getUserProperties().putAll(TIMEOUTS);
		this.remote = container.getAsyncRemote();
		this.remote.setSendTimeout(limits.sendTimeLimit().toMillis());
		this.timeLimitNanos = limits.sendTimeLimit().toNanos();
		this.sizeLimit = limits.sendBufferSize();
		this.stats = stats;
		this.closers = closers;
		this.container = container;
		this.onClosed = onClosed;
	}

	@Override
	public @Nullable Principal getPrincipal() {
		return null;
	}

	/**
	 * Writes a message, or lets it wait for the one before it.
	 * @throws SessionLimitExceededException if too much waits already
	 */
	@Override
	public void sendMessage(WebSocketMessage<?> message) {
		synchronized (this.lock) {
			if (this.ended) {
				this.stats.frameDiscarded();
				return;
			}
			if (this.writing) {
				if (this.waitingSize + message.getPayloadLength() > this.sizeLimit) {
					throw new SessionLimitExceededException("The client does not read",
							CloseStatus.SESSION_NOT_RELIABLE);
				}
				enqueue(message);
				return;
			}
			this.writing = true;
		}
		write(message);
	}

	/**
	 * Writes a last message behind those that wait, and closes when it is written.
	 * @param message the message
	 * @param status why the connection closes
	 */
	void finish(WebSocketMessage<?> message, CloseStatus status) {
		synchronized (this.lock) {
			if (this.ended) {
				return;
			}
			this.ended = true;
			this.closeWith = status;
			if (this.writing) {
				enqueue(message);
				return;
			}
			this.writing = true;
		}
		write(message);
	}

	private void enqueue(WebSocketMessage<?> message) {
		if (this.waiting == null) {
			this.waiting = new ArrayDeque<>(4);
		}
		this.waiting.add(message);
		this.waitingSize += message.getPayloadLength();
	}

	/**
	 * Writes one after the other while the container is done with each at once.
	 */
	private void write(WebSocketMessage<?> first) {
		WebSocketMessage<?> message = first;
		while (message != null) {
			Writing begun = new Writing();
			try {
				if (message instanceof TextMessage text && text.getPayloadLength() <= MOST_TEXT) {
					this.remote.sendText(text.getPayload(), begun);
				}
				else {
					this.remote.sendBinary(bytes(message), begun);
				}
			}
			catch (RuntimeException ex) {
				// Closed meanwhile
				failed(begun);
				return;
			}
			if (begun.isLeftToTheContainer()) {
				return;
			}
			message = begun.isWritten() ? next() : failed(begun);
		}
	}

	private static ByteBuffer bytes(WebSocketMessage<?> message) {
		return (message instanceof TextMessage text) ? ByteBuffer.wrap(text.asBytes())
				: ((BinaryMessage) message).getPayload();
	}

	private @Nullable WebSocketMessage<?> next() {
		CloseStatus status;
		synchronized (this.lock) {
			WebSocketMessage<?> next = (this.waiting != null) ? this.waiting.poll() : null;
			if (next != null) {
				this.waitingSize -= next.getPayloadLength();
				return next;
			}
			this.waiting = null;
			this.writing = false;
			status = this.closeWith;
		}
		if (status != null) {
			closeNow(status);
		}
		return null;
	}

	private @Nullable WebSocketMessage<?> failed(Writing writing) {
		boolean late = System.nanoTime() - writing.begun >= this.timeLimitNanos;
		synchronized (this.lock) {
			if (late) {
				countSlow();
			}
			this.ended = true;
			this.waiting = null;
			this.waitingSize = 0;
			this.writing = false;
		}
		closeLater(late ? SLOW : CloseStatus.POLICY_VIOLATION);
		return null;
	}

	/**
	 * A client that is ended because too much waits may also run out of time.
	 */
	private void countSlow() {
		if (!this.slow) {
			this.slow = true;
			this.stats.slowConsumer();
		}
	}

	/**
	 * Closes when everything is written that was to be. Of a client that does not read
	 * nothing more is waited for.
	 */
	@Override
	public void close(CloseStatus status) {
		CloseStatus told = status;
		boolean slow = CloseStatus.SESSION_NOT_RELIABLE.equalsCode(status);
		synchronized (this.lock) {
			if (slow) {
				countSlow();
				told = SLOW;
				this.waiting = null;
				this.waitingSize = 0;
			}
			// Spring closes so when it fails, and also when the client has gone
			else if (CloseStatus.PROTOCOL_ERROR.equalsCode(status) && !this.ended) {
				this.stats.frameRefused(FrameRefusal.SERVER_ERROR);
				told = CloseStatus.POLICY_VIOLATION.withReason(FrameRefusal.SERVER_ERROR.toString());
			}
			this.ended = true;
			if (this.writing && !slow) {
				// The first reason counts
				this.closeWith = (this.closeWith != null) ? this.closeWith : told;
				return;
			}
		}
		if (slow) {
			closeLater(told);
		}
		else {
			closeNow(told);
		}
	}

	/**
	 * The container waits with the close frame for what is being written.
	 */
	private void closeLater(CloseStatus status) {
		this.closers.execute(() -> closeNow(status));
	}

	private void closeNow(CloseStatus status) {
		try {
			getDelegate().close(status);
		}
		catch (IOException | RuntimeException ex) {
			// It is gone already
		}
		this.onClosed.accept(this.container);
	}

	/**
	 * One message on its way out. The container tells of its end before it returns, on
	 * the same thread, or later on another.
	 */
	private final class Writing implements SendHandler {

		private final long begun = System.nanoTime();

		private final AtomicReference<State> state = new AtomicReference<>(State.BEGUN);

		@Override
		public void onResult(SendResult result) {
			State end = result.isOK() ? State.WRITTEN : State.FAILED;
			if (this.state.compareAndSet(State.BEGUN, end)) {
				return;
			}
			WebSocketMessage<?> next = (end == State.WRITTEN) ? next() : failed(this);
			if (next != null) {
				write(next);
			}
		}

		boolean isLeftToTheContainer() {
			return this.state.compareAndSet(State.BEGUN, State.LEFT);
		}

		boolean isWritten() {
			return this.state.get() == State.WRITTEN;
		}

	}

	private enum State {

		BEGUN, LEFT, WRITTEN, FAILED

	}

}
