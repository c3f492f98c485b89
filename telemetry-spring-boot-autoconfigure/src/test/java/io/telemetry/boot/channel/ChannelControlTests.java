package io.telemetry.boot.channel;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.telemetry.boot.Documentation;
import io.telemetry.boot.channel.control.ChannelControl;
import io.telemetry.boot.channel.control.ClientSettingsChange;
import io.telemetry.boot.channel.control.DiagnosticsPart;
import io.telemetry.boot.channel.control.Target;
import io.telemetry.signal.Signal;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.stereotype.Component;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the server says to its clients, from the bean and from Actuator, on a real Tomcat.
 */
class ChannelControlTests {

	private static final JsonMapper JSON = new JsonMapper();

	private static final ClientSettingsChange PAUSE = ClientSettingsChange.NONE.withEnabled(false);

	private static ChannelServer server;

	private static ChannelControl control;

	@BeforeAll
	static void start() {
		server = ChannelServer.start(List.of(Checkout.class), "telemetry.channel.user-id.trust-client=true",
				"telemetry.channel.client-address.mode=full", "telemetry.channel.applications.desk.key=desk-key-1",
				"telemetry.channel.applications.desk.browser.sampling.click=0.25",
				"telemetry.channel.applications.desk.browser.collect.console=false",
				"telemetry.channel.diagnostics.max-size=2KB", "telemetry.channel.diagnostics.max-pending=10",
				"management.endpoints.web.exposure.include=*",
				"management.endpoint.telemetrychannel.access=unrestricted");
		control = server.context().getBean(ChannelControl.class);
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@AfterEach
	void takeBack() {
		control.resetAll();
		server.signals().clear();
		Patience.await().until(() -> control.clients().findAny().isEmpty());
	}

	/**
	 * A client that hears control messages and has been told its first settings.
	 */
	private static StompProbe listener(String session, String user) throws Exception {
		StompProbe client = server.connect("session-id", session, "user-id", user);
		client.text("SUBSCRIBE\nid:control\ndestination:/user/queue/control\nreceipt:control\n\n\0");
		awaitMessages(client, 1);
		return client;
	}

	private static List<String> messages(StompProbe client) {
		return client.frames("MESSAGE")
			.stream()
			.filter((frame) -> frame.contains("\ndestination:/user/queue/control\n"))
			.map((frame) -> frame.substring(frame.indexOf("\n\n") + 2))
			.toList();
	}

	private static String awaitMessages(StompProbe client, int count) {
		Patience.await().until(() -> messages(client).size() >= count);
		assertThat(messages(client)).hasSize(count);
		return messages(client).get(count - 1);
	}

	private static void answer(StompProbe client, String requestId, String body) {
		client.text("SEND\ndestination:/app/diagnostics/" + requestId + "\n\n" + body + "\0");
	}

	private static long counted(String outcome) {
		return server.stats().diagnostics().get(outcome);
	}

	@Test
	void settingsComeRightAfterTheSubscription() throws Exception {
		try (StompProbe client = listener("s-1", "jo")) {
			List<String> commands = client.frames().stream().map((frame) -> frame.lines().findFirst().get()).toList();
			assertThat(commands).containsExactly("CONNECTED", "RECEIPT", "RECEIPT", "MESSAGE");
			JsonNode message = JSON.readTree(messages(client).get(0));
			assertThat(message.get("type").asString()).isEqualTo("config");
			// What a page fetches, but for what can't change
			JsonNode fetched = JSON.readTree(server.get("/chsk/config").body());
			message.get("config")
				.properties()
				.forEach((setting) -> assertThat(fetched.get(setting.getKey())).isEqualTo(setting.getValue()));
			assertThat(message.get("config").propertyNames()).contains("enabled", "sampling", "session", "collect",
					"buffer");
		}
	}

	@Test
	void oneUserIsPausedAndAnotherGoesOn() throws Exception {
		try (StompProbe jo = listener("s-1", "jo");
				StompProbe joElsewhere = listener("s-2", "jo");
				StompProbe ann = listener("s-3", "ann")) {
			assertThat(control.configure(Target.user("jo"), PAUSE, Duration.ofMinutes(10))).isEqualTo(2);
			assertThat(awaitMessages(jo, 2)).contains("\"enabled\":false,\"stay\":true");
			assertThat(awaitMessages(joElsewhere, 2)).contains("\"enabled\":false");
			try (StompProbe later = listener("s-4", "jo")) {
				assertThat(awaitMessages(later, 1)).contains("\"enabled\":false");
			}
			assertThat(control.reset(Target.user("jo"))).isBetween(2, 3);
			assertThat(awaitMessages(jo, 3)).contains("\"enabled\":true").doesNotContain("stay");
			assertThat(control.flush(Target.all())).isBetween(3, 4);
			assertThat(awaitMessages(ann, 2)).isEqualTo("{\"type\":\"flush\"}");
			assertThat(control.reconnect(Target.session("s-3"), Duration.ofSeconds(5))).isOne();
			assertThat(awaitMessages(ann, 3)).isEqualTo("{\"type\":\"reconnect\",\"withinMs\":5000}");
		}
	}

	@Test
	void changeThatEndsIsTold() throws Exception {
		try (StompProbe jo = listener("s-1", "jo")) {
			control.configure(Target.session("s-1"), PAUSE, Duration.ofMillis(1));
			assertThat(awaitMessages(jo, 3)).contains("\"enabled\":true");
		}
	}

	@Test
	void pageIsGivenWhatIsInForceForItsFrontEnd() throws Exception {
		assertThat(server.get("/chsk/config?key=desk-key-1").body()).contains("\"click\":0.25", "\"console\":false");
		assertThat(server.get("/chsk/config").body()).contains("\"click\":0.01", "\"console\":true");
		control.configure(Target.application("desk"), PAUSE, null);
		assertThat(server.get("/chsk/config?key=desk-key-1").body()).contains("\"enabled\":false,\"stay\":true",
				"\"click\":0.25");
		assertThat(server.get("/chsk/config").body()).contains("\"enabled\":true");
	}

	@Test
	void answerBecomesASignalAndTheRestIsCounted() throws Exception {
		long notAsked = counted("not-asked");
		long repeated = counted("repeated");
		long malformed = counted("malformed");
		long tooLarge = counted("too-large");
		long answered = counted("answered");
		try (StompProbe jo = listener("s-1", "jo"); StompProbe ann = listener("s-2", "ann")) {
			ChannelControl.Asked asked = control.diagnose(Target.user("jo"), EnumSet.of(DiagnosticsPart.BUFFER));
			assertThat(awaitMessages(jo, 2)).contains(asked.requestId(), "\"what\":[\"buffer\"]");
			String id = asked.requestId();
			answer(ann, id, "{\"buffer\":{}}");
			answer(jo, "another", "{}");
			for (String wrong : List.of("", "[]", "1", "{\"buffer\":", "{}{}",
					"{\"a\":" + "[".repeat(20) + "]".repeat(20) + "}", Batches.wide(200))) {
				answer(jo, id, wrong);
			}
			answer(jo, id, "{\"buffer\":\"" + "x".repeat(3000) + "\"}");
			answer(jo, id, "{\"buffer\":{\"stored\":7,\"dropped\":{\"buffer-full\":2}}}");
			answer(jo, id, "{\"buffer\":{\"stored\":8}}");
			Signal signal = server.signals().awaitWithId("channel/diagnostics", 1).get(0);
			assertThat(signal.data()).containsEntry("requestId", id)
				.containsEntry("sessionId", "s-1")
				.containsEntry("userId", "jo")
				.containsEntry("buffer", Map.of("stored", 7L, "dropped", Map.of("buffer-full", 2L)));
			Patience.await().until(() -> counted("repeated") == repeated + 1 && counted("not-asked") == notAsked + 2);
			assertThat(counted("malformed") - malformed).isEqualTo(7);
			assertThat(counted("too-large") - tooLarge).isOne();
			assertThat(counted("answered") - answered).isOne();
			// Harmless otherwise
			jo.batch(Batches.batch("b-1", "{}"));
			Patience.await().until(() -> jo.frames("MESSAGE").stream().anyMatch((frame) -> frame.contains("b-1")));
			assertThat(server.signals().withId("channel/diagnostics")).hasSize(1);
			assertThat(server.signals().withId("channel/unknown-destination")).isEmpty();
		}
	}

	@Test
	void answersCostWhatEventsCost() throws Exception {
		try (ChannelServer strict = ChannelServer.start("telemetry.channel.rate-limits.connection=3/1h");
				StompProbe client = strict.connect()) {
			answer(client, "x", "{}");
			answer(client, "x", "{}");
			assertThat(client.isOpen()).isTrue();
			answer(client, "x", "{}");
			assertThat(client.awaitClose()).isEqualTo(1008);
			assertThat(client.closeReason()).isEqualTo("rate-limited");
			assertThat(strict.stats().diagnostics()).containsEntry("not-asked", 2L);
		}
	}

	@Test
	void answersOfAnySortNeverHurt() {
		BatchDecoder decoder = new BatchDecoder(ChannelSettings.Limits.DEFAULTS);
		byte[] whole = "{\"buffer\":{\"stored\":7,\"a\":[1,2.5,true,null,\"ü\"]},\"errors\":[{\"message\":\"\\u0041\"}]}"
			.getBytes(StandardCharsets.UTF_8);
		assertThat(decoder.decodeObject(whole, 0, whole.length)).containsOnlyKeys("buffer", "errors");
		Random random = new Random(17);
		for (int i = 0; i < 20_000; i++) {
			byte[] bytes = whole.clone();
			for (int j = random.nextInt(4); j >= 0; j--) {
				bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
			}
			int length = random.nextInt(4) == 0 ? random.nextInt(bytes.length) : bytes.length;
			decoder.decodeObject(bytes, 0, length);
		}
	}

	/**
	 * Whatever threads change settings while clients come, each is told last what is in
	 * force.
	 */
	@Test
	void lastWordIsWhatIsInForce() throws Exception {
		List<StompProbe> clients = new ArrayList<>();
		try {
			for (int i = 0; i < 10; i++) {
				clients.add(server.connect("session-id", "s-" + i, "user-id", "jo"));
			}
			CountDownLatch done = new CountDownLatch(4);
			for (int t = 0; t < 4; t++) {
				int thread = t;
				new Thread(() -> {
					for (int i = 0; i < 50; i++) {
						control.configure((thread % 2 == 0) ? Target.user("jo") : Target.all(),
								ClientSettingsChange.NONE.withSampling("of-" + thread, i / 49.0), null);
					}
					done.countDown();
				}).start();
			}
			for (StompProbe client : clients) {
				client.text("SUBSCRIBE\nid:control\ndestination:/user/queue/control\n\n\0");
			}
			assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
			for (StompProbe client : clients) {
				Patience.await().untilAsserted(() -> {
					List<String> told = messages(client);
					assertThat(told).isNotEmpty();
					assertThat(told.get(told.size() - 1)).contains("\"of-0\":1.0", "\"of-1\":1.0", "\"of-2\":1.0",
							"\"of-3\":1.0");
				});
			}
		}
		finally {
			clients.forEach(StompProbe::close);
		}
	}

	private static JsonNode actuator(String method, String query, String body, int status) throws Exception {
		HttpRequest.Builder request = HttpRequest.newBuilder(server.uri("/actuator/telemetrychannel" + query))
			.header("Content-Type", "application/json")
			.method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
		HttpResponse<String> response = server.send(request.build());
		assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
		return JSON.readTree(response.body());
	}

	@Test
	void operatorSeesWhoIsConnected() throws Exception {
		try (StompProbe jo = listener("s-1", "jo");
				StompProbe ann = server.connect("session-id", "s-2", "user-id", "ann")) {
			JsonNode all = actuator("GET", "", "", 200);
			assertThat(all.get("webSocket").asBoolean()).isTrue();
			assertThat(all.get("connections").asInt()).isEqualTo(2);
			assertThat(all.get("users").asInt()).isEqualTo(2);
			assertThat(all.get("clients")).hasSize(2);
			JsonNode one = actuator("GET", "?user=jo", "", 200);
			assertThat(one.get("matching").asInt()).isOne();
			JsonNode client = one.get("clients").get(0);
			assertThat(client.get("sessionId").asString()).isEqualTo("s-1");
			assertThat(client.get("userId").asString()).isEqualTo("jo");
			assertThat(client.get("clientAddress").asString()).isNotEmpty();
			assertThat(client.get("connectedAt").asString()).matches("20.*Z");
			assertThat(client.get("subscriptions").toString()).contains("/user/queue/acks", "/user/queue/control");
			assertThat(actuator("GET", "?limit=1", "", 200).get("clients")).hasSize(1);
			assertThat(actuator("GET", "?session=nobody", "", 200).get("matching").asInt()).isZero();
			assertThat(jo.isOpen() && ann.isOpen()).isTrue();
		}
	}

	@Test
	void operatorPausesThrottlesAndDiagnosesOneUser() throws Exception {
		try (StompProbe jo = listener("s-1", "jo"); StompProbe ann = listener("s-2", "ann")) {
			JsonNode paused = actuator("POST", "",
					"{\"type\":\"config\",\"user\":\"jo\",\"enabled\":\"false\",\"expiresIn\":\"10m\"}", 200);
			assertThat(paused.get("reached").asInt()).isOne();
			assertThat(awaitMessages(jo, 2)).contains("\"enabled\":false");
			JsonNode override = paused.get("overrides").get(0);
			assertThat(override.get("scope").asString()).isEqualTo("user");
			assertThat(override.get("name").asString()).isEqualTo("jo");
			assertThat(override.get("settings").toString()).isEqualTo("{\"enabled\":false}");
			assertThat(override.get("expiresAt").asString()).isNotEmpty();
			actuator("DELETE", "?user=jo", "", 200);
			assertThat(awaitMessages(jo, 3)).contains("\"enabled\":true");
			actuator("POST", "", "{\"type\":\"config\",\"session\":\"s-1\",\"sampling\":\"click=0.5, scroll=0\","
					+ "\"collect\":\"network=false,bots=true\",\"ignore\":\"not ours, noise\",\"sessionRate\":\"0.5\"}",
					200);
			assertThat(awaitMessages(jo, 4)).contains("\"click\":0.5", "\"scroll\":0.0", "\"network\":false",
					"\"bots\":true", "\"ignore\":[\"not ours\",\"noise\"]", "\"rate\":0.5");
			JsonNode asked = actuator("POST", "", "{\"type\":\"diagnose\",\"user\":\"jo\",\"what\":\"buffer,errors\"}",
					200);
			String request = asked.get("requestId").asString();
			assertThat(asked.get("pendingDiagnostics").asInt()).isOne();
			awaitMessages(jo, 5);
			answer(jo, request, "{\"buffer\":{\"stored\":1}}");
			assertThat(server.signals().awaitWithId("channel/diagnostics", 1).get(0).data()).containsEntry("requestId",
					request);
			assertThat(actuator("POST", "", "{\"type\":\"reconnect\",\"within\":\"30s\"}", 200).get("reached").asInt())
				.isEqualTo(2);
			assertThat(awaitMessages(ann, 2)).contains("\"withinMs\":30000");
			assertThat(
					actuator("POST", "", "{\"type\":\"flush\",\"application\":\"desk\"}", 200).get("reached").asInt())
				.isZero();
			assertThat(actuator("DELETE", "", "", 200).get("overrides")).isEmpty();
		}
	}

	@Test
	void changesOfAUserHoldForLaterAndThoseOfAnUnknownSessionAreRefused() throws Exception {
		assertThat(
				actuator("POST", "", "{\"type\":\"config\",\"user\":\"eve\",\"enabled\":\"false\"}", 200).get("reached")
					.asInt())
			.isZero();
		try (StompProbe eve = listener("s-9", "eve")) {
			assertThat(awaitMessages(eve, 1)).contains("\"enabled\":false");
		}
		assertThat(actuator("POST", "", "{\"type\":\"flush\",\"session\":\"nobody\"}", 404).get("value").asString())
			.isEqualTo("nobody");
		actuator("DELETE", "?session=nobody", "", 404);
		control.configure(Target.session("nobody"), PAUSE, null);
		actuator("DELETE", "?session=nobody", "", 200);
		assertThat(actuator("DELETE", "?application=blog", "", 404).get("allowed").toString()).isEqualTo("[\"desk\"]");
	}

	@ParameterizedTest
	@CsvSource(delimiter = ';', quoteCharacter = '`',
			value = { "{}; 'type' can't be left out: allowed is config, flush, reconnect or diagnose",
					"{\"type\":\"shout\"}; 'type' can't be 'shout'",
					"{\"type\":\"flush\",\"usr\":\"jo\"}; There is no 'usr' here",
					"{\"type\":\"flush\",\"user\":\"jo\",\"session\":\"s\"}; one can be given",
					"{\"type\":\"flush\",\"user\":\"\"}; 1 to 512 characters",
					"{\"type\":\"flush\",\"within\":\"30s\"}; 'within' means nothing to 'flush'",
					"{\"type\":\"config\"}; Nothing is changed",
					"{\"type\":\"config\",\"expiresIn\":\"10m\"}; nothing is changed",
					"{\"type\":\"config\",\"enabled\":\"maybe\"}; allowed is true or false",
					"{\"type\":\"config\",\"sampling\":\"click\"}; allowed is subtypes with shares from 0 to 1",
					"{\"type\":\"config\",\"sampling\":\"click=2\"}; 'sampling' can't be 'click=2'",
					"{\"type\":\"config\",\"sampling\":\"click=NaN\"}; 'sampling' can't be 'click=NaN'",
					"{\"type\":\"config\",\"collect\":\"all=true\"}; allowed is errors, console, network",
					"{\"type\":\"config\",\"collect\":\"errors=no\"}; allowed is errors, console, network",
					"{\"type\":\"flush\",\"ignore\":\"noise\"}; 'ignore' means nothing to 'flush'",
					"{\"type\":\"config\",\"sessionRate\":\"2\"}; a number from 0 to 1",
					"{\"type\":\"config\",\"enabled\":\"false\",\"expiresIn\":\"0s\"}; a duration above zero",
					"{\"type\":\"reconnect\"}; 'within' can't be left out: allowed is a duration from 0s to 10m",
					"{\"type\":\"reconnect\",\"within\":\"1h\"}; 'within' can't be '1h'",
					"{\"type\":\"diagnose\",\"what\":\"buffer,secrets\"}; environment, buffer, timings and errors" })
	void badValuesAreAnsweredByName(String body, String detail) throws Exception {
		assertThat(actuator("POST", "", body, 400).get("detail").asString()).contains(detail);
		assertThat(control.overrides()).isEmpty();
	}

	@Test
	void tooManyRequestsAreAConflict() throws Exception {
		try (StompProbe jo = listener("s-1", "jo")) {
			for (int i = 0; i < 10; i++) {
				control.diagnose(Target.session("s-1"), Set.of());
			}
			assertThat(actuator("POST", "", "{\"type\":\"diagnose\"}", 409).get("detail").asString())
				.contains("telemetry.channel.diagnostics.max-pending");
			awaitMessages(jo, 11);
			answerAll(jo);
			Patience.await().until(() -> control.pendingDiagnostics() == 0);
		}
	}

	/**
	 * So that nothing waits any more.
	 */
	private static void answerAll(StompProbe client) {
		for (String message : messages(client)) {
			JsonNode read = JSON.readTree(message);
			if (read.has("requestId")) {
				answer(client, read.get("requestId").asString(), "{}");
			}
		}
	}

	@Test
	void exampleOfTheDocumentationWorks() throws Exception {
		List<String> examples = Documentation.blocks("channel.md", "java");
		String source = Files.readString(
				Path.of("src", "test", "java", "io", "telemetry", "boot", "channel", "ChannelControlTests.java"));
		assertThat(examples).anyMatch((example) -> withoutSpace(source).contains(withoutSpace(example)));
		try (StompProbe jo = listener("s-1", "jo")) {
			server.context().getBean(Checkout.class).lookCloser("jo");
			assertThat(awaitMessages(jo, 3)).contains("diagnose");
			assertThat(messages(jo).get(1)).contains("\"click\":1.0");
			answerAll(jo);
			Patience.await().until(() -> control.pendingDiagnostics() == 0);
		}
	}

	/** Space is the formatter's, and classes are static only because they are nested. */
	private static String withoutSpace(String text) {
		return text.replaceAll("\\bstatic (?=(class|interface) )|\\bthis\\.(?=control\\.)|\\s+", "");
	}

	// @formatter:off
	@Component
	static class Checkout {

		private final ChannelControl control;

		Checkout(ChannelControl control) {
			this.control = control;
		}

		void lookCloser(String user) {
			this.control.configure(Target.user(user), ClientSettingsChange.NONE.withSampling("click", 1),
					Duration.ofMinutes(10));
			this.control.diagnose(Target.user(user), EnumSet.of(DiagnosticsPart.BUFFER, DiagnosticsPart.ERRORS));
		}

	}
	// @formatter:on

}
