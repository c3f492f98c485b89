package io.telemetry.boot.channel;

import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;

import jakarta.websocket.RemoteEndpoint;
import jakarta.websocket.SendHandler;
import jakarta.websocket.SendResult;
import jakarta.websocket.Session;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.web.socket.BinaryMessage;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.TextMessage;
import org.springframework.web.socket.WebSocketSession;
import org.springframework.web.socket.adapter.NativeWebSocketSession;
import org.springframework.web.socket.handler.SessionLimitExceededException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class OutboundSessionTests {

	private static final SendResult DONE = new SendResult((Session) null);

	private static final SendResult BROKEN = new SendResult(null, new java.io.IOException("Broken pipe"));

	private static final CloseStatus RESTART = CloseStatus.SERVICE_RESTARTED.withReason("shutting-down");

	private final ChannelStats stats = new ChannelStats();

	/** What the container was given, one after the other. */
	private final List<String> written = Collections.synchronizedList(new ArrayList<>());

	private final List<String> calls = Collections.synchronizedList(new ArrayList<>());

	/** Those whose end the container has not told yet. */
	private final Deque<SendHandler> begun = new ArrayDeque<>();

	/** What the container does with the end of a message. */
	private volatile Consumer<SendHandler> container = this.begun::add;

	private final List<CloseStatus> closed = new CopyOnWriteArrayList<>();

	private final List<Runnable> closings = new ArrayList<>();

	private final Map<String, Object> userProperties = new HashMap<>();

	private volatile long sendTimeout;

	@Test
	void messageIsWrittenWhenTheOneBeforeIs() {
		OutboundSession session = session();
		send(session, "a", "b", "c");
		assertThat(this.written).containsExactly("a");
		complete(DONE);
		assertThat(this.written).containsExactly("a", "b");
		send(session, "d");
		complete(DONE);
		complete(DONE);
		assertThat(this.written).containsExactly("a", "b", "c", "d");
		complete(DONE);
		assertThat(this.begun).isEmpty();
		send(session, "e");
		assertThat(this.written).endsWith("e").hasSize(5);
		assertThat(this.closed).isEmpty();
	}

	@Test
	void messagesThatTheContainerWritesAtOnceNeedNoRoom() {
		this.container = (handler) -> handler.onResult(DONE);
		OutboundSession session = session(1024, Duration.ofSeconds(10));
		IntStream.range(0, 1000).forEach((i) -> send(session, "x".repeat(1025)));
		assertThat(this.written).hasSize(1000);
		assertThat(this.closed).isEmpty();
	}

	@Test
	void manyThatWaitedAreWrittenAtOnceOnAStackOfConstantDepth() {
		OutboundSession session = session(64 * 1024 * 1024, Duration.ofSeconds(10));
		send(session, "first");
		IntStream.range(0, 100_000).forEach((i) -> send(session, Integer.toString(i)));
		AtomicInteger deepest = new AtomicInteger();
		this.container = (handler) -> {
			if (this.written.size() % 1000 == 0) {
				deepest.accumulateAndGet(new Throwable().getStackTrace().length, Math::max);
			}
			handler.onResult(DONE);
		};
		complete(DONE);
		assertThat(this.written).hasSize(100_001);
		assertThat(deepest.get()).isBetween(1, new Throwable().getStackTrace().length + 50);
		session.close(RESTART);
		assertThat(this.closed).containsExactly(RESTART);
	}

	@Test
	void bytesAndTextKeepTheirOrder() {
		OutboundSession session = session();
		send(session, "a");
		session.sendMessage(new BinaryMessage("b".getBytes(StandardCharsets.UTF_8)));
		send(session, "c");
		complete(DONE);
		complete(DONE);
		assertThat(this.written).containsExactly("a", "b", "c");
	}

	/**
	 * What it would write in several pieces can end between them, and then it tells
	 * nobody.
	 */
	@Test
	void textThatTomcatWouldCutIsWrittenAsBytes() {
		this.container = (handler) -> handler.onResult(DONE);
		OutboundSession session = session();
		send(session, "x".repeat(8192), "é".repeat(4096));
		assertThat(this.calls).containsExactly("sendText", "sendText");
		send(session, "x".repeat(8193), "é".repeat(4097));
		assertThat(this.calls).endsWith("sendBinary", "sendBinary").hasSize(4);
		assertThat(this.written).containsExactly("x".repeat(8192), "é".repeat(4096), "x".repeat(8193),
				"é".repeat(4097));
	}

	@Test
	void whatWaitsIsBoundedByItsBytes() {
		OutboundSession session = session(1024, Duration.ofSeconds(10));
		// The one that is being written does not wait
		send(session, "x".repeat(5000), "é".repeat(256), "x".repeat(512));
		assertThatExceptionOfType(SessionLimitExceededException.class).isThrownBy(() -> send(session, "!"))
			.satisfies((ex) -> assertThat(ex.getStatus()).isEqualTo(CloseStatus.SESSION_NOT_RELIABLE));
		complete(DONE);
		// There is room again
		send(session, "x".repeat(512));
		assertThatExceptionOfType(SessionLimitExceededException.class).isThrownBy(() -> send(session, "!"));
	}

	@Test
	void clientThatDoesNotReadIsClosedByAnotherThreadAndCountedOnce() {
		OutboundSession session = session();
		send(session, "a", "b");
		session.close(CloseStatus.SESSION_NOT_RELIABLE);
		session.close(CloseStatus.SESSION_NOT_RELIABLE);
		assertThat(this.closed).isEmpty();
		send(session, "c");
		assertThat(this.stats.snapshot().discardedFrames()).isOne();
		this.closings.forEach(Runnable::run);
		assertThat(this.closed.get(0)).isEqualTo(CloseStatus.POLICY_VIOLATION.withReason("slow-consumer"));
		complete(BROKEN);
		assertThat(this.written).containsExactly("a");
		assertThat(this.stats.snapshot().slowConsumers()).isOne();
	}

	@Test
	void messageThatTakesTooLongCountsAsNotRead() {
		OutboundSession session = session(2000, Duration.ofNanos(1));
		send(session, "a", "b");
		complete(BROKEN);
		assertThat(this.stats.snapshot().slowConsumers()).isOne();
		assertThat(this.written).containsExactly("a");
		this.closings.forEach(Runnable::run);
		assertThat(this.closed).containsExactly(CloseStatus.POLICY_VIOLATION.withReason("slow-consumer"));
	}

	@Test
	void clientThatGoesWhileItIsWrittenToIsNotTakenForSlow() {
		OutboundSession session = session();
		send(session, "a", "b");
		complete(BROKEN);
		send(session, "c");
		assertThat(this.written).containsExactly("a");
		assertThat(this.stats.snapshot().slowConsumers()).isZero();
		assertThat(this.stats.snapshot().discardedFrames()).isOne();
		assertThat(this.closings).hasSize(1);
	}

	@Test
	void failureAtOnceEndsTheSession() {
		this.container = (handler) -> handler.onResult(BROKEN);
		OutboundSession session = session();
		send(session, "a", "b");
		assertThat(this.written).containsExactly("a");
		assertThat(this.closings).hasSize(1);
	}

	@Test
	void containerThatThrowsEndsTheSession() {
		this.container = (handler) -> {
			throw new IllegalStateException("The remote endpoint was in state [CLOSED]");
		};
		OutboundSession session = session();
		send(session, "a", "b");
		assertThat(this.written).containsExactly("a");
		assertThat(this.closings).hasSize(1);
	}

	@Test
	void containerThatThrowsWhileOthersWaitEndsTheSession() {
		OutboundSession session = session();
		send(session, "a", "b", "c");
		this.container = (handler) -> {
			throw new IllegalStateException("The remote endpoint was in state [CLOSED]");
		};
		complete(DONE);
		assertThat(this.written).containsExactly("a", "b");
		assertThat(this.closings).hasSize(1);
	}

	@Test
	void closeWritesWhatWaitsFirst() {
		OutboundSession session = session();
		send(session, "a", "b");
		session.close(RESTART);
		send(session, "late");
		assertThat(this.closed).isEmpty();
		complete(DONE);
		assertThat(this.closed).isEmpty();
		complete(DONE);
		assertThat(this.written).containsExactly("a", "b");
		assertThat(this.closed).containsExactly(RESTART);
		assertThat(this.closings).isEmpty();
	}

	@Test
	void lastMessageIsWrittenBehindThoseThatWaitHoweverLittleRoomThereIs() {
		OutboundSession session = session(1024, Duration.ofSeconds(10));
		String full = "b".repeat(1024);
		send(session, "a", full);
		session.finish(new TextMessage("ERROR"), CloseStatus.POLICY_VIOLATION.withReason("bad-frame"));
		complete(DONE);
		complete(DONE);
		assertThat(this.written).containsExactly("a", full, "ERROR");
		assertThat(this.closed).isEmpty();
		complete(DONE);
		assertThat(this.closed).containsExactly(CloseStatus.POLICY_VIOLATION.withReason("bad-frame"));
	}

	@Test
	void firstReasonToCloseCounts() {
		OutboundSession session = session();
		send(session, "a");
		session.finish(new TextMessage("ERROR"), CloseStatus.POLICY_VIOLATION.withReason("bad-frame"));
		session.finish(new TextMessage("RECEIPT"), CloseStatus.NORMAL);
		session.close(RESTART);
		complete(DONE);
		complete(DONE);
		assertThat(this.written).containsExactly("a", "ERROR");
		assertThat(this.closed).containsExactly(CloseStatus.POLICY_VIOLATION.withReason("bad-frame"));
	}

	@Test
	void failureOfSpringsIsToldAsOneOfTheServers() {
		OutboundSession session = session();
		session.close(CloseStatus.PROTOCOL_ERROR);
		assertThat(this.closed).containsExactly(CloseStatus.POLICY_VIOLATION.withReason("server-error"));
		assertThat(this.stats.snapshot().framesRefused()).containsEntry("server-error", 1L);
	}

	@Test
	void containerIsToldHowLongToWait() {
		session(2000, Duration.ofSeconds(7));
		assertThat(this.sendTimeout).isEqualTo(7000);
		assertThat(this.userProperties).containsEntry("org.apache.tomcat.websocket.BLOCKING_SEND_TIMEOUT", 1000L)
			.containsEntry("org.apache.tomcat.websocket.SESSION_CLOSE_TIMEOUT", 3000L);
	}

	@Test
	void sessionOfAnotherContainerIsRefused() {
		WebSocketSession other = (WebSocketSession) Proxy.newProxyInstance(getClass().getClassLoader(),
				new Class<?>[] { WebSocketSession.class }, (proxy, method, arguments) -> null);
		assertThatIllegalStateException().isThrownBy(() -> new OutboundSession(other,
				ChannelSettings.Connections.DEFAULTS, this.stats, Runnable::run, (session) -> {
				}));
	}

	/**
	 * However the container tells of the end, and from however many threads it is sent:
	 * one after the other, those of one thread in order, none twice, none lost, and
	 * closed behind the last.
	 */
	@ParameterizedTest
	@EnumSource
	void messagesOfManyThreadsAreNeitherReorderedNorDoubledNorLost(Container how) throws Exception {
		int threads = 4;
		int each = 5000;
		List<String> order = Collections.synchronizedList(new ArrayList<>());
		AtomicInteger overlaps = new AtomicInteger();
		ExecutorService containerThreads = Executors.newFixedThreadPool(3);
		try {
			CountDownLatch over = new CountDownLatch(1);
			AtomicInteger inside = new AtomicInteger();
			RemoteEndpoint.Async remote = remote((text, handler) -> {
				if (inside.incrementAndGet() != 1) {
					overlaps.incrementAndGet();
				}
				order.add(text);
				Runnable end = () -> {
					inside.decrementAndGet();
					handler.onResult(DONE);
				};
				if (how.isLater()) {
					containerThreads.execute(end);
				}
				else {
					end.run();
				}
			});
			OutboundSession session = session(remote, 64 * 1024 * 1024, Duration.ofSeconds(10), (status) -> {
				order.add("closed");
				over.countDown();
			});
			List<Thread> senders = new ArrayList<>();
			for (int i = 0; i < threads; i++) {
				String name = i + ":";
				Thread sender = new Thread(
						() -> IntStream.range(0, each).forEach((message) -> send(session, name + message)));
				sender.start();
				senders.add(sender);
			}
			for (Thread sender : senders) {
				sender.join(10_000);
			}
			session.close(RESTART);
			assertThat(over.await(10, TimeUnit.SECONDS)).isTrue();
			assertThat(overlaps).hasValue(0);
			assertThat(order).hasSize(threads * each + 1).endsWith("closed");
			for (int i = 0; i < threads; i++) {
				String name = i + ":";
				assertThat(order.stream().filter((text) -> text.startsWith(name)))
					.containsExactlyElementsOf(IntStream.range(0, each).mapToObj((message) -> name + message).toList());
			}
		}
		finally {
			containerThreads.shutdownNow();
		}
	}

	/**
	 * Of what is sent while another thread closes, the beginning is written and the rest
	 * is counted, and the session is closed once.
	 */
	@Test
	void whatIsSentWhileItClosesIsWrittenOrCounted() throws Exception {
		ExecutorService containerThreads = Executors.newFixedThreadPool(2);
		try {
			for (int round = 0; round < 300; round++) {
				ChannelStats counted = new ChannelStats();
				List<String> order = Collections.synchronizedList(new ArrayList<>());
				CountDownLatch over = new CountDownLatch(1);
				RemoteEndpoint.Async remote = remote((text, handler) -> {
					order.add(text);
					if (Container.SOMETIMES.isLater()) {
						containerThreads.execute(() -> handler.onResult(DONE));
					}
					else {
						handler.onResult(DONE);
					}
				});
				OutboundSession session = new OutboundSession(webSocketSession(remote, (status) -> {
					order.add("closed");
					over.countDown();
				}), limits(1_000_000, Duration.ofSeconds(10)), counted, containerThreads, (ended) -> {
				});
				Thread sender = new Thread(
						() -> IntStream.range(0, 100).forEach((i) -> send(session, Integer.toString(i))));
				sender.start();
				if (round % 2 == 0) {
					session.close(RESTART);
				}
				else {
					session.finish(new TextMessage("last"), RESTART);
				}
				sender.join(10_000);
				assertThat(over.await(10, TimeUnit.SECONDS)).isTrue();
				int written = order.size() - 1 - round % 2;
				List<String> expected = new ArrayList<>(
						IntStream.range(0, written).mapToObj(Integer::toString).toList());
				if (round % 2 == 1) {
					expected.add("last");
				}
				expected.add("closed");
				assertThat(order).isEqualTo(expected);
				assertThat(counted.snapshot().discardedFrames()).isEqualTo(100 - written);
			}
		}
		finally {
			containerThreads.shutdownNow();
		}
	}

	private void complete(SendResult result) {
		this.begun.remove().onResult(result);
	}

	private static void send(OutboundSession session, String... texts) {
		for (String text : texts) {
			session.sendMessage(new TextMessage(text));
		}
	}

	private OutboundSession session() {
		return session(2000, Duration.ofSeconds(10));
	}

	private OutboundSession session(int sizeLimit, Duration timeLimit) {
		return session(remote((text, handler) -> {
			this.written.add(text);
			this.container.accept(handler);
		}), sizeLimit, timeLimit, this.closed::add);
	}

	private OutboundSession session(RemoteEndpoint.Async remote, int sizeLimit, Duration timeLimit,
			Consumer<CloseStatus> close) {
		return new OutboundSession(webSocketSession(remote, close), limits(sizeLimit, timeLimit), this.stats,
				this.closings::add, (session) -> {
				});
	}

	private static ChannelSettings.Connections limits(int sizeLimit, Duration timeLimit) {
		ChannelSettings.Connections defaults = ChannelSettings.Connections.DEFAULTS;
		return new ChannelSettings.Connections(defaults.maxMessageSize(), defaults.connectTimeout(), timeLimit,
				sizeLimit, defaults.heartbeat(), defaults.idleTimeout(), defaults.frameTimeout(),
				defaults.pendingFrames());
	}

	private WebSocketSession webSocketSession(RemoteEndpoint.Async remote, Consumer<CloseStatus> close) {
		ClassLoader loader = getClass().getClassLoader();
		Session session = (Session) Proxy.newProxyInstance(loader, new Class<?>[] { Session.class },
				(proxy, method, arguments) -> switch (method.getName()) {
					case "getUserProperties" -> this.userProperties;
					case "getAsyncRemote" -> remote;
					default -> throw new UnsupportedOperationException(method.toString());
				});
		return (WebSocketSession) Proxy.newProxyInstance(loader, new Class<?>[] { NativeWebSocketSession.class },
				(proxy, method, arguments) -> switch (method.getName()) {
					case "getNativeSession" -> session;
					case "close" -> {
						close.accept((CloseStatus) arguments[0]);
						yield null;
					}
					default -> throw new UnsupportedOperationException(method.toString());
				});
	}

	private RemoteEndpoint.Async remote(Remote remote) {
		return (RemoteEndpoint.Async) Proxy.newProxyInstance(getClass().getClassLoader(),
				new Class<?>[] { RemoteEndpoint.Async.class }, (proxy, method, arguments) -> {
					if (method.getName().startsWith("send")) {
						this.calls.add(method.getName());
					}
					switch (method.getName()) {
						case "setSendTimeout" -> this.sendTimeout = (Long) arguments[0];
						case "sendText" -> remote.send((String) arguments[0], (SendHandler) arguments[1]);
						case "sendBinary" ->
							remote.send(StandardCharsets.UTF_8.decode((ByteBuffer) arguments[0]).toString(),
									(SendHandler) arguments[1]);
						default -> throw new UnsupportedOperationException(method.toString());
					}
					return null;
				});
	}

	/**
	 * When the container tells of the end of a message.
	 */
	enum Container {

		AT_ONCE, LATER, SOMETIMES;

		boolean isLater() {
			return this == LATER || this == SOMETIMES && ThreadLocalRandom.current().nextBoolean();
		}

	}

	@FunctionalInterface
	private interface Remote {

		void send(String text, SendHandler handler);

	}

}
