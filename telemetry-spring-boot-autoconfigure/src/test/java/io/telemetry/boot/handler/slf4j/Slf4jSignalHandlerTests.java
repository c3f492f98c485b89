package io.telemetry.boot.handler.slf4j;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.telemetry.signal.ErrorData;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Measurement;
import io.telemetry.signal.Run;
import io.telemetry.signal.Signal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.event.KeyValuePair;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.logging.logback.StructuredLogEncoder;
import org.springframework.core.env.Environment;
import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link Slf4jSignalHandler}, against Logback.
 */
class Slf4jSignalHandlerTests {

	private static final String NAMESPACE = "test.slf4j";

	private final Slf4jSignalHandler handler = new Slf4jSignalHandler();

	private final Logger logger = (Logger) LoggerFactory.getLogger(NAMESPACE);

	private final ListAppender<ILoggingEvent> appender = new ListAppender<>() {
		@Override
		protected void append(ILoggingEvent event) {
			// As appenders with a queue do.
			event.prepareForDeferredProcessing();
			super.append(event);
		}
	};

	@BeforeEach
	void listen() {
		this.appender.start();
		this.logger.addAppender(this.appender);
		this.logger.setLevel(ch.qos.logback.classic.Level.TRACE);
		this.logger.setAdditive(false);
	}

	@AfterEach
	void stopListening() {
		MDC.clear();
		this.logger.detachAppender(this.appender);
		this.logger.setAdditive(true);
	}

	private static Signal.Builder signal(Level level) {
		return Signal.builder(level, Kind.LOG, NAMESPACE);
	}

	private ILoggingEvent handle(Signal signal) {
		this.handler.handle(signal);
		return this.appender.list.get(this.appender.list.size() - 1);
	}

	@Test
	void idMessageAndDataAreInTheText() {
		Map<String, Object> data = new LinkedHashMap<>();
		data.put("orderId", 17);
		data.put("customer", "Ada");
		ILoggingEvent event = handle(signal(Level.INFO).id("shop/order").message("Order placed").data(data).build());
		assertThat(event.getFormattedMessage()).isEqualTo("shop/order Order placed {orderId=17, customer=Ada}");
		assertThat(event.getLoggerName()).isEqualTo(NAMESPACE);
	}

	@Test
	void dataAreKeyValuePairs() {
		ILoggingEvent event = handle(signal(Level.INFO).data(Map.of("orderId", 17)).build());
		assertThat(event.getKeyValuePairs()).containsExactly(new KeyValuePair("orderId", 17));
	}

	@Test
	void contextIsToldApartFromData() {
		ILoggingEvent event = handle(signal(Level.INFO).data(Map.of("user", "a")).context(Map.of("user", "b")).build());
		assertThat(event.getFormattedMessage()).isEqualTo("{user=a, ctx.user=b}");
	}

	@Test
	void contextIsInTheMdcForTheLineAlone() {
		MDC.put("tenant", "acme");
		MDC.put("user", "outer");
		ILoggingEvent event = handle(signal(Level.INFO).context(Map.of("order", 17, "tenant", "acme", "user", "ada"))
			.run(new Run("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", null, null, null, null))
			.build());
		assertThat(event.getMDCPropertyMap()).containsOnly(Map.entry("tenant", "acme"), Map.entry("user", "outer"),
				Map.entry("order", "17"), Map.entry("ctx.user", "ada"),
				Map.entry("traceId", "4bf92f3577b34da6a3ce929d0e0e4736"), Map.entry("spanId", "00f067aa0ba902b7"));
		assertThat(event.getKeyValuePairs()).isNull();
		assertThat(MDC.getCopyOfContextMap()).isEqualTo(Map.of("tenant", "acme", "user", "outer"));
	}

	@Test
	void traceOfTheApplicationsTracerStays() {
		MDC.put("traceId", "theirs");
		ILoggingEvent event = handle(
				signal(Level.INFO).run(new Run("4bf92f3577b34da6a3ce929d0e0e4736", null, null, null, null, null))
					.build());
		assertThat(event.getMDCPropertyMap()).isEqualTo(Map.of("traceId", "theirs"));
	}

	@Test
	void everyLineCarriesTheMarker() {
		assertThat(handle(signal(Level.INFO).message("m").build()).getMarkerList())
			.containsExactly(Slf4jSignalHandler.MARKER);
	}

	@Test
	void whatTheLogHasAlreadyIsLeftOut() {
		this.handler.handle(signal(Level.ERROR).message("m").logged(true).build());
		assertThat(this.appender.list).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "ecs", "logstash", "gelf" })
	void noNameCostsTheLineInStructuredLogging(String format) throws Exception {
		MDC.put("orderId", "17");
		MDC.put("cart", "c1");
		Map<String, Object> data = new LinkedHashMap<>();
		for (String name : List.of("orderId", "cart.total", "message", "level", "log", "log.level", "process",
				"service", "tags", "error", "error.type", "@timestamp", "version", "_level_name", "stack_trace", "a",
				"a.b", "a.b.c", "a_b", "x.y", "x", "data", "data.message", "ctx", "plain", "", ".")) {
			data.put(name, "value of " + name);
		}
		Map<String, Object> context = new LinkedHashMap<>();
		for (String name : List.of("orderId", "message", "level", "error", "traceId", "ctx.level", "plain", "own",
				"own.more")) {
			context.put(name, "context " + name);
		}
		ILoggingEvent event = handle(signal(Level.FATAL).id("app/down")
			.message("down")
			.data(data)
			.context(context)
			.throwable(new IllegalStateException("on purpose"))
			.build());
		StructuredLogEncoder encoder = new StructuredLogEncoder();
		LoggerContext logback = new LoggerContext();
		logback.putObject(Environment.class.getName(), new MockEnvironment());
		encoder.setContext(logback);
		encoder.setFormat(format);
		encoder.start();
		String line = new String(encoder.encode(event), StandardCharsets.UTF_8);
		Map<?, ?> json = new JsonMapper().readValue(line, Map.class);
		assertThat(line).contains("app/down down {").contains("on purpose");
		String prefix = format.equals("gelf") ? "_" : "";
		assertThat(json.get(prefix + "plain")).isEqualTo("value of plain");
		assertThat(json.get(prefix + "own")).isEqualTo("context own");
		assertThat(json.get(prefix + "orderId")).isEqualTo("17");
		assertThat(line).contains("value of orderId").contains("value of message").contains("context message");
	}

	@Test
	void fieldsKeepTheirNamesWhereNothingElseHasThem() {
		ILoggingEvent event = handle(signal(Level.ERROR).message("x")
			.data(Map.of("cart.total", 3))
			.error(ErrorData.of("TypeError", "y", null))
			.build());
		assertThat(event.getKeyValuePairs()).containsExactly(new KeyValuePair("cart.total", 3),
				new KeyValuePair("error.type", "TypeError"), new KeyValuePair("error.message", "y"));
	}

	@Test
	void bracesInAMessageAreNoPlaceholders() {
		assertThat(handle(signal(Level.INFO).message("a {} b").data(Map.of("x", 1)).build()).getFormattedMessage())
			.isEqualTo("a {} b {x=1}");
	}

	@ParameterizedTest
	@CsvSource({ "1,TRACE", "10,TRACE", "19,TRACE", "20,DEBUG", "49,DEBUG", "50,INFO", "55,INFO", "60,WARN", "70,ERROR",
			"80,ERROR", "90,ERROR", "1000,ERROR" })
	void levelIsTheNextBelow(int level, String expected) {
		assertThat(handle(signal(Level.of(level)).build()).getLevel()).hasToString(expected);
	}

	@Test
	void levelThatSlf4jLacksIsAField() {
		assertThat(handle(signal(Level.FATAL).message("down").build()).getFormattedMessage())
			.isEqualTo("down {level=fatal}");
		assertThat(handle(signal(Level.of(55)).message("odd").build()).getFormattedMessage())
			.isEqualTo("odd {level=55}");
	}

	@Test
	void loggerThatIsOffCostsNoText() {
		this.logger.setLevel(ch.qos.logback.classic.Level.WARN);
		Object value = new Object() {
			@Override
			public String toString() {
				throw new AssertionError("rendered");
			}
		};
		this.handler.handle(signal(Level.INFO).data(Map.of("value", value)).build());
		assertThat(this.appender.list).isEmpty();
	}

	@Test
	void exceptionIsTheCause() {
		IllegalStateException exception = new IllegalStateException("on purpose");
		ILoggingEvent event = handle(signal(Level.ERROR).throwable(exception).build());
		assertThat(event.getThrowableProxy().getClassName()).isEqualTo(IllegalStateException.class.getName());
		assertThat(event.getFormattedMessage()).doesNotContain("error.stack");
	}

	@Test
	void stackOfABrowserIsAFieldOnTheSameLine() {
		ILoggingEvent event = handle(signal(Level.ERROR).message("x")
			.error(ErrorData.of("TypeError", "x is undefined", "at a (a.js:1)\nat b (b.js:2)"))
			.build());
		assertThat(event.getThrowableProxy()).isNull();
		assertThat(event.getFormattedMessage()).isEqualTo(
				"x {error.type=TypeError, error.message=x is undefined, error.stack=at a (a.js:1)\\nat b (b.js:2)}");
	}

	@Test
	void whatABrowserSaysTwiceIsShownOnce() {
		ILoggingEvent event = handle(signal(Level.ERROR).message("x is undefined")
			.data(Map.of("message", "x is undefined", "stack", "at a"))
			.error(ErrorData.of("TypeError", "x is undefined", "at a"))
			.build());
		assertThat(event.getFormattedMessage()).isEqualTo("x is undefined {stack=at a, error.type=TypeError}");
	}

	@Test
	void measurementIsShown() {
		ILoggingEvent event = handle(
				signal(Level.INFO).id("m").measurement(new Measurement(2.5, "ms", Map.of("path", "/"))).build());
		assertThat(event.getFormattedMessage()).isEqualTo("m {value=2.5, unit=ms, path=/}");
	}

	@Test
	void hostileTextReachesNeitherLineNorTerminal() {
		String hostile = "a\r\nFAKE LOG LINE\u001b[2J\u009b31m\u2028\u202e\u0000\u007f\tz";
		ILoggingEvent event = handle(signal(Level.INFO).id(hostile)
			.message(hostile)
			.data(Map.of(hostile, Map.of(hostile, hostile)))
			.context(Map.of(hostile, hostile))
			.error(ErrorData.of(hostile, hostile, hostile))
			.measurement(new Measurement(1, hostile, Map.of(hostile, hostile)))
			.build());
		assertHarmless(event.getFormattedMessage());
		assertThat(event.getKeyValuePairs())
			.flatExtracting((pair) -> Stream.of(pair.key, String.valueOf(pair.value)).toList())
			.allSatisfy(Slf4jSignalHandlerTests::assertHarmless);
		assertThat(event.getFormattedMessage())
			.startsWith("a\\r\\nFAKE LOG LINE\\u001b[2J\\u009b31m\\u2028\\u202e\\u0000\\u007f\\tz ");
	}

	@Test
	void hostileNamespaceIsNoLoggerName() {
		this.handler.handle(Signal.builder(Level.INFO, Kind.LOG, "test.slf4j.x\nFAKE").message("m").build());
		Logger child = (Logger) LoggerFactory.getLogger("test.slf4j.x\\nFAKE");
		assertThat(child.getLoggerContext().getLoggerList()).extracting(Logger::getName)
			.allSatisfy(Slf4jSignalHandlerTests::assertHarmless);
	}

	private static void assertHarmless(String text) {
		assertThat(text.chars()
			.filter((character) -> Character.isISOControl(character) || Character.getType(character) == Character.FORMAT
					|| Character.getType(character) == Character.LINE_SEPARATOR))
			.isEmpty();
	}

	@Test
	void textIsBoundedAndWholeDataAreNot() {
		Map<String, Object> data = new LinkedHashMap<>();
		for (int i = 0; i < 1000; i++) {
			data.put("field" + i, "x".repeat(1000));
		}
		ILoggingEvent event = handle(signal(Level.INFO).message("m".repeat(100_000)).data(data).build());
		assertThat(event.getFormattedMessage()).hasSizeLessThan(14_000).endsWith(", …}");
		assertThat(event.getKeyValuePairs()).hasSize(1000);
	}

	@Test
	void valueThatThrowsCostsOnlyItself() {
		Object value = new Object() {
			@Override
			public String toString() {
				throw new IllegalStateException("on purpose");
			}
		};
		assertThat(handle(signal(Level.INFO).message("m").data(Map.of("v", value)).build()).getFormattedMessage())
			.isEqualTo("m {v=(toString threw java.lang.IllegalStateException)}");
	}

	@Test
	void endlessNamespacesMakeNoEndlessLoggers() {
		int before = this.logger.getLoggerContext().getLoggerList().size();
		for (int i = 0; i < 5000; i++) {
			this.handler.handle(Signal.builder(Level.TRACE, Kind.LOG, NAMESPACE + ".many" + i).message("m").build());
		}
		assertThat(this.logger.getLoggerContext().getLoggerList().size() - before).isLessThan(2010);
		this.appender.list.clear();
	}

	@Test
	void cutNeverSplitsAnEscapeOrASurrogatePair() {
		assertThat(SafeText.of("ab\ncd", 3)).isEqualTo("ab…");
		assertThat(SafeText.of("ab\ncd", 4)).isEqualTo("ab\\n…");
		assertThat(SafeText.of("a😀b", 2)).isEqualTo("a…");
		assertThat(SafeText.of("a😀b", 3)).isEqualTo("a😀…");
		assertThat(SafeText.of("abc", 3)).isEqualTo("abc");
		assertThat(SafeText.of(null, 10)).isEqualTo("null");
	}

}
