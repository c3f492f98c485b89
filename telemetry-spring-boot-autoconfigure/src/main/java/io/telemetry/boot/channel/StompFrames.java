package io.telemetry.boot.channel;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

import org.jspecify.annotations.Nullable;

import org.springframework.messaging.Message;
import org.springframework.messaging.MessageChannel;
import org.springframework.messaging.MessageHandler;
import org.springframework.messaging.simp.stomp.StompCommand;
import org.springframework.messaging.simp.stomp.StompDecoder;
import org.springframework.messaging.simp.stomp.StompEncoder;
import org.springframework.messaging.simp.stomp.StompHeaderAccessor;
import org.springframework.messaging.support.ChannelInterceptor;
import org.springframework.messaging.support.MessageBuilder;
import org.springframework.messaging.support.MessageHeaderAccessor;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MimeTypeUtils;
import org.springframework.util.MultiValueMap;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.TextMessage;

/**
 * What the channel does with frames: who may send and subscribe where, and what becomes
 * of a batch. Works on the thread that reads a connection's mailbox.
 */
final class StompFrames implements MessageHandler {

	/** Header that binds a connection to a session. */
	static final String SESSION_ID = "session-id";

	/** Header that names the user. */
	static final String USER_ID = "user-id";

	private static final String CONTENT_ENCODING = "content-encoding";

	private static final String MESSAGE_ID = "message-id";

	private static final byte[] EMPTY = new byte[0];

	private static final int MAX_USER_ID = 256;

	private final StompEncoder encoder = new StompEncoder();

	private final StompDecoder decoder = new StompDecoder();

	private final ChannelSettings settings;

	private final BatchReceiver receiver;

	private final ChannelStats stats;

	private final ConnectionRegistry connections;

	private final MessageChannel outbound;

	StompFrames(ChannelSettings settings, BatchReceiver receiver, ConnectionRegistry connections,
			MessageChannel outbound) {
		this.settings = settings;
		this.receiver = receiver;
		this.stats = receiver.stats();
		this.connections = connections;
		this.outbound = outbound;
	}

	boolean isOpen() {
		return this.receiver.isOpen();
	}

	void failed(Exception failure) {
		this.receiver.failed(failure, null);
	}

	/**
	 * Decides what can be decided before a frame is decoded.
	 * @return whether Spring's protocol handler is to take it
	 */
	boolean admit(Connection connection, Frame frame) {
		if (connection.isEnded()) {
			this.stats.frameDiscarded();
			return false;
		}
		boolean connect = frame.command().equals("CONNECT") || frame.command().equals("STOMP");
		if (connect != (connection.client() == null)) {
			refuse(connection, connect ? FrameRefusal.ALREADY_CONNECTED : FrameRefusal.NOT_CONNECTED, null);
			return false;
		}
		if (frame.oversized()) {
			oversized(connection, frame);
			return false;
		}
		return true;
	}

	/**
	 * Ends a connection: an ERROR frame that says why, then the close frame. Only the
	 * first reason counts.
	 */
	void refuse(Connection connection, FrameRefusal reason, @Nullable String receipt) {
		if (!connection.end()) {
			return;
		}
		this.stats.frameRefused(reason);
		StompHeaderAccessor headers = StompHeaderAccessor.create(StompCommand.ERROR);
		headers.setMessage(reason.toString());
		if (receipt != null) {
			headers.setReceiptId(receipt);
		}
		try {
			connection.finish(new TextMessage(this.encoder.encode(headers.getMessageHeaders(), EMPTY)),
					CloseStatus.POLICY_VIOLATION.withReason(reason.toString()));
		}
		catch (IOException | RuntimeException ex) {
			// It is gone already, or can't be written to: nobody is there to be told
			close(connection);
		}
	}

	/**
	 * Answers a DISCONNECT that asked for it, then closes.
	 */
	void farewell(Connection connection, String receipt) {
		StompHeaderAccessor headers = StompHeaderAccessor.create(StompCommand.RECEIPT);
		headers.setReceiptId(receipt);
		try {
			connection.finish(new TextMessage(this.encoder.encode(headers.getMessageHeaders(), EMPTY)),
					CloseStatus.NORMAL);
		}
		catch (IOException | RuntimeException ex) {
			// It is gone already, or can't be written to: nobody is there to be told
			close(connection);
		}
	}

	private static void close(Connection connection) {
		try {
			connection.session().close(CloseStatus.POLICY_VIOLATION);
		}
		catch (IOException | RuntimeException ex) {
			// The container closes it when its next write or read fails
		}
	}

	/**
	 * The one place where it is decided what a client may do. Everything that goes
	 * through the inbound channel goes through it.
	 */
	ChannelInterceptor guard() {
		return new Guard();
	}

	@Override
	public void handleMessage(Message<?> message) {
		StompHeaderAccessor headers = MessageHeaderAccessor.getAccessor(message, StompHeaderAccessor.class);
		Connection connection = (headers != null) ? this.connections.get(headers.getSessionId()) : null;
		if (headers == null || connection == null || headers.getCommand() == null) {
			return;
		}
		switch (headers.getCommand()) {
			case SEND -> send(connection, headers, (byte[]) message.getPayload());
			case UNSUBSCRIBE -> {
				String id = headers.getSubscriptionId();
				if (id != null) {
					connection.unsubscribe(id);
				}
			}
			case SUBSCRIBE -> {
				// The guard has done it, because it can refuse
			}
			default -> {
				return;
			}
		}
		String receipt = headers.getReceipt();
		if (receipt != null) {
			this.outbound.send(receipt(connection.id(), receipt));
		}
	}

	private static Message<byte[]> receipt(String connectionId, String receipt) {
		StompHeaderAccessor headers = StompHeaderAccessor.create(StompCommand.RECEIPT);
		headers.setSessionId(connectionId);
		headers.setReceiptId(receipt);
		return MessageBuilder.createMessage(EMPTY, headers.getMessageHeaders());
	}

	private void send(Connection connection, StompHeaderAccessor headers, byte[] body) {
		String destination = String.valueOf(headers.getDestination());
		if (!Destinations.isBatch(destination)) {
			this.stats.unknownDestination();
			this.receiver.signals().unknownDestination(destination, connection.id());
			return;
		}
		acknowledge(connection, receive(connection, headers.getFirstNativeHeader(CONTENT_ENCODING), body));
	}

	private Answer receive(Connection connection, @Nullable String encoding, byte[] body) {
		if (encoding == null || encoding.equals("identity")) {
			return this.receiver.receive(sender(connection), body);
		}
		if (!encoding.equals("gzip")) {
			return this.receiver.refuse(RefusalReason.UNSUPPORTED_TYPE, (String) null);
		}
		int limit = this.settings.limits().maxBatchSize();
		byte[] batch;
		try {
			batch = Bodies.gunzip(body, limit);
		}
		catch (IOException ex) {
			return this.receiver.refuse(RefusalReason.MALFORMED, (String) null);
		}
		if (batch.length > limit) {
			return this.receiver.refuse(RefusalReason.TOO_LARGE, batch);
		}
		return this.receiver.receive(sender(connection), batch);
	}

	private static Sender sender(Connection connection) {
		Connection.Client client = connection.client();
		if (client == null) {
			throw new IllegalStateException("The guard lets nothing through before CONNECT");
		}
		return new Sender(Sender.Road.STOMP, connection.id(), client.sessionId(), connection.principal(),
				client.claimedUserId());
	}

	/**
	 * A frame of which only the beginning was kept.
	 */
	private void oversized(Connection connection, Frame frame) {
		MultiValueMap<String, String> headers = new LinkedMultiValueMap<>();
		this.decoder.decode(ByteBuffer.wrap(frame.bytes()), headers);
		String destination = String.valueOf(headers.getFirst("destination"));
		String receipt = headers.getFirst("receipt");
		if (!destination.startsWith(Destinations.APPLICATION)) {
			refuse(connection, FrameRefusal.FORBIDDEN_DESTINATION, receipt);
			return;
		}
		if (Destinations.isBatch(destination)) {
			int limit = this.settings.limits().maxBatchSize();
			byte[] beginning = Arrays.copyOfRange(frame.bytes(), frame.bytes().length - limit, frame.bytes().length);
			if ("gzip".equals(headers.getFirst(CONTENT_ENCODING))) {
				beginning = inflatedBeginning(beginning);
			}
			acknowledge(connection, this.receiver.refuse(RefusalReason.TOO_LARGE, beginning));
		}
		else {
			this.stats.unknownDestination();
			this.receiver.signals().unknownDestination(destination, connection.id());
		}
		if (receipt != null) {
			this.outbound.send(receipt(connection.id(), receipt));
		}
	}

	private static byte[] inflatedBeginning(byte[] gzip) {
		byte[] beginning = new byte[1024];
		int length = 0;
		try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(gzip))) {
			length = in.readNBytes(beginning, 0, beginning.length);
		}
		catch (IOException ex) {
			// What there is has to do
		}
		return Arrays.copyOf(beginning, length);
	}

	private void acknowledge(Connection connection, Answer answer) {
		if (answer instanceof Answer.Accepted && answer.batch() == null) {
			// A bare array of events
			return;
		}
		boolean told = false;
		byte[] body = AnswerWriter.acknowledgement(answer);
		for (String subscription : connection.subscriptionsTo(Destinations.ACKNOWLEDGEMENTS)) {
			StompHeaderAccessor headers = StompHeaderAccessor.create(StompCommand.MESSAGE);
			headers.setSessionId(connection.id());
			headers.setSubscriptionId(subscription);
			headers.setDestination(Destinations.ACKNOWLEDGEMENTS);
			headers.setNativeHeader(MESSAGE_ID, connection.nextMessageId());
			headers.setContentType(MimeTypeUtils.APPLICATION_JSON);
			this.outbound.send(MessageBuilder.createMessage(body, headers.getMessageHeaders()));
			told = true;
		}
		if (!told) {
			this.stats.unacknowledged();
		}
	}

	/**
	 * Lets through what a client may do and ends the connection of one that does more.
	 */
	private final class Guard implements ChannelInterceptor {

		@Override
		public @Nullable Message<?> preSend(Message<?> message, MessageChannel channel) {
			StompHeaderAccessor headers = MessageHeaderAccessor.getAccessor(message, StompHeaderAccessor.class);
			if (headers == null) {
				return null;
			}
			Connection connection = StompFrames.this.connections.get(headers.getSessionId());
			StompCommand command = headers.getCommand();
			if (connection == null || command == null) {
				// The end of a connection on its way to the broker, or a heart-beat
				return message;
			}
			FrameRefusal refusal = switch (command) {
				case CONNECT, STOMP -> connect(connection, headers);
				case SEND -> startsWith(headers.getDestination()) ? null : FrameRefusal.FORBIDDEN_DESTINATION;
				case SUBSCRIBE -> subscribe(connection, headers);
				case UNSUBSCRIBE -> (headers.getSubscriptionId() != null) ? null : FrameRefusal.BAD_SUBSCRIPTION;
				case DISCONNECT -> null;
				default -> FrameRefusal.UNSUPPORTED_COMMAND;
			};
			if (refusal != null) {
				refuse(connection, refusal, headers.getReceipt());
				return null;
			}
			return message;
		}

		private boolean startsWith(@Nullable String destination) {
			return destination != null && destination.startsWith(Destinations.APPLICATION);
		}

		private @Nullable FrameRefusal connect(Connection connection, StompHeaderAccessor headers) {
			if (!headers.getAcceptVersion().contains("1.2")) {
				return FrameRefusal.UNSUPPORTED_VERSION;
			}
			String asked = headers.getFirstNativeHeader(SESSION_ID);
			String sessionId = BatchDecoder.isSessionId(asked) ? String.valueOf(asked) : Identities.newSessionId();
			String claimed = headers.getFirstNativeHeader(USER_ID);
			if (claimed != null && (claimed.isEmpty() || claimed.length() > MAX_USER_ID)) {
				claimed = null;
			}
			String userId = StompFrames.this.receiver.identities().userId(sessionId, connection.principal(), claimed);
			connection.connected(new Connection.Client(sessionId, userId, claimed));
			return null;
		}

		private @Nullable FrameRefusal subscribe(Connection connection, StompHeaderAccessor headers) {
			String destination = headers.getDestination();
			if (destination == null || !Destinations.isSubscribable(destination)) {
				return FrameRefusal.FORBIDDEN_DESTINATION;
			}
			String id = headers.getSubscriptionId();
			return (id != null && id.length() <= MAX_USER_ID && connection.subscribe(id, destination)) ? null
					: FrameRefusal.BAD_SUBSCRIPTION;
		}

	}

}
