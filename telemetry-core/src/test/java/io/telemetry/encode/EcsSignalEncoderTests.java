package io.telemetry.encode;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

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
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is written is held against the field names that Elastic publishes.
 */
class EcsSignalEncoderTests {

	/** Type by name, of every field of the version that the encoder says it writes. */
	private static final Map<String, String> FIELDS = fields();

	private final EcsSignalEncoder encoder = new EcsSignalEncoder();

	@Test
	void everythingHasItsPlace() {
		Signal signal = signal().level(Level.ERROR)
			.kind(Kind.TRACE)
			.id("app/login")
			.message("hello")
			.data(Map.of("user", Map.of("id", 7)))
			.context(Map.of("requestId", "r1"))
			.measurement(new Measurement(Measurement.Type.GAUGE, 12.5, "ms", Map.of("route", "/a")))
			.run(new Run("t1", "s1", "p1", "r1", Duration.ofNanos(1_234_567), List.of(1, 2)))
			.error(new ErrorData("E", "m", "at a\n\tat b", ErrorData.of("C", "c", "at d"),
					List.of(ErrorData.of("S", null, "at s"))))
			.location(new Location("com.acme.Login", "run", "Login.java", 45))
			.sampleRate(0.1)
			.suppressed(3)
			.threadName("main")
			.service(new ServiceIdentity("shop", "1.0", "prod", "i-1", "eu", "host-1"))
			.build();
		assertThat(Forms.text(this.encoder, signal)).isEqualTo("{\"@timestamp\":\"2026-01-01T00:00:00.123456Z\","
				+ "\"log\":{\"level\":\"error\",\"logger\":\"com.acme.Login\",\"origin\":{\"function\":\"run\","
				+ "\"file\":{\"name\":\"Login.java\",\"line\":45}}},\"message\":\"hello\",\"ecs\":{\"version\":\"9.4.0\"},"
				+ "\"event\":{\"kind\":\"event\",\"action\":\"app/login\",\"outcome\":\"failure\",\"duration\":1234567,"
				+ "\"severity\":70,\"id\":\"00000000000000000000000001\"},\"error\":{\"type\":\"E\",\"message\":\"m\","
				+ "\"stack_trace\":\"E: m\\n\\tat a\\n\\tat b\\n\\tSuppressed: S\\n\\t\\tat s\\nCaused by: C: c\\n\\tat d\"},"
				+ "\"labels\":{\"route\":\"/a\"},\"trace\":{\"id\":\"t1\"},\"transaction\":{\"id\":\"r1\"},"
				+ "\"span\":{\"id\":\"s1\"},\"process\":{\"thread\":{\"name\":\"main\"}},\"host\":{\"name\":\"host-1\"},"
				+ "\"service\":{\"name\":\"shop\",\"version\":\"1.0\",\"environment\":\"prod\",\"node\":{\"name\":\"i-1\"}},"
				+ "\"cloud\":{\"region\":\"eu\"},\"telemetry\":{\"kind\":\"trace\",\"data\":{\"user\":{\"id\":7}},"
				+ "\"ctx\":{\"requestId\":\"r1\"},\"value\":12.5,\"unit\":\"ms\",\"metric\":\"gauge\",\"result\":[1,2],"
				+ "\"fingerprint\":\"" + signal.fingerprint() + "\",\"class\":\"com.acme.Login\",\"parentId\":\"p1\","
				+ "\"sampleRate\":0.1,\"suppressed\":3}}");
	}

	@Test
	void messageIsTheIdWhereThereIsNone() {
		assertThat(parse(signal().id("app/login").build()).get("message").asString()).isEqualTo("app/login");
		assertThat(parse(signal().build()).has("message")).isFalse();
	}

	@Test
	void workEndsWithAnOutcome() {
		Run run = new Run(null, null, null, null, Duration.ofSeconds(Long.MAX_VALUE), null);
		JsonNode event = parse(signal().run(run).build()).get("event");
		assertThat(event.get("outcome").asString()).isEqualTo("success");
		assertThat(event.get("duration").longValue()).isEqualTo(Long.MAX_VALUE);
		assertThat(parse(signal().kind(Kind.METRIC).build()).at("/event/kind").asString()).isEqualTo("metric");
	}

	@Test
	void whatIsOursHasANameThatTheSchemaLeavesFree() {
		assertThat(FIELDS).containsKeys("@timestamp", "log.level", "message", "ecs.version");
		assertThat(FIELDS.keySet()).noneMatch((name) -> name.equals("telemetry") || name.startsWith("telemetry."));
	}

	@Test
	void everyOtherFieldIsOneOfThePublishedWithItsType() {
		RandomValues values = new RandomValues(20260106);
		for (int i = 0; i < 1_500; i++) {
			Signal signal = values.signal();
			String line = Forms.text(this.encoder, signal);
			assertThat(line).matches(Forms::isHarmless);
			Map<String, JsonNode> fields = new TreeMap<>();
			flatten("", Forms.MAPPER.readTree(line), fields);
			fields.forEach(
					(name, value) -> assertThat(isOfType(value, FIELDS.get(name))).as(name + "=" + value).isTrue());
			assertThat(fields).containsKeys("@timestamp", "log.level", "ecs.version", "event.kind", "event.id");
			assertThat(Forms.MAPPER.readTree(line).at("/telemetry/data").size()).isEqualTo(signal.data().size());
		}
	}

	@Test
	void namesThatElasticsearchRefusesAreWrittenOtherwiseAndStayApart() {
		Map<String, Object> data = new LinkedHashMap<>();
		for (String name : List.of("", " ", ".", "a.", ".a", "a..b", "a. .b", "%20", "%2E", "a.b", "cpu%")) {
			data.put(name, 1);
		}
		assertThat(parse(signal().data(data).build()).at("/telemetry/data").propertyNames()).containsExactly("%20",
				"%20 ", "%2E", "a%2E", "%2Ea", "a%2E%2Eb", "a%2E %2Eb", "%2520", "%252E", "a.b", "cpu%");
	}

	@Test
	void longChainOfCausesIsCut() {
		ErrorData error = ErrorData.of("E", null, null);
		for (int i = 0; i < 100; i++) {
			error = new ErrorData("E" + i, "m".repeat(10_000), "at x\n".repeat(1_000), error, List.of(error, error));
		}
		String trace = parse(signal().error(error).build()).at("/error/stack_trace").asString();
		assertThat(trace).hasSize(Values.MAX_TEXT + 1).endsWith(Values.CUT);
	}

	private static void flatten(String prefix, JsonNode node, Map<String, JsonNode> fields) {
		node.properties().forEach((property) -> {
			String name = prefix + property.getKey();
			if (name.equals("telemetry")) {
				return;
			}
			if (property.getValue().isObject() && !name.equals("labels")) {
				flatten(name + ".", property.getValue(), fields);
			}
			else {
				fields.put(name, property.getValue());
			}
		});
	}

	private static boolean isOfType(JsonNode value, String type) {
		return switch (Objects.requireNonNullElse(type, "none")) {
			case "keyword", "wildcard", "match_only_text" -> value.isString();
			case "long" -> value.isIntegralNumber() && value.canConvertToLong();
			case "date" -> value.isString() && !Instant.parse(value.asString()).equals(Instant.MIN);
			// Of labels the schema says that each is a keyword.
			case "object" -> value.isObject() && value.valueStream().allMatch(JsonNode::isString);
			default -> false;
		};
	}

	private static Map<String, String> fields() {
		Map<String, String> fields = new TreeMap<>();
		try (InputStream in = EcsSignalEncoderTests.class
			.getResourceAsStream("ecs-" + EcsSignalEncoder.VERSION + "-fields.csv");
				BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
			lines.lines().filter((line) -> !line.startsWith("#")).forEach((line) -> {
				int comma = line.indexOf(',');
				fields.put(line.substring(0, comma), line.substring(comma + 1));
			});
		}
		catch (IOException ex) {
			throw new ExceptionInInitializerError(ex);
		}
		return fields;
	}

	private JsonNode parse(Signal signal) {
		return Forms.MAPPER.readTree(Forms.text(this.encoder, signal));
	}

	private static Signal.Builder signal() {
		return Signal.builder(Level.INFO, Kind.LOG, "com.acme.Login")
			.timestamp(Instant.parse("2026-01-01T00:00:00.123456Z"))
			.uid(new Uid(0, 1));
	}

}
