package io.telemetry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

import io.telemetry.context.Scope;
import io.telemetry.encode.Format;
import io.telemetry.encode.JsonSignalEncoder;
import io.telemetry.filter.SignalPredicate;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.handler.QueueOptions;
import io.telemetry.handler.file.FileHandler;
import io.telemetry.handler.file.FileOptions;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.stats.Outcome;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Data that no output can like, from the call to the line in the file: the caller notices
 * nothing, the line is good or missing and counted, and its neighbours are whole.
 */
@Timeout(120)
class BadDataTests {

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	private static final ObjectMapper MAPPER = new ObjectMapper();

	@TempDir
	Path directory;

	private SignalPipeline pipeline;

	private Telemetry telemetry;

	private final AtomicLong faults = new AtomicLong();

	@BeforeEach
	void start() {
		HandlerOptions options = HandlerOptions.DEFAULTS
			.withQueue(QueueOptions.DEFAULTS.withBatches(5, Duration.ofMillis(1)));
		SignalPipeline.Builder builder = SignalPipeline.builder()
			.faultListener((fault) -> this.faults.incrementAndGet())
			.settings((settings) -> settings.withFilter(settings.filter()
				.withWhen(SignalPredicate.parse(
						"not (data.value = 'x' or data.value contains 'nowhere' or data.value.self.self like 'nowhere*')"))))
			.handler("direct", new FileHandler(new JsonSignalEncoder(), FileOptions.of(file("direct"))),
					options.withQueue(null));
		for (Format format : Format.values()) {
			String name = format.toString();
			builder.handler(name, new FileHandler(format.newEncoder(), FileOptions.of(file(name))), options);
		}
		this.pipeline = builder.build();
		this.telemetry = new Telemetry(this.pipeline, "test");
	}

	private Path file(String name) {
		return this.directory.resolve(name + ".txt");
	}

	static List<Named> values() {
		List<Named> values = new ArrayList<>();
		Map<Object, Object> self = new HashMap<>();
		self.put("self", self);
		values.add(new Named("map with itself", self));
		Map<String, Object> first = new LinkedHashMap<>();
		first.put("list", List.of(Arrays.asList(1, List.of(first))));
		values.add(new Named("map in list in list in map", first));
		List<Object> list = new ArrayList<>();
		list.add(list);
		values.add(new Named("list with itself", list));
		Object[] array = new Object[1];
		array[0] = array;
		values.add(new Named("array with itself", array));
		for (Throwable ex : List.of(new IllegalStateException("no"), new Error("no"), new StackOverflowError(),
				new IOException("no"))) {
			String name = ex.getClass().getSimpleName();
			values.add(new Named("object that throws " + name, new Thrower(ex)));
			values.add(new Named("text that throws " + name, new ThrowingText(ex)));
			values.add(new Named("number that throws " + name, new ThrowingNumber(ex)));
			values.add(new Named("iterable that throws " + name, (Iterable<Object>) () -> sneak(ex)));
			values.add(new Named("map that throws " + name, new ThrowingMap(ex)));
			values.add(new Named("map in map that throws " + name, Map.of("a", new ThrowingMap(ex))));
			values.add(new Named("map with a key that throws " + name, oneField(new KeyThatThrows(ex))));
			values.add(new Named("record that throws " + name, new Odd(ex)));
			values.add(new Named("exception that throws " + name, new ThrowingException(ex)));
		}
		values.add(new Named("null key", oneField(null)));
		values.add(new Named("keys of one text", Map.of(1, "a", 1L, "b")));
		values.add(new Named("huge text", "x\u0000\u2028\ud800".repeat(1_000_000)));
		values.add(new Named("huge bytes", new byte[5_000_000]));
		values.add(new Named("endless iterable", (Iterable<Object>) () -> new Iterator<>() {

			@Override
			public boolean hasNext() {
				return true;
			}

			@Override
			public Object next() {
				return "again";
			}

		}));
		List<Object> deep = new ArrayList<>();
		Map<String, Object> deepMap = new HashMap<>();
		for (int i = 0; i < 100_000; i++) {
			deep = new ArrayList<>(List.<Object>of(deep));
			Map<String, Object> next = new HashMap<>();
			next.put("m", deepMap);
			deepMap = next;
		}
		values.add(new Named("deep list", deep));
		values.add(new Named("deep map", deepMap));
		List<Object> wide = new ArrayList<>();
		for (int i = 0; i < 40; i++) {
			wide = List.of(wide, wide, wide);
		}
		values.add(new Named("the same part many times", wide));
		Exception cyclic = new IllegalStateException("a");
		cyclic.initCause(new IOException("b", cyclic));
		cyclic.addSuppressed(new IllegalStateException("c", cyclic));
		values.add(new Named("exception with cyclic causes", cyclic));
		Exception chain = new IllegalStateException("end");
		for (int i = 0; i < 5000; i++) {
			chain = new IllegalStateException("x".repeat(100), chain);
		}
		values.add(new Named("exception with thousands of causes", chain));
		values.add(new Named("not a number", List.of(Double.NaN, Float.NEGATIVE_INFINITY)));
		values.add(new Named("optional", Optional.of(Optional.of(self))));
		return values;
	}

	@ParameterizedTest
	@MethodSource("values")
	void valueThatNoOutputCanLikeHarmsNobody(Named value) throws Exception {
		Map<String, Object> data = Map.of("value", value.value());
		Throwable throwable = (value.value() instanceof Throwable ex) ? ex : new IllegalStateException("no");
		List<Runnable> calls = new ArrayList<>();
		calls.add(() -> this.telemetry.log(Level.INFO, "bad", data));
		calls.add(() -> this.telemetry.event("bad", data));
		calls.add(() -> this.telemetry.error(throwable, data));
		calls.add(() -> this.telemetry.signal().data(data).data("more", value.value()).emit());
		calls.add(() -> this.telemetry.log(Level.INFO, () -> "bad", () -> data));
		calls.add(() -> assertThat(this.telemetry.signal(Level.INFO, Kind.TRACE).id("bad").observe(value::value))
			.matches((result) -> result == value.value()));
		calls.add(() -> assertThat(this.telemetry.<Object, RuntimeException>spy(Level.INFO, value::value))
			.matches((result) -> result == value.value()));
		calls.add(() -> {
			try (Scope scope = this.telemetry.withContext(data)) {
				assertThat(scope).isNotNull();
				this.telemetry.log("bad");
			}
		});
		calls.add(() -> this.telemetry.performance("bad", 1, data));
		for (Runnable call : calls) {
			this.telemetry.log("neighbour");
			call.run();
		}
		this.telemetry.log("neighbour");
		everyLineIsWholeAndEverySumCloses(calls.size());
	}

	static List<Named> maps() {
		List<Named> maps = new ArrayList<>();
		for (Throwable ex : List.of(new IllegalStateException("no"), new Error("no"), new StackOverflowError(),
				new IOException("no"))) {
			String name = ex.getClass().getSimpleName();
			maps.add(new Named("map that throws " + name, new ThrowingMap(ex)));
			maps.add(new Named("map with a key that throws " + name, oneField(new KeyThatThrows(ex))));
		}
		maps.add(new Named("null key", oneField(null)));
		maps.add(new Named("keys that are no texts", Map.of(1, "a", List.of(), "b")));
		Map<Object, Object> self = new HashMap<>();
		self.put("self", self);
		maps.add(new Named("map with itself", self));
		return maps;
	}

	@ParameterizedTest
	@MethodSource("maps")
	@SuppressWarnings("unchecked")
	void mapThatNoOutputCanLikeHarmsNobody(Named map) throws Exception {
		Map<String, Object> data = (Map<String, Object>) map.value();
		List<Runnable> calls = List.of(() -> this.telemetry.log(Level.INFO, "bad", data),
				() -> this.telemetry.event("bad", data),
				() -> this.telemetry.error(new IllegalStateException("no"), data),
				() -> this.telemetry.error("bad", data), () -> this.telemetry.signal().data(data).emit(),
				() -> this.telemetry.signal().data(data).data("a", 1).emit(),
				() -> this.telemetry.signal().context(data).emit(),
				() -> this.telemetry.log(Level.INFO, () -> "bad", () -> data),
				() -> this.telemetry.signal(Level.INFO, Kind.TRACE).id("bad").data(data).observe(() -> 1),
				() -> this.telemetry.performance("bad", 1, data));
		for (Runnable call : calls) {
			this.telemetry.log("neighbour");
			call.run();
		}
		this.telemetry.log("neighbour");
		everyLineIsWholeAndEverySumCloses(calls.size());
	}

	@Test
	void exceptionWithoutAnyUsableMethodIsTold() throws Exception {
		this.telemetry.log("neighbour");
		this.telemetry.error(new ThrowingException(new Error("no")));
		this.telemetry.log("neighbour");
		everyLineIsWholeAndEverySumCloses(1);
		assertThat(Files.readString(file("json"))).contains("ThrowingException");
	}

	private void everyLineIsWholeAndEverySumCloses(int calls) throws Exception {
		assertThat(this.pipeline.flush(PATIENCE)).isTrue();
		this.pipeline.close();
		assertThat(this.pipeline.stats().inFlight()).as(this.pipeline.stats().toString()).isZero();
		assertThat(this.pipeline.stats().received()).isEqualTo(2L * calls + 1);
		long errors = this.pipeline.stats().count(Outcome.ERRORS);
		assertThat(this.faults.get()).isGreaterThanOrEqualTo(errors);
		for (String name : List.of("json", "direct")) {
			List<String> lines = Files.readAllLines(file(name));
			var stats = this.pipeline.handler(name).stats();
			assertThat(stats.inFlight()).isZero();
			assertThat(stats.count(Outcome.HANDLED)).isEqualTo(lines.size());
			assertThat(stats.count(Outcome.ERRORS)).isZero();
			assertThat(lines).hasSize((int) (2L * calls + 1 - errors));
			List<JsonNode> nodes = lines.stream().map(MAPPER::readTree).toList();
			assertThat(nodes).filteredOn((node) -> node.path("msg").asString("").equals("neighbour"))
				.hasSize(calls + 1);
			assertThat(nodes).allSatisfy((node) -> assertThat(node.path("uid").isString()).isTrue());
		}
		for (Format format : Format.values()) {
			var stats = this.pipeline.handler(format.toString()).stats();
			assertThat(stats.count(Outcome.HANDLED)).as(format.toString()).isEqualTo(stats.received());
		}
		assertThat(Files.readAllLines(file("pretty"))).filteredOn((line) -> line.endsWith(" - neighbour"))
			.hasSize(calls + 1);
	}

	@SuppressWarnings("unchecked")
	private static <T, X extends Throwable> T sneakily(Throwable ex) throws X {
		throw (X) ex;
	}

	private static <T> T sneak(Throwable ex) {
		return BadDataTests.<T, RuntimeException>sneakily(ex);
	}

	private static Map<Object, Object> oneField(@Nullable Object key) {
		return new AbstractMap<>() {

			@Override
			public Set<Entry<Object, Object>> entrySet() {
				return Set.of(new SimpleEntry<>(key, 1) {

					private static final long serialVersionUID = 1L;

					@Override
					public int hashCode() {
						return 1;
					}

				});
			}

		};
	}

	record Named(String name, Object value) {

		@Override
		public String toString() {
			return this.name;
		}

	}

	record Odd(Throwable ex) {

		@Override
		public Throwable ex() {
			return sneak(this.ex);
		}

		@Override
		public String toString() {
			return sneak(this.ex);
		}

	}

	private static class Thrower {

		private final Throwable ex;

		Thrower(Throwable ex) {
			this.ex = ex;
		}

		@Override
		public boolean equals(Object other) {
			return sneak(this.ex);
		}

		@Override
		public int hashCode() {
			return BadDataTests.<Integer>sneak(this.ex);
		}

		@Override
		public String toString() {
			return sneak(this.ex);
		}

	}

	private static final class KeyThatThrows extends Thrower {

		KeyThatThrows(Throwable ex) {
			super(ex);
		}

	}

	private static final class ThrowingText extends Thrower implements CharSequence {

		ThrowingText(Throwable ex) {
			super(ex);
		}

		@Override
		public int length() {
			return 5;
		}

		@Override
		public char charAt(int index) {
			return BadDataTests.<Character>sneak(new IllegalStateException("no"));
		}

		@Override
		public CharSequence subSequence(int start, int end) {
			return sneak(new IllegalStateException("no"));
		}

	}

	private static final class ThrowingNumber extends Number {

		private static final long serialVersionUID = 1L;

		private final Throwable ex;

		ThrowingNumber(Throwable ex) {
			this.ex = ex;
		}

		@Override
		public int intValue() {
			return BadDataTests.<Integer>sneak(this.ex);
		}

		@Override
		public long longValue() {
			return BadDataTests.<Long>sneak(this.ex);
		}

		@Override
		public float floatValue() {
			return BadDataTests.<Float>sneak(this.ex);
		}

		@Override
		public double doubleValue() {
			return BadDataTests.<Double>sneak(this.ex);
		}

		@Override
		public String toString() {
			return sneak(this.ex);
		}

	}

	private static final class ThrowingMap extends AbstractMap<String, Object> {

		private final Throwable ex;

		ThrowingMap(Throwable ex) {
			this.ex = ex;
		}

		@Override
		public Set<Entry<String, Object>> entrySet() {
			return sneak(this.ex);
		}

	}

	private static final class ThrowingException extends Exception {

		private static final long serialVersionUID = 1L;

		private final Throwable ex;

		ThrowingException(Throwable ex) {
			this.ex = ex;
		}

		@Override
		public String getMessage() {
			return sneak(this.ex);
		}

		@Override
		public synchronized Throwable getCause() {
			return sneak(this.ex);
		}

		@Override
		public StackTraceElement[] getStackTrace() {
			return sneak(this.ex);
		}

		@Override
		public String toString() {
			return sneak(this.ex);
		}

	}

}
