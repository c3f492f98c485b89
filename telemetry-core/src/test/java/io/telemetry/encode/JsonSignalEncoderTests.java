package io.telemetry.encode;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.telemetry.signal.ErrorData;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Location;
import io.telemetry.signal.Measurement;
import io.telemetry.signal.Run;
import io.telemetry.signal.ServiceIdentity;
import io.telemetry.signal.Signal;
import io.telemetry.signal.Uid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

class JsonSignalEncoderTests {

	private static final JsonMapper MAPPER = new JsonMapper();

	private static final Instant TIME = Instant.parse("2026-01-01T00:00:00.123456Z");

	private final JsonSignalEncoder encoder = new JsonSignalEncoder();

	@Test
	void everyKeyIsWrittenInTheOrderOfTheProtocol() {
		Map<String, Object> data = new LinkedHashMap<>();
		data.put("z", 1);
		data.put("a", null);
		Signal signal = signal().id("app/login")
			.message("hello")
			.data(data)
			.context(Map.of("requestId", "r1"))
			.measurement(new Measurement(12.5, "ms", Map.of("route", "/a")))
			.run(new Run("t", "s", "p", "r", Duration.ofNanos(1_234_000), List.of(1, 2)))
			.error(new ErrorData("E", "m", "at a\nat b", ErrorData.of("C", null, null),
					List.of(ErrorData.of("S", "s", null))))
			.location(new Location("com.acme.Login", "run", "Login.java", 45))
			.sampleRate(0.1)
			.suppressed(3)
			.uid(new Uid(0, 1))
			.threadName("main")
			.service(new ServiceIdentity("shop", "1.0", "prod", "i-1", "eu", "host-1"))
			.build();
		assertThat(encode(signal)).isEqualTo("{\"timestamp\":\"2026-01-01T00:00:00.123456Z\",\"level\":\"info\","
				+ "\"kind\":\"log\",\"id\":\"app/login\",\"ns\":\"com.acme.Login\",\"msg\":\"hello\","
				+ "\"data\":{\"z\":1,\"a\":null},\"ctx\":{\"requestId\":\"r1\"},\"value\":12.5,\"unit\":\"ms\","
				+ "\"tags\":{\"route\":\"/a\"},\"result\":[1,2],\"error\":{\"type\":\"E\",\"message\":\"m\","
				+ "\"stack\":\"at a\\nat b\",\"cause\":{\"type\":\"C\"},\"suppressed\":[{\"type\":\"S\",\"message\":\"s\"}],"
				+ "\"fingerprint\":\"410a0ebaabfa822a\"},"
				+ "\"location\":{\"class\":\"com.acme.Login\",\"method\":\"run\",\"file\":\"Login.java\",\"line\":45},"
				+ "\"runMs\":1.234,\"traceId\":\"t\",\"spanId\":\"s\",\"parentId\":\"p\",\"rootId\":\"r\","
				+ "\"sampleRate\":0.1,\"suppressed\":3,\"uid\":\"00000000000000000000000001\",\"thread\":\"main\","
				+ "\"host\":\"host-1\",\"service\":{\"name\":\"shop\",\"version\":\"1.0\",\"environment\":\"prod\","
				+ "\"instance\":\"i-1\"}}");
	}

	@Test
	void whatIsEmptyIsLeftOut() {
		Signal signal = signal().id("").message("").threadName("").uid(new Uid(0, 0)).build();
		assertThat(encode(signal)).isEqualTo("{\"timestamp\":\"2026-01-01T00:00:00.123456Z\",\"level\":\"info\","
				+ "\"kind\":\"log\",\"ns\":\"com.acme.Login\",\"uid\":\"00000000000000000000000000\"}");
	}

	@Test
	void aLevelWithoutNameIsItsNumber() {
		assertThat(parse(signal().level(Level.of(55)).build()).get("level").intValue()).isEqualTo(55);
	}

	@ParameterizedTest
	@CsvSource({ "2026-01-01T00:00:00Z,2026-01-01T00:00:00.000000Z",
			"2026-12-31T23:59:59.000001Z,2026-12-31T23:59:59.000001Z",
			"2026-12-31T23:59:59.000001002Z,2026-12-31T23:59:59.000001002Z",
			"1969-12-31T23:59:59.5Z,1969-12-31T23:59:59.500000Z", "0000-01-01T00:00:00Z,0000-01-01T00:00:00.000000Z",
			"+10000-01-01T00:00:00Z,+10000-01-01T00:00:00Z",
			"-1000000000-01-01T00:00:00Z,-1000000000-01-01T00:00:00Z" })
	void timesHaveSixDigitsOrNineWhereTheyAreNeeded(String time, String text) {
		assertThat(
				parse(signal().uid(new Uid(0, 0)).timestamp(Instant.parse(time)).build()).get("timestamp").asString())
			.isEqualTo(text);
	}

	@Test
	void timesOfOneSecondAndAnotherInTurnAreWrittenAsTheyAre() {
		for (int i = 0; i < 1_000; i++) {
			Instant time = TIME.plusMillis(i * 337L % 5_000);
			assertThat(parse(signal().timestamp(time).build()).get("timestamp").asString())
				.satisfies((text) -> assertThat(Instant.parse(text)).isEqualTo(time));
		}
	}

	@ParameterizedTest
	@CsvSource({ "PT0S,0", "PT0.002S,2", "PT0.000000001S,0.000001", "PT-0.0015S,-1.5", "PT2S,2000",
			"PT9223372036854775807S,9223372036854775807000" })
	void runTimeIsADecimalOfMilliseconds(Duration duration, String millis) {
		assertThat(encode(signal().run(new Run(null, null, null, null, duration, null)).build()))
			.contains("\"runMs\":" + millis + ",");
	}

	static Stream<Map.Entry<Object, String>> values() {
		return Stream.of(entry("t", "\"t\""), entry(new StringBuilder("sb"), "\"sb\""), entry('c', "\"c\""),
				entry((byte) 1, "1"), entry((short) 2, "2"), entry(3, "3"),
				entry(Long.MIN_VALUE, "-9223372036854775808"), entry(1.5, "1.5"), entry(2.5f, "2.5"),
				entry(Double.NaN, "\"NaN\""), entry(Float.POSITIVE_INFINITY, "\"Infinity\""),
				entry(Double.NEGATIVE_INFINITY, "\"-Infinity\""), entry(new BigDecimal("1.10"), "1.10"),
				entry(BigInteger.TEN.pow(30), "1" + "0".repeat(30)),
				entry(BigInteger.TEN.pow(1_000), "\"1" + "0".repeat(1_000) + "\""),
				entry(new BigDecimal("1E+500"), "1E+500"), entry(new BigDecimal("1E+501"), "\"1E+501\""),
				entry(new BigDecimal(BigInteger.ONE, Integer.MIN_VALUE), "\"1E+2147483648\""), entry(0.0, "0.0"),
				entry(-0.0, "-0.0"), entry(-0.001, "-0.001"), entry(1e-4, "1.0E-4"), entry(-12.05, "-12.05"),
				entry(100.0, "100.0"), entry(1e9, "1.0E9"), entry(0.1 + 0.2, "0.30000000000000004"),
				entry(Double.MIN_VALUE, "4.9E-324"), entry(Double.MAX_VALUE, "1.7976931348623157E308"),
				entry(new AtomicInteger(7), "7"), entry(new AtomicLong(8), "8"), entry(new Ratio("0.5"), "0.5"),
				entry(new Ratio("1/2"), "\"1/2\""), entry(true, "true"), entry(TimeUnit.DAYS, "\"DAYS\""),
				entry(Kind.LOG, "\"log\""), entry(Level.WARN, "\"warn\""),
				entry(new Uid(0, 1), "\"00000000000000000000000001\""), entry(TIME, "\"2026-01-01T00:00:00.123456Z\""),
				entry(LocalDate.EPOCH, "\"1970-01-01\""), entry(Duration.ofSeconds(90), "\"PT1M30S\""),
				entry(new Date(0), "\"1970-01-01T00:00:00Z\""), entry(Optional.of("x"), "\"x\""),
				entry(Optional.empty(), "null"), entry(OptionalInt.of(4), "4"),
				entry(new UUID(0, 1), "\"00000000-0000-0000-0000-000000000001\""),
				entry(URI.create("https://a.example/b"), "\"https://a.example/b\""),
				entry(Path.of("a", "b"), "\"a/b\""), entry("hi".getBytes(StandardCharsets.UTF_8), "\"aGk=\""),
				entry(new int[] { 1, 2 }, "[1,2]"), entry(new Object[] { "a", null }, "[\"a\",null]"),
				entry(Set.of(5), "[5]"), entry(new LinkedHashMap<>(Map.of(1, "one")), "{\"1\":\"one\"}"),
				entry(Map.of(TimeUnit.DAYS, 1), "{\"DAYS\":1}"),
				entry(Collections.singletonMap(null, 1), "{\"null\":1}"),
				entry(new Point(1, Optional.of(2)), "{\"x\":1,\"y\":2}"),
				entry(new Unreadable(1, 2), "{\"good\":1,\"bad\":\"(unwritable: int)\"}"),
				entry(ErrorData.of("E", "m", null), "{\"type\":\"E\",\"message\":\"m\"}"),
				entry(MAPPER.readTree("{\"a\":[1,\"t\",null,true,{\"b\":1.5}]}"),
						"{\"a\":[1,\"t\",null,true,{\"b\":1.5}]}"),
				entry(new Throwing(), "\"(unwritable: " + Throwing.class.getName() + ")\""),
				entry(new Overflowing(), "\"(unwritable: " + Overflowing.class.getName() + ")\""),
				entry(new ThrowingMap(), "\"(unwritable: " + ThrowingMap.class.getName() + ")\""),
				entry(Map.of(new Throwing(), 1), "{\"(unwritable: " + Throwing.class.getName() + ")\":1}"),
				entry(List.of(1, new Throwing(), 2), "[1,\"(unwritable: " + Throwing.class.getName() + ")\",2]"));
	}

	@ParameterizedTest
	@MethodSource("values")
	void valuesOfAnyTypeComeOutAsWhatTheyMean(Map.Entry<Object, String> example) {
		assertThat(dataValue(example.getKey())).isEqualTo(example.getValue());
	}

	@Test
	void anExceptionInTheDataIsAnErrorObject() {
		JsonNode error = parse(data(new IllegalStateException("outer", new IOException("inner")))).at("/data/v");
		assertThat(error.get("type").asString()).isEqualTo("java.lang.IllegalStateException");
		assertThat(error.at("/stack").asString()).startsWith("at " + getClass().getName());
		assertThat(error.at("/cause/message").asString()).isEqualTo("inner");
	}

	@Test
	void twoKeysWithTheSameTextAreTwoFields() {
		Map<Object, Object> map = new LinkedHashMap<>();
		map.put(1, "a");
		map.put("1", "b");
		map.put(1L, "c");
		assertThat(dataValue(map)).isEqualTo("{\"1\":\"a\",\"1#2\":\"b\",\"1#3\":\"c\"}");
	}

	@Test
	void aTextIsCutAt32768CharactersAndNotWithinAPair() {
		assertThat(parse(data("x".repeat(32_768))).at("/data/v").asString()).isEqualTo("x".repeat(32_768));
		assertThat(parse(data("x".repeat(32_769))).at("/data/v").asString()).isEqualTo("x".repeat(32_768) + "…");
		String pair = "x".repeat(32_767) + "\ud83d\ude00";
		assertThat(parse(data(pair)).at("/data/v").asString()).isEqualTo("x".repeat(32_767) + "…");
		assertThat(parse(signal().message("m".repeat(50_000)).build()).get("msg").asString()).hasSize(32_769);
	}

	@Test
	void bytesAreCutSoThatWhatIsLeftIsWholeBase64() {
		assertThat(parse(data(new byte[100_000])).at("/data/v").asString()).isEqualTo("A".repeat(32_768) + "…");
	}

	@Test
	void aCollectionIsCutAt1024ElementsAndTellsHowManyAreLeftOut() {
		List<Integer> elements = IntStream.range(0, 1_030).boxed().toList();
		for (Object value : List.of(elements, elements.toArray(), elements.stream().mapToInt((i) -> i).toArray())) {
			JsonNode array = parse(data(value)).at("/data/v");
			assertThat(array.size()).isEqualTo(1_025);
			assertThat(array.get(1_023).intValue()).isEqualTo(1_023);
			assertThat(array.get(1_024).asString()).isEqualTo("… 6 more left out");
		}
		Map<Integer, Integer> map = elements.stream().collect(Collectors.toMap((i) -> i, (i) -> i));
		assertThat(parse(data(map)).at("/data/v/…").asString()).isEqualTo("6 more left out");
		assertThat(parse(data(elements.subList(0, 1_024))).at("/data/v").size()).isEqualTo(1_024);
	}

	@Test
	void anEndlessIterableIsCutToo() {
		Iterable<Integer> endless = () -> Stream.generate(() -> 1).iterator();
		JsonNode array = parse(data(endless)).at("/data/v");
		assertThat(array.size()).isEqualTo(1_025);
		assertThat(array.get(1_024).asString()).isEqualTo("… more left out");
	}

	@Test
	void dataOfMoreThan1024FieldsIsCut() {
		Map<String, Object> data = new HashMap<>();
		IntStream.range(0, 2_000).forEach((i) -> data.put("k" + i, i));
		JsonNode written = parse(signal().data(data).build()).get("data");
		assertThat(written.size()).isEqualTo(1_025);
		assertThat(written.get("…").asString()).isEqualTo("976 more left out");
	}

	@Test
	void sixteenContainersWithinOneAnotherAreWrittenAndNoMore() {
		Object value = "core";
		for (int i = 0; i < 16; i++) {
			value = List.of(value);
		}
		assertThat(dataValue(value)).isEqualTo("[".repeat(16) + "\"core\"" + "]".repeat(16));
		assertThat(dataValue(List.of(value))).isEqualTo("[".repeat(16) + "\"(too deep)\"" + "]".repeat(16));
	}

	@Test
	void aCycleEndsWhereItCloses() {
		List<Object> list = new ArrayList<>();
		list.add(Map.of("self", list));
		assertThat(dataValue(list)).isEqualTo("[{\"self\":\"(cycle)\"}]");
	}

	@Test
	void aValueThatHoldsTheSamePartVeryOftenIsCut() {
		Object value = "leaf";
		for (int i = 0; i < 16; i++) {
			value = Collections.nCopies(1_000, value);
		}
		String line = encode(signal().data(Map.of("v", value)).message("m").threadName("t").build());
		assertThat(line.length()).isBetween(1_000_000, 1_200_000);
		assertThat(MAPPER.readTree(line).get("thread").asString()).isEqualTo("t");
		assertThat(line).contains("more left out");
	}

	@Test
	void causesBeyondTheDepthOfErrorDataAreLeftOut() {
		ErrorData error = ErrorData.of("E", null, null);
		for (int i = 0; i < 100; i++) {
			error = new ErrorData("E" + i, null, null, error, List.of());
		}
		JsonNode node = parse(signal().error(error).build()).get("error");
		int causes = 0;
		while (node.has("cause")) {
			node = node.get("cause");
			causes++;
		}
		assertThat(causes).isEqualTo(ErrorData.MAX_DEPTH);
	}

	@Test
	void onlyTheFailureOfTheSignalHasAFingerprint() {
		ErrorData error = new ErrorData("E", "m", null, ErrorData.of("C", null, null), List.of());
		JsonNode node = parse(signal().error(error).data(Map.of("other", error)).build());
		assertThat(node.at("/error/fingerprint").asString()).isEqualTo(error.fingerprint());
		assertThat(node.get("error").propertyNames()).last().isEqualTo("fingerprint");
		assertThat(node.at("/error/cause").has("fingerprint")).isFalse();
		assertThat(node.at("/data/other").has("fingerprint")).isFalse();
	}

	@Test
	void anExceptionWhoseMethodsThrowAnErrorIsStillTold() {
		RuntimeException hostile = new RuntimeException() {
			private static final long serialVersionUID = 1L;

			@Override
			public String getMessage() {
				throw new NoClassDefFoundError("gone");
			}
		};
		JsonNode error = parse(signal().throwable(hostile).build()).get("error");
		assertThat(error.get("type").asString()).isEqualTo(hostile.getClass().getName());
		assertThat(error.get("message").asString()).isEqualTo("(getMessage threw java.lang.NoClassDefFoundError)");
	}

	@Test
	void controlCharactersAreEscaped() {
		assertThat(dataValue("\n\u001b\u007f\u0085\u009b\u2028\u2029\ud800é\ud83d\ude00"))
			.isEqualToIgnoringCase("\"\\n\\u001b\\u007f\\u0085\\u009b\\u2028\\u2029\\ud800é\ud83d\ude00\"");
		assertThat(parse(data("\u0000\u0085\u2028\ud800x")).at("/data/v").asString())
			.isEqualTo("\u0000\u0085\u2028\ud800x");
	}

	@Test
	void halfAPairInANameIsReplacedBecauseReadersRefuseIt() {
		assertThat(parse(signal().data(Map.of("a\ud800b\ud83d\ude00\udc00", 1)).build()).get("data").propertyNames())
			.containsExactly("a\ufffdb\ud83d\ude00\ufffd");
		assertThat(dataValue(Map.of("\udc00", 1))).isEqualTo("{\"\ufffd\":1}");
	}

	@Test
	void randomSignalsAreOneLineOfValidJson() {
		RandomValues values = new RandomValues(20260101);
		for (int i = 0; i < 1_500; i++) {
			Signal signal = values.signal();
			ByteArrayOutputStream out = new ByteArrayOutputStream();
			write(signal, out);
			byte[] bytes = out.toByteArray();
			String line = new String(bytes, StandardCharsets.UTF_8);
			assertThat(line.chars()).noneMatch((c) -> Character.isISOControl(c) || c == 0x2028 || c == 0x2029);
			JsonNode parsed = MAPPER.readTree(bytes);
			assertThat(parsed.path("msg").asString("")).isEqualTo((signal.message() != null) ? signal.message() : "");
			assertThat(parsed.path("data").size()).isEqualTo(signal.data().size());
			assertThat(parsed.get("uid").asString()).isEqualTo(signal.uid().toString());
		}
	}

	@Test
	void everyDoubleIsReadBackAsTheSame() {
		Random random = new Random(1);
		for (int i = 0; i < 50_000; i++) {
			double number = switch (i % 4) {
				case 0 -> Double.longBitsToDouble(random.nextLong());
				case 1 -> random.nextInt() / 1000.0;
				case 2 -> random.nextInt(100_000) / 100.0;
				default -> random.nextLong() / 1000.0;
			};
			if (Double.isFinite(number)) {
				String text = dataValue(number);
				assertThat(Double.parseDouble(text)).isEqualTo(number);
				assertThat(text.length()).isLessThanOrEqualTo(Double.toString(number).length());
			}
		}
	}

	@Test
	void namesThatComeOutTheSameStayApart() {
		Map<String, Object> data = new LinkedHashMap<>();
		data.put("a\ud800", 1);
		data.put("a\ud801", 2);
		data.put("a\ufffd", 3);
		assertThat(parse(signal().data(data).build()).get("data").toString())
			.isEqualTo("{\"a\ufffd#2\":1,\"a\ufffd#3\":2,\"a\ufffd\":3}");
	}

	@Test
	void markOfWhatIsLeftOutIsNotTakenForAField() {
		Map<String, Object> data = new LinkedHashMap<>();
		data.put("…", "mine");
		IntStream.range(0, 2_000).forEach((i) -> data.put("k" + i, i));
		JsonNode written = parse(signal().data(Map.of("v", data, "…", 1)).build()).get("data");
		assertThat(written.at("/v/…").asString()).isEqualTo("mine");
		assertThat(written.at("/v/……").asString()).isEqualTo("977 more left out");
		assertThat(parse(signal().data(data).build()).at("/data/…#2").asString()).isEqualTo("977 more left out");
	}

	@Test
	void whoSpeaksIsWrittenForEachSignalAsItIs() {
		ServiceIdentity shop = new ServiceIdentity("shop", null, null, null, null, "h1");
		ServiceIdentity bank = new ServiceIdentity("bank", null, null, null, null, "h2");
		for (ServiceIdentity service : List.of(shop, shop, bank, shop, ServiceIdentity.UNKNOWN, bank)) {
			JsonNode node = parse(signal().service(service).build());
			assertThat(node.path("host").asString("")).isEqualTo((service.host() != null) ? service.host() : "");
			assertThat(node.at("/service/name").asString("")).isEqualTo((service.name() != null) ? service.name() : "");
		}
	}

	@Test
	void longTextsOfPairsSurviveWhereverTheyAreSplit() {
		for (int offset = 0; offset < 4; offset++) {
			String text = "x".repeat(offset) + "\ud83d\ude00".repeat(12_000);
			assertThat(parse(data(text)).at("/data/v").asString()).isEqualTo(text);
		}
	}

	@Test
	void aDestinationGetsTheWholeSignalInOneWrite() {
		List<Integer> writes = new ArrayList<>();
		OutputStream out = new OutputStream() {
			@Override
			public void write(int b) {
				writes.add(1);
			}

			@Override
			public void write(byte[] bytes, int offset, int length) {
				writes.add(length);
			}
		};
		Signal signal = data("x".repeat(30_000));
		write(signal, out);
		assertThat(writes).containsExactly(encode(signal).length());
	}

	@Test
	void aFailureOfTheDestinationIsPassedOnAndHarmsNoLaterSignal() {
		OutputStream broken = new OutputStream() {
			@Override
			public void write(int b) throws IOException {
				throw new IOException("broken");
			}
		};
		Signal signal = data("x");
		String before = encode(signal);
		assertThatIOException().isThrownBy(() -> this.encoder.encode(signal, broken)).withMessage("broken");
		assertThat(encode(signal)).isEqualTo(before);
	}

	@Test
	void aValueThatEncodesAnotherSignalWhileItIsWrittenIsWrittenWhole() {
		Object nested = new Object() {
			@Override
			public String toString() {
				return "inner " + encode(JsonSignalEncoderTests.data("v"));
			}
		};
		assertThat(parse(data(nested)).at("/data/v").asString()).startsWith("inner {\"timestamp\"").endsWith("}");
	}

	@Test
	void severalThreadsAtOnceEachWriteTheirOwnSignal() throws Exception {
		int threads = 4;
		CyclicBarrier start = new CyclicBarrier(threads);
		ExecutorService executor = Executors.newFixedThreadPool(threads);
		try {
			List<Future<?>> results = new ArrayList<>();
			for (int t = 0; t < threads; t++) {
				String text = String.valueOf((char) ('a' + t)).repeat(100 + t);
				results.add(executor.submit(() -> {
					start.await();
					for (int i = 0; i < 2_000; i++) {
						assertThat(dataValue(text)).isEqualTo('"' + text + '"');
					}
					return null;
				}));
			}
			for (Future<?> result : results) {
				result.get(30, TimeUnit.SECONDS);
			}
		}
		finally {
			executor.shutdownNow();
		}
	}

	private static Signal.Builder signal() {
		return Signal.builder(Level.INFO, Kind.LOG, "com.acme.Login").timestamp(TIME);
	}

	private static Signal data(Object value) {
		return signal().data(Collections.singletonMap("v", value)).uid(new Uid(0, 0)).build();
	}

	private String dataValue(Object value) {
		String line = encode(data(value));
		String start = "\"data\":{\"v\":";
		return line.substring(line.indexOf(start) + start.length(), line.lastIndexOf("},\"uid\""));
	}

	private JsonNode parse(Signal signal) {
		return MAPPER.readTree(encode(signal));
	}

	private String encode(Signal signal) {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		write(signal, out);
		return out.toString(StandardCharsets.UTF_8);
	}

	private void write(Signal signal, OutputStream out) {
		try {
			this.encoder.encode(signal, out);
		}
		catch (IOException ex) {
			throw new AssertionError(ex);
		}
	}

	private static Map.Entry<Object, String> entry(Object value, String json) {
		return new AbstractMap.SimpleEntry<>(value, json);
	}

	private record Point(int x, Optional<Integer> y) {
	}

	private record Unreadable(int good, int bad) {

		@Override
		public int bad() {
			throw new IllegalStateException("bad");
		}

	}

	private static final class Throwing {

		@Override
		public String toString() {
			throw new IllegalStateException("no text");
		}

	}

	private static final class Overflowing {

		@Override
		public String toString() {
			return "x" + this;
		}

	}

	private static final class ThrowingMap extends AbstractMap<String, Object> {

		@Override
		public Set<Entry<String, Object>> entrySet() {
			throw new IllegalStateException("no entries");
		}

		@Override
		public String toString() {
			return "a map";
		}

	}

	private static final class Ratio extends Number {

		private static final long serialVersionUID = 1L;

		private final String text;

		Ratio(String text) {
			this.text = text;
		}

		@Override
		public int intValue() {
			return 0;
		}

		@Override
		public long longValue() {
			return 0;
		}

		@Override
		public float floatValue() {
			return 0;
		}

		@Override
		public double doubleValue() {
			return 0;
		}

		@Override
		public String toString() {
			return this.text;
		}

	}

}
