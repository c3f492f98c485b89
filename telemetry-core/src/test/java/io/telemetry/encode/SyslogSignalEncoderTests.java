package io.telemetry.encode;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.telemetry.encode.SyslogSignalEncoder.Facility;
import io.telemetry.encode.SyslogSignalEncoder.Options;
import io.telemetry.signal.ErrorData;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Location;
import io.telemetry.signal.Measurement;
import io.telemetry.signal.Run;
import io.telemetry.signal.ServiceIdentity;
import io.telemetry.signal.Signal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class SyslogSignalEncoderTests {

	private static final String PID = Long.toString(ProcessHandle.current().pid());

	private final SyslogSignalEncoder encoder = new SyslogSignalEncoder();

	@Test
	void messageIsWrittenAsTheRfcHasIt() throws IOException {
		Signal signal = signal().id("shop/checkout").message("paid").data(Map.of("amount", 12.5)).build();
		assertThat(new String(encode(this.encoder, signal), StandardCharsets.UTF_8))
			.isEqualTo("<14>1 2026-01-01T00:00:00.123456Z web-1 shop " + PID + " shop/checkout"
					+ " [signal@32473 level=\"info\" kind=\"log\" id=\"shop/checkout\" ns=\"com.acme.Shop\" uid=\""
					+ signal.uid() + "\"][data@32473 amount=\"12.5\"] paid");
	}

	@ParameterizedTest
	@CsvSource({ "10, 7", "20, 7", "49, 7", "50, 6", "59, 6", "60, 4", "70, 3", "80, 2", "89, 2", "90, 5", "-5, 7",
			"1000, 5" })
	void levelIsASeverity(int level, int severity) throws IOException {
		assertThat(parse(signal().level(Level.of(level)).build()).severity()).isEqualTo(severity);
	}

	@Test
	void optionsAreFacilityNameEnterpriseAndSize() throws IOException {
		SyslogSignalEncoder other = new SyslogSignalEncoder(Options.DEFAULTS.withFacility(Facility.LOCAL3)
			.withAppName("my shop")
			.withEnterpriseId("4711.1")
			.withMaxSize(600));
		byte[] bytes = encode(other, signal().message("x".repeat(1000)).build());
		SyslogMessage message = SyslogMessage.parse(bytes);
		assertThat(bytes).hasSize(600);
		assertThat(message.facility()).isEqualTo(19);
		assertThat(message.appName()).isEqualTo("my_shop");
		assertThat(message.elements()).containsOnlyKeys("signal@4711.1");
		assertThat(Facility.values()).hasSize(24);
		assertThat(Facility.AUTHPRIV.ordinal()).isEqualTo(10);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "x", "1.", "32473 ", "1]", "12345678901234567890123456" })
	void enterpriseIdThatIsNoneIsRefused(String id) {
		assertThatIllegalArgumentException().isThrownBy(() -> Options.DEFAULTS.withEnterpriseId(id))
			.withMessageContaining("enterpriseId")
			.withMessageContaining("'" + id + "'");
	}

	@Test
	void sizeBelowWhatEveryReceiverTakesIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> Options.DEFAULTS.withMaxSize(479))
			.withMessageContaining("maxSize")
			.withMessageContaining("480")
			.withMessageContaining("479");
	}

	@Test
	void everythingThatIsKnownIsInStructuredData() throws IOException {
		ErrorData error = new ErrorData("java.io.IOException", "disk full", "at a.B.c(B.java:1)\nat a.B.d(B.java:2)",
				ErrorData.of("E", null, null), List.of());
		Map<String, Object> data = new LinkedHashMap<>();
		data.put("cart", Map.of("items", List.of(1, "two")));
		data.put("none", null);
		SyslogMessage message = parse(signal().id("a/b")
			.data(data)
			.context(Map.of("user", "u1"))
			.error(error)
			.measurement(new Measurement(1.5, "ms", Map.of("a", "b")))
			.run(new Run("t1", "s1", "p1", "r1", Duration.ofNanos(1_500_000), "done"))
			.location(new Location("a.B", "c", "B.java", 7))
			.threadName("main")
			.sampleRate(0.5)
			.suppressed(2)
			.build());
		assertThat(message.elements()).containsOnlyKeys("signal@32473", "data@32473", "ctx@32473", "error@32473");
		assertThat(message.elements().get("signal@32473")).containsEntry("traceId", List.of("t1"))
			.containsEntry("spanId", List.of("s1"))
			.containsEntry("parentId", List.of("p1"))
			.containsEntry("rootId", List.of("r1"))
			.containsEntry("runMs", List.of("1.5"))
			.containsEntry("result", List.of("done"))
			.containsEntry("value", List.of("1.5"))
			.containsEntry("unit", List.of("ms"))
			.containsEntry("tags", List.of("{\"a\":\"b\"}"))
			.containsEntry("sampleRate", List.of("0.5"))
			.containsEntry("suppressed", List.of("2"))
			.containsEntry("thread", List.of("main"))
			.containsEntry("class", List.of("a.B"))
			.containsEntry("line", List.of("7"));
		assertThat(message.value("data@32473", "cart")).isEqualTo("{\"items\":[1,\"two\"]}");
		assertThat(message.value("data@32473", "none")).isEqualTo("null");
		assertThat(message.value("ctx@32473", "user")).isEqualTo("u1");
		assertThat(message.value("error@32473", "type")).isEqualTo("java.io.IOException");
		assertThat(message.value("error@32473", "cause")).isEqualTo("E");
		assertThat(message.value("error@32473", "stack")).isEqualTo("at a.B.c(B.java:1)\\nat a.B.d(B.java:2)");
		assertThat(message.message()).isEqualTo("java.io.IOException: disk full");
	}

	@Test
	void whatIsNotKnownIsNil() throws IOException {
		Signal signal = Signal.builder(Level.INFO, Kind.LOG, "ns").timestamp(Instant.MAX).build();
		SyslogMessage message = parse(signal);
		assertThat(List.of(message.timestamp(), message.host(), message.appName(), message.messageId()))
			.containsOnly("-");
		assertThat(message.message()).isEmpty();
	}

	@Test
	void nanosecondsAreCutToTheSixDigitsThatTheRfcHas() throws IOException {
		assertThat(parse(signal().timestamp(Instant.parse("2026-01-01T00:00:00.123456789Z")).build()).timestamp())
			.isEqualTo("2026-01-01T00:00:00.123456Z");
	}

	@Test
	void byteOrderMarkStandsBeforeWhatIsNotAscii() throws IOException {
		assertThat(parse(signal().message("plain").build()).byteOrderMark()).isFalse();
		SyslogMessage message = parse(signal().message("größer 😀").build());
		assertThat(message.byteOrderMark()).isTrue();
		assertThat(message.message()).isEqualTo("größer 😀");
	}

	@Test
	void hostileTextAddsNoLineNoParameterAndNoElement() throws IOException {
		String hostile = "a\"] [evil@1 x=\"y\\\r\n<0>1 - - - - - - forged\u0000\u0085\u2028\u202e\ud800";
		String escaped = "a\"] [evil@1 x=\"y\\\\r\\n<0>1 - - - - - - forged\\u0000\\u0085\\u2028\\u202e\\ud800";
		Signal signal = Signal.builder(Level.INFO, Kind.LOG, hostile)
			.service(new ServiceIdentity(hostile, hostile, hostile, hostile, hostile, hostile))
			.id(hostile)
			.message(hostile)
			.data(Map.of(hostile, hostile))
			.build();
		SyslogMessage message = parse(signal);
		assertThat(message.message()).isEqualTo(escaped);
		assertThat(message.elements()).containsOnlyKeys("signal@32473", "data@32473");
		assertThat(message.value("signal@32473", "ns")).isEqualTo(escaped);
		assertThat(message.elements().get("data@32473")).hasSize(1).containsValue(List.of(escaped));
		assertThat(message.host()).startsWith("a\"]_[evil@1_x=\"y\\__<0>1");
	}

	@Test
	void randomSignalsKeepToTheGrammarAndTheSize() throws IOException {
		for (int maxSize : new int[] { 480, 481, 700, 2048, 8192 }) {
			SyslogSignalEncoder limited = new SyslogSignalEncoder(Options.DEFAULTS.withMaxSize(maxSize));
			RandomValues values = new RandomValues(maxSize);
			for (int i = 0; i < 1_000; i++) {
				Signal signal = values.signal();
				byte[] bytes = encode(limited, signal);
				assertThat(bytes).hasSizeLessThanOrEqualTo(maxSize);
				assertThat(new String(bytes, StandardCharsets.ISO_8859_1)).matches("[^\\x00-\\x1f\\x7f]*");
				SyslogMessage message = SyslogMessage.parse(bytes);
				assertThat(message.value("signal@32473", "level")).isEqualTo(signal.level().toString());
			}
		}
	}

	@Test
	void eachSizeOfMessageAndDataKeepsToTheLimit() throws IOException {
		SyslogSignalEncoder limited = new SyslogSignalEncoder(Options.DEFAULTS.withMaxSize(480));
		for (int length = 0; length < 400; length++) {
			String pattern = "é\"😀]".repeat(length);
			String text = pattern.substring(0, pattern.offsetByCodePoints(0, length));
			Signal both = signal().message(text).data(Map.of("a", text)).build();
			assertThat(encode(limited, both)).hasSizeLessThanOrEqualTo(480);
			SyslogMessage message = SyslogMessage.parse(encode(limited, both));
			assertThat(text).startsWith(message.message().replace("…", ""));
		}
	}

	@Test
	void longMessageLeavesHalfOfTheRoomToData() throws IOException {
		Map<String, Object> data = new LinkedHashMap<>();
		for (int i = 0; i < 1000; i++) {
			data.put("field" + i, "value");
		}
		SyslogMessage message = parse(signal().message("m".repeat(10_000)).data(data).build());
		assertThat(message.message()).endsWith("m…").hasSizeGreaterThan(3900);
		assertThat(message.byteOrderMark()).isTrue();
		Map<String, List<String>> parameters = message.elements().get("data@32473");
		assertThat(parameters).hasSizeGreaterThan(100);
		int leftOut = Integer.parseInt(message.value("data@32473", "leftOut"));
		assertThat(parameters.size() - 1 + leftOut).isEqualTo(1000);
	}

	@Test
	void longValueIsCutAndMarked() throws IOException {
		SyslogMessage message = parse(signal().message("short").data(Map.of("a", "v".repeat(20_000))).build());
		assertThat(message.value("data@32473", "a")).endsWith("v…").hasSizeGreaterThan(7500);
		assertThat(message.message()).isEqualTo("short");
	}

	@Test
	void smallerLimitMakesAnotherEncoderAndALargerOneDoesNot() throws IOException {
		assertThat(this.encoder.within(8192)).isSameAs(this.encoder);
		Signal signal = signal().message("m".repeat(10_000)).build();
		assertThat(encode(this.encoder.within(1000), signal)).hasSize(1000);
		assertThat(encode(this.encoder.within(10), signal)).hasSize(480);
		SharedSignalEncoder shared = new SharedSignalEncoder(this.encoder);
		assertThat(shared.within(9000)).isSameAs(shared);
		assertThat(encode(shared.within(1000), signal)).hasSize(1000);
		SignalEncoder json = new JsonSignalEncoder();
		assertThat(json.within(10)).isSameAs(json);
	}

	private static Signal.Builder signal() {
		return Signal.builder(Level.INFO, Kind.LOG, "com.acme.Shop")
			.timestamp(Instant.parse("2026-01-01T00:00:00.123456Z"))
			.service(new ServiceIdentity("shop", null, null, null, null, "web-1"));
	}

	private SyslogMessage parse(Signal signal) throws IOException {
		return SyslogMessage.parse(encode(this.encoder, signal));
	}

	private static byte[] encode(SignalEncoder encoder, Signal signal) throws IOException {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		encoder.encode(signal, out);
		return out.toByteArray();
	}

}
