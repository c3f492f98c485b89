package io.telemetry.boot.actuate;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import io.telemetry.Telemetry;
import io.telemetry.boot.SignalRecorder;
import io.telemetry.boot.TelemetryOverviewContributor;
import io.telemetry.boot.recent.RecentSignals;
import io.telemetry.boot.recent.RecentSignalsQuery;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.test.context.TestPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Every endpoint over HTTP, on a real server. The concrete classes choose the server and
 * the JSON library.
 */
@TestPropertySource(properties = { "telemetry.locations=off", "telemetry.filter.sample-by=session",
		"telemetry.filter.rate-limits.ns.[com.limited.*]=5/1m, 100/1h",
		"telemetry.filter.rate-limits.id.[limited/*]=2/1d", "telemetry.handlers.limited.async.mode=none",
		"telemetry.handlers.limited.id.allow=limited/*", "telemetry.handlers.limited.rate-limit=1/1d" })
abstract class TelemetryEndpointsHttpTests {

	private static final HttpClient CLIENT = HttpClient.newHttpClient();

	private static final JsonMapper JSON = new JsonMapper();

	@LocalServerPort
	int port;

	@Autowired
	Telemetry telemetry;

	@Autowired
	SignalPipeline pipeline;

	@Autowired
	RecentSignals recent;

	@AfterEach
	void takeBack() throws Exception {
		delete("/telemetryfilters");
		delete("/telemetryhandlers/recent");
		delete("/telemetryhandlers/log");
	}

	private HttpResponse<String> send(HttpRequest.Builder request, String path)
			throws IOException, InterruptedException {
		return CLIENT.send(request.uri(URI.create("http://localhost:" + this.port + "/actuator" + path))
			.timeout(Duration.ofSeconds(30))
			.build(), BodyHandlers.ofString());
	}

	Answer get(String path) throws IOException, InterruptedException {
		return new Answer(send(HttpRequest.newBuilder().GET(), path));
	}

	Answer post(String path, String body) throws IOException, InterruptedException {
		return new Answer(send(
				HttpRequest.newBuilder().header("Content-Type", "application/json").POST(BodyPublishers.ofString(body)),
				path));
	}

	Answer delete(String path) throws IOException, InterruptedException {
		return new Answer(send(HttpRequest.newBuilder().DELETE(), path));
	}

	private List<String> recentIds() {
		return this.recent.find(RecentSignalsQuery.DEFAULTS).stream().map(Signal::id).toList();
	}

	@Test
	void overviewTellsHowThingsStand() throws Exception {
		this.telemetry.event("http/overview");
		Answer answer = get("/telemetry").isOk();
		assertThat(answer.at("enabled")).isEqualTo(true);
		assertThat(answer.at("service", "name")).isEqualTo("shop");
		assertThat((Integer) answer.at("counts", "received")).isPositive();
		assertThat((Integer) answer.at("counts", "dispatched")).isPositive();
		assertThat(answer.at("rates", "sampleRate")).isEqualTo(1.0);
		assertThat(answer.at("handlers", "recent", "enabled")).isEqualTo(true);
		assertThat((Integer) answer.at("handlers", "recent", "counts", "handled")).isPositive();
		assertThat((Double) answer.at("pressure")).isBetween(0.0, 1.0);
		assertThat(answer.at("connections")).isEqualTo(3);
		assertThat(answer.body.toString()).contains("on purpose");
	}

	@Test
	void changeOfALevelSilencesAtOnceAndDeleteBringsBack() throws Exception {
		Answer changed = post("/telemetryfilters", "{\"minLevel\":\"error\"}").isOk();
		this.telemetry.event("http/silenced");
		assertThat(changed.at("configured", "minLevel")).isEqualTo("trace");
		assertThat(changed.at("effective", "minLevel")).isEqualTo("error");
		assertThat(changed.at("changed")).isEqualTo(List.of(Map.of("setting", "minLevel")));
		Answer restored = delete("/telemetryfilters").isOk();
		this.telemetry.event("http/heard");
		assertThat(restored.at("effective", "minLevel")).isEqualTo("trace");
		assertThat(restored.at("changed")).isEqualTo(List.of());
		assertThat(recentIds()).contains("http/heard").doesNotContain("http/silenced");
	}

	@Test
	void changeEndsWhenItExpires() throws Exception {
		Answer changed = post("/telemetryfilters", "{\"minLevel\":\"error\",\"expiresIn\":\"2s\"}").isOk();
		assertThat(changed.body.toString()).contains("expiresAt");
		assertThat(changed.at("effective", "minLevel")).isEqualTo("error");
		Awaitility.await()
			.atMost(Duration.ofSeconds(30))
			.untilAsserted(() -> assertThat(this.telemetry.allowed(Level.INFO)).isTrue());
		assertThat(get("/telemetryfilters").at("changed")).isEqualTo(List.of());
	}

	@Test
	void timeOfExpiryIsText() throws Exception {
		Answer changed = post("/telemetryfilters", "{\"minLevel\":\"error\",\"expiresIn\":\"10m\"}").isOk();
		Map<?, ?> change = (Map<?, ?>) ((List<?>) changed.at("changed")).get(0);
		assertThat(Instant.parse((String) change.get("expiresAt"))).isBetween(Instant.now().plusSeconds(540),
				Instant.now().plusSeconds(600));
	}

	@Test
	void everyFilterCanBeChanged() throws Exception {
		Answer changed = post("/telemetryfilters", """
				{"enabled":true,"minLevel":55,"nsAllow":"a.*, b","nsDisallow":"c","idAllow":"x/*","idDisallow":"y",
				"kindAllow":"log,event","kindDisallow":"spy","sampleRate":0.5}""").isOk();
		assertThat(changed.at("effective")).isEqualTo(Map.ofEntries(Map.entry("enabled", true),
				Map.entry("minLevel", 55), Map.entry("levels", Map.of()), Map.entry("kindLevels", Map.of()),
				Map.entry("nsAllow", List.of("a.*", "b")), Map.entry("nsDisallow", List.of("c")),
				Map.entry("idAllow", List.of("x/*")), Map.entry("idDisallow", List.of("y")),
				Map.entry("kindAllow", List.of("log", "event")), Map.entry("kindDisallow", List.of("spy")),
				Map.entry("sampleRate", 0.5), Map.entry("sampleRates", Map.of("ns", Map.of(), "id", Map.of())),
				Map.entry("sampleBy", "session"),
				Map.entry("rateLimits",
						Map.of("ns", Map.of("com.limited.*", "5/1m, 100/1h"), "id", Map.of("limited/*", "2/1d"))),
				Map.entry("locations", "off")));
		assertThat((List<?>) changed.at("changed")).hasSize(9);
	}

	@Test
	void nullAndAbsentKeysLeaveAlone() throws Exception {
		post("/telemetryfilters", "{\"minLevel\":\"warn\"}").isOk();
		Answer changed = post("/telemetryfilters", "{\"minLevel\":null,\"sampleRate\":0.5}").isOk();
		assertThat(changed.at("effective", "minLevel")).isEqualTo("warn");
		assertThat(changed.at("effective", "sampleRate")).isEqualTo(0.5);
		assertThat(post("/telemetryfilters", "{}").isOk().at("effective", "minLevel")).isEqualTo("warn");
	}

	@Test
	void switchingOffIsPossibleAndReversible() throws Exception {
		post("/telemetryfilters", "{\"enabled\":false}").isOk();
		assertThat(get("/telemetry").at("enabled")).isEqualTo(false);
		assertThat(this.telemetry.allowed(Level.REPORT)).isFalse();
		post("/telemetryfilters", "{\"enabled\":true}").isOk();
		assertThat(this.telemetry.allowed(Level.INFO)).isTrue();
	}

	@Test
	void namespacePatternHasItsOwnFilters() throws Exception {
		Answer changed = post("/telemetryfilters/com.acme.*", "{\"minLevel\":\"error\",\"sampleRate\":0.5}").isOk();
		assertThat(changed.at("pattern")).isEqualTo("com.acme.*");
		assertThat(changed.at("configured")).isEqualTo(Map.of());
		assertThat(changed.at("effective")).isEqualTo(Map.of("minLevel", "error", "sampleRate", 0.5));
		assertThat(this.telemetry.of("com.acme.Shop").allowed(Level.INFO)).isFalse();
		assertThat(this.telemetry.of("com.other.Shop").allowed(Level.INFO)).isTrue();
		assertThat(get("/telemetryfilters/com.acme.web.*").isOk().at("effective", "minLevel")).isEqualTo("error");
		assertThat(get("/telemetryfilters/com.acme.Shop").isOk().at("effective", "sampleRate")).isEqualTo(0.5);
		assertThat(get("/telemetryfilters/org").isOk().at("effective", "minLevel")).isEqualTo("trace");
		Answer restored = delete("/telemetryfilters/com.acme.*").isOk();
		assertThat(restored.at("changed")).isEqualTo(List.of());
		assertThat(this.telemetry.of("com.acme.Shop").allowed(Level.INFO)).isTrue();
	}

	@Test
	void deleteOfAPatternLeavesOtherChanges() throws Exception {
		post("/telemetryfilters", "{\"minLevel\":\"debug\"}").isOk();
		post("/telemetryfilters/a.*", "{\"minLevel\":\"error\"}").isOk();
		post("/telemetryfilters/b(.*)", "{\"minLevel\":\"error\"}").isOk();
		delete("/telemetryfilters/a.*").isOk();
		assertThat(get("/telemetryfilters").at("changed"))
			.isEqualTo(List.of(Map.of("setting", "minLevel"), Map.of("setting", "minLevel:b(.*)")));
	}

	@Test
	void patternsThatContradictAreRefusedAndNothingChanges() throws Exception {
		post("/telemetryfilters/a*b", "{\"minLevel\":\"error\"}").isOk();
		post("/telemetryfilters/a*c*b", "{\"minLevel\":\"warn\"}").isProblem(400, "a*c*b");
		assertThat((List<?>) get("/telemetryfilters").at("changed")).hasSize(1);
	}

	@Test
	void sampleRateOfAPatternThatIsEqualToAnotherIsRefusedAndNothingChanges() throws Exception {
		post("/telemetryfilters/a*b", "{\"sampleRate\":0.5}").isOk();
		Answer refused = post("/telemetryfilters/a*c*b", "{\"sampleRate\":0.1,\"minLevel\":\"warn\"}");
		refused.isProblem(400, "The patterns 'a*b' and 'a*c*b' both have a sample rate");
		assertThat((String) refused.at("detail")).endsWith("remove one, or make one more specific");
		Answer after = get("/telemetryfilters");
		assertThat(after.at("changed")).isEqualTo(List.of(Map.of("setting", "sampleRate:a*b")));
		assertThat(after.at("effective", "sampleRates", "ns")).isEqualTo(Map.of("a*b", 0.5));
		assertThat(after.at("effective", "levels")).isEqualTo(Map.of());
	}

	@Test
	void explanationTellsTheRateLimitsThatApply() throws Exception {
		Answer answer = get("/telemetryexplain?ns=com.limited.Shop&id=limited/explained").isOk();
		assertThat(answer.at("allowed")).isEqualTo(true);
		assertThat(answer.at("limits")).isEqualTo(List.of(
				Map.of("of", "ns", "name", "com.limited.Shop", "pattern", "com.limited.*", "rateLimit", "5/1m, 100/1h"),
				Map.of("of", "id", "name", "limited/explained", "pattern", "limited/*", "rateLimit", "2/1d"),
				Map.of("of", "handler", "name", "limited", "rateLimit", "1/1d")));
		assertThat(get("/telemetryexplain?ns=com.free.Shop&id=free").isOk().body.containsKey("limits")).isFalse();
	}

	@Test
	void explanationTellsOfNoLimitWhereTheSignalIsRefusedBeforeIt() throws Exception {
		assertThat(get("/telemetryexplain?ns=com.free.Shop&id=limited/debug&level=debug").isOk().at("limits"))
			.isEqualTo(
					List.of(Map.of("of", "id", "name", "limited/debug", "pattern", "limited/*", "rateLimit", "2/1d")));
		post("/telemetryfilters", "{\"minLevel\":\"error\"}").isOk();
		assertThat(get("/telemetryexplain?id=limited/refused").isOk().body.containsKey("limits")).isFalse();
	}

	@Test
	void limitedSignalsAreCountedAtThePipelineAndAtTheHandler() throws Exception {
		assertThat(get("/telemetryhandlers/limited").isOk().at("effective", "rateLimit")).isEqualTo("1/1d");
		int before = limited(get("/telemetry"));
		for (int i = 0; i < 5; i++) {
			this.telemetry.event("limited/counted");
		}
		assertThat(limited(get("/telemetry"))).isEqualTo(before + 3);
		assertThat(limited(get("/telemetryhandlers/limited"))).isPositive();
	}

	private static int limited(Answer answer) {
		Object limited = ((Map<?, ?>) answer.isOk().at("counts")).get("limited");
		return (limited != null) ? (Integer) limited : 0;
	}

	@Test
	void explanationNamesTheStepThatRefuses() throws Exception {
		Answer allowed = get("/telemetryexplain?level=info&ns=com.acme.Shop&id=a&kind=event").isOk();
		assertThat(allowed.at("allowed")).isEqualTo(true);
		assertThat(allowed.at("pipeline")).isEqualTo(Map.of("allowed", true));
		Answer refused = get("/telemetryexplain?level=debug&ns=com.acme.Shop").isOk();
		assertThat(refused.at("allowed")).isEqualTo(false);
		assertThat(refused.at("pipeline", "allowed")).isEqualTo(true);
		assertThat(refused.at("handlers", "recent", "step")).isEqualTo("min-level");
		assertThat((String) refused.at("handlers", "recent", "detail")).contains("info");
		post("/telemetryfilters", "{\"nsDisallow\":\"com.acme.*\"}").isOk();
		assertThat(get("/telemetryexplain?ns=com.acme.Shop").isOk().at("pipeline", "step")).isEqualTo("ns");
		assertThat(get("/telemetryexplain").isOk().at("ns")).isEqualTo("shop");
	}

	@Test
	void handlersAreListed() throws Exception {
		Answer answer = get("/telemetryhandlers").isOk();
		assertThat(((Map<?, ?>) answer.at("handlers")).keySet().stream().map(String::valueOf))
			.containsExactlyInAnyOrder("log", "recent", "recorder", "limited");
		assertThat(answer.at("handlers", "log", "type")).isEqualTo("log");
		assertThat(answer.at("handlers", "recorder", "type")).isEqualTo("bean");
		assertThat(answer.at("handlers", "recorder", "configured", "async", "bufferSize")).isEqualTo(1000);
		assertThat(answer.at("handlers", "recorder", "configured", "durable")).isEqualTo(false);
		assertThat(answer.at("handlers", "recorder", "retries")).isEqualTo(0);
		assertThat(get("/telemetryhandlers/log").isOk().at("configured", "async")).isEqualTo(Map.of("mode", "none"));
	}

	@Test
	void handlerIsShownWithHowLongItTakes() throws Exception {
		this.telemetry.event("http/latency");
		assertThat(this.pipeline.flush(Duration.ofSeconds(30))).isTrue();
		Answer answer = get("/telemetryhandlers/recorder").isOk();
		assertThat((Integer) answer.at("latency", "count")).isPositive();
		double max = (Double) answer.at("latency", "maxMs");
		assertThat((Double) answer.at("latency", "p50Ms")).isBetween(0.0, max);
		assertThat((Double) answer.at("latency", "p99Ms")).isBetween((Double) answer.at("latency", "p90Ms"), max);
	}

	@Test
	void handlerIsChangedAtOnceAndRestored() throws Exception {
		Answer changed = post("/telemetryhandlers/recent", "{\"minLevel\":\"error\",\"sampleRate\":\"1\"}").isOk();
		assertThat(changed.at("configured", "minLevel")).isEqualTo("info");
		assertThat(changed.at("effective", "minLevel")).isEqualTo("error");
		this.telemetry.event("http/handler-silenced");
		Answer restored = delete("/telemetryhandlers/recent").isOk();
		assertThat(restored.at("effective", "minLevel")).isEqualTo("info");
		this.telemetry.event("http/handler-heard");
		assertThat(recentIds()).contains("http/handler-heard").doesNotContain("http/handler-silenced");
	}

	@Test
	void handlerIsSwitchedOffForATime() throws Exception {
		Answer changed = post("/telemetryhandlers/recent", "{\"enabled\":false,\"expiresIn\":\"2s\"}").isOk();
		assertThat(changed.at("effective", "enabled")).isEqualTo(false);
		this.telemetry.event("http/off");
		Awaitility.await()
			.atMost(Duration.ofSeconds(30))
			.untilAsserted(
					() -> assertThat(get("/telemetryhandlers/recent").at("effective", "enabled")).isEqualTo(true));
		this.telemetry.event("http/on");
		assertThat(recentIds()).contains("http/on").doesNotContain("http/off");
	}

	@Test
	void unknownHandlerIsNotFound() throws Exception {
		for (Answer answer : List.of(get("/telemetryhandlers/nobody"), get("/telemetryhandlers/no/body"),
				post("/telemetryhandlers/nobody", "{\"minLevel\":\"warn\"}"), delete("/telemetryhandlers/nobody"))) {
			answer.isProblem(404, "body");
			assertThat((List<?>) answer.at("allowed")).hasSize(4);
		}
	}

	@Test
	void signalsHaveTheFormOfTheProtocol() throws Exception {
		this.telemetry.signal(Level.WARN, Kind.EVENT)
			.id("http/form")
			.message("line\nbreak")
			.data("sessionId", "s-form")
			.data("snakeCase", Map.of("innerKey", List.of(1, 2.5, true, "x")))
			.emit();
		Answer answer = get("/telemetrysignals?session=s-form").isOk();
		assertThat(answer.at("size")).isEqualTo(500);
		assertThat(answer.at("count")).isEqualTo(1);
		Map<?, ?> signal = (Map<?, ?>) ((List<?>) answer.at("signals")).get(0);
		assertThat(signal.keySet().stream().map(String::valueOf)).containsExactly("timestamp", "level", "kind", "id",
				"ns", "msg", "data", "uid", "thread", "host", "service");
		assertThat((String) signal.get("timestamp"))
			.matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}(\\d{3})?Z");
		assertThat(signal.get("msg")).isEqualTo("line\nbreak");
		assertThat(signal.get("data"))
			.isEqualTo(Map.of("sessionId", "s-form", "snakeCase", Map.of("innerKey", List.of(1, 2.5, true, "x"))));
	}

	@Test
	void signalsAreQueried() throws Exception {
		this.telemetry.event("http/query-a");
		this.telemetry.event(Level.ERROR, "http/query-b", Map.of("city", "Paris"));
		this.telemetry.of("com.query").event("http/query-c");
		assertThat(get("/telemetrysignals?id=http/query-*").isOk().at("count")).isEqualTo(3);
		assertThat(get("/telemetrysignals?id=http/query-*&level=error").isOk().at("count")).isEqualTo(1);
		assertThat(get("/telemetrysignals?ns=com.query").isOk().at("count")).isEqualTo(1);
		assertThat(get("/telemetrysignals?text=pARIS").isOk().at("count")).isEqualTo(1);
		assertThat(get("/telemetrysignals?limit=2").isOk().at("count")).isEqualTo(2);
	}

	@Test
	void signalIsMadeToSeeWhetherItArrives() throws Exception {
		Answer made = post("/telemetrysignals", "{\"id\":\"http/smoke\",\"message\":\"smoke\",\"level\":\"warn\"}")
			.isOk();
		assertThat(made.at("emitted")).isEqualTo(true);
		assertThat(get("/telemetrysignals?id=http/smoke").at("count")).isEqualTo(1);
		Answer refused = post("/telemetrysignals", "{\"id\":\"http/smoke-2\",\"level\":\"debug\"}").isOk();
		assertThat(refused.at("emitted")).isEqualTo(false);
		assertThat(refused.at("handlers", "log", "step")).isEqualTo("min-level");
	}

	static Stream<Arguments> badRequests() {
		return Stream.of(Arguments.of("/telemetryfilters", "{\"minLevl\":\"warn\"}", "minLevl"),
				Arguments.of("/telemetryfilters", "{\"minLevel\":\"loud\"}", "loud"),
				Arguments.of("/telemetryfilters", "{\"enabled\":\"perhaps\"}", "perhaps"),
				Arguments.of("/telemetryfilters", "{\"nsAllow\":\"a(b)\"}", "a(b)"),
				Arguments.of("/telemetryfilters", "{\"kindAllow\":\"log,nonsense\"}", "nonsense"),
				Arguments.of("/telemetryfilters", "{\"sampleRate\":1.5}", "1.5"),
				Arguments.of("/telemetryfilters", "{\"sampleRate\":\"NaN\"}", "NaN"),
				Arguments.of("/telemetryfilters", "{\"minLevel\":\"warn\",\"expiresIn\":\"soon\"}", "soon"),
				Arguments.of("/telemetryfilters", "{\"minLevel\":\"warn\",\"expiresIn\":\"-5s\"}", "-5s"),
				Arguments.of("/telemetryfilters", "{\"minLevel\":\"warn\",\"expiresIn\":\"999999999999d\"}", "365d"),
				Arguments.of("/telemetryfilters", "{\"expiresIn\":\"5s\"}", "nothing is changed"),
				Arguments.of("/telemetryfilters/a(b)", "{\"minLevel\":\"warn\"}", "a(b)"),
				Arguments.of("/telemetryfilters/a.*", "{\"enabled\":false}", "enabled"),
				Arguments.of("/telemetryfilters/a.*", "{\"minLevel\":\"warn\",\"pattern\":\"b.*\"}", "pattern"),
				Arguments.of("/telemetryhandlers/recent", "{\"minLevel\":\"loud\"}", "loud"),
				Arguments.of("/telemetryhandlers/recent", "{\"handler\":\"log\",\"enabled\":false}", "handler"),
				Arguments.of("/telemetryhandlers/recent?handler=log", "{\"enabled\":false}", "handler"),
				Arguments.of("/telemetryhandlers/recent", "{\"nsAllow\":\"a\"}", "nsAllow"),
				Arguments.of("/telemetrysignals", "{}", "message"),
				Arguments.of("/telemetrysignals", "{\"id\":\"a\",\"ns\":\"b\"}", "ns"));
	}

	@ParameterizedTest
	@MethodSource("badRequests")
	void badRequestIsRefusedWithWhatIsAllowed(String path, String body, String named) throws Exception {
		post(path, body).isProblem(400, named);
		assertThat(get("/telemetryfilters").at("changed")).isEqualTo(List.of());
		assertThat(get("/telemetryhandlers/log").at("changed")).isEqualTo(List.of());
		assertThat(get("/telemetryhandlers/recent").at("changed")).isEqualTo(List.of());
	}

	@Test
	void badQueryIsRefusedWithWhatIsAllowed() throws Exception {
		get("/telemetrysignals?limit=0").isProblem(400, "limit");
		get("/telemetrysignals?limit=all").isProblem(400, "all");
		get("/telemetrysignals?levle=warn").isProblem(400, "levle");
		get("/telemetryexplain?kind=nonsense").isProblem(400, "nonsense");
		get("/telemetry?x=1").isProblem(400, "x");
		delete("/telemetryfilters?pattern=x").isProblem(400, "pattern");
		assertThat(get("/telemetrysignals?levle=warn").at("allowed"))
			.isEqualTo(List.of("limit", "level", "ns", "id", "session", "text"));
	}

	@Test
	void settingsOfBrowsersAreChangedForLaterWhereNobodyIsConnected() throws Exception {
		Answer changed = post("/telemetrychannel",
				"{\"type\":\"config\",\"user\":\"jo\",\"sampling\":\"click=0.5\",\"expiresIn\":\"10m\"}")
			.isOk();
		assertThat(changed.at("reached")).isEqualTo(0);
		assertThat(changed.at("clients")).isEqualTo(List.of());
		Map<?, ?> override = (Map<?, ?>) ((List<?>) get("/telemetrychannel").isOk().at("overrides")).get(0);
		assertThat(override.get("scope")).isEqualTo("user");
		assertThat(override.get("name")).isEqualTo("jo");
		assertThat(override.get("settings")).isEqualTo(Map.of("sampling", Map.of("click", 0.5)));
		assertThat(override.get("expiresAt")).isNotNull();
		post("/telemetrychannel", "{\"type\":\"shout\"}").isProblem(400, "shout");
		get("/telemetrychannel?limit=0").isProblem(400, "limit");
		get("/telemetrychannel?application=shop").isProblem(404, "shop");
		post("/telemetrychannel", "{\"type\":\"flush\",\"session\":\"s-1\"}").isProblem(404, "s-1");
		assertThat(delete("/telemetrychannel?user=jo").isOk().at("overrides")).isEqualTo(List.of());
	}

	@Test
	void bodyThatIsNoObjectOfScalarsIsRefused() throws Exception {
		assertThat(post("/telemetryfilters", "{\"minLevel\":{}}").status).isEqualTo(400);
		assertThat(post("/telemetryfilters", "[1]").status).isEqualTo(400);
		assertThat(post("/telemetryfilters", "{").status).isEqualTo(400);
	}

	static final class Answer {

		final int status;

		final String type;

		final Map<?, ?> body;

		private final String text;

		Answer(HttpResponse<String> response) {
			this.status = response.statusCode();
			this.type = response.headers().firstValue("Content-Type").orElse("");
			this.text = response.body();
			this.body = this.text.startsWith("{") ? JSON.readValue(this.text, Map.class) : Map.of();
		}

		Object at(String... path) {
			Object value = this.body;
			for (String key : path) {
				value = ((Map<?, ?>) value).get(key);
				assertThat(value).as("%s in %s", List.of(path), this.text).isNotNull();
			}
			return value;
		}

		Answer isOk() {
			assertThat(this.status).as(this.text).isEqualTo(200);
			return this;
		}

		void isProblem(int expectedStatus, String named) {
			assertThat(this.status).as(this.text).isEqualTo(expectedStatus);
			assertThat(this.type).startsWith("application/problem+json");
			assertThat(at("status")).isEqualTo(expectedStatus);
			assertThat((String) at("detail")).contains(named);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		SignalRecorder recorder() {
			return new SignalRecorder();
		}

		@Bean
		SignalRecorder limited() {
			return new SignalRecorder();
		}

		@Bean
		@Order(1)
		TelemetryOverviewContributor connections() {
			return () -> Map.of("connections", 3);
		}

		@Bean
		@Order(2)
		TelemetryOverviewContributor failing() {
			return () -> {
				throw new IllegalStateException("on purpose");
			};
		}

	}

}
