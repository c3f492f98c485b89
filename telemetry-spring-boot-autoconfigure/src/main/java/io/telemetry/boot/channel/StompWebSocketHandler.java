package io.telemetry.boot.channel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Executor;

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

	private static final BinaryMessage HEARTBEAT = new BinaryMessage(new byte[] { '\n' });

	private final ChannelSettings settings;

	private final ChannelStats stats;

	private final ChannelSignals signals;

	private final ConnectionRegistry connections;

	private final StompFrames frames;

	private final Executor inboundThreads;

	StompWebSocketHandler(ChannelSettings settings, BatchReceiver receiver, ConnectionRegistry connections,
			StompFrames frames, MessageChannel inbound, SubscribableChannel outbound, Executor inboundThreads) {
		super(inbound, outbound);
		this.settings = settings;
		this.stats = receiver.stats();
		this.signals = receiver.signals();
		this.connections = connections;
		this.frames = frames;
		this.inboundThreads = inboundThreads;
		setSendTimeLimit((int) Math.min(Integer.MAX_VALUE, settings.connections().sendTimeLimit().toMillis()));
		setSendBufferSizeLimit(settings.connections().sendBufferSize());
		// Spring looks only when the next client comes, and any message will do; the
		// channel sees to the time to CONNECT itself
		setTimeToFirstMessage(Integer.MAX_VALUE);
		addProtocolHandler(new Protocol());
	}

	@Override
	protected WebSocketSession decorateSession(WebSocketSession session) {
		PolicySession policy = new PolicySession(session);
		WebSocketSession decorated = new ConcurrentWebSocketSessionDecorator(policy, getSendTimeLimit(),
				getSendBufferSizeLimit());
		Mailbox mailbox = new Mailbox(this.inboundThreads, this.settings.connections().pendingFrames(),
				this.stats::callerRun);
		this.connections.add(new Connection(decorated, policy, session.getPrincipal(),
				new FrameAssembler(this.settings.limits().maxBatchSize()), mailbox, System.nanoTime()));
		this.stats.opened();
		return decorated;
	}

	@Override
	public void afterConnectionClosed(WebSocketSession session, CloseStatus status) throws Exception {
		Connection connection = this.connections.get(session.getId());
		if (connection == null) {
			super.afterConnectionClosed(session, status);
			return;
		}
		this.stats.closed(status.getCode());
		if (status.getCode() == CloseStatus.TOO_BIG_TO_PROCESS.getCode()) {
			this.stats.oversizedMessage();
			this.signals.oversizedMessage(connection.id(), this.settings.connections().maxMessageSize());
		}
		if (connection.assembler().isWithinFrame()) {
			this.stats.unfinished();
		}
		// Behind the frames that came before the end and may still wait: a page that goes
		// away sends and closes
		connection.mailbox().put(() -> forget(connection, session, status));
	}

	private void forget(Connection connection, WebSocketSession session, CloseStatus status) {
		this.connections.remove(connection);
		try {
			super.afterConnectionClosed(session, status);
		}
		catch (Exception ex) {
			this.frames.failed(ex);
		}
	}

	/**
	 * Ends connections with the close codes of the contract, and keeps the name of the
	 * user from Spring, which would send it unescaped.
	 */
	private final class PolicySession extends WebSocketSessionDecorator implements Connection.Ending {

		private volatile @Nullable WebSocketMessage<?> last;

		private volatile CloseStatus status = CloseStatus.NORMAL;

		private volatile boolean finished;

		PolicySession(WebSocketSession session) {
			super(session);
		}

		@Override
		public java.security.@Nullable Principal getPrincipal() {
			return null;
		}

		@Override
		public void closeBehind(WebSocketMessage<?> last, CloseStatus status) {
			this.status = status;
			this.last = last;
		}

		/**
		 * Called for one message after the other: the session around this one sees to it.
		 * That session gives up what waits when it is told to close, so it is not told.
		 */
		@Override
		public void sendMessage(WebSocketMessage<?> message) throws IOException {
			if (this.finished) {
				StompWebSocketHandler.this.stats.frameDiscarded();
				return;
			}
			super.sendMessage(message);
			if (message == this.last) {
				this.finished = true;
				super.close(this.status);
			}
		}

		@Override
		public void close(CloseStatus status) throws IOException {
			CloseStatus told = status;
			if (CloseStatus.SESSION_NOT_RELIABLE.equalsCode(status)) {
				StompWebSocketHandler.this.stats.slowConsumer();
				told = CloseStatus.POLICY_VIOLATION.withReason("slow-consumer");
			}
			else if (CloseStatus.PROTOCOL_ERROR.equalsCode(status)) {
				StompWebSocketHandler.this.stats.frameRefused(FrameRefusal.SERVER_ERROR);
				told = CloseStatus.POLICY_VIOLATION.withReason(FrameRefusal.SERVER_ERROR.toString());
			}
			super.close(told);
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
			byte[] data = bytes(message);
			if (connection == null || data == null) {
				return;
			}
			if (connection.isEnded()) {
				StompWebSocketHandler.this.stats.frameDiscarded();
				return;
			}
			int[] found = new int[1];
			FrameRefusal refusal = connection.assembler().take(data, (frame) -> {
				found[0]++;
				connection.mailbox().put(() -> process(connection, frame, channel));
			});
			if (refusal != null) {
				// In its turn: what came before it is still good
				connection.mailbox().put(() -> StompWebSocketHandler.this.frames.refuse(connection, refusal, null));
			}
			else if (found[0] == 0 && connection.client() != null) {
				// A heart-beat, or a part of a frame, which is a sign of life too
				connection.mailbox().put(() -> pass(connection, HEARTBEAT, channel));
			}
		}

		private byte @Nullable [] bytes(WebSocketMessage<?> message) {
			if (message instanceof TextMessage text) {
				return text.asBytes();
			}
			if (message instanceof BinaryMessage binary) {
				ByteBuffer payload = binary.getPayload();
				byte[] bytes = new byte[payload.remaining()];
				payload.get(bytes);
				return bytes;
			}
			return null;
		}

		private void process(Connection connection, Frame frame, MessageChannel channel) {
			if (StompWebSocketHandler.this.frames.admit(connection, frame)) {
				pass(connection, new BinaryMessage(frame.bytes()), channel);
			}
		}

		private void pass(Connection connection, BinaryMessage frame, MessageChannel channel) {
			if (!connection.isEnded()) {
				try {
					super.handleMessageFromClient(connection.session(), frame, channel);
				}
				catch (RuntimeException ex) {
					StompWebSocketHandler.this.frames.failed(ex);
					StompWebSocketHandler.this.frames.refuse(connection, FrameRefusal.SERVER_ERROR, null);
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
				// Before Spring forgets the session: it would take the next frame for a
				// fault
				if (connection != null) {
					connection.end();
				}
				throw ex;
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
