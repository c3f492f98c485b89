package io.telemetry.boot.channel;

import java.util.List;
import java.util.Map;

import io.telemetry.signal.Signal;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What becomes of every sort of event, from the bytes a browser sends to the signal.
 */
class EventMappingTests {

	private static final String FORTY = "abcdefghij0123456789-abcdefghij012345678";

	private static ChannelServer server;

	private static int batches;

	@BeforeAll
	static void start() {
		server = ChannelServer.start();
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@BeforeEach
	void forget() {
		server.signals().clear();
	}

	private static Signal signal(String event) throws Exception {
		assertThat(server.post(Batches.batch("b-" + batches++, event)).statusCode()).isEqualTo(202);
		Patience.await().until(() -> !server.signals().browser().isEmpty());
		List<Signal> signals = server.signals().browser();
		assertThat(signals).hasSize(1);
		server.signals().clear();
		return signals.get(0);
	}

	private static String field(String name, String value) {
		return (value != null) ? "\"" + name + "\":\"" + value + "\"," : "";
	}

	@ParameterizedTest
	@CsvSource(nullValues = "-", value = { "error, javascript, error, error", "error, promise-rejection, error, error",
			"error, -, error, error", "log, -, log, info", "log, custom, log, info", "metric, page-load, metric, info",
			"metric, javascript, metric, info", "metric, -, metric, info", "analytics, user-action, event, debug",
			"analytics, -, event, debug", "other, -, event, info", "Error, -, event, info",
			"ERROR, javascript, event, info", "'', -, event, info", "-, javascript, event, info", "-, -, event, info" })
	void typeDecidesKindAndLevel(String type, String subtype, String kind, String level) throws Exception {
		long unknown = server.stats().unknownTypes();
		Signal signal = signal("{" + field("type", type) + field("subtype", subtype) + "\"level\":\"fatal\"}");
		assertThat(signal.kind()).hasToString(kind);
		// Only a log has a level of its own
		assertThat(signal.level()).hasToString(kind.equals("log") ? "fatal" : level);
		boolean known = type != null && List.of("error", "log", "metric", "analytics").contains(type);
		assertThat(server.stats().unknownTypes()).isEqualTo(unknown + (known ? 0 : 1));
	}

	@ParameterizedTest
	@CsvSource(nullValues = "-",
			value = { "trace, trace", "debug, debug", "info, info", "warn, warn", "error, error", "fatal, fatal",
					"report, info", "warning, info", "WARN, info", "' warn', info", "'', info", "40, info", "-, info" })
	void levelOfALogIsItsOwn(String level, String expected) throws Exception {
		assertThat(signal("{\"type\":\"log\"," + field("level", level) + "\"x\":1}").level()).hasToString(expected);
	}

	@ParameterizedTest
	@CsvSource(nullValues = "-",
			value = { "error, javascript, error", "error, javascript2, javascript2", "log, javascript, javascript",
					"metric, page-load, page-load", "metric, 0, 0", "metric, -, metric", "metric, '', metric",
					"metric, --, --", "metric, " + FORTY + ", " + FORTY, "metric, " + FORTY + "x, metric",
					"metric, Page-Load, metric", "metric, page load, metric", "metric, page_load, metric",
					"metric, page.load, metric", "metric, ../etc, metric", "metric, päge, metric", "metric, *, metric",
					"custom, -, custom", "Custom, -, event", "'a b', 'c d', event", "'', '', event", "-, -, event",
					"-, click, click" })
	void nameIsTheSubtypeElseTheTypeElseEvent(String type, String subtype, String name) throws Exception {
		Signal signal = signal("{" + field("type", type) + field("subtype", subtype) + "\"x\":1}");
		assertThat(signal.id()).isEqualTo("browser/" + name);
		assertThat(signal.namespace()).isEqualTo("browser." + name);
		// What was no name is still there to read
		assertThat(signal.data().get("type")).isEqualTo(type);
		assertThat(signal.data().get("subtype")).isEqualTo(subtype);
	}

	@ParameterizedTest
	@CsvSource(nullValues = "-", value = { "log, hello, hello", "log, '', Browser log", "log, -, Browser log",
			"-, -, Browser event", "'', -, Browser event", "Custom Thing, -, Browser Custom Thing" })
	void messageIsTheEventsElseMadeOfTheType(String type, String message, String expected) throws Exception {
		assertThat(signal("{" + field("type", type) + field("message", message) + "\"x\":1}").message())
			.isEqualTo(expected);
	}

	@Test
	void webVitalsAreRated() throws Exception {
		String vital = "{\"type\":\"metric\",\"subtype\":\"web-vital\",\"metricName\":\"CLS\",\"value\":0.2";
		assertThat(signal(vital + "}").data()).containsEntry("rating", "needs-improvement")
			.containsEntry("metricName", "CLS");
		// As older clients send them
		assertThat(signal(vital + ",\"rating\":\"good\"}").data()).containsEntry("rating", "good");
		assertThat(signal(vital + ",\"rating\":null}").data()).containsEntry("rating", "needs-improvement");
	}

	@ParameterizedTest
	@CsvSource({ "dns-lookup, dnsMs", "tcp-connect, connectMs", "tls-handshake, tlsMs", "server-response, responseMs",
			"dom-content-loaded, domContentLoadedMs", "fully-loaded, loadMs", "total-size-kb, totalKb",
			"status-code, status", "response-time-ms, durationMs", "render-time-ms, renderMs",
			"any-other-name, anyOtherName", "cached-at?, cachedAt", "fully-loaded?, loadMs", "plain, plain" })
	void olderNamesAreTranslatedAtTheTopAndInThreeObjectsOnly(String name, String translated) throws Exception {
		String pair = "{\"" + name + "\":1}";
		Map<String, Object> data = signal("{\"type\":\"metric\",\"" + name + "\":1,\"timing\":" + pair
				+ ",\"resources\":" + pair + ",\"location\":" + pair + ",\"context\":" + pair + ",\"list\":[" + pair
				+ "],\"in\":{\"timing\":" + pair + "}}")
			.data();
		assertThat(data).containsEntry(translated, 1L)
			.containsEntry("timing", Map.of(translated, 1L))
			.containsEntry("resources", Map.of(translated, 1L))
			.containsEntry("location", Map.of(translated, 1L))
			.containsEntry("context", Map.of(name, 1L))
			.containsEntry("list", List.of(Map.of(name, 1L)))
			.containsEntry("in", Map.of("timing", Map.of(name, 1L)));
	}

	/**
	 * Under its own name, an older one, or one that becomes it on the way.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "source", "sessionId", "session-id", "sessionId?", "session-id?", "userId", "user-id",
			"claimedUserId", "claimed-user-id", "connectionId", "connection-id", "browserTimestamp",
			"browser-timestamp", "serverReceiveTime", "server-receive-time", "clockSkewMs", "clock-skew-ms",
			"application", "application?", "clientAddress", "client-address", "client", "client?", "serverId",
			"server-id", "region", "region?" })
	void fieldOfTheServersIsNeverTheClients(String name) throws Exception {
		Map<String, Object> data = signal("{\"type\":\"log\",\"" + name + "\":\"forged\",\"mine\":1}").data();
		assertThat(data).containsEntry("mine", 1L).doesNotContainValue("forged");
	}

	@Test
	void whatTheBatchTellsOfThePageIsInEachUnlessTheEventTellsItself() throws Exception {
		server.post("{\"batch\":\"origin\",\"session\":{\"id\":\"s-1\",\"page\":\"https://shop.example/cart\","
				+ "\"release\":\"1.4.2\",\"environment\":\"prod\"},\"events\":[{\"type\":\"log\",\"message\":\"first\"},"
				+ "{\"type\":\"analytics\",\"page\":\"/own\",\"release\":\"own\",\"message\":\"second\"}]}");
		Patience.await().until(() -> server.signals().browser().size() == 2);
		assertThat(server.signals().browser().get(0).data()).containsEntry("page", "https://shop.example/cart")
			.containsEntry("release", "1.4.2")
			.containsEntry("environment", "prod");
		assertThat(server.signals().browser().get(1).data()).containsEntry("page", "/own")
			.containsEntry("release", "own")
			.containsEntry("environment", "prod");
	}

	@Test
	void everythingElseOfTheEventStaysAndTheServersKnowledgeIsAdded() throws Exception {
		server
			.post("{\"batch\":\"whole\",\"sentAt\":1,\"session\":{\"id\":\"s-1\"},\"user\":{\"id\":\"u\"},\"events\":["
					+ "{\"type\":\"error\",\"subtype\":\"javascript\",\"severity\":\"high\",\"timestamp\":2,"
					+ "\"message\":\"Cannot read\",\"stack\":\"TypeError: Cannot read\\n at f\","
					+ "\"location\":{\"url\":\"/x\",\"line\":42,\"column\":15},\"extra\":[true,null,1.5]}]}");
		Signal signal = server.signals().awaitWithId("browser/error", 1).get(0);
		assertThat(signal.error().type()).isEqualTo("TypeError");
		assertThat(signal.error().message()).isEqualTo("Cannot read");
		assertThat(signal.error().stack()).isEqualTo("TypeError: Cannot read\n at f");
		long received = signal.timestamp().toEpochMilli();
		assertThat(signal.data()).containsEntry("severity", "high")
			.containsEntry("timestamp", 2L)
			.containsEntry("message", "Cannot read")
			.containsEntry("stack", "TypeError: Cannot read\n at f")
			.containsEntry("location", Map.of("url", "/x", "line", 42L, "column", 15L))
			.containsEntry("extra", java.util.Arrays.asList(true, null, 1.5))
			.containsEntry("source", "browser")
			.containsEntry("sessionId", "s-1")
			.containsEntry("claimedUserId", "u")
			.containsEntry("browserTimestamp", 2L)
			.containsEntry("serverReceiveTime", received)
			.containsEntry("clockSkewMs", received - 1)
			.containsEntry("serverId", "node-1")
			.containsEntry("region", "eu")
			.doesNotContainKeys("connectionId", "application");
	}

}
