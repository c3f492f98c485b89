package io.telemetry.handler.socket;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

import javax.net.ssl.SSLContext;

import io.telemetry.encode.SyslogSignalEncoder;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.handler.QueueOptions;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.ServiceIdentity;
import io.telemetry.signal.Signal;
import io.telemetry.stats.Outcome;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Syslog into a real rsyslog: what it makes of a message is what was meant.
 */
@Timeout(180)
class RsyslogTests {

	private static final String HOSTILE = "a\"] [evil@1 x=\"y\\\r\n<0>1 - - - - - - forged\u0000\t\u0085\u2028\u202e\ud800ö😀";

	private final SyslogSignalEncoder encoder = new SyslogSignalEncoder();

	@TempDir
	Path directory;

	@Test
	void fieldsAreWhatWasMeant() throws Exception {
		try (Rsyslog rsyslog = Rsyslog.start(this.directory)) {
			Signal signal = Signal.builder(Level.WARN, Kind.EVENT, "com.acme.Shop")
				.timestamp(Instant.parse("2026-01-01T00:00:00.123456Z"))
				.service(new ServiceIdentity("shop", null, null, null, null, "web-1"))
				.id("shop/checkout")
				.message("größer")
				.data(Map.of("amount", 12.5))
				.build();
			try (TcpHandler handler = tcp(rsyslog, TcpFraming.LENGTH)) {
				handler.handle(signal);
			}
			JsonNode received = rsyslog.received(1).get(0);
			assertThat(field(received, "facility")).isEqualTo("user");
			assertThat(field(received, "severity")).isEqualTo("warning");
			assertThat(field(received, "timestamp")).isEqualTo("2026-01-01T00:00:00.123456Z");
			assertThat(field(received, "host")).isEqualTo("web-1");
			assertThat(field(received, "appName")).isEqualTo("shop");
			assertThat(field(received, "processId")).isEqualTo(Long.toString(ProcessHandle.current().pid()));
			assertThat(field(received, "messageId")).isEqualTo("shop/checkout");
			assertThat(field(received, "structuredData")).isEqualTo(
					"[signal@32473 level=\"warn\" kind=\"event\" id=\"shop/checkout\" ns=\"com.acme.Shop\" uid=\""
							+ signal.uid() + "\"][data@32473 amount=\"12.5\"]");
			assertThat(field(received, "message")).isEqualTo("\ufeffgrößer");
			assertThat(field(received, "input")).isEqualTo("tcp");
		}
	}

	@ParameterizedTest
	@EnumSource(TcpFraming.class)
	void hostileSignalsOverTcpStayWhatTheyAre(TcpFraming framing) throws Exception {
		List<Signal> signals = hostileSignals();
		try (Rsyslog rsyslog = Rsyslog.start(this.directory)) {
			try (TcpHandler handler = tcp(rsyslog, framing)) {
				handler.handle(signals);
			}
			assertReceived(rsyslog.received(signals.size()), signals);
		}
	}

	@Test
	void hostileSignalsOverUdpStayWhatTheyAre() throws Exception {
		List<Signal> signals = hostileSignals();
		try (Rsyslog rsyslog = Rsyslog.start(this.directory)) {
			try (UdpHandler handler = new UdpHandler(this.encoder, UdpOptions.of("127.0.0.1", rsyslog.udpPort()))) {
				// What it got before it listened is lost.
				Awaitility.await().atMost(Duration.ofSeconds(30)).ignoreExceptions().until(() -> {
					handler.handle(signal("probe"));
					return !rsyslog.received().isEmpty();
				});
				// Few at a time, or the system drops what its buffer has no room for.
				for (int sent = 0; sent < signals.size(); sent += 5) {
					handler.handle(signals.subList(sent, sent + 5));
					int count = sent + 5;
					Awaitility.await()
						.atMost(Duration.ofSeconds(30))
						.until(() -> withoutProbes(rsyslog.received()).size() >= count);
				}
			}
			List<JsonNode> received = withoutProbes(rsyslog.received());
			assertReceived(received, signals);
			assertThat(received).allMatch((message) -> field(message, "input").equals("udp"));
		}
	}

	private static List<JsonNode> withoutProbes(List<JsonNode> received) {
		return received.stream().filter((message) -> !field(message, "message").equals("probe")).toList();
	}

	@Test
	void hostileSignalsOverTlsStayWhatTheyAre() throws Exception {
		Path store = Certificates.keyStore(this.directory, "server", "ip:127.0.0.1");
		Certificates.writePem(store);
		SSLContext context = Certificates.context(null, store);
		List<Signal> signals = hostileSignals();
		try (Rsyslog rsyslog = Rsyslog.startWithTls(this.directory, this.directory.resolve("server.crt"))) {
			TcpOptions options = TcpOptions.of("127.0.0.1", rsyslog.tcpPort())
				.withFraming(TcpFraming.LENGTH)
				.withTls(TlsOptions.of(() -> context));
			try (TcpHandler handler = new TcpHandler(this.encoder, options)) {
				handler.handle(signals);
			}
			assertReceived(rsyslog.received(signals.size()), signals);
		}
	}

	@Test
	void restartLosesAndRepeatsNothingOfWhatIsMadeMeanwhile() throws Exception {
		try (Rsyslog rsyslog = Rsyslog.start(this.directory)) {
			SignalPipeline pipeline = SignalPipeline.builder()
				.handler("syslog", tcp(rsyslog, TcpFraming.LENGTH),
						HandlerOptions.DEFAULTS.withQueue(QueueOptions.DEFAULTS.withCapacity(10_000)
							.withBatches(100, Duration.ofMillis(1))
							.withDrainTimeout(Duration.ofSeconds(30))))
				.build();
			int sent = 0;
			for (int round = 0; round < 3; round++) {
				for (int i = 0; i < 500; i++) {
					pipeline.offer(signal("message " + sent++));
				}
				pipeline.flush(Duration.ofSeconds(30));
				rsyslog.received(sent);
				rsyslog.stop();
				for (int i = 0; i < 500; i++) {
					pipeline.offer(signal("message " + sent++));
				}
				rsyslog.restart();
			}
			pipeline.close();
			List<JsonNode> received = rsyslog.received(sent);
			assertThat(received).extracting((message) -> field(message, "message"))
				.containsExactlyElementsOf(IntStream.range(0, sent).mapToObj((i) -> "message " + i).toList());
			assertThat(pipeline.handler("syslog").stats().count(Outcome.HANDLED)).isEqualTo(sent);
		}
	}

	private TcpHandler tcp(Rsyslog rsyslog, TcpFraming framing) {
		return new TcpHandler(this.encoder, TcpOptions.of("127.0.0.1", rsyslog.tcpPort()).withFraming(framing));
	}

	private static Signal signal(String message) {
		return Signal.builder(Level.INFO, Kind.LOG, "ns")
			.service(new ServiceIdentity("shop", null, null, null, null, "web-1"))
			.message(message)
			.build();
	}

	/**
	 * Parts of a hostile text in every place, some of them too long for a message.
	 */
	private static List<Signal> hostileSignals() {
		Random random = new Random(5);
		List<Signal> signals = new ArrayList<>();
		for (int i = 0; i < 60; i++) {
			Map<String, Object> data = new LinkedHashMap<>();
			for (int j = random.nextInt(4); j >= 0; j--) {
				data.put(part(random), part(random).repeat((i % 10 == 0) ? 500 : 1));
			}
			signals.add(Signal.builder(Level.of(random.nextInt(100)), Kind.LOG, part(random))
				.timestamp(Instant.parse("2026-01-01T00:00:00.123456Z").plusSeconds(i))
				.service(new ServiceIdentity("shop", part(random), null, null, null, "web-1"))
				.id("i" + part(random))
				.message("m" + part(random).repeat((i % 7 == 0) ? 1000 : 1))
				.data(data)
				.throwable((i % 5 == 0) ? new IllegalStateException(part(random)) : null)
				.build());
		}
		return signals;
	}

	private static String part(Random random) {
		int from = random.nextInt(HOSTILE.length());
		return HOSTILE.substring(from, from + random.nextInt(HOSTILE.length() - from + 1));
	}

	private void assertReceived(List<JsonNode> received, List<Signal> signals) throws IOException {
		List<String> expected = new ArrayList<>();
		for (Signal signal : signals) {
			ByteArrayOutputStream out = new ByteArrayOutputStream();
			this.encoder.encode(signal, out);
			expected.add(out.toString(StandardCharsets.UTF_8));
		}
		// The message put together again of what rsyslog took for its parts.
		assertThat(received)
			.extracting((message) -> "<" + field(message, "pri") + ">1 " + field(message, "timestamp") + " "
					+ field(message, "host") + " " + field(message, "appName") + " " + field(message, "processId") + " "
					+ field(message, "messageId") + " " + field(message, "structuredData") + " "
					+ field(message, "message"))
			.containsExactlyElementsOf(expected);
	}

	private static String field(JsonNode message, String name) {
		return message.get(name).asString();
	}

}
