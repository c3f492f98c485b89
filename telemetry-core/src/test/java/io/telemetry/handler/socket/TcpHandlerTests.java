package io.telemetry.handler.socket;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import io.telemetry.encode.Framing;
import io.telemetry.encode.SignalEncoder;
import io.telemetry.handler.HandlerException;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

@Timeout(120)
class TcpHandlerTests {

	static final SignalEncoder MESSAGES = (signal, out) -> {
		if ("bad".equals(signal.message())) {
			out.write("half of it".getBytes(StandardCharsets.UTF_8));
			throw new IllegalStateException("no encoding");
		}
		out.write(String.valueOf(signal.message()).getBytes(StandardCharsets.UTF_8));
	};

	private static final String LOOPBACK = "127.0.0.1";

	/** As one signal, more than the system keeps for a peer that does not read. */
	private static final String HUGE = "x".repeat(24 << 20);

	private final ManualTiming timing = new ManualTiming();

	@Test
	void signalsArriveEachOnItsLine() throws Exception {
		try (TcpPeer peer = TcpPeer.start(); TcpHandler handler = handler(options(peer.port()))) {
			handler.handle(signal("a"));
			handler.handle(List.of(signal("b"), signal("größer")));
			assertThat(List.of(peer.nextLine(), peer.nextLine(), peer.nextLine())).containsExactly("a", "b", "größer");
		}
	}

	@Test
	void lengthBeforeEachSignalCountsItsBytes() throws Exception {
		try (TcpPeer peer = TcpPeer.start()) {
			try (TcpHandler handler = handler(options(peer.port()).withFraming(TcpFraming.LENGTH))) {
				handler.handle(List.of(signal("a\nb"), signal("größer"), signal("")));
			}
			assertThat(peer.nextLine()).isEqualTo("3 a");
			assertThat(peer.nextLine()).isEqualTo("b8 größer0 ");
		}
	}

	@Test
	void formThatTellsItsOwnEndIsSentAsItIsAndNotInLines() throws Exception {
		SignalEncoder binary = new SignalEncoder() {

			@Override
			public void encode(Signal signal, OutputStream out) throws IOException {
				MESSAGES.encode(signal, out);
			}

			@Override
			public Framing framing() {
				return Framing.SELF_DELIMITING;
			}

		};
		try (TcpPeer peer = TcpPeer.start()) {
			TcpOptions options = options(peer.port());
			try (TcpHandler handler = new TcpHandler(binary, options, this.timing)) {
				handler.handle(List.of(signal("a"), signal("b")));
			}
			assertThat(peer.nextLine()).isEqualTo("ab");
			assertThatIllegalArgumentException()
				.isThrownBy(() -> new TcpHandler(binary, options.withFraming(TcpFraming.NEWLINE)))
				.withMessageContaining("framing must not be newline")
				.withMessageContaining("use length");
		}
	}

	@Test
	void signalThatCannotBeEncodedFailsForGoodAndHarmsNoOther() throws Exception {
		Signal bad = signal("bad");
		try (TcpPeer peer = TcpPeer.start(); TcpHandler handler = handler(options(peer.port()))) {
			HandlerException failure = failure(handler, signal("a"), bad, signal("b"));
			assertThat(failure.isRetryable()).isFalse();
			assertThat(failure.failed()).containsExactly(bad);
			assertThat(failure(handler, bad).failed()).containsExactly(bad);
			assertThat(List.of(peer.nextLine(), peer.nextLine())).containsExactly("a", "b");
		}
	}

	@Test
	void batchWaitsForAPeerThatComesLater() throws Exception {
		int port = TcpPeer.freePort();
		List<TcpPeer> peers = new ArrayList<>();
		ManualTiming timing = new ManualTiming() {
			@Override
			public void pause(long nanos, CountDownLatch orUntil) throws InterruptedException {
				super.pause(nanos, orUntil);
				if (pauses().size() == 4) {
					start(port, peers);
				}
			}
		};
		try (TcpHandler handler = new TcpHandler(MESSAGES, options(port), timing)) {
			handler.handle(signal("a"));
			assertThat(peers.get(0).nextLine()).isEqualTo("a");
		}
		finally {
			peers.get(0).close();
		}
		assertThat(timing.pauses()).extracting(Duration::toMillis).containsExactly(50L, 100L, 200L, 400L);
	}

	private static void start(int port, List<TcpPeer> peers) {
		try {
			peers.add(TcpPeer.start(port));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Test
	void batchWaitsNoLongerThanItMayAndFailsRetryably() throws Exception {
		int port = TcpPeer.freePort();
		try (TcpHandler handler = handler(options(port))) {
			HandlerException failure = failure(handler, signal("a"), signal("b"));
			assertThat(failure.isRetryable()).isTrue();
			assertThat(failure.failed()).isEmpty();
			assertThat(failure).hasMessageContaining("2 signals to 'tcp://127.0.0.1:" + port + "'")
				.hasMessageContaining("refused");
		}
		assertThat(this.timing.pauses().stream().reduce(Duration.ZERO, Duration::plus))
			.isEqualTo(Duration.ofSeconds(30));
		assertThat(this.timing.pauses()).allMatch((pause) -> pause.compareTo(Duration.ofSeconds(5)) <= 0);
	}

	@Test
	void withoutWaitingBatchesFailAtOnceAndThePeerIsTriedAgainWhenItsTimeHasCome() throws Exception {
		int port = TcpPeer.freePort();
		TcpOptions options = options(port).withReconnect(ReconnectOptions.DEFAULTS.withMaxWait(Duration.ZERO));
		try (TcpHandler handler = handler(options)) {
			assertThat(failure(handler, signal("a")).isRetryable()).isTrue();
			try (TcpPeer peer = TcpPeer.start(port)) {
				assertThat(failure(handler, signal("b")).isRetryable()).isTrue();
				this.timing.elapse(Duration.ofMillis(50));
				handler.handle(signal("c"));
				assertThat(peer.nextLine()).isEqualTo("c");
			}
		}
		assertThat(this.timing.pauses()).isEmpty();
	}

	@Test
	void peerThatHasToBeThereAndIsNotFailsTheConstruction() throws Exception {
		int port = TcpPeer.freePort();
		assertThatExceptionOfType(UncheckedIOException.class)
			.isThrownBy(() -> handler(options(port).withFailFast(true)))
			.withMessageContaining("'tcp://127.0.0.1:" + port + "'")
			.withMessageContaining("refused")
			.withMessageContaining("start the peer first");
		try (TcpPeer peer = TcpPeer.start(port); TcpHandler handler = handler(options(port).withFailFast(true))) {
			peer.nextConnection();
			handler.handle(signal("a"));
			assertThat(peer.nextLine()).isEqualTo("a");
		}
	}

	@Test
	void hostThatIsUnknownIsARetryableFailureThatNamesIt() throws Exception {
		TcpOptions options = TcpOptions.of("no-such-host.invalid", 5000)
			.withReconnect(ReconnectOptions.DEFAULTS.withMaxWait(Duration.ZERO));
		try (TcpHandler handler = handler(options)) {
			HandlerException failure = failure(handler, signal("a"));
			assertThat(failure.isRetryable()).isTrue();
			assertThat(failure).hasMessageContaining("tcp://no-such-host.invalid:5000")
				.hasMessageContaining("UnknownHostException");
		}
	}

	@Test
	void connectionThatThePeerEndedBetweenBatchesLosesNone() throws Exception {
		ServerSocket server = TcpPeer.bound(new ServerSocket(), 0);
		try (TcpPeer peer = TcpPeer.start(server, (socket, lines) -> lines.add(readLine(socket)));
				TcpHandler handler = handler(options(peer.port()))) {
			for (int i = 0; i < 20; i++) {
				handler.handle(signal("line " + i));
				assertThat(peer.nextLine()).isEqualTo("line " + i);
				awaitClosed(peer.nextConnection());
			}
		}
	}

	@Test
	void connectionThatThePeerResetIsMadeAnew() throws Exception {
		ServerSocket server = TcpPeer.bound(new ServerSocket(), 0);
		try (TcpPeer peer = TcpPeer.start(server, (socket, lines) -> {
			lines.add(readLine(socket));
			// Closing sends a reset then.
			socket.setSoLinger(true, 0);
		})) {
			TcpHandler handler = handler(options(peer.port()));
			for (int i = 0; i < 20; i++) {
				handler.handle(signal("line " + i));
				assertThat(peer.nextLine()).isEqualTo("line " + i);
				awaitClosed(peer.nextConnection());
			}
			try {
				handler.close();
			}
			catch (IOException ex) {
				// Told, because the last line might not have arrived.
				assertThat(ex).hasMessageContaining("reset");
			}
		}
	}

	@Test
	void goodConnectionThatIsLostIsMadeAnewWithoutAPause() throws Exception {
		TcpPeer first = TcpPeer.start();
		try (TcpHandler handler = handler(options(first.port()))) {
			handler.handle(signal("a"));
			handler.handle(signal("b"));
			first.nextLine();
			first.nextLine();
			first.close();
			try (TcpPeer second = TcpPeer.start(first.port())) {
				handler.handle(signal("c"));
				assertThat(second.nextLine()).isEqualTo("c");
			}
		}
		assertThat(this.timing.pauses()).isEmpty();
	}

	@Test
	void peerThatAcceptsAndClosesAtOnceGetsNothingToLose() throws Exception {
		ManualTiming timing = new ManualTiming() {
			@Override
			public Duration probation() {
				return Duration.ofSeconds(30);
			}
		};
		ServerSocket server = TcpPeer.bound(new ServerSocket(), 0);
		try (TcpPeer peer = TcpPeer.start(server, (socket, lines) -> {
		}); TcpHandler handler = new TcpHandler(MESSAGES, options(peer.port()), timing)) {
			HandlerException failure = failure(handler, signal("a"));
			assertThat(failure.isRetryable()).isTrue();
			assertThat(failure).hasMessageContaining("closed it at once");
			assertThat(timing.pauses()).isNotEmpty();
		}
	}

	@Test
	void peerThatTalksIsNotListenedToAndNotTakenForGone() throws Exception {
		ServerSocket server = TcpPeer.bound(new ServerSocket(), 0);
		try (TcpPeer peer = TcpPeer.start(server, (socket, lines) -> {
			socket.getOutputStream().write("hello ".repeat(20_000).getBytes(StandardCharsets.UTF_8));
			TcpPeer.readLines(socket, lines);
		}); TcpHandler handler = handler(options(peer.port()))) {
			for (int i = 0; i < 5; i++) {
				handler.handle(signal("line " + i));
				assertThat(peer.nextLine()).isEqualTo("line " + i);
			}
			peer.nextConnection();
			assertThat(this.timing.pauses()).isEmpty();
		}
	}

	@Test
	void peerThatNeverReadsIsGivenUpWhenItTookNothingInForTooLong() throws Exception {
		CountDownLatch over = new CountDownLatch(1);
		ServerSocket server = new ServerSocket();
		server.setReceiveBufferSize(4096);
		try (TcpPeer peer = TcpPeer.start(TcpPeer.bound(server, 0), (socket, lines) -> await(over))) {
			TcpOptions options = options(peer.port()).withWriteTimeout(Duration.ofMillis(200))
				.withReconnect(ReconnectOptions.DEFAULTS.withMaxWait(Duration.ZERO));
			try (TcpHandler handler = handler(options)) {
				HandlerException failure = failure(handler, signal(HUGE));
				assertThat(failure.isRetryable()).isTrue();
				assertThat(failure).hasMessageContaining("took nothing in for PT0.2S");
			}
			over.countDown();
		}
	}

	@Test
	void peerThatReadsSlowlyIsWaitedFor() throws Exception {
		ServerSocket server = new ServerSocket();
		server.setReceiveBufferSize(4096);
		try (TcpPeer peer = TcpPeer.start(TcpPeer.bound(server, 0), TcpPeer::readLines);
				TcpHandler handler = handler(options(peer.port()))) {
			handler.handle(List.of(signal(HUGE), signal("next")));
			assertThat(peer.nextLine()).isEqualTo(HUGE);
			assertThat(peer.nextLine()).isEqualTo("next");
		}
	}

	@Test
	void anInterruptFromBeforeDoesNotHarmTheConnection() throws Exception {
		try (TcpPeer peer = TcpPeer.start(); TcpHandler handler = handler(options(peer.port()))) {
			for (int i = 0; i < 3; i++) {
				Thread.currentThread().interrupt();
				try {
					handler.handle(signal("a"));
				}
				finally {
					assertThat(Thread.interrupted()).isTrue();
				}
				assertThat(peer.nextLine()).isEqualTo("a");
			}
			peer.nextConnection();
			assertThat(this.timing.pauses()).isEmpty();
		}
	}

	@Test
	void anInterruptEndsTheWaitingForAPeer() throws Exception {
		CountDownLatch waiting = new CountDownLatch(1);
		Timing timing = new Timing() {
			@Override
			public void pause(long nanos, CountDownLatch orUntil) throws InterruptedException {
				waiting.countDown();
				orUntil.await();
			}
		};
		interruptedWhile(waiting, new TcpHandler(MESSAGES, options(TcpPeer.freePort()), timing), signal("a"));
	}

	@Test
	void anInterruptEndsAWriteToAPeerThatDoesNotRead() throws Exception {
		CountDownLatch connected = new CountDownLatch(1);
		CountDownLatch over = new CountDownLatch(1);
		ServerSocket server = new ServerSocket();
		server.setReceiveBufferSize(4096);
		try (TcpPeer peer = TcpPeer.start(TcpPeer.bound(server, 0), (socket, lines) -> {
			socket.getInputStream().read();
			connected.countDown();
			await(over);
		})) {
			interruptedWhile(connected, handler(options(peer.port()).withWriteTimeout(Duration.ofMinutes(10))),
					signal(HUGE));
			over.countDown();
		}
	}

	private static void interruptedWhile(CountDownLatch state, TcpHandler handler, Signal signal) throws Exception {
		List<Object> seen = new ArrayList<>();
		Thread thread = new Thread(() -> {
			try {
				handler.handle(signal);
			}
			catch (HandlerException ex) {
				seen.add(ex);
				seen.add(Thread.currentThread().isInterrupted());
			}
		});
		thread.start();
		assertThat(state.await(30, TimeUnit.SECONDS)).isTrue();
		thread.interrupt();
		thread.join(30_000);
		assertThat(thread.isAlive()).isFalse();
		assertThat(seen).hasSize(2).element(1).isEqualTo(true);
		assertThat((HandlerException) seen.get(0)).hasMessageContaining("Interrupted")
			.extracting(HandlerException::isRetryable)
			.isEqualTo(true);
		handler.close();
	}

	@Test
	void closingEndsTheWaitingForAPeerAndWhatComesLaterFailsForGood() throws Exception {
		CountDownLatch waiting = new CountDownLatch(1);
		Timing timing = new Timing() {
			@Override
			public void pause(long nanos, CountDownLatch orUntil) throws InterruptedException {
				waiting.countDown();
				orUntil.await();
			}
		};
		TcpHandler handler = new TcpHandler(MESSAGES, options(TcpPeer.freePort()), timing);
		ExecutorService executor = Executors.newSingleThreadExecutor();
		try {
			Future<HandlerException> waiter = executor.submit(() -> failure(handler, signal("a")));
			assertThat(waiting.await(30, TimeUnit.SECONDS)).isTrue();
			handler.close();
			assertThat(waiter.get(30, TimeUnit.SECONDS).isRetryable()).isFalse();
		}
		finally {
			executor.shutdownNow();
		}
		handler.close();
		assertThat(failure(handler, signal("late"))).hasMessageContaining("was closed");
	}

	@Test
	void closingDeliversWhatWasWrittenAlsoWhereThePeerTalks() throws Exception {
		CountDownLatch mayRead = new CountDownLatch(1);
		ServerSocket server = TcpPeer.bound(new ServerSocket(), 0);
		try (TcpPeer peer = TcpPeer.start(server, (socket, lines) -> {
			// What nobody reads makes a careless close reset the connection.
			socket.getOutputStream().write(new byte[1000]);
			await(mayRead);
			TcpPeer.readLines(socket, lines);
		})) {
			TcpHandler handler = handler(options(peer.port()));
			handler.handle(signal("last words"));
			mayRead.countDown();
			handler.close();
			assertThat(peer.nextLine()).isEqualTo("last words");
		}
	}

	@Test
	void eightThreadsAtOnceSendWholeBatches() throws Exception {
		int threads = 8;
		int batches = 100;
		CyclicBarrier start = new CyclicBarrier(threads);
		ExecutorService executor = Executors.newFixedThreadPool(threads);
		List<String> lines = new ArrayList<>();
		try (TcpPeer peer = TcpPeer.start(); TcpHandler handler = handler(options(peer.port()))) {
			List<Future<?>> results = new ArrayList<>();
			for (int t = 0; t < threads; t++) {
				String message = String.valueOf((char) ('a' + t)).repeat(2000 * (t + 1));
				results.add(executor.submit(() -> {
					start.await();
					for (int i = 0; i < batches; i++) {
						handler.handle(List.of(signal(message), signal(message)));
					}
					return null;
				}));
			}
			for (Future<?> result : results) {
				result.get(60, TimeUnit.SECONDS);
			}
			for (int i = 0; i < threads * batches * 2; i++) {
				lines.add(peer.nextLine());
			}
		}
		finally {
			executor.shutdownNow();
		}
		for (int i = 0; i < lines.size(); i += 2) {
			assertThat(lines.get(i + 1)).isEqualTo(lines.get(i));
		}
	}

	@Test
	void everyAddressOfAHostIsTried() throws Exception {
		// Where the name stands for ::1 too, nobody listens there.
		try (TcpPeer peer = TcpPeer.start()) {
			TcpOptions options = TcpOptions.of("localhost", peer.port());
			try (TcpHandler handler = handler(options)) {
				handler.handle(signal("a"));
				assertThat(peer.nextLine()).isEqualTo("a");
			}
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "::1", "[::1]" })
	void addressOfIpv6IsTakenWithAndWithoutBrackets(String host) throws Exception {
		ServerSocket server = new ServerSocket();
		try {
			server.bind(new InetSocketAddress(InetAddress.getByName("::1"), 0));
		}
		catch (IOException ex) {
			Assumptions.abort("No IPv6 here: " + ex);
		}
		assertThat(server.getInetAddress()).isInstanceOf(Inet6Address.class);
		TcpPeer peer = TcpPeer.start(server, TcpPeer::readLines);
		TcpHandler handler = handler(TcpOptions.of(host, peer.port()));
		handler.handle(signal("a"));
		assertThat(peer.nextLine()).isEqualTo("a");
		handler.close();
		peer.close();
		assertThat(failure(handler, signal("b"))).hasMessageContaining("tcp://[::1]:" + peer.port());
	}

	@Test
	void optionsThatMakeNoSenseAreRefusedWithValueAndWhatIsAllowed() {
		assertThatIllegalArgumentException().isThrownBy(() -> TcpOptions.of(" ", 1))
			.withMessage("host must be a name or an address, not ' '");
		assertThatIllegalArgumentException().isThrownBy(() -> TcpOptions.of("tcp://host", 1))
			.withMessageContaining("'tcp://host'");
		assertThatIllegalArgumentException().isThrownBy(() -> TcpOptions.of("host", 0))
			.withMessage("port must be from 1 to 65535, not 0");
		assertThatIllegalArgumentException().isThrownBy(() -> TcpOptions.of("host", 65_536))
			.withMessageContaining("65536");
		TcpOptions options = TcpOptions.of("host", 1);
		assertThatIllegalArgumentException().isThrownBy(() -> options.withConnectTimeout(Duration.ZERO))
			.withMessage("connectTimeout must be above zero, not PT0S");
		assertThatIllegalArgumentException().isThrownBy(() -> options.withWriteTimeout(Duration.ofSeconds(-1)))
			.withMessage("writeTimeout must be above zero, not PT-1S");
		ReconnectOptions reconnect = ReconnectOptions.DEFAULTS;
		assertThatIllegalArgumentException()
			.isThrownBy(() -> reconnect.withDelays(Duration.ofSeconds(2), Duration.ofSeconds(1)))
			.withMessage("maxDelay must not be below initialDelay, which is PT2S, not PT1S");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> reconnect.withDelays(Duration.ZERO, Duration.ofSeconds(1)))
			.withMessage("initialDelay must be above zero, not PT0S");
		assertThatIllegalArgumentException().isThrownBy(() -> reconnect.withMaxWait(Duration.ofMillis(-1)))
			.withMessage("maxWait must not be negative, not PT-0.001S");
	}

	private TcpHandler handler(TcpOptions options) {
		return new TcpHandler(MESSAGES, options, this.timing);
	}

	private static TcpOptions options(int port) {
		return TcpOptions.of(LOOPBACK, port);
	}

	static Signal signal(String message) {
		return Signal.builder(Level.INFO, Kind.LOG, "ns").message(message).build();
	}

	static HandlerException failure(TcpHandler handler, Signal... batch) {
		HandlerException failure = catchThrowableOfType(HandlerException.class, () -> handler.handle(List.of(batch)));
		assertThat(failure).isNotNull();
		return failure;
	}

	private static String readLine(Socket socket) throws IOException {
		StringBuilder line = new StringBuilder();
		for (int ch = socket.getInputStream().read(); ch != '\n'; ch = socket.getInputStream().read()) {
			line.append((char) ch);
		}
		return line.toString();
	}

	private static void awaitClosed(Socket socket) {
		Awaitility.await().atMost(Duration.ofSeconds(30)).until(socket::isClosed);
	}

	private static void await(CountDownLatch latch) throws IOException {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			throw new IOException(ex);
		}
	}

}
