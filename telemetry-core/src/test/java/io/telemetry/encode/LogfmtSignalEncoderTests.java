package io.telemetry.encode;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.telemetry.signal.ErrorData;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Run;
import io.telemetry.signal.ServiceIdentity;
import io.telemetry.signal.Signal;
import io.telemetry.signal.Uid;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class LogfmtSignalEncoderTests {

	private final LogfmtSignalEncoder encoder = new LogfmtSignalEncoder();

	@Test
	void nestedFieldsAreFlatAndListsAreJson() {
		Map<String, Object> data = new LinkedHashMap<>();
		data.put("user", Map.of("id", 7));
		data.put("items", List.of(1, "two", Map.of("a", 1)));
		data.put("none", null);
		data.put("empty", "");
		data.put("map", Map.of());
		data.put("list", List.of());
		Signal signal = signal().message("say \"hello\"")
			.data(data)
			.context(Map.of("requestId", "r-1"))
			.run(new Run("t1", null, null, null, Duration.ofNanos(1_500), null))
			.error(ErrorData.of("E", "no=way", "at a\nat b"))
			.service(new ServiceIdentity("shop", null, "prod", null, null, "h"))
			.build();
		assertThat(Forms.text(this.encoder, signal))
			.isEqualTo("timestamp=2026-01-01T00:00:00.123456Z level=info kind=log "
					+ "ns=com.acme.Login msg=\"say \\\"hello\\\"\" data.user.id=7 "
					+ "data.items=\"[1,\\\"two\\\",{\\\"a\\\":1}]\" data.none=null data.empty=\"\" data.map={} data.list=[] "
					+ "ctx.requestId=r-1 error.type=E error.message=\"no=way\" error.stack=\"at a\\nat b\" error.fingerprint="
					+ signal.fingerprint() + " runMs=0.0015 traceId=t1 uid=00000000000000000000000001 host=h "
					+ "service.name=shop service.environment=prod");
	}

	@Test
	void whatQuotesCanNotHoldIsAnUnderscoreAndNamesStayApart() {
		Map<String, Object> data = new LinkedHashMap<>();
		data.put("a b", 1);
		data.put("a=b", 2);
		data.put("a_b", 3);
		data.put("", 4);
		data.put("x", Map.of("y", 5));
		data.put("x.y", 6);
		assertThat(Forms.text(this.encoder, signal().data(data).build()))
			.contains(" data.a_b=1 data.a_b#2=2 data.a_b#3=3 data._=4 data.x.y=5 data.x.y#2=6 ");
	}

	@Test
	void textNullIsNotNothing() {
		Map<String, Object> data = new LinkedHashMap<>();
		data.put("text", "null");
		data.put("none", null);
		data.put("path", "a\\b");
		assertThat(Forms.text(this.encoder, signal().data(data).build()))
			.contains(" data.text=\"null\" data.none=null data.path=\"a\\\\b\" ");
	}

	@Test
	void whateverASignalHoldsIsReadBackByAStrictParser() {
		RandomValues values = new RandomValues(20260105);
		for (int i = 0; i < 1_500; i++) {
			Signal signal = values.signal();
			String line = Forms.text(this.encoder, signal);
			assertThat(line).matches(Forms::isHarmless);
			List<Map.Entry<String, String>> expected = new ArrayList<>();
			flatten("", Forms.exactJson(signal), expected);
			Map<String, String> read = Parser.parse(line);
			assertThat(read).hasSameSizeAs(expected);
			int field = 0;
			for (Map.Entry<String, String> entry : read.entrySet()) {
				Map.Entry<String, String> wanted = expected.get(field++);
				assertThat(entry.getKey()).startsWith(wanted.getKey());
				assertThat(entry.getKey().substring(wanted.getKey().length())).matches("(#[0-9]+)?");
				assertThat(comparable(entry.getValue())).isEqualTo(wanted.getValue());
			}
		}
	}

	/** Numbers and lists as they compare; whatever has the text of one is one here. */
	private static String comparable(String value) {
		if (value.startsWith("[") || value.startsWith("{")) {
			try {
				return Forms.comparable(Forms.MAPPER.readValue(value, Object.class)).toString();
			}
			catch (RuntimeException ex) {
				return value;
			}
		}
		try {
			return Forms.comparable(new BigDecimal(value)).toString();
		}
		catch (NumberFormatException ex) {
			return value;
		}
	}

	private static void flatten(String prefix, Object value, List<Map.Entry<String, String>> target) {
		if (value instanceof Map<?, ?> map && !map.isEmpty()) {
			map.forEach((name, content) -> flatten((prefix.isEmpty() ? "" : prefix + ".") + name((String) name),
					content, target));
		}
		else {
			String text = String.valueOf(value);
			target.add(Map.entry(prefix, (value instanceof String) ? comparable(text) : text));
		}
	}

	private static String name(String name) {
		StringBuilder result = new StringBuilder();
		name.codePoints().forEach((point) -> {
			boolean bad = point <= ' ' || point == '=' || point == '"' || point == '\\'
					|| (point < 0x10000 && HarmfulCharacters.contain((char) point));
			result.appendCodePoint(bad ? '_' : point);
		});
		return name.isEmpty() ? "_" : result.toString();
	}

	private static Signal.Builder signal() {
		return Signal.builder(Level.INFO, Kind.LOG, "com.acme.Login")
			.timestamp(Instant.parse("2026-01-01T00:00:00.123456Z"))
			.uid(new Uid(0, 1));
	}

	/**
	 * Takes nothing but {@code name=value} with one space between, each name once.
	 */
	private static final class Parser {

		private final String line;

		private int at;

		private Parser(String line) {
			this.line = line;
		}

		static Map<String, String> parse(String line) {
			Parser parser = new Parser(line);
			Map<String, String> fields = new LinkedHashMap<>();
			while (true) {
				String name = parser.bare();
				assertThat(name).isNotEmpty();
				parser.expect('=');
				String value = parser.isAt('"') ? parser.quoted() : parser.bare();
				assertThat(fields.put(name, value)).as(name).isNull();
				if (parser.at == line.length()) {
					return fields;
				}
				parser.expect(' ');
			}
		}

		private boolean isAt(char ch) {
			return this.at < this.line.length() && this.line.charAt(this.at) == ch;
		}

		private void expect(char ch) {
			assertThat(this.line.charAt(this.at++)).isEqualTo(ch);
		}

		private String bare() {
			int start = this.at;
			while (this.at < this.line.length() && " =\"\\".indexOf(this.line.charAt(this.at)) < 0) {
				this.at++;
			}
			return this.line.substring(start, this.at);
		}

		private String quoted() {
			StringBuilder text = new StringBuilder();
			expect('"');
			while (!isAt('"')) {
				char ch = this.line.charAt(this.at++);
				if (ch != '\\') {
					text.append(ch);
					continue;
				}
				char escape = this.line.charAt(this.at++);
				switch (escape) {
					case 'n' -> text.append('\n');
					case 'r' -> text.append('\r');
					case 't' -> text.append('\t');
					case '"', '\\' -> text.append(escape);
					case 'u' -> {
						text.append((char) Integer.parseInt(this.line.substring(this.at, this.at + 4), 16));
						this.at += 4;
					}
					default -> throw new AssertionError("escape " + escape);
				}
			}
			expect('"');
			return text.toString();
		}

	}

}
