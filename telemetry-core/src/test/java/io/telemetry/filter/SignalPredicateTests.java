package io.telemetry.filter;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.LocalDate;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

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
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * What predicates decide, whether they come from an expression or from code.
 */
class SignalPredicateTests {

	private static boolean holds(String expression, Signal signal) {
		return SignalPredicate.parse(expression).test(signal);
	}

	private static boolean holds(String expression, Object value) {
		return holds(expression, data("x", value));
	}

	private static Signal data(String key, Object value) {
		Map<String, Object> data = new HashMap<>();
		data.put(key, value);
		return Signal.builder(Level.INFO, Kind.LOG, "com.acme.Shop").data(data).build();
	}

	private static Decision decide(String expression, Level level, Kind kind, String ns, String id) {
		return SignalPredicate.parse(expression).decide(level, kind, ns, id);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			level = warn                        | YES
			level != warn                       | NO
			level < error                       | YES
			level <= 59                         | NO
			level > info                        | YES
			level >= 'WARN'                     | YES
			level in (info, 60)                 | YES
			level not in (info, error)          | YES
			kind = event                        | YES
			kind in (metric, spy)               | NO
			not kind in (metric, spy)           | YES
			ns = 'com.acme(.*)'                 | YES
			ns in ('org.*', 'com.*.Shop')       | YES
			ns != 'com.*'                       | NO
			ns contains 'acme'                  | YES
			ns like '*.Shop'                    | YES
			id = ':shop/*'                      | YES
			id is absent                        | NO
			always                              | YES
			not always                          | NO
			data.x = 1                          | UNKNOWN
			level = warn and data.x = 1         | UNKNOWN
			level = info and data.x = 1         | NO
			data.x = 1 and level = info         | NO
			level = warn or data.x = 1          | YES
			data.x = 1 or level = warn          | YES
			level = info or data.x = 1          | UNKNOWN
			not (level = info or data.x = 1)    | UNKNOWN
			not (data.x = 1 and level = info)   | YES
			level = info or kind = log or ns = 'a' | NO
			level = warn and kind = event and ns = '*' | YES
			""")
	void headerDecidesWhatItCan(String expression, Decision decision) {
		assertThat(decide(expression, Level.WARN, Kind.EVENT, "com.acme.Shop", "shop/checkout")).isEqualTo(decision);
		Signal signal = Signal.builder(Level.WARN, Kind.EVENT, "com.acme.Shop").id("shop/checkout").build();
		if (decision != Decision.UNKNOWN) {
			assertThat(holds(expression, signal)).isEqualTo(decision == Decision.YES);
		}
	}

	@Test
	void signalWithoutIdEqualsNoPattern() {
		assertThat(decide("id = '*'", Level.INFO, Kind.LOG, "a", null)).isEqualTo(Decision.NO);
		assertThat(decide("id != 'a'", Level.INFO, Kind.LOG, "a", null)).isEqualTo(Decision.YES);
		assertThat(decide("id is absent", Level.INFO, Kind.LOG, "a", null)).isEqualTo(Decision.YES);
	}

	@Test
	void lambdaIsAskedWithTheSignalUnlessTheHeaderDecides() {
		List<String> asked = new ArrayList<>();
		SignalPredicate lambda = (signal) -> asked.add(signal.namespace());
		SignalPredicate warnings = SignalField.LEVEL.isAtLeast(Level.WARN).and(lambda);
		assertThat(warnings.decide(Level.INFO, Kind.LOG, "a", null)).isEqualTo(Decision.NO);
		assertThat(warnings.decide(Level.WARN, Kind.LOG, "a", null)).isEqualTo(Decision.UNKNOWN);
		assertThat(warnings.test(Signal.builder(Level.INFO, Kind.LOG, "refused").build())).isFalse();
		assertThat(warnings.test(Signal.builder(Level.WARN, Kind.LOG, "asked").build())).isTrue();
		assertThat(lambda.negate().test(Signal.builder(Level.WARN, Kind.LOG, "negated").build())).isFalse();
		assertThat(asked).containsExactly("asked", "negated");
	}

	@Test
	void whatAPredicateOfTheApplicationThrowsComesThrough() {
		SignalPredicate failing = ((SignalPredicate) (signal) -> {
			throw new IllegalStateException("own");
		}).or(SignalField.LEVEL.isEqualTo("warn"));
		assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> failing.test(data("x", 1)));
	}

	@Test
	void alwaysIsOneConstantAndChangesNothing() {
		SignalPredicate predicate = SignalField.MESSAGE.isPresent();
		assertThat(SignalPredicate.ALWAYS.and(predicate)).isSameAs(predicate);
		assertThat(predicate.and(SignalPredicate.ALWAYS)).isSameAs(predicate);
		assertThat(predicate.or(SignalPredicate.ALWAYS)).isSameAs(SignalPredicate.ALWAYS);
		assertThat(SignalPredicate.parse(" Always ")).isSameAs(SignalPredicate.ALWAYS);
		assertThat(predicate.negate().negate()).isSameAs(predicate);
	}

	@Test
	void longChainsNeedNoDeepStack() {
		SignalPredicate chain = SignalField.data("x").isEqualTo(0);
		for (int i = 1; i < 3_000; i++) {
			chain = chain.or(SignalField.data("x").isEqualTo(i));
		}
		assertThat(chain.test(data("x", 2_999))).isTrue();
		assertThat(chain.test(data("x", 3_000))).isFalse();
	}

	@Test
	void codeAndExpressionMakeTheSame() {
		assertThat(SignalField.LEVEL.isAtLeast(Level.WARN)
			.and(SignalField.NS.isEqualTo("com.acme.*").or(SignalField.data("amount").isGreaterThan(100)))
			.and(SignalField.KIND.isIn(List.of(Kind.METRIC, Kind.SPY)).negate()))
			.isEqualTo(SignalPredicate
				.parse("level >= warn and (ns = 'com.acme.*' or data.amount > 100) and not kind in (metric, spy)"));
		assertThat(SignalField.context("tenant").isIn(List.of("a", TimeUnit.DAYS)))
			.isEqualTo(SignalPredicate.parse("ctx.tenant in ('a', 'DAYS')"));
		assertThat(SignalField.of("data.'my key'.x").isLessThan(1.5f).negate())
			.isEqualTo(SignalPredicate.parse("not data.\"my key\".x < 1.50"));
		assertThat(SignalField.MESSAGE.contains("*")).isEqualTo(SignalPredicate.parse("msg contains '\\*'"));
		assertThat(SignalField.of("error.type").isLike("java.io.*"))
			.isEqualTo(SignalPredicate.parse("error.type = 'java.io.*'"));
		assertThat(SignalField.data("a", "b").isAbsent()).isEqualTo(SignalPredicate.parse("data.a.b absent"));
	}

	@Test
	void codeIsRefusedWhatAFieldNeverHas() {
		assertThatIllegalArgumentException().isThrownBy(() -> SignalField.of("colour"))
			.withMessageContaining("colour")
			.withMessageContaining("error.type");
		assertThatIllegalArgumentException().isThrownBy(() -> SignalField.of("msg extra"));
		assertThatIllegalArgumentException().isThrownBy(() -> SignalField.of(" "));
		assertThatIllegalArgumentException().isThrownBy(SignalField::data);
		assertThatIllegalArgumentException()
			.isThrownBy(() -> SignalField.data("1", "2", "3", "4", "5", "6", "7", "8", "9"));
		assertThatIllegalArgumentException().isThrownBy(() -> SignalField.MESSAGE.isEqualTo(5))
			.withMessageContaining("5 is nothing that msg can be")
			.withMessageContaining("a text in quotes");
		assertThatIllegalArgumentException().isThrownBy(() -> SignalField.data("x").isEqualTo(List.of()));
		assertThatIllegalArgumentException().isThrownBy(() -> SignalField.data("x").isEqualTo(Double.NaN))
			.withMessageContaining("NaN");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> SignalField.data("x").isEqualTo(BigInteger.TEN.pow(400).add(BigInteger.ONE)));
		assertThatIllegalArgumentException().isThrownBy(() -> SignalField.data("x").isIn(List.of()));
		assertThatIllegalArgumentException().isThrownBy(() -> SignalField.data("x").isLessThan("5"));
		assertThatIllegalArgumentException().isThrownBy(() -> SignalField.data("x").isLike(""));
		assertThatIllegalArgumentException().isThrownBy(() -> SignalField.LEVEL.isPresent());
		assertThatIllegalArgumentException().isThrownBy(() -> SignalField.KIND.isEqualTo(Level.WARN));
	}

	@ParameterizedTest
	@ValueSource(strings = { "x = 'a'", "x != 'a'", "x < 1", "x >= 1", "x in ('a', 1)", "x not in ('a')", "x like '*'",
			"x not like '*'", "x contains ''", "x not contains ''", "x = true", "x != 1", "x is present",
			"x is absent" })
	void comparisonWithAnAbsentFieldIsFalseAndItsOppositeTrue(String comparison) {
		boolean opposite = comparison.contains("!") || comparison.contains("not") || comparison.contains("absent");
		Map<String, Object> fields = new HashMap<>();
		fields.put("x", null);
		fields.put("opt", Optional.empty());
		Signal signal = Signal.builder(Level.INFO, Kind.LOG, "a").data(fields).build();
		for (String field : List.of("data.x", "data.opt", "data.none", "data.none.x", "ctx.x")) {
			String expression = field + comparison.substring(1);
			assertThat(holds(expression, signal)).as(expression).isEqualTo(opposite);
			assertThat(holds("not " + expression, signal)).as("not " + expression).isEqualTo(!opposite);
		}
	}

	@Test
	void numbersCompareByValueWhateverTheirTypes() {
		for (Object five : List.of(5, 5L, (short) 5, (byte) 5, 5.0, 5f, BigDecimal.valueOf(500, 2),
				BigInteger.valueOf(5), new AtomicLong(5), Optional.of(5))) {
			assertThat(holds("data.x = 5 and data.x = 5.00 and data.x in (4, 5e0)", five)).as("%s", five).isTrue();
			assertThat(holds("data.x >= 5 and data.x <= 5 and data.x > 4.5 and data.x < 5.5", five)).isTrue();
			assertThat(holds("data.x != 5 or data.x < 5 or data.x > 5 or data.x = 5.1", five)).isFalse();
		}
		assertThat(holds("data.x = 0.1", 0.1)).isTrue();
		assertThat(holds("data.x = 0.1", 0.1f)).isTrue();
		assertThat(holds("data.x = 0.1", new BigDecimal("0.10"))).isTrue();
		assertThat(holds("data.x = 0", -0.0)).isTrue();
		assertThat(holds("data.x < -1.5 and data.x >= -2", -2)).isTrue();
		assertThat(holds("data.x > -2.5", -2)).isTrue();
	}

	@Test
	void numbersAreExactAtTheEndsOfLong() {
		assertThat(holds("data.x = 9223372036854775807", Long.MAX_VALUE)).isTrue();
		assertThat(holds("data.x = 9223372036854775806", Long.MAX_VALUE)).isFalse();
		assertThat(holds("data.x < 9223372036854775808", Long.MAX_VALUE)).isTrue();
		assertThat(holds("data.x < 1e300", Long.MAX_VALUE)).isTrue();
		assertThat(holds("data.x > -9223372036854775809", Long.MIN_VALUE)).isTrue();
		assertThat(holds("data.x < -9223372036854775807.5", Long.MIN_VALUE)).isTrue();
		assertThat(holds("data.x > 1e308", BigInteger.TEN.pow(100_000))).isTrue();
		assertThat(holds("data.x < -1e308", BigInteger.TEN.pow(100_000).negate())).isTrue();
		assertThat(holds("data.x > 0.5", new BigDecimal("1e999999999"))).isTrue();
	}

	@Test
	void whatIsNoNumberIsNeitherMoreNorLessNorEqual() {
		for (Object value : List.of(Double.NaN, Float.NaN, "5", true, List.of(5), Map.of())) {
			assertThat(holds("data.x = 5 or data.x < 5 or data.x >= 5", value)).as("%s", value).isFalse();
			assertThat(holds("data.x != 5 and not data.x < 5", value)).isTrue();
		}
		assertThat(holds("data.x > 1e308", Double.POSITIVE_INFINITY)).isTrue();
	}

	@Test
	void textsNumbersAndTruthValuesNeverEqualEachOther() {
		assertThat(holds("data.x = '5'", 5)).isFalse();
		assertThat(holds("data.x = 5", "5")).isFalse();
		assertThat(holds("data.x = true", "true")).isFalse();
		assertThat(holds("data.x = 'true'", true)).isFalse();
		assertThat(holds("data.x = true", true)).isTrue();
		assertThat(holds("data.x = FALSE", false)).isTrue();
		assertThat(holds("data.x like '*' or data.x contains '5'", 5)).isFalse();
	}

	@Test
	void valuesThatOutputsWriteAsTextAreTexts() {
		UUID uuid = UUID.randomUUID();
		assertThat(holds("data.x = '" + uuid + "'", uuid)).isTrue();
		assertThat(holds("data.x = 'DAYS'", TimeUnit.DAYS)).isTrue();
		assertThat(holds("data.x = 'metric'", Kind.METRIC)).isTrue();
		assertThat(holds("data.x like '2026-*'", LocalDate.of(2026, 1, 2))).isTrue();
		assertThat(holds("data.x contains 'uild'", new StringBuilder("builder"))).isTrue();
		assertThat(holds("data.x = 'a'", 'a')).isTrue();
		assertThat(holds("data.x = 'A'", "a")).isFalse();
	}

	@Test
	void containsLooksIntoTextsAndCollections() {
		assertThat(holds("data.x contains 'time'", "a timeout")).isTrue();
		assertThat(holds("data.x contains 'Time'", "a timeout")).isFalse();
		assertThat(holds("data.x contains 'vip'", List.of("new", "vip"))).isTrue();
		assertThat(holds("data.x contains 'vi'", Set.of("vip"))).isFalse();
		assertThat(holds("data.x contains 7 and data.x contains true", List.of(true, 7L))).isTrue();
		assertThat(holds("data.x contains 7", 7)).isFalse();
	}

	@Test
	void likeTakesTheWholeText() {
		assertThat(holds("data.x like '*@acme.com'", "ann@acme.com")).isTrue();
		assertThat(holds("data.x like 'ann'", "ann@acme.com")).isFalse();
		assertThat(holds("data.x like 'a (b)* c'", "a (b), c")).isTrue();
	}

	@Test
	void pathsGoThroughNestedMapsAndKeysWithDots() {
		assertThat(holds("data.a.b = 1", data("a", Map.of("b", 1)))).isTrue();
		assertThat(holds("data.a.b = 1", data("a.b", 1))).isTrue();
		assertThat(holds("data.a.b.c = 1", data("a.b", Map.of("c", 1)))).isTrue();
		assertThat(holds("data.a.b.c = 1", data("a", Map.of("b.c", 1)))).isTrue();
		assertThat(holds("data.'a.b' = 1", data("a", Map.of("b", 1)))).isFalse();
		assertThat(holds("data.'my key'.\"it's\" = 1", data("my key", Map.of("it's", 1)))).isTrue();
		assertThat(holds("data.my-key = 1 and data.my-key.x is absent", data("my-key", 1))).isTrue();
		assertThat(holds("data.not = 1", data("not", 1))).isTrue();
		assertThat(holds("data.7 = 1", data("7", 1))).isTrue();
		Signal both = Signal.builder(Level.INFO, Kind.LOG, "a").data(Map.of("a.b", 1, "a", Map.of("b", 2))).build();
		assertThat(holds("data.a.b = 1", both)).isTrue();
	}

	@Test
	void valuesWhoseMethodsThrowMakeAComparisonFalse() {
		Object hostile = new Object() {
			@Override
			public String toString() {
				throw new AssertionError("no text");
			}
		};
		Object endless = new Object() {
			@Override
			public String toString() {
				return "x" + this;
			}
		};
		Map<String, Object> unreadable = new AbstractMap<>() {
			@Override
			public Set<Entry<String, Object>> entrySet() {
				throw new UnsupportedOperationException();
			}
		};
		for (Object value : List.of(hostile, endless)) {
			assertThat(holds("data.x = 'a' or data.x like '*' or data.x contains ''", value)).isFalse();
			assertThat(holds("data.x is present and data.x != 'a'", value)).isTrue();
		}
		assertThat(holds("data.x.y is present", unreadable)).isFalse();
		assertThat(holds("data.x.y is present", new TreeMap<>(Map.of(1, 2)))).isFalse();
	}

	@Test
	void failuresOfTheVirtualMachineComeThrough() {
		Object fatal = new Object() {
			@Override
			public String toString() {
				throw new InternalError("on purpose");
			}
		};
		assertThatExceptionOfType(InternalError.class).isThrownBy(() -> holds("data.x = 'a'", fatal));
	}

	@Test
	void everyFieldOfTheJsonFormCanBeAskedFor() {
		Signal signal = Signal.builder(Level.ERROR, Kind.TRACE, "com.acme.Shop")
			.id("shop/pay")
			.message("took a timeout")
			.data(Map.of("user", Map.of("id", "u-1")))
			.context(Map.of("tenant", "a"))
			.measurement(new Measurement(2.5, "ms", Map.of("http.method", "GET")))
			.run(new Run("t1", "s1", "p1", "r1", Duration.ofNanos(1_234_000), "done"))
			.throwable(new java.io.FileNotFoundException("gone"))
			.location(new Location("com.acme.Shop", "pay", "Shop.java", 45))
			.threadName("http-1")
			.service(new ServiceIdentity("shop", "1.4", "prod", "i1", "eu", "host1"))
			.sampleRate(0.5)
			.suppressed(3)
			.build();
		for (String expression : List.of("msg contains 'timeout'", "data.user.id = 'u-1'", "ctx.tenant in ('a', 'b')",
				"value > 2 and unit = 'ms'", "tags.http.method = 'GET'", "runMs = 1.234", "result = 'done'",
				"traceId = 't1' and spanId = 's1' and parentId = 'p1' and rootId = 'r1'",
				"error is present and error.type = 'java.io.*' and error.message like 'g*'",
				"location.class = 'com.*' and location.method = 'pay' and location.file like '*.java'",
				"location.line in (45)", "thread like 'http-*'", "host = 'host1'",
				"service.name = 'shop' and service.version = '1.4' and service.environment = 'prod'",
				"service.instance = 'i1' and service.region = 'eu'", "sampleRate <= 0.5 and suppressed > 2")) {
			assertThat(holds(expression, signal)).as(expression).isTrue();
			assertThat(holds(expression, data("x", 1))).as(expression).isFalse();
		}
	}

	@Test
	void errorOfABrowserIsAnErrorToo() {
		Signal signal = Signal.builder(Level.ERROR, Kind.ERROR, "browser.error")
			.error(ErrorData.of("TypeError", "x is undefined", null))
			.build();
		assertThat(holds("error is present and error.type = 'Type*' and error.message contains 'undefined'", signal))
			.isTrue();
	}

	@Test
	void askingForTheTypeOfAnErrorDoesNotRenderItsStack() {
		Exception unrendered = new Exception() {
			@Override
			public StackTraceElement[] getStackTrace() {
				throw new InternalError("rendered");
			}
		};
		Signal signal = Signal.builder(Level.ERROR, Kind.ERROR, "a").throwable(unrendered).build();
		assertThat(holds("error is present and error.type = 'io.telemetry.*' and error.message is absent", signal))
			.isTrue();
	}

}
