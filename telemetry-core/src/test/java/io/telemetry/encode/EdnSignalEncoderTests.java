package io.telemetry.encode;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import clojure.java.api.Clojure;
import clojure.lang.BigInt;
import clojure.lang.IFn;
import clojure.lang.Keyword;
import clojure.lang.PersistentHashMap;
import clojure.lang.Symbol;
import io.telemetry.signal.ErrorData;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Measurement;
import io.telemetry.signal.Run;
import io.telemetry.signal.ServiceIdentity;
import io.telemetry.signal.Signal;
import io.telemetry.signal.Uid;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * EDN is read back by Clojure's own reader.
 */
class EdnSignalEncoderTests {

	private static IFn readString;

	/** Leaves times as they are written: Clojure's dates have milliseconds only. */
	private static Object options;

	private final EdnSignalEncoder encoder = new EdnSignalEncoder();

	@BeforeAll
	static void loadClojure() {
		Clojure.var("clojure.core", "require").invoke(Clojure.read("clojure.edn"));
		readString = Clojure.var("clojure.edn", "read-string");
		options = PersistentHashMap.create(Keyword.intern("readers"),
				PersistentHashMap.create(Symbol.intern("inst"), Clojure.var("clojure.core", "identity")));
	}

	@Test
	void namesOfOursAreKeywordsAndThoseFromOutsideStrings() {
		Map<String, Object> data = new LinkedHashMap<>();
		data.put("user id", "u\n1");
		data.put("big", new BigInteger("123456789012345678901234567890"));
		data.put("price", new BigDecimal("9.90"));
		data.put("list", List.of(1, 2.5, true));
		data.put("none", null);
		Signal signal = signal().id("app/login")
			.message("hello")
			.data(data)
			.measurement(new Measurement(Measurement.Type.GAUGE, 1.5, "ms", Map.of("route", "/a")))
			.run(new Run("t", null, null, null, Duration.ofMillis(3), null))
			.error(ErrorData.of("E", null, null))
			.service(new ServiceIdentity("shop", null, null, null, null, null))
			.build();
		assertThat(Forms.text(this.encoder, signal)).isEqualTo("{:timestamp #inst \"2026-01-01T00:00:00.123456Z\" "
				+ ":level :info :kind :log :id \"app/login\" :ns \"com.acme.Login\" :msg \"hello\" "
				+ ":data {\"user id\" \"u\\n1\" \"big\" 123456789012345678901234567890N \"price\" 9.90M "
				+ "\"list\" [1 2.5 true] \"none\" nil} :value 1.5 :unit \"ms\" :tags {\"route\" \"/a\"} :metric :gauge "
				+ ":error {:type \"E\" :fingerprint \"" + signal.fingerprint() + "\"} :runMs 3.0 :traceId \"t\" "
				+ ":uid \"00000000000000000000000001\" :service {:name \"shop\"}}");
	}

	@Test
	void clojureReadsTheTimestampAsADate() {
		Map<?, ?> read = (Map<?, ?>) readString.invoke(Forms.text(this.encoder, signal().build()));
		assertThat(read.get(Keyword.intern("timestamp")))
			.isEqualTo(Date.from(Instant.parse("2026-01-01T00:00:00.123Z")));
		assertThat(read.get(Keyword.intern("level"))).isEqualTo(Keyword.intern("info"));
	}

	@Test
	void timeOfAYearThatNoReaderTakesIsAText() {
		String text = Forms.text(this.encoder, signal().timestamp(Instant.parse("+10000-01-01T00:00:00Z")).build());
		assertThat(((Map<?, ?>) readString.invoke(text)).get(Keyword.intern("timestamp")))
			.isEqualTo("+10000-01-01T00:00:00Z");
	}

	@Test
	void clojureReadsBackWhateverASignalHolds() {
		RandomValues values = new RandomValues(20260102);
		for (int i = 0; i < 1_500; i++) {
			Signal signal = values.signal();
			String text = Forms.text(this.encoder, signal);
			assertThat(text).matches(Forms::isHarmless);
			assertThat(Forms.comparable(plain(readString.invoke(options, text)))).isEqualTo(Forms.json(signal));
		}
	}

	private static Object plain(Object value) {
		if (value instanceof Map<?, ?> map) {
			Map<Object, Object> result = new LinkedHashMap<>();
			map.forEach((name, content) -> result.put(plain(name), plain(content)));
			return result;
		}
		if (value instanceof List<?> list) {
			return list.stream().map(EdnSignalEncoderTests::plain).collect(Collectors.toList());
		}
		if (value instanceof BigInt number) {
			return number.toBigInteger();
		}
		return (value instanceof Keyword keyword) ? keyword.getName() : value;
	}

	private static Signal.Builder signal() {
		return Signal.builder(Level.INFO, Kind.LOG, "com.acme.Login")
			.timestamp(Instant.parse("2026-01-01T00:00:00.123456Z"))
			.uid(new Uid(0, 1));
	}

}
