package io.telemetry.encode;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import com.cognitect.transit.Keyword;
import com.cognitect.transit.TransitFactory;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import io.telemetry.signal.Uid;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class TransitSignalEncoderTests {

	private final TransitSignalEncoder encoder = new TransitSignalEncoder();

	@Test
	void namesOfOursAreKeywordsAndThoseFromOutsideStrings() {
		Signal signal = signal().data(Map.of("user id", "~u")).build();
		assertThat(read(Forms.text(this.encoder, signal)))
			.isEqualTo(Map.of(keyword("timestamp"), "2026-01-01T00:00:00.123456Z", keyword("level"), keyword("info"),
					keyword("kind"), keyword("log"), keyword("ns"), "com.acme.Login", keyword("data"),
					Map.of("user id", "~u"), keyword("uid"), "00000000000000000000000001"));
	}

	@Test
	void eachLineIsReadForItself() {
		String[] lines = new String(Forms.bytes(this.encoder, signal().build(), signal().message("two").build()),
				StandardCharsets.UTF_8)
			.split("\n");
		assertThat(lines).hasSize(2);
		assertThat(((Map<?, ?>) read(lines[1])).get(keyword("msg"))).isEqualTo("two");
	}

	@Test
	void whateverASignalHoldsIsReadBack() {
		RandomValues values = new RandomValues(20260103);
		for (int i = 0; i < 1_000; i++) {
			Signal signal = values.signal();
			String text = Forms.text(this.encoder, signal);
			assertThat(text).matches(Forms::isHarmless);
			assertThat(Forms.comparable(plain(read(text)))).isEqualTo(Forms.repaired(Forms.json(signal)));
		}
	}

	private static Object read(String text) {
		return TransitFactory
			.reader(TransitFactory.Format.JSON, new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)))
			.read();
	}

	private static Keyword keyword(String name) {
		return TransitFactory.keyword(name);
	}

	private static Object plain(Object value) {
		if (value instanceof Map<?, ?> map) {
			Map<Object, Object> result = new LinkedHashMap<>();
			map.forEach((name, content) -> result.put(plain(name), plain(content)));
			return result;
		}
		if (value instanceof List<?> list) {
			return list.stream().map(TransitSignalEncoderTests::plain).collect(Collectors.toList());
		}
		return (value instanceof Keyword keyword) ? keyword.getName() : value;
	}

	private static Signal.Builder signal() {
		return Signal.builder(Level.INFO, Kind.LOG, "com.acme.Login")
			.timestamp(Instant.parse("2026-01-01T00:00:00.123456Z"))
			.uid(new Uid(0, 1));
	}

}
