package io.telemetry.boot.channel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

import jakarta.websocket.Session;
import org.jspecify.annotations.Nullable;

import org.springframework.messaging.Message;
import org.springframework.messaging.MessageChannel;
import org.springframework.messaging.SubscribableChannel;
import org.springframework.messaging.simp.SimpMessageHeaderAccessor;
import org.springframework.messaging.simp.SimpMessageType;
import org.springframework.messaging.simp.stomp.StompCommand;
import org.springframework.messaging.simp.stomp.StompHeaderAccessor;
import org.springframework.messaging.support.MessageBuilder;
import org.springframework.messaging.support.MessageHeaderAccessor;
import org.springframework.web.socket.BinaryMessage;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.TextMessage;
import org.springframework.web.socket.WebSocketMessage;
import org.springframework.web.socket.WebSocketSession;
import org.springframework.web.socket.handler.ConcurrentWebSocketSessionDecorator;
import org.springframework.web.socket.handler.SessionLimitExceededException;
import org.springframework.web.socket.handler.WebSocketSessionDecorator;
import org.springframework.web.socket.messaging.StompSubProtocolHandler;
import org.springframework.web.socket.messaging.SubProtocolWebSocketHandler;

/**
 * Spring's WebSocket handler for STOMP, with a registry of its connections and their
 * mailboxes before it.
 */
final class StompWebSocketHandler extends SubProtocolWebSocketHandler {

	private static final byte[] HEARTBEAT = { '\n' };

	private final ChannelSettings settings;

	private final ChannelStats stats;

	private final ChannelSignals signals;

	private final Admission admission;

	private final ConnectionRegistry connections;

	private final StompFrames frames;

	private final Executor inboundThreads;

	private final Executor closers;

	private final Consumer<Session> onClosed;

	StompWebSocketHandler(ChannelSettings settings, BatchReceiver receiver, ConnectionRegistry connections,
			StompFrames frames, MessageChannel inbound, SubscribableChannel outbound, Executor inboundThreads,
			Executor closers, Consumer<Session> onClosed) {
		super(inbound, outbound);
		this.settings = settings;
		this.stats = receiver.stats();
		this.signals = receiver.signals();
		this.admission = receiver.admission();
		this.connections = connections;
		this.frames = frames;
		this.inboundThreads = inboundThreads;
		this.closers = closers;
		this.onClosed = onClosed;
		// Spring looks only when the next client comes, and any message will do; the
		// channel sees to the time to CONNECT itself
		setTimeToFirstMessage(Integer.MAX_VALUE);
		addProtocolHandler(new Protocol());
	}

	@Override
	protected WebSocketSession decorateSession(WebSocketSession session) {
		OutboundSession decorated = new OutboundSession(session, this.settings.connections(), this.stats, this.closers,
				this.onClosed);
		Mailbox mailbox = new Mailbox(this.inboundThreads, this.settings.connections().pendingFrames(),
				this.stats::callerRun);
		this.connections.add(new Connection(decorated, session, Handshake.guest(session.getAttributes()),
				this.admission.rates().forConnection(),
				new FrameAssembler(this.settings.limits().maxBatchSize(), this.admission.inHand()), mailbox,
				this.settings.connections().heartbeat(), System.nanoTime()));
		this.stats.opened();
		return decorated;
	}

	@Override
	public void afterConnectionEstablished(WebSocketSession session) throws Exception {
		super.afterConnectionEstablished(session);
		Connection connection = this.connections.get(session.getId());
		if (connection != null && !connection.guest().slot().opened()) {
			this.frames.refuse(connection, FrameRefusal.TOO_MANY_CONNECTIONS, null);
		}
	}

	@Override
	public void afterConnectionClosed(WebSocketSession session, CloseStatus status) throws Exception {
		Connection connection = this.connections.get(session.getId());
		if (connection == null) {
			super.afterConnectionClosed(session, status);
			return;
		}
		connection.guest().slot().release();
		this.stats.closed(status.getCode());
		if (status.getCode() == CloseStatus.TOO_BIG_TO_PROCESS.getCode()) {
			this.stats.oversizedMessage();
			this.signals.oversizedMessage(connection.id(), this.settings.connections().maxMessageSize());
		}
		if (connection.assembler().isWithinFrame()) {
			this.stats.unfinished();
		}
		connection.assembler().close();
		// Behind the frames that came before the end and may still wait: a page that goes
		// away sends and closes
		connection.mailbox().put(() -> forget(connection, session, status));
	}

	private void forget(Connection connection, WebSocketSession session, CloseStatus status) {
		// The container may still be reading while another thread closes: what comes now
		// is too late
		connection.end();
		this.connections.remove(connection);
		try {
			super.afterConnectionClosed(session, status);
		}
		catch (Exception ex) {
			this.frames.failed(ex);
		}
	}

	/**
	 * Spring's STOMP protocol, fed with whole frames.
	 */
	private final class Protocol extends StompSubProtocolHandler {

		Protocol() {
			setMessageSizeLimit(
					FrameAssembler.MAX_HEAD + StompWebSocketHandler.this.settings.limits().maxBatchSize() + 1);
		}

		@Override
		public List<String> getSupportedProtocols() {
			return List.of("v12.stomp");
		}

		@Override
		public void afterSessionStarted(WebSocketSession session, MessageChannel outputChannel) {
			super.afterSessionStarted(session, outputChannel);
			// After, because Spring would raise a limit below its own
			int limit = StompWebSocketHandler.this.settings.connections().maxMessageSize();
			session.setTextMessageSizeLimit(limit);
			session.setBinaryMessageSizeLimit(limit);
		}

		@Override
		public void handleMessageFromClient(WebSocketSession session, WebSocketMessage<?> message,
				MessageChannel channel) {
			Connection connection = StompWebSocketHandler.this.connections.get(session.getId());
			ByteBuffer data = bytes(message);
			if (connection == null || data == null) {
				return;
			}
			long now = System.nanoTime();
			connection.heard(now);
			if (connection.isEnded()) {
				StompWebSocketHandler.this.stats.frameDiscarded();
				return;
			}
			FrameRefusal refusal = connection.assembler().take(data, (frame) -> put(connection, frame, channel));
			connection.read();
			if (refusal != null) {
				// In its turn: what came before it is still good
				connection.mailbox().put(() -> StompWebSocketHandler.this.frames.refuse(connection, refusal, null));
			}
			else if (connection.client() != null && connection.isSignOfLifeDue(now)) {
				// Whatever it was, and however little of a frame: the broker, which
				// counts
				// the heart-beats, sees neither parts nor batches
				connection.mailbox().put(() -> pass(connection, new BinaryMessage(HEARTBEAT), channel));
			}
		}

		private @Nullable ByteBuffer bytes(WebSocketMessage<?> message) {
			if (message instanceof TextMessage text) {
				return ByteBuffer.wrap(text.asBytes());
			}
			if (message instanceof BinaryMessage binary) {
				ByteBuffer payload = binary.getPayload();
				if (payload.hasArray()) {
					return payload;
				}
				return ByteBuffer.allocate(payload.remaining()).put(payload).flip();
			}
			return null;
		}

		private void put(Connection connection, Frame frame, MessageChannel channel) {
			Runnable task = () -> process(connection, frame, channel);
			if (frame.reserved() > 0) {
				connection.mailbox().put(task);
			}
			else {
				// Nothing waits that there is no room for
				connection.mailbox().putAndWork(task);
			}
		}

		private void process(Connection connection, Frame frame, MessageChannel channel) {
			try {
				if (!StompWebSocketHandler.this.frames.take(connection, frame)) {
					pass(connection, new BinaryMessage(ByteBuffer.wrap(frame.bytes(), 0, frame.end())), channel);
				}
			}
			catch (RuntimeException | Error ex) {
				// Whatever it is, the mailbox goes on
				failed(connection, ex);
			}
			finally {
				StompWebSocketHandler.this.admission.inHand().release(frame.reserved());
			}
		}

		private void failed(Connection connection, Throwable failure) {
			StompWebSocketHandler.this.frames.failed(failure);
			StompWebSocketHandler.this.frames.refuse(connection, FrameRefusal.SERVER_ERROR, null);
		}

		private void pass(Connection connection, BinaryMessage frame, MessageChannel channel) {
			if (!connection.isEnded()) {
				try {
					super.handleMessageFromClient(connection.session(), frame, channel);
				}
				catch (RuntimeException ex) {
					failed(connection, ex);
				}
			}
		}

		@Override
		public void handleMessageToClient(WebSocketSession session, Message<?> message) {
			SimpMessageType type = SimpMessageHeaderAccessor.getMessageType(message.getHeaders());
			Connection connection = StompWebSocketHandler.this.connections.get(session.getId());
			if (type == SimpMessageType.CONNECT_ACK) {
				Connection.Client client = (connection != null) ? connection.client() : null;
				if (client != null) {
					super.handleMessageToClient(session, connected(client, message));
				}
			}
			else if (type == SimpMessageType.DISCONNECT_ACK) {
				disconnected(connection, session, message);
			}
			else {
				send(connection, session, message);
			}
		}

		private void send(@Nullable Connection connection, WebSocketSession session, Message<?> message) {
			try {
				super.handleMessageToClient(session, message);
			}
			catch (SessionLimitExceededException ex) {
				// Spring would write a warning for each such client, and take its next
				// frame for a fault
				if (connection == null) {
					throw ex;
				}
				connection.end();
				connection.session().close(ex.getStatus());
			}
		}

		private Message<byte[]> connected(Connection.Client client, Message<?> acknowledgement) {
			StompHeaderAccessor headers = StompHeaderAccessor.create(StompCommand.CONNECTED);
			headers.setVersion("1.2");
			Object heartbeat = acknowledgement.getHeaders().get(SimpMessageHeaderAccessor.HEART_BEAT_HEADER);
			if (heartbeat instanceof long[] interval) {
				headers.setHeartbeat(interval[0], interval[1]);
			}
			else {
				headers.setHeartbeat(0, 0);
			}
			headers.setNativeHeader(StompFrames.SESSION_ID, client.sessionId());
			// CONNECTED is the one frame whose headers are not escaped
			headers.setNativeHeader(StompFrames.USER_ID, Text.printable(client.userId(), 256));
			return MessageBuilder.createMessage(new byte[0], headers.getMessageHeaders());
		}

		/**
		 * The broker has let a client go: it asked for it, or was silent for too long.
		 */
		private void disconnected(@Nullable Connection connection, WebSocketSession session, Message<?> message) {
			Object disconnect = message.getHeaders().get(SimpMessageHeaderAccessor.DISCONNECT_MESSAGE_HEADER);
			CloseStatus status = CloseStatus.NORMAL;
			if (disconnect instanceof Message<?> asked) {
				StompHeaderAccessor headers = MessageHeaderAccessor.getAccessor(asked, StompHeaderAccessor.class);
				String receipt = (headers != null) ? headers.getReceipt() : null;
				if (receipt != null && connection != null) {
					StompWebSocketHandler.this.frames.farewell(connection, receipt);
					return;
				}
			}
			else {
				StompWebSocketHandler.this.stats.missedHeartbeat();
				status = CloseStatus.GOING_AWAY.withReason("heart-beat-missed");
			}
			try {
				session.close(status);
			}
			catch (IOException ex) {
				// It is gone already
			}
		}

	}

}
