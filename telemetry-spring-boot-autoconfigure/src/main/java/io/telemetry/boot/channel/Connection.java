package io.telemetry.boot.channel;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import io.telemetry.limit.RateLimiter;
import org.jspecify.annotations.Nullable;

import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.WebSocketMessage;
import org.springframework.web.socket.WebSocketSession;

/**
 * One open socket and who is behind it.
 */
final class Connection {

	private static final long MOST_SIGN_OF_LIFE_NANOS = 1_000_000_000;

	private static final long NEVER = Long.MIN_VALUE;

	private final OutboundSession session;

	private final WebSocketSession container;

	private final Guest guest;

	private final @Nullable RateLimiter budget;

	private final FrameAssembler assembler;

	private final Mailbox mailbox;

	private final long openedNanos;

	/** Between two signs of life; 0 where nobody asks for any. */
	private final long signOfLifeNanos;

	/** Of the thread that reads. */
	private long lastSignOfLife;

	private final AtomicBoolean ended = new AtomicBoolean();

	/** Destinations by subscription id; guarded by itself. */
	private final Map<String, String> subscriptions = new LinkedHashMap<>(4);

	private final AtomicLong messages = new AtomicLong();

	private volatile @Nullable Client client;

	private volatile long lastHeardNanos;

	/** Times that the latest is asked for since it was sent. */
	private final AtomicInteger latestAskedFor = new AtomicInteger();

	/** Of the thread that reads; 0 for none. */
	private int unfinishedFrame;

	private volatile long unfinishedSince = NEVER;

	Connection(OutboundSession session, WebSocketSession container, Guest guest, @Nullable RateLimiter budget,
			FrameAssembler assembler, Mailbox mailbox, Duration heartbeat, long openedNanos) {
		this.session = session;
		this.container = container;
		this.guest = guest;
		this.budget = budget;
		this.lastHeardNanos = openedNanos;
		this.assembler = assembler;
		this.mailbox = mailbox;
		this.openedNanos = openedNanos;
		this.signOfLifeNanos = Math.min(MOST_SIGN_OF_LIFE_NANOS, heartbeat.toNanos() / 4);
		this.lastSignOfLife = openedNanos - this.signOfLifeNanos;
	}

	String id() {
		return this.session.getId();
	}

	OutboundSession session() {
		return this.session;
	}

	/**
	 * The connection as the container has it, to be asked and not to be written to.
	 */
	WebSocketSession container() {
		return this.container;
	}

	/**
	 * What was known of the client when the connection was opened.
	 */
	Guest guest() {
		return this.guest;
	}

	/**
	 * What is left of the events that the connection may send, where that is limited.
	 */
	@Nullable RateLimiter budget() {
		return this.budget;
	}

	/**
	 * When the client sent anything the last time, by {@link System#nanoTime}.
	 */
	long lastHeardNanos() {
		return this.lastHeardNanos;
	}

	/**
	 * Says that the client has sent something.
	 * @param now a reading of {@link System#nanoTime}
	 */
	void heard(long now) {
		this.lastHeardNanos = now;
	}

	/**
	 * Looks at which frame is unfinished, now that a message was read. Called by one
	 * thread at a time.
	 */
	void read() {
		int frame = this.assembler.unfinishedFrame();
		if (frame != this.unfinishedFrame) {
			this.unfinishedFrame = frame;
			this.unfinishedSince = (frame != 0) ? System.nanoTime() : NEVER;
		}
	}

	/**
	 * Whether a frame has been unfinished for longer than a time.
	 * @param now a reading of {@link System#nanoTime}
	 * @param nanos the time
	 */
	boolean isWithinFrameFor(long now, long nanos) {
		long since = this.unfinishedSince;
		return since != NEVER && now - since > nanos;
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
	 * Whether those who wait for heart-beats are to be told again that something came.
	 * Called by one thread at a time.
	 * @param now a reading of {@link System#nanoTime}
	 */
	boolean isSignOfLifeDue(long now) {
		if (this.signOfLifeNanos == 0 || now - this.lastSignOfLife < this.signOfLifeNanos) {
			return false;
		}
		this.lastSignOfLife = now;
		return true;
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
		List<String> ids = new ArrayList<>(1);
		synchronized (this.subscriptions) {
			this.subscriptions.forEach((id, subscribed) -> {
				if (subscribed.equals(destination)) {
					ids.add(id);
				}
			});
		}
		return ids;
	}

	/**
	 * The destinations that are subscribed to, each once for each subscription.
	 */
	List<String> subscribedDestinations() {
		synchronized (this.subscriptions) {
			return List.copyOf(this.subscriptions.values());
		}
	}

	/**
	 * Sends what changes, so that the last that is sent was looked up after the last
	 * call. Where another thread is at it, that one does it once more.
	 * @param send looks up and sends; not run by two threads at once
	 */
	void latest(Runnable send) {
		if (this.latestAskedFor.getAndIncrement() > 0) {
			return;
		}
		int askedFor;
		do {
			askedFor = this.latestAskedFor.get();
			try {
				send.run();
			}
			catch (RuntimeException | Error ex) {
				this.latestAskedFor.set(0);
				throw ex;
			}
		}
		while (!this.latestAskedFor.compareAndSet(askedFor, 0));
	}

	/**
	 * Who connected.
	 *
	 * @param sessionId the session the connection is bound to
	 * @param userId the user, as CONNECTED tells
	 * @param sender the same as batches are told
	 */
	record Client(String sessionId, String userId, Sender sender) {

		/**
		 * Whether what the client is known by is not good any more.
		 */
		boolean hasExpired(Instant now) {
			Instant expiresAt = this.sender.caller().expiresAt();
			return expiresAt != null && !now.isBefore(expiresAt);
		}

	}

}
