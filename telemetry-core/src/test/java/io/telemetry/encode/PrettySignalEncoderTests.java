package io.telemetry.encode;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import io.telemetry.signal.ErrorData;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Measurement;
import io.telemetry.signal.Run;
import io.telemetry.signal.Signal;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class PrettySignalEncoderTests {

	private final PrettySignalEncoder encoder = new PrettySignalEncoder();

	@Test
	void aMessageIsOneLine() {
		assertThat(encode(signal().message("hello").build()))
			.isEqualTo("2026-01-01T00:00:00.123456Z INFO  [com.acme.Login] - hello");
	}

	@Test
	void anIdStandsBeforeTheMessage() {
		assertThat(encode(signal().id("app/login").message("hello").build()))
			.isEqualTo("2026-01-01T00:00:00.123456Z INFO  [com.acme.Login] app/login - hello");
		assertThat(encode(signal().id("app/login").level(Level.of(55)).build()))
			.isEqualTo("2026-01-01T00:00:00.123456Z 55    [com.acme.Login] app/login");
	}

	@Test
	void whatElseIsKnownFollowsOneFieldALine() {
		Map<String, Object> data = new LinkedHashMap<>();
		data.put("user", "u 1");
		data.put("cart", Map.of("items", List.of(1, "two")));
		data.put("none", null);
		Signal signal = signal().message("hello")
			.data(data)
			.context(Map.of("requestId", "r1"))
			.measurement(new Measurement(1.5, "ms", Map.of("a", "b")))
			.run(new Run("t1", null, null, null, Duration.ofMillis(3), "done"))
			.sampleRate(0.5)
			.suppressed(2)
			.build();
		assertThat(encode(signal)).isEqualTo("""
				2026-01-01T00:00:00.123456Z INFO  [com.acme.Login] - hello
				  data:
				    user: u 1
				    cart: {"items":[1,"two"]}
				    none: null
				  ctx:
				    requestId: r1
				  value: 1.5 ms
				  tags: {"a":"b"}
				  result: done
				  runMs: 3
				  traceId: t1
				  sampleRate: 0.5
				  suppressed: 2""");
	}

	@Test
	void anErrorIsWrittenWithStackCausesAndWhatWasSuppressed() {
		ErrorData cause = new ErrorData("java.io.IOException", "disk full", "at c.D.e(D.java:1)", null, List.of());
		ErrorData suppressed = ErrorData.of("java.lang.RuntimeException", null, "at x.Y.z(Y.java:2)");
		ErrorData error = new ErrorData("TypeError", "no\nway", "at a.B.c(B.java:1)\r\n\tat a.B.d(B.java:2)", cause,
				List.of(suppressed));
		assertThat(encode(signal().error(error).build())).isEqualTo("""
				2026-01-01T00:00:00.123456Z INFO  [com.acme.Login]
				  error: TypeError: no\\nway
				    at a.B.c(B.java:1)
				    at a.B.d(B.java:2)
				    suppressed: java.lang.RuntimeException
				      at x.Y.z(Y.java:2)
				  caused by: java.io.IOException: disk full
				    at c.D.e(D.java:1)""");
	}

	@Test
	void hostileTextBreaksNeitherALineNorATerminal() {
		String hostile = "a\r\nb\u001b[31m\tc\u007f\u0085\u009b\u2028\u202e\ud800\ud83d\ude00";
		String escaped = "a\\r\\nb\\u001b[31m\\tc\\u007f\\u0085\\u009b\\u2028\\u202e\\ud800\ud83d\ude00";
		Signal signal = Signal.builder(Level.INFO, Kind.LOG, hostile)
			.id(hostile)
			.message(hostile)
			.data(Map.of(hostile, hostile))
			.timestamp(Instant.parse("2026-01-01T00:00:00Z"))
			.build();
		assertThat(encode(signal)).isEqualTo("2026-01-01T00:00:00.000000Z INFO  [" + escaped + "] " + escaped + " - "
				+ escaped + "\n  data:\n    " + escaped.replace("\\ud800", "\ufffd") + ": " + escaped);
	}

	@Test
	void randomSignalsHaveNoControlCharactersButTheirOwnLineEnds() {
		RandomValues values = new RandomValues(7);
		for (int i = 0; i < 2_000; i++) {
			String text = encode(values.signal());
			assertThat(text.chars()).noneMatch((c) -> c != '\n' && Character.isISOControl(c));
			assertThat(text).doesNotEndWith("\n");
			assertThat(text.lines().skip(1)).allMatch((line) -> line.startsWith("  "));
		}
	}

	@Test
	void levelsAreAligned() {
		assertThat(Stream.of(Level.INFO, Level.ERROR, Level.of(5), Level.FATAL)
			.map((level) -> encode(signal().level(level).build()).indexOf('['))).containsOnly(34);
	}

	@Test
	void colouredFormIsThePlainOneWithColoursOfItsOwnOnly() {
		SignalEncoder coloured = this.encoder.coloured();
		RandomValues values = new RandomValues(11);
		for (int i = 0; i < 1_000; i++) {
			Signal signal = values.signal();
			String text = Forms.text(coloured, signal);
			assertThat(text).contains("\u001b[");
			assertThat(text.replaceAll("\u001b\\[(0|2|3[1-6])m", "")).isEqualTo(encode(signal));
		}
	}

	@Test
	void colourTellsTheLevelAndEndsWithIt() {
		assertThat(Forms.text(this.encoder.coloured(), signal().level(Level.WARN).build()))
			.contains(" \u001b[33mWARN\u001b[0m ");
		assertThat(Forms.text(this.encoder.coloured(), signal().level(Level.ERROR).build()))
			.contains(" \u001b[31mERROR\u001b[0m [");
		SignalEncoder coloured = this.encoder.coloured();
		assertThat(coloured.coloured()).isSameAs(coloured);
	}

	@Test
	void aValueThatThrowsIsNamed() {
		Object hostile = new Object() {
			@Override
			public String toString() {
				throw new IllegalStateException();
			}
		};
		assertThat(encode(signal().data(Map.of("v", hostile)).build()))
			.endsWith("v: (unwritable: " + hostile.getClass().getName() + ")");
	}

	private static Signal.Builder signal() {
		return Signal.builder(Level.INFO, Kind.LOG, "com.acme.Login")
			.timestamp(Instant.parse("2026-01-01T00:00:00.123456Z"));
	}

	private String encode(Signal signal) {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		try {
			this.encoder.encode(signal, out);
		}
		catch (IOException ex) {
			throw new AssertionError(ex);
		}
		return out.toString(StandardCharsets.UTF_8);
	}

}
