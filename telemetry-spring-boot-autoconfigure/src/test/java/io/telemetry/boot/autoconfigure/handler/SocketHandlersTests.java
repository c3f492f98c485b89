package io.telemetry.boot.autoconfigure.handler;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.telemetry.Telemetry;
import io.telemetry.boot.InvalidTelemetryConfigurationException;
import io.telemetry.boot.autoconfigure.TelemetryAutoConfiguration;
import io.telemetry.boot.autoconfigure.handler.TelemetryHandlersProperties.Syslog;
import io.telemetry.boot.autoconfigure.handler.TelemetryHandlersProperties.Tcp;
import io.telemetry.boot.autoconfigure.handler.TelemetryHandlersProperties.Udp;
import io.telemetry.encode.Framing;
import io.telemetry.encode.SignalEncoder;
import io.telemetry.encode.SyslogSignalEncoder;
import io.telemetry.handler.QueueOptions;
import io.telemetry.handler.socket.TcpOptions;
import io.telemetry.handler.socket.UdpOptions;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Signal;
import io.telemetry.stats.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Handlers of the types {@code tcp} and {@code udp}, and the format {@code syslog}.
 */
@Timeout(120)
class SocketHandlersTests {

	private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

	private final ApplicationContextRunner runner = new ApplicationContextRunner().withConfiguration(AutoConfigurations
		.of(TelemetryHandlerAutoConfiguration.class, TelemetryAutoConfiguration.class, SslAutoConfiguration.class));

	@TempDir
	Path directory;

	@Test
	void defaultsAreTheCores() {
		Tcp tcp = new Tcp();
		TcpOptions options = TcpOptions.of("host", 1);
		assertThat(tcp.getFraming()).isEqualTo(options.framing());
		assertThat(tcp.getConnectTimeout()).isEqualTo(options.connectTimeout());
		assertThat(tcp.getWriteTimeout()).isEqualTo(options.writeTimeout());
		assertThat(tcp.isFailFast()).isEqualTo(options.failFast());
		assertThat(tcp.getReconnect().getInitialDelay()).isEqualTo(options.reconnect().initialDelay());
		assertThat(tcp.getReconnect().getMaxDelay()).isEqualTo(options.reconnect().maxDelay());
		assertThat(tcp.getReconnect().getMaxWait()).isEqualTo(options.reconnect().maxWait());
		assertThat(tcp.getSsl().isVerifyHostname()).isTrue();
		assertThat(new Udp().getMaxSize().toBytes()).isEqualTo(UdpOptions.of("host", 1).maxSize());
		Syslog syslog = new Syslog();
		SyslogSignalEncoder.Options defaults = SyslogSignalEncoder.Options.DEFAULTS;
		assertThat(syslog.getFacility()).isEqualTo(defaults.facility());
		assertThat(syslog.getAppName()).isEqualTo(defaults.appName());
		assertThat(syslog.getEnterpriseId()).isEqualTo(defaults.enterpriseId());
		assertThat(syslog.getMaxSize().toBytes()).isEqualTo(defaults.maxSize());
	}

	@Test
	void tcpSendsLinesOfJson() throws Exception {
		try (ServerSocket server = new ServerSocket(0, 50, LOOPBACK)) {
			CompletableFuture<String> line = firstLine(server);
			this.runner.withPropertyValues(tcp(server.getLocalPort())).run((context) -> {
				assertThat(context.getBean(SignalPipeline.class).handler("peer").configured().queue())
					.isEqualTo(QueueOptions.DEFAULTS.withCapacity(10_000).withBatches(1000, Duration.ofMillis(200)));
				context.getBean(Telemetry.class).event("shop/checkout");
			});
			assertThat(line.get(30, TimeUnit.SECONDS)).startsWith("{")
				.contains("\"id\":\"shop/checkout\"")
				.endsWith("}");
		}
	}

	@Test
	void tcpSpeaksTlsByAnSslBundle() throws Exception {
		TestCertificate certificate = TestCertificate.create(this.directory, "peer");
		try (ServerSocket server = certificate.serverContext()
			.getServerSocketFactory()
			.createServerSocket(0, 50, LOOPBACK)) {
			CompletableFuture<String> line = firstLine(server);
			this.runner.withPropertyValues(tcp(server.getLocalPort()))
				.withPropertyValues("telemetry.handlers.peer.tcp.ssl.bundle=logs",
						"spring.ssl.bundle.pem.logs.truststore.certificate=" + certificate.certificate().toUri(),
						"spring.ssl.bundle.pem.logs.options.enabled-protocols=TLSv1.3",
						"telemetry.handlers.peer.tcp.framing=length", "telemetry.handlers.peer.tcp.fail-fast=true")
				.run((context) -> context.getBean(Telemetry.class).event("shop/checkout"));
			assertThat(line.get(30, TimeUnit.SECONDS)).matches("[0-9]+ \\{.*\"id\":\"shop/checkout\".*}");
		}
	}

	@Test
	void withoutABundleThePeerNeedsACertificateThatJavaTrusts() throws Exception {
		TestCertificate certificate = TestCertificate.create(this.directory, "peer");
		try (ServerSocket server = certificate.serverContext()
			.getServerSocketFactory()
			.createServerSocket(0, 50, LOOPBACK)) {
			firstLine(server);
			this.runner.withPropertyValues(tcp(server.getLocalPort()))
				.withPropertyValues("telemetry.handlers.peer.tcp.ssl.enabled=true",
						"telemetry.handlers.peer.tcp.fail-fast=true")
				.run((context) -> {
					InvalidTelemetryConfigurationException failure = failure(context);
					assertThat(failure.getProperty()).isEqualTo("telemetry.handlers.peer.tcp.fail-fast");
					assertThat(failure.getReason()).contains("SSLHandshakeException");
				});
		}
	}

	@Test
	void applicationStartsWithoutItsPeerAndItsThreadsNeverNotice() throws Exception {
		this.runner.withPropertyValues(tcp(freePort()))
			.withPropertyValues("telemetry.handlers.peer.tcp.reconnect.max-wait=0s")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				context.getBean(Telemetry.class).event("shop/checkout");
				SignalPipeline pipeline = context.getBean(SignalPipeline.class);
				assertThat(pipeline.flush(Duration.ofSeconds(30))).isTrue();
				assertThat(pipeline.handler("peer").stats().count(Outcome.ERRORS)).isOne();
			});
	}

	@Test
	void peerThatHasToBeThereAndIsNotStopsTheStart() throws Exception {
		int port = freePort();
		this.runner.withPropertyValues(tcp(port))
			.withPropertyValues("telemetry.handlers.peer.tcp.fail-fast=true")
			.run((context) -> {
				InvalidTelemetryConfigurationException failure = failure(context);
				assertThat(failure.getProperty()).isEqualTo("telemetry.handlers.peer.tcp.fail-fast");
				assertThat(failure.getReason()).contains("'127.0.0.1' can't be reached at port " + port)
					.contains("refused");
				assertThat(failure.getRemedy()).contains("Start the peer first").contains("tcp.host");
			});
	}

	@Test
	void udpSendsSyslogWithItsSettings() throws Exception {
		try (DatagramSocket receiver = new DatagramSocket(0, LOOPBACK)) {
			receiver.setSoTimeout(30_000);
			this.runner.withPropertyValues("telemetry.handlers.peer.type=udp", "telemetry.handlers.peer.format=syslog",
					"telemetry.handlers.peer.udp.host=127.0.0.1",
					"telemetry.handlers.peer.udp.port=" + receiver.getLocalPort(),
					"telemetry.handlers.peer.udp.max-size=480B", "telemetry.handlers.peer.syslog.facility=local3",
					"telemetry.handlers.peer.syslog.app-name=till", "telemetry.handlers.peer.syslog.enterprise-id=4711")
				.run((context) -> context.getBean(Telemetry.class).log("x".repeat(1000)));
			DatagramPacket packet = new DatagramPacket(new byte[65_536], 65_536);
			receiver.receive(packet);
			String message = new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
			assertThat(packet.getLength()).isEqualTo(480);
			assertThat(message).startsWith("<158>1 ").contains(" till ").contains("[signal@4711 ").endsWith("x…");
		}
	}

	@Test
	void signalThatADatagramHasNoRoomForIsCountedAsAnError() throws Exception {
		try (DatagramSocket receiver = new DatagramSocket(0, LOOPBACK)) {
			this.runner
				.withPropertyValues("telemetry.handlers.udp.udp.host=127.0.0.1",
						"telemetry.handlers.udp.udp.port=" + receiver.getLocalPort())
				.run((context) -> {
					context.getBean(Telemetry.class).log("x".repeat(10_000));
					context.getBean(Telemetry.class).log("small");
					SignalPipeline pipeline = context.getBean(SignalPipeline.class);
					pipeline.flush(Duration.ofSeconds(30));
					assertThat(pipeline.handler("udp").stats().count(Outcome.ERRORS)).isOne();
					assertThat(pipeline.handler("udp").stats().count(Outcome.HANDLED)).isOne();
				});
		}
	}

	@ParameterizedTest
	@CsvSource(quoteCharacter = '"', value = { "tcp.host=, tcp.host, host must be a name",
			"tcp.host=tcp://example.org, tcp.host, without a port", "tcp.port=70000, tcp.port, 70000",
			"tcp.port=0, tcp.port, from 1 to 65535", "tcp.connect-timeout=0s, tcp.connect-timeout, above zero",
			"tcp.write-timeout=-1s, tcp.write-timeout, above zero",
			"tcp.reconnect.initial-delay=0s, tcp.reconnect.initial-delay, above zero",
			"tcp.reconnect.max-delay=1ms, tcp.reconnect.max-delay, initial-delay",
			"tcp.reconnect.max-wait=-1s, tcp.reconnect.max-wait, negative",
			"tcp.ssl.bundle=nonsense, tcp.ssl.bundle, one of: known", "tcp.ssl.bundle=known, tcp.ssl.bundle, TLSv9",
			"tcp.ssl.bundel=known, tcp.ssl.bundel, bundle", "tcp.max-size=1KB, tcp.max-size, no such property",
			"udp.port=514, udp.port, type 'tcp'", "syslog.facility=user, syslog.facility, only the format 'syslog'",
			"format=sysloq, format, syslog" })
	void propertyThatMakesNoSenseStopsTheStart(String property, String named, String told) {
		this.runner.withPropertyValues(tcp(5000))
			.withPropertyValues("telemetry.handlers.peer." + property,
					"spring.ssl.bundle.jks.known.options.enabled-protocols=TLSv9")
			.run((context) -> refused(context, named, told));
	}

	@ParameterizedTest
	@CsvSource(quoteCharacter = '"', value = { "udp.host=a b, udp.host, host must be a name",
			"udp.port=-1, udp.port, from 1 to 65535", "udp.max-size=100B, udp.max-size, from 480",
			"udp.max-size=1GB, udp.max-size, to 65507", "syslog.max-size=100B, syslog.max-size, at least 480",
			"syslog.enterprise-id=acme, syslog.enterprise-id, IANA", "syslog.facilty=user, syslog.facilty, facility",
			"udp.framing=newline, udp.framing, no such property" })
	void propertyOfUdpOrSyslogThatMakesNoSenseStopsTheStart(String property, String named, String told) {
		this.runner
			.withPropertyValues("telemetry.handlers.peer.type=udp", "telemetry.handlers.peer.format=syslog",
					"telemetry.handlers.peer.udp.host=127.0.0.1", "telemetry.handlers.peer.udp.port=5000",
					"telemetry.handlers.peer." + property)
			.run((context) -> refused(context, named, told));
	}

	private static void refused(AssertableApplicationContext context, String named, String told) {
		InvalidTelemetryConfigurationException failure = failure(context);
		assertThat(failure.getProperty()).isEqualTo("telemetry.handlers.peer." + named);
		assertThat(failure.getValue()).isNotNull();
		assertThat(failure.getReason() + ". " + failure.getRemedy()).contains(told);
		assertThat(failure.getRemedy()).isNotBlank();
	}

	@Test
	void newlineContradictsABinaryFormat() {
		SignalEncoder binary = new SignalEncoder() {

			@Override
			public void encode(Signal signal, OutputStream out) throws IOException {
				out.write('\n');
			}

			@Override
			public Framing framing() {
				return Framing.SELF_DELIMITING;
			}

		};
		this.runner.withBean("binary", SignalEncoder.class, () -> binary)
			.withPropertyValues(tcp(5000))
			.withPropertyValues("telemetry.handlers.peer.format=binary", "telemetry.handlers.peer.tcp.framing=newline")
			.run((context) -> refused(context, "tcp.framing", "must not be newline with a binary form"));
	}

	@ParameterizedTest
	@CsvSource({ "tcp, port, host", "tcp, host, port", "udp, port, host", "udp, host, port" })
	void missingPeerStopsTheStart(String type, String set, String missing) {
		this.runner
			.withPropertyValues("telemetry.handlers.peer.type=" + type,
					"telemetry.handlers.peer." + type + "." + set + "=" + (set.equals("port") ? "5000" : "localhost"))
			.run((context) -> {
				InvalidTelemetryConfigurationException failure = failure(context);
				assertThat(failure.getProperty()).isEqualTo("telemetry.handlers.peer." + type + "." + missing);
				assertThat(failure.getReason()).isEqualTo("it is missing");
				assertThat(failure.getRemedy()).startsWith("Set it to the");
			});
	}

	@Test
	void syslogIsAFormatForFilesTooAndHandlersThatAgreeShareIt() throws IOException {
		Path one = this.directory.resolve("one");
		Path two = this.directory.resolve("two");
		this.runner
			.withPropertyValues("telemetry.handlers.one.type=file", "telemetry.handlers.one.format=syslog",
					"telemetry.handlers.one.file.path=" + one, "telemetry.handlers.two.type=file",
					"telemetry.handlers.two.format=syslog", "telemetry.handlers.two.file.path=" + two)
			.run((context) -> context.getBean(Telemetry.class).event("shop/checkout"));
		assertThat(one).content().startsWith("<14>1 ").contains(" shop/checkout [signal@32473 ");
		assertThat(one).hasSameTextualContentAs(two);
	}

	private static String[] tcp(int port) {
		return new String[] { "telemetry.handlers.peer.type=tcp", "telemetry.handlers.peer.tcp.host=127.0.0.1",
				"telemetry.handlers.peer.tcp.port=" + port };
	}

	private static int freePort() throws IOException {
		try (ServerSocket server = new ServerSocket(0, 50, LOOPBACK)) {
			return server.getLocalPort();
		}
	}

	private static CompletableFuture<String> firstLine(ServerSocket server) {
		CompletableFuture<String> line = new CompletableFuture<>();
		Thread thread = new Thread(() -> {
			try {
				while (!line.isDone()) {
					read(server, line);
				}
			}
			catch (IOException ex) {
				line.completeExceptionally(ex);
			}
		});
		thread.setDaemon(true);
		thread.start();
		return line;
	}

	private static void read(ServerSocket server, CompletableFuture<String> line) throws IOException {
		try (Socket socket = server.accept()) {
			StringBuilder text = new StringBuilder();
			BufferedReader reader = new BufferedReader(
					new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
			for (int ch = reader.read(); ch >= 0 && ch != '\n'; ch = reader.read()) {
				text.append((char) ch);
			}
			line.complete(text.toString());
		}
		catch (IOException ex) {
			if (server.isClosed()) {
				throw ex;
			}
		}
	}

	private static InvalidTelemetryConfigurationException failure(AssertableApplicationContext context) {
		Throwable failure = context.getStartupFailure();
		while (failure != null && !(failure instanceof InvalidTelemetryConfigurationException)) {
			failure = failure.getCause();
		}
		assertThat(failure).isNotNull();
		return (InvalidTelemetryConfigurationException) failure;
	}

}
