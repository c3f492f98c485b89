package io.telemetry.handler.socket;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

import io.telemetry.handler.HandlerException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * TLS to the JDK's own server sockets.
 */
@Timeout(120)
class TlsTests {

	@TempDir
	static Path directory;

	private static Path server;

	private static Path client;

	private static Path stranger;

	@BeforeAll
	static void makeCertificates() throws Exception {
		server = Certificates.keyStore(directory, "server", "ip:127.0.0.1");
		client = Certificates.keyStore(directory, "client", "dns:client");
		stranger = Certificates.keyStore(directory, "stranger", "dns:stranger");
	}

	private static SSLServerSocket listen(SSLContext context) throws IOException {
		return (SSLServerSocket) TcpPeer.bound(context.getServerSocketFactory().createServerSocket(), 0);
	}

	private static TcpHandler handler(TcpPeer peer, TlsOptions tls) {
		TcpOptions options = TcpOptions.of("127.0.0.1", peer.port())
			.withTls(tls)
			.withReconnect(ReconnectOptions.DEFAULTS.withMaxWait(Duration.ZERO));
		return new TcpHandler(TcpHandlerTests.MESSAGES, options);
	}

	private static TlsOptions trusting(Path trusted) throws Exception {
		SSLContext context = Certificates.context(null, trusted);
		return TlsOptions.of(() -> context);
	}

	@ParameterizedTest
	@ValueSource(strings = { "TLSv1.2", "TLSv1.3" })
	void signalsArriveInEachProtocol(String protocol) throws Exception {
		AtomicReference<String> spoken = new AtomicReference<>();
		SSLServerSocket socket = listen(Certificates.context(server, null));
		String large = "x".repeat(5 << 20);
		try (TcpPeer peer = TcpPeer.start(socket, (connection, lines) -> {
			spoken.set(((SSLSocket) connection).getSession().getProtocol());
			TcpPeer.readLines(connection, lines);
		}); TcpHandler handler = handler(peer, trusting(server).withAlgorithms(List.of(protocol), List.of()))) {
			for (int i = 0; i < 3; i++) {
				handler.handle(List.of(TcpHandlerTests.signal("a"), TcpHandlerTests.signal(large),
						TcpHandlerTests.signal("b")));
				assertThat(peer.nextLine()).isEqualTo("a");
				assertThat(peer.nextLine()).isEqualTo(large);
				assertThat(peer.nextLine()).isEqualTo("b");
			}
			peer.nextConnection();
			assertThat(peer.otherLines()).isEmpty();
			assertThat(spoken).hasValue(protocol);
		}
	}

	@Test
	void peerThatTalksIsNotTakenForGone() throws Exception {
		SSLServerSocket socket = listen(Certificates.context(server, null));
		try (TcpPeer peer = TcpPeer.start(socket, (connection, lines) -> {
			connection.getOutputStream().write(new byte[200_000]);
			TcpPeer.readLines(connection, lines);
		}); TcpHandler handler = handler(peer, trusting(server))) {
			for (int i = 0; i < 5; i++) {
				handler.handle(TcpHandlerTests.signal("line " + i));
				assertThat(peer.nextLine()).isEqualTo("line " + i);
			}
		}
	}

	@Test
	void connectionThatThePeerEndedBetweenBatchesLosesNone() throws Exception {
		SSLServerSocket socket = listen(Certificates.context(server, null));
		try (TcpPeer peer = TcpPeer.start(socket, (connection, lines) -> {
			StringBuilder line = new StringBuilder();
			for (int ch = connection.getInputStream().read(); ch != '\n'; ch = connection.getInputStream().read()) {
				line.append((char) ch);
			}
			lines.add(line.toString());
		})) {
			// A connection that is ended at once is waited for longer each time
			TcpOptions options = TcpOptions.of("127.0.0.1", peer.port())
				.withTls(trusting(server))
				.withReconnect(ReconnectOptions.DEFAULTS.withDelays(Duration.ofMillis(1), Duration.ofMillis(20)));
			try (TcpHandler handler = new TcpHandler(TcpHandlerTests.MESSAGES, options)) {
				for (int i = 0; i < 10; i++) {
					handler.handle(TcpHandlerTests.signal("line " + i));
					assertThat(peer.nextLine()).isEqualTo("line " + i);
					Socket connection = peer.nextConnection();
					Awaitility.await().atMost(Duration.ofSeconds(30)).until(connection::isClosed);
				}
			}
		}
	}

	@Test
	void certificateThatIsNotTrustedIsARetryableFailure() throws Exception {
		SSLServerSocket socket = listen(Certificates.context(server, null));
		try (TcpPeer peer = TcpPeer.start(socket, TcpPeer::readLines);
				TcpHandler handler = handler(peer, trusting(stranger))) {
			HandlerException failure = TcpHandlerTests.failure(handler, TcpHandlerTests.signal("secret"));
			assertThat(failure.isRetryable()).isTrue();
			assertThat(failure).hasMessageContaining("'tls://127.0.0.1:" + peer.port() + "'")
				.hasMessageContaining("SSLHandshakeException");
			assertThat(peer.otherLines()).isEmpty();
		}
	}

	@Test
	void certificateOfAnotherHostIsRefusedUnlessNobodyWantsToKnow() throws Exception {
		SSLServerSocket socket = listen(Certificates.context(stranger, null));
		try (TcpPeer peer = TcpPeer.start(socket, TcpPeer::readLines)) {
			try (TcpHandler handler = handler(peer, trusting(stranger))) {
				assertThat(TcpHandlerTests.failure(handler, TcpHandlerTests.signal("secret")))
					.hasMessageContaining("SSLHandshakeException");
			}
			try (TcpHandler handler = handler(peer, trusting(stranger).withVerifyHostname(false))) {
				handler.handle(TcpHandlerTests.signal("a"));
				assertThat(peer.nextLine()).isEqualTo("a");
			}
		}
	}

	@Test
	void peerThatAsksForACertificateGetsTheClientsOrNoSignals() throws Exception {
		SSLServerSocket socket = listen(Certificates.context(server, client));
		socket.setNeedClientAuth(true);
		SSLContext known = Certificates.context(client, server);
		try (TcpPeer peer = TcpPeer.start(socket, TcpPeer::readLines)) {
			try (TcpHandler handler = handler(peer, TlsOptions.of(() -> known))) {
				handler.handle(TcpHandlerTests.signal("a"));
				assertThat(peer.nextLine()).isEqualTo("a");
			}
			Timing patient = new Timing() {
				@Override
				public Duration probation() {
					return Duration.ofSeconds(30);
				}
			};
			TcpOptions options = TcpOptions.of("127.0.0.1", peer.port())
				.withTls(trusting(server))
				.withReconnect(ReconnectOptions.DEFAULTS.withMaxWait(Duration.ZERO));
			try (TcpHandler handler = new TcpHandler(TcpHandlerTests.MESSAGES, options, patient)) {
				assertThat(TcpHandlerTests.failure(handler, TcpHandlerTests.signal("b")).isRetryable()).isTrue();
			}
			assertThat(peer.otherLines()).isEmpty();
		}
	}

	@Test
	void peerThatNeverAnswersTheHandshakeIsGivenUp() throws Exception {
		CountDownLatch over = new CountDownLatch(1);
		try (TcpPeer peer = TcpPeer.start(TcpPeer.bound(new ServerSocket(), 0), (connection, lines) -> {
			try {
				over.await();
			}
			catch (InterruptedException ex) {
				throw new IOException(ex);
			}
		})) {
			TcpOptions options = TcpOptions.of("127.0.0.1", peer.port())
				.withTls(trusting(server))
				.withConnectTimeout(Duration.ofMillis(200))
				.withReconnect(ReconnectOptions.DEFAULTS.withMaxWait(Duration.ZERO));
			try (TcpHandler handler = new TcpHandler(TcpHandlerTests.MESSAGES, options)) {
				assertThat(TcpHandlerTests.failure(handler, TcpHandlerTests.signal("a")))
					.hasMessageContaining("handshake took over PT0.2S");
			}
			over.countDown();
		}
	}

	@Test
	void peerThatSpeaksNoTlsIsARetryableFailure() throws Exception {
		try (TcpPeer peer = TcpPeer.start(TcpPeer.bound(new ServerSocket(), 0),
				(connection, lines) -> connection.getOutputStream().write("220 hello\r\n".repeat(100).getBytes()));
				TcpHandler handler = handler(peer, trusting(server))) {
			HandlerException failure = TcpHandlerTests.failure(handler, TcpHandlerTests.signal("a"));
			assertThat(failure.isRetryable()).isTrue();
			assertThat(failure).hasMessageContaining("SSLException");
		}
	}

	@Test
	void certificatesThatWereRenewedAreUsedFromTheNextConnectionOn() throws Exception {
		AtomicReference<SSLContext> context = new AtomicReference<>(Certificates.context(null, stranger));
		SSLServerSocket socket = listen(Certificates.context(server, null));
		try (TcpPeer peer = TcpPeer.start(socket, TcpPeer::readLines)) {
			TcpOptions options = TcpOptions.of("127.0.0.1", peer.port())
				.withTls(TlsOptions.of(context::get))
				.withReconnect(ReconnectOptions.DEFAULTS.withMaxWait(Duration.ZERO));
			ManualTiming timing = new ManualTiming();
			try (TcpHandler handler = new TcpHandler(TcpHandlerTests.MESSAGES, options, timing)) {
				TcpHandlerTests.failure(handler, TcpHandlerTests.signal("a"));
				context.set(Certificates.context(null, server));
				timing.elapse(Duration.ofSeconds(10));
				handler.handle(TcpHandlerTests.signal("b"));
				assertThat(peer.nextLine()).isEqualTo("b");
			}
		}
	}

	@Test
	void protocolThatDoesNotExistIsRefusedAtConstruction() throws Exception {
		TlsOptions tls = trusting(server).withAlgorithms(List.of("TLSv9"), List.of());
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new TcpHandler(TcpHandlerTests.MESSAGES, TcpOptions.of("127.0.0.1", 1).withTls(tls)))
			.withMessageContaining("TLSv9");
	}

}
