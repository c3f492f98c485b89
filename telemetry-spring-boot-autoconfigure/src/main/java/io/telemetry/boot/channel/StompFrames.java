package io.telemetry.boot.channel;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;

import io.telemetry.boot.channel.caller.Caller;
import io.telemetry.boot.channel.caller.Callers;
import io.telemetry.boot.channel.caller.Credentials;
import io.telemetry.boot.channel.caller.CsrfExpectation;
import io.telemetry.boot.channel.caller.UnauthorizedException;
import io.telemetry.limit.RateLimiter;
import org.jspecify.annotations.Nullable;

import org.springframework.messaging.Message;
import org.springframework.messaging.MessageChannel;
import org.springframework.messaging.MessageHandler;
import org.springframework.messaging.simp.stomp.StompCommand;
import org.springframework.messaging.simp.stomp.StompEncoder;
import org.springframework.messaging.simp.stomp.StompHeaderAccessor;
import org.springframework.messaging.support.ChannelInterceptor;
import org.springframework.messaging.support.MessageBuilder;
import org.springframework.messaging.support.MessageHeaderAccessor;
import org.springframework.util.MimeTypeUtils;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.TextMessage;
import org.springframework.web.socket.handler.SessionLimitExceededException;

/**
 * What the channel does with frames: who may send and subscribe where, and what becomes
 * of a batch. Works on the thread that reads a connection's mailbox.
 */
final class StompFrames implements MessageHandler {

	/** Header that binds a connection to a session. */
	static final String SESSION_ID = "session-id";

	/** Header that names the user. */
	static final String USER_ID = "user-id";

	private static final String AUTHORIZATION = "Authorization";

	private static final String TICKET = "ticket";

	private static final String CONTENT_ENCODING = "content-encoding";

	private static final String MESSAGE_ID = "message-id";

	private static final byte[] EMPTY = new byte[0];

	private static final int MAX_USER_ID = 256;

	/** Bytes of a batch that are decompressed to find out which it is. */
	private static final int BEGINNING = 1024;

	private final StompEncoder encoder = new StompEncoder();

	private final ChannelSettings settings;

	private final BatchReceiver receiver;

	private final ChannelStats stats;

	private final ConnectionRegistry connections;

	private final MessageChannel outbound;

	private final ClientListener listener;

	private final BatchDecoder decoder;

	StompFrames(ChannelSettings settings, BatchReceiver receiver, ConnectionRegistry connections,
			MessageChannel outbound, ClientListener listener) {
		this.settings = settings;
		this.receiver = receiver;
		this.stats = receiver.stats();
		this.connections = connections;
		this.outbound = outbound;
		this.listener = listener;
		this.decoder = new BatchDecoder(settings.limits());
	}

	boolean isOpen() {
		return this.receiver.isOpen();
	}

	void failed(Throwable failure) {
		this.receiver.failed(failure, null);
	}

	/**
	 * Takes a frame that is SEND, or out of place.
	 * @return whether it is done with; else Spring's protocol handler is to take it
	 */
	boolean take(Connection connection, Frame frame) {
		if (connection.isEnded()) {
			this.stats.frameDiscarded();
			return true;
		}
		boolean connect = frame.command().equals("CONNECT") || frame.command().equals("STOMP");
		if (connect != (connection.client() == null)) {
			refuse(connection, connect ? FrameRefusal.ALREADY_CONNECTED : FrameRefusal.NOT_CONNECTED, null);
			return true;
		}
		if (frame.command().equals("SEND")) {
			send(connection, frame);
			return true;
		}
		if (frame.extent() != Frame.Extent.WHOLE) {
			refuse(connection, FrameRefusal.OVERLOADED, null);
			return true;
		}
		// One CONNECT and one DISCONNECT are all there can be
		boolean free = connect || frame.command().equals("DISCONNECT");
		return !free && !charge(connection, frame.header("receipt"));
	}

	/**
	 * Charges a connection for a frame that is no batch, as for an event; one that has
	 * nothing left is ended.
	 */
	private boolean charge(Connection connection, @Nullable String receipt) {
		RateLimiter budget = connection.budget();
		if (budget == null || budget.ask(1) != RateLimiter.LIMITED) {
			return true;
		}
		refuse(connection, FrameRefusal.RATE_LIMITED, receipt);
		return false;
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
		connection.session()
			.finish(new TextMessage(this.encoder.encode(headers.getMessageHeaders(), EMPTY)),
					CloseStatus.POLICY_VIOLATION.withReason(reason.toString()));
	}

	/**
	 * Ends a connection that sends nothing.
	 */
	void endIdle(Connection connection) {
		if (connection.end()) {
			this.stats.idle();
			connection.session().close(CloseStatus.GOING_AWAY.withReason("idle"));
		}
	}

	/**
	 * Answers a DISCONNECT that asked for it, then closes.
	 */
	void farewell(Connection connection, String receipt) {
		StompHeaderAccessor headers = StompHeaderAccessor.create(StompCommand.RECEIPT);
		headers.setReceiptId(receipt);
		connection.session()
			.finish(new TextMessage(this.encoder.encode(headers.getMessageHeaders(), EMPTY)), CloseStatus.NORMAL);
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
		Connection.Client client = connection.client();
		if (client != null && headers.getCommand() == StompCommand.SUBSCRIBE
				&& Destinations.CONTROL.equals(headers.getDestination())) {
			this.listener.subscribed(new StompClient(this, connection, client));
		}
	}

	/**
	 * Those behind their CONNECT.
	 */
	Stream<ConnectedClient> clients() {
		return this.connections.all().stream().<ConnectedClient>mapMulti((connection, clients) -> {
			Connection.Client client = connection.client();
			if (client != null && !connection.isEnded()) {
				clients.accept(new StompClient(this, connection, client));
			}
		});
	}

	private static Message<byte[]> receipt(String connectionId, String receipt) {
		StompHeaderAccessor headers = StompHeaderAccessor.create(StompCommand.RECEIPT);
		headers.setSessionId(connectionId);
		headers.setReceiptId(receipt);
		return MessageBuilder.createMessage(EMPTY, headers.getMessageHeaders());
	}

	/**
	 * A SEND goes through no channel and to no broker: its body is read where it came to
	 * be, and nobody but this class is to have it.
	 */
	private void send(Connection connection, Frame frame) {
		String destination = frame.header("destination");
		String receipt = frame.header("receipt");
		if (!Destinations.isOpenToClients(destination)) {
			refuse(connection, FrameRefusal.FORBIDDEN_DESTINATION, receipt);
			return;
		}
		if (Destinations.isBatch(destination)) {
			receive(connection, frame).thenAccept((answer) -> acknowledge(connection, answer));
		}
		else if (!charge(connection, receipt)) {
			return;
		}
		else {
			String request = Destinations.diagnosticsRequest(destination);
			if (request != null) {
				this.stats.diagnostics(takeDiagnostics(connection, request, frame), 1);
			}
			else {
				this.stats.unknownDestination();
				this.receiver.signals().unknownDestination(destination, connection.id());
			}
		}
		if (receipt != null) {
			this.outbound.send(receipt(connection.id(), receipt));
		}
	}

	private DiagnosticsOutcome takeDiagnostics(Connection connection, String request, Frame frame) {
		if (frame.extent() == Frame.Extent.NO_ROOM) {
			return DiagnosticsOutcome.OVERLOADED;
		}
		if (frame.oversized() || frame.bodyLength() > this.listener.maxAnswerSize()) {
			return DiagnosticsOutcome.TOO_LARGE;
		}
		Connection.Client client = connection.client();
		Map<String, @Nullable Object> answer = this.decoder.decodeObject(frame.bytes(), frame.bodyStart(),
				frame.bodyLength());
		if (answer == null || client == null) {
			return DiagnosticsOutcome.MALFORMED;
		}
		return this.listener.answered(new StompClient(this, connection, client), request, answer);
	}

	private CompletionStage<Answer> receive(Connection connection, Frame frame) {
		Sender sender = sender(connection);
		String encoding = frame.header(CONTENT_ENCODING);
		boolean gzip = "gzip".equals(encoding);
		if (!gzip && encoding != null && !encoding.equals("identity")) {
			return now(this.receiver.refuse(sender, RefusalReason.UNSUPPORTED_TYPE, null));
		}
		return switch (frame.extent()) {
			case WHOLE -> gzip ? inflate(sender, frame)
					: this.receiver.receive(sender, frame.bytes(), frame.bodyStart(), frame.bodyLength());
			case OVERSIZED -> now(this.receiver.refuse(sender, RefusalReason.TOO_LARGE, peekBatchId(frame, gzip)));
			case NO_ROOM -> now(this.receiver.overloaded(peekBatchId(frame, gzip)));
		};
	}

	private static CompletionStage<Answer> now(Answer answer) {
		return CompletableFuture.completedFuture(answer);
	}

	private CompletionStage<Answer> inflate(Sender sender, Frame frame) {
		try (Body body = new Body(this.settings.limits().maxBatchSize(), true, this.receiver.admission().inHand())) {
			body.take(ByteBuffer.wrap(frame.bytes(), frame.bodyStart(), frame.bodyLength()));
			body.end();
			return this.receiver.receive(sender, body);
		}
	}

	/**
	 * The id of the batch in a frame of which only the beginning was kept.
	 */
	private @Nullable String peekBatchId(Frame frame, boolean gzip) {
		if (!gzip) {
			return this.receiver.peekBatchId(frame.bytes(), frame.bodyStart(), frame.bodyLength());
		}
		try (Body body = new Body(BEGINNING, true, this.receiver.admission().inHand())) {
			body.take(ByteBuffer.wrap(frame.bytes(), frame.bodyStart(), Math.min(BEGINNING, frame.bodyLength())));
			return this.receiver.peekBatchId(body.bytes(), 0, body.length());
		}
	}

	private static Sender sender(Connection connection) {
		Connection.Client client = connection.client();
		if (client == null) {
			throw new IllegalStateException("The guard lets nothing through before CONNECT");
		}
		return client.sender();
	}

	private void acknowledge(Connection connection, Answer answer) {
		if (answer instanceof Answer.Accepted && answer.batch() == null) {
			// A bare array of events
			return;
		}
		if (!send(connection, Destinations.ACKNOWLEDGEMENTS, AnswerWriter.acknowledgement(answer))) {
			this.stats.unacknowledged();
		}
	}

	/**
	 * Sends a message to a client. Does not wait for it.
	 * @param connection the client's
	 * @param destination where the client has to have subscribed to
	 * @param json the message
	 * @return whether it had
	 */
	boolean send(Connection connection, String destination, byte[] json) {
		List<String> subscriptions = connection.subscriptionsTo(destination);
		for (String subscription : subscriptions) {
			StompHeaderAccessor headers = StompHeaderAccessor.create(StompCommand.MESSAGE);
			headers.setSubscriptionId(subscription);
			headers.setDestination(destination);
			headers.setNativeHeader(MESSAGE_ID, connection.nextMessageId());
			headers.setContentType(MimeTypeUtils.APPLICATION_JSON);
			write(connection, new TextMessage(this.encoder.encode(headers.getMessageHeaders(), json)));
		}
		return !subscriptions.isEmpty();
	}

	/**
	 * Writes to a client, or ends the connection of one that does not read.
	 */
	private static void write(Connection connection, TextMessage frame) {
		try {
			connection.session().sendMessage(frame);
		}
		catch (SessionLimitExceededException ex) {
			connection.end();
			connection.session().close(ex.getStatus());
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

		private @Nullable FrameRefusal connect(Connection connection, StompHeaderAccessor headers) {
			if (!headers.getAcceptVersion().contains("1.2")) {
				return FrameRefusal.UNSUPPORTED_VERSION;
			}
			String asked = headers.getFirstNativeHeader(SESSION_ID);
			String sessionId = BatchDecoder.isSessionId(asked) ? String.valueOf(asked) : Identities.newSessionId();
			Guest guest = connection.guest();
			CsrfExpectation csrf = guest.csrf();
			if (csrf != null && !csrf.isMetBy(headers.getFirstNativeHeader(csrf.headerName()))) {
				return FrameRefusal.CSRF_TOKEN;
			}
			BatchReceiver receiver = StompFrames.this.receiver;
			Callers callers = receiver.admission().callers();
			Caller caller;
			try {
				caller = callers.resolve(guest.arrival(connection.container()),
						new Credentials(headers.getFirstNativeHeader(AUTHORIZATION),
								headers.getFirstNativeHeader(TICKET), headers.getFirstNativeHeader(USER_ID)));
				callers.require(caller);
			}
			catch (UnauthorizedException ex) {
				receiver.unauthorized(ex);
				return FrameRefusal.UNAUTHORIZED;
			}
			connection.connected(new Connection.Client(sessionId, receiver.identities().userId(sessionId, caller),
					new Sender(Sender.Road.STOMP, connection.id(), sessionId, caller, null, connection.budget())));
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
