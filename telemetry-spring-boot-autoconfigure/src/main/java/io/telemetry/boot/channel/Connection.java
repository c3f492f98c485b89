package io.telemetry.boot.channel;

import java.io.IOException;
import java.security.Principal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

import org.jspecify.annotations.Nullable;

import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.WebSocketMessage;
import org.springframework.web.socket.WebSocketSession;

/**
 * One open socket and who is behind it.
 */
final class Connection {

	private final WebSocketSession session;

	private final Ending ending;

	private final @Nullable String principal;

	private final FrameAssembler assembler;

	private final Mailbox mailbox;

	private final long openedNanos;

	private final AtomicBoolean ended = new AtomicBoolean();

	/** Destinations by subscription id; guarded by itself. */
	private final Map<String, String> subscriptions = new LinkedHashMap<>(4);

	private final AtomicLong messages = new AtomicLong();

	private volatile @Nullable Client client;

	Connection(WebSocketSession session, Ending ending, @Nullable Principal principal, FrameAssembler assembler,
			Mailbox mailbox, long openedNanos) {
		this.session = session;
		this.ending = ending;
		this.principal = (principal != null) ? principal.getName() : null;
		this.assembler = assembler;
		this.mailbox = mailbox;
		this.openedNanos = openedNanos;
	}

	String id() {
		return this.session.getId();
	}

	WebSocketSession session() {
		return this.session;
	}

	@Nullable String principal() {
		return this.principal;
	}

	FrameAssembler assembler() {
		return this.assembler;
	}

	Mailbox mailbox() {
		return this.mailbox;
	}

	long openedNanos() {
		return this.openedNanos;
	}

	/**
	 * Who connected; {@code null} before CONNECT.
	 */
	@Nullable Client client() {
		return this.client;
	}

	void connected(Client client) {
		this.client = client;
	}

	/**
	 * Ends the connection for everything that is still to be read from it.
	 * @return whether this call ended it
	 */
	boolean end() {
		return this.ended.compareAndSet(false, true);
	}

	boolean isEnded() {
		return this.ended.get();
	}

	/**
	 * Sends a last message and closes the connection behind it. Another message may just
	 * be being written by another thread: then that thread does both when it is done.
	 * @param last the message
	 * @param status why the connection closes
	 * @throws IOException if it can't be written to
	 */
	void finish(WebSocketMessage<?> last, CloseStatus status) throws IOException {
		this.ending.closeBehind(last, status);
		this.session.sendMessage(last);
	}

	/**
	 * The id of the next message to the client.
	 */
	String nextMessageId() {
		return Long.toString(this.messages.incrementAndGet());
	}

	/**
	 * Adds a subscription.
	 * @return whether there was room
	 */
	boolean subscribe(String id, String destination) {
		synchronized (this.subscriptions) {
			if (this.subscriptions.size() >= ChannelSettings.Connections.MAX_SUBSCRIPTIONS
					&& !this.subscriptions.containsKey(id)) {
				return false;
			}
			this.subscriptions.put(id, destination);
			return true;
		}
	}

	void unsubscribe(String id) {
		synchronized (this.subscriptions) {
			this.subscriptions.remove(id);
		}
	}

	/**
	 * The ids of the subscriptions to a destination.
	 */
	List<String> subscriptionsTo(String destination) {
		synchronized (this.subscriptions) {
			return this.subscriptions.entrySet()
				.stream()
				.filter((entry) -> entry.getValue().equals(destination))
				.map(Map.Entry::getKey)
				.toList();
		}
	}

	/**
	 * Closes a connection where its messages are written, one after the other.
	 */
	interface Ending {

		/**
		 * Closes the connection as soon as a message has been written.
		 * @param last the message
		 * @param status why the connection closes
		 */
		void closeBehind(WebSocketMessage<?> last, CloseStatus status);

	}

	/**
	 * Who connected.
	 *
	 * @param sessionId the session the connection is bound to
	 * @param userId the user, as CONNECTED tells
	 * @param claimedUserId the user the client says it is
	 */
	record Client(String sessionId, String userId, @Nullable String claimedUserId) {
	}

}
