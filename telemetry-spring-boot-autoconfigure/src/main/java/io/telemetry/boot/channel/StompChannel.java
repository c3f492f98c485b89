package io.telemetry.boot.channel;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.telemetry.boot.channel.ChannelSettings.Threads;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.websocket.Session;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.messaging.simp.broker.SimpleBrokerMessageHandler;
import org.springframework.messaging.support.ExecutorSubscribableChannel;
import org.springframework.messaging.support.ImmutableMessageChannelInterceptor;
import org.springframework.scheduling.concurrent.CustomizableThreadFactory;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;
import org.springframework.web.HttpRequestHandler;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.WebSocketHandler;
import org.springframework.web.socket.WebSocketHttpHeaders;
import org.springframework.web.socket.server.HandshakeInterceptor;
import org.springframework.web.socket.server.support.OriginHandshakeInterceptor;
import org.springframework.web.socket.server.support.WebSocketHttpRequestHandler;

/**
 * The WebSocket road: a STOMP stack of its own, put together from Spring's public parts.
 * Nothing of it is a bean, so an application's own message broker, its channels, its
 * executors and its schedulers know nothing of it, and it nothing of them.
 * <p>
 * A frame goes from the container's thread into its connection's mailbox, and from there
 * on a thread of the inbound pool to {@link StompFrames}. What is no SEND goes on through
 * Spring's decoder and one channel to the private broker (CONNECT, heart-beats) and to
 * {@code StompFrames} again (subscriptions). Answers are written by whoever has them and
 * nobody waits for that ({@link OutboundSession}). The channels themselves have no
 * threads: what is in a mailbox is done in order, and a connection is known to the broker
 * before its next frame is looked at.
 */
public final class StompChannel implements ChannelPart {

	/** What may wait to be said to clients; each entry may be for all of them. */
	private static final int MAX_WORDS = 256;

	private static final CloseStatus RESTART = CloseStatus.SERVICE_RESTARTED.withReason("shutting-down");

	/** What is kept of the time to stop for closing, if a quarter of it is not less. */
	private static final long MOST_CLOSING_NANOS = 1_000_000_000;

	private final ChannelSettings settings;

	private final BatchReceiver receiver;

	private final ConnectionRegistry connections = new ConnectionRegistry();

	private final StompFrames frames;

	private final ClientListener listener;

	private final ControlBroker broker;

	private final StompWebSocketHandler webSocketHandler;

	private final HttpRequestHandler requestHandler;

	private volatile @Nullable Workers workers;

	/**
	 * A stack that hands batches to the given receiver. It takes clients when started.
	 * @param settings addresses and limits
	 * @param receiver takes the batches
	 * @param listener speaks to the clients
	 */
	public StompChannel(ChannelSettings settings, BatchReceiver receiver, ClientListener listener) {
		this.settings = settings;
		this.receiver = receiver;
		this.listener = listener;
		ExecutorSubscribableChannel inbound = new ExecutorSubscribableChannel();
		ExecutorSubscribableChannel outbound = new ExecutorSubscribableChannel();
		this.broker = new ControlBroker(inbound, outbound);
		this.broker.setHeartbeatValue(heartbeat());
		this.frames = new StompFrames(settings, receiver, this.connections, outbound, listener);
		inbound.setInterceptors(List.of(this.frames.guard(), new ImmutableMessageChannelInterceptor()));
		outbound.setInterceptors(List.of(new ImmutableMessageChannelInterceptor()));
		inbound.subscribe(this.frames);
		this.webSocketHandler = new StompWebSocketHandler(settings, receiver, this.connections, this.frames, inbound,
				outbound, inbound(), closers(), this::deafenLater);
		WebSocketHttpRequestHandler handler = new WebSocketHttpRequestHandler(this.webSocketHandler);
		handler.setHandshakeInterceptors(
				List.of(new Handshake(settings, receiver, () -> this.workers != null && this.frames.isOpen())));
		this.requestHandler = (request, response) -> handler.handleRequest(new UncompressedRequest(request), response);
	}

	/**
	 * What answers requests for a WebSocket at the channel's path.
	 * @return a handler for a Spring MVC handler mapping
	 */
	public HttpRequestHandler requestHandler() {
		return this.requestHandler;
	}

	@Override
	public boolean isWebSocket() {
		return true;
	}

	private long[] heartbeat() {
		long interval = this.settings.connections().heartbeat().toMillis();
		return new long[] { interval, interval };
	}

	private Executor inbound() {
		return (task) -> running().inbound.execute(task);
	}

	/**
	 * A client has a second to answer the close frame.
	 */
	private void deafenLater(Session session) {
		Workers running = this.workers;
		if (running != null) {
			try {
				running.scheduler.schedule(() -> DeafSession.make(session), Instant.now().plusSeconds(1));
			}
			catch (RejectedExecutionException ex) {
				// Stopped meanwhile: the server closes the socket
			}
		}
	}

	private Executor closers() {
		return (task) -> {
			Workers running = this.workers;
			try {
				if (running != null) {
					running.closers.execute(task);
					return;
				}
			}
			catch (RejectedExecutionException ex) {
				// Stopped meanwhile
			}
			task.run();
		};
	}

	private Workers running() {
		Workers running = this.workers;
		if (running == null) {
			// The caller does it itself
			throw new RejectedExecutionException("Stopped");
		}
		return running;
	}

	@Override
	public void start() {
		Workers started = new Workers(this.settings.threads());
		this.broker.setTaskScheduler(started.scheduler);
		this.broker.start();
		this.webSocketHandler.start();
		ChannelSettings.Connections limits = this.settings.connections();
		long timeout = Math.min(limits.connectTimeout().toMillis(), limits.frameTimeout().toMillis());
		started.scheduler.scheduleWithFixedDelay(this::sweep,
				Duration.ofMillis(Math.max(50, Math.min(1000, timeout / 4))));
		this.workers = started;
		this.listener.started(new Clients());
	}

	@Override
	public void stop() {
		Workers stopping = this.workers;
		if (stopping == null) {
			return;
		}
		this.listener.stopped();
		long timeout = this.settings.shutdown().timeout().toNanos();
		long deadline = System.nanoTime() + timeout;
		// What was read is answered before its connection is closed
		long drained = deadline - Math.min(timeout / 4, MOST_CLOSING_NANOS);
		stopping.finish(drained);
		closeConnections(stopping.closers, drained, deadline);
		this.workers = null;
		stopping.closers.shutdownNow();
		stopping.speaker.shutdownNow();
		this.webSocketHandler.stop();
		this.broker.stop();
		stopping.scheduler.shutdown();
	}

	private void closeConnections(ExecutorService closers, long drained, long deadline) {
		byte[] reconnect = reconnect();
		try {
			forEachConnection(closers, deadline, (connection) -> connection.mailbox().finish(drained));
			this.receiver.settle();
			forEachConnection(closers, deadline, (connection) -> {
				if (reconnect.length > 0) {
					this.frames.send(connection, Destinations.CONTROL, reconnect);
				}
				// Behind what is being written
				connection.session().close(RESTART);
			});
			this.connections.awaitEmpty(deadline);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * Several at a time, because one whose work does not end holds up its closing.
	 */
	private void forEachConnection(ExecutorService closers, long deadline, Closing closing)
			throws InterruptedException {
		List<Callable<Void>> all = new ArrayList<>();
		for (Connection connection : this.connections.all()) {
			all.add(() -> {
				closing.close(connection);
				return null;
			});
		}
		closers.invokeAll(all, Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
	}

	/**
	 * What clients are told, so that they do not all come back at once. The connection is
	 * closed behind it: whoever came back to this server would lose his way.
	 */
	private byte[] reconnect() {
		long withinMs = this.settings.shutdown().reconnectWithin().toMillis();
		return (withinMs > 0)
				? ("{\"type\":\"reconnect\",\"withinMs\":" + withinMs + "}").getBytes(StandardCharsets.UTF_8)
				: new byte[0];
	}

	/**
	 * Ends the connections whose time is over, whatever they do.
	 */
	private void sweep() {
		ChannelSettings.Connections limits = this.settings.connections();
		long now = System.nanoTime();
		Instant time = this.receiver.clock().instant();
		for (Connection connection : this.connections.all()) {
			Connection.Client client = connection.client();
			if (client == null && now - connection.openedNanos() > limits.connectTimeout().toNanos()) {
				this.frames.refuse(connection, FrameRefusal.CONNECT_TIMEOUT, null);
			}
			else if (client != null && client.hasExpired(time)) {
				this.frames.refuse(connection, FrameRefusal.TOKEN_EXPIRED, null);
			}
			else if (connection.isWithinFrameFor(now, limits.frameTimeout().toNanos())) {
				this.frames.refuse(connection, FrameRefusal.FRAME_TIMEOUT, null);
			}
			else if (client != null && now - connection.lastHeardNanos() > limits.idleTimeout().toNanos()) {
				this.frames.endIdle(connection);
			}
		}
		this.receiver.admission().slots().sweep(limits.connectTimeout());
		this.listener.timePassed();
	}

	private static ThreadFactory daemons(String prefix) {
		CustomizableThreadFactory factory = new CustomizableThreadFactory(prefix);
		factory.setDaemon(true);
		return factory;
	}

	/**
	 * A step in the closing of a connection.
	 */
	@FunctionalInterface
	private interface Closing {

		void close(Connection connection) throws Exception;

	}

	/**
	 * Those who are connected.
	 */
	private final class Clients implements ConnectedClients {

		@Override
		public Stream<ConnectedClient> all() {
			return StompChannel.this.frames.clients();
		}

		@Override
		public void execute(Runnable work) {
			Workers running = StompChannel.this.workers;
			if (running == null) {
				return;
			}
			running.speaker.execute(() -> {
				try {
					work.run();
				}
				catch (RuntimeException ex) {
					StompChannel.this.frames.failed(ex);
				}
			});
		}

	}

	/**
	 * The threads of one run.
	 */
	private static final class Workers {

		private final ThreadPoolExecutor inbound;

		/** As many tasks as connections can wait: each is closed once. */
		private final ThreadPoolExecutor closers = new ThreadPoolExecutor(8, 8, 1, TimeUnit.SECONDS,
				new LinkedBlockingQueue<>(), daemons("telemetry-close-"));

		/**
		 * One thread, so that clients are told things in their order. Whoever says more
		 * than it can pass on does so himself.
		 */
		private final ThreadPoolExecutor speaker = new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS,
				new ArrayBlockingQueue<>(MAX_WORDS), daemons("telemetry-control-"),
				new ThreadPoolExecutor.CallerRunsPolicy());

		private final ThreadPoolTaskScheduler scheduler = new ThreadPoolTaskScheduler();

		Workers(Threads threads) {
			this.inbound = pool(threads.inbound(), threads.queue(), "telemetry-in-");
			this.closers.allowCoreThreadTimeOut(true);
			this.speaker.allowCoreThreadTimeOut(true);
			this.scheduler.setThreadNamePrefix("telemetry-channel-");
			this.scheduler.setDaemon(true);
			this.scheduler.initialize();
		}

		private static ThreadPoolExecutor pool(int threads, int queue, String prefix) {
			ThreadPoolExecutor pool = new ThreadPoolExecutor(threads, threads, 1, TimeUnit.MINUTES,
					new ArrayBlockingQueue<>(queue), daemons(prefix));
			pool.allowCoreThreadTimeOut(true);
			return pool;
		}

		/**
		 * Takes no more work, and waits for what there is. What has not begun by then is
		 * left in its mailbox.
		 */
		void finish(long deadline) {
			this.inbound.shutdown();
			try {
				if (!this.inbound.awaitTermination(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)) {
					this.inbound.shutdownNow();
				}
			}
			catch (InterruptedException ex) {
				this.inbound.shutdownNow();
				Thread.currentThread().interrupt();
			}
		}

	}

	/**
	 * Answers CONNECT and keeps heart-beats. What is for all clients goes to each of them
	 * on its own queue, since settings differ, and not through here. A class of its own,
	 * so that its log lines are told from those of an application's broker.
	 */
	private static final class ControlBroker extends SimpleBrokerMessageHandler {

		ControlBroker(ExecutorSubscribableChannel inbound, ExecutorSubscribableChannel outbound) {
			super(inbound, outbound, new ExecutorSubscribableChannel(), List.of("/topic/"));
		}

	}

	/**
	 * A handshake that asks for no extension. Spring can leave permessage-deflate out of
	 * what it selects, but Tomcat negotiates it all the same; it keeps buffers for each
	 * connection, and inflates before a limit is looked at. Nor has it a content type,
	 * for Spring fails at one with wildcards.
	 */
	private static final class UncompressedRequest extends HttpServletRequestWrapper {

		UncompressedRequest(HttpServletRequest request) {
			super(request);
		}

		@Override
		public @Nullable String getHeader(String name) {
			return isHidden(name) ? null : super.getHeader(name);
		}

		@Override
		public Enumeration<String> getHeaders(String name) {
			return isHidden(name) ? Collections.emptyEnumeration() : super.getHeaders(name);
		}

		@Override
		public Enumeration<String> getHeaderNames() {
			List<String> names = Collections.list(super.getHeaderNames());
			names.removeIf(UncompressedRequest::isHidden);
			return Collections.enumeration(names);
		}

		@Override
		public @Nullable String getContentType() {
			return null;
		}

		private static boolean isHidden(String name) {
			return WebSocketHttpHeaders.SEC_WEBSOCKET_EXTENSIONS.equalsIgnoreCase(name)
					|| HttpHeaders.CONTENT_TYPE.equalsIgnoreCase(name);
		}

	}

}
