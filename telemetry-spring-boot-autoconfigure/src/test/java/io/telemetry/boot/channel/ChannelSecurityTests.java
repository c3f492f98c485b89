package io.telemetry.boot.channel;

import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;

import io.telemetry.signal.Kind;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What no page and no client may do, whether or not the application has Spring Security.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ChannelSecurityTests {

	private static final String PARTNER = "https://shop.partner.example";

	private static final String SECRET = "telemetry.channel.ticket.secret=0123456789abcdef0123456789abcdef";

	private ChannelServer server;

	private int batches;

	abstract List<Class<?>> configurations();

	abstract List<String> properties();

	@BeforeAll
	void start() {
		List<String> properties = new java.util.ArrayList<>(properties());
		properties.add("telemetry.channel.allowed-origin-patterns=https://*.partner.example");
		properties.add(SECRET);
		this.server = ChannelServer.start(configurations(), properties.toArray(String[]::new));
	}

	@AfterAll
	void stop() {
		this.server.close();
	}

	@BeforeEach
	void forget() {
		this.server.signals().clear();
	}

	private String batch() {
		return Batches.batch("b-" + this.batches++, "{\"type\":\"log\"}");
	}

	@ParameterizedTest
	@ValueSource(strings = { "https://evil.example", "null", "file://", "nonsense", "http://[", "https://localhost:%d",
			"http://localhost:1", "http://localhost", "http://localhost:%d.evil.example",
			"http://localhost.evil.example:%d", "http://evil-localhost:%d", "http://127.0.0.1:%d",
			"https://partner.example", "https://evilpartner.example", "http://shop.partner.example",
			"https://shop.partner.example.evil.example", "https://shop.partner.example:8443",
			"http://localhost:99999" })
	void pageOfAnotherOriginIsRefusedOnEveryRoadAndCounted(String template) throws Exception {
		String origin = template.formatted(this.server.port());
		Visitor visitor = this.server.visitor();
		long handshakes = this.server.stats().handshakesForeignOrigin();
		long refused = this.server.stats().batchesRefused().get("foreign-origin");
		assertThat(visitor.handshake("/chsk", "Origin", origin)).isEqualTo(403);
		for (String path : List.of("/chsk/batch", "/chsk/ticket")) {
			for (String site : List.of("cross-site", "same-origin")) {
				HttpResponse<String> response = visitor.post(path, batch(), "Origin", origin, "Sec-Fetch-Site", site);
				assertThat(response.statusCode()).isEqualTo(403);
				assertThat(response.body()).contains("\"reason\":\"foreign-origin\"").doesNotContain("evil");
				assertThat(response.headers().map()).doesNotContainKey("access-control-allow-origin");
			}
			assertThat(preflight(path, origin).headers().map()).doesNotContainKey("access-control-allow-origin");
		}
		assertThat(visitor.get("/chsk/config", "Origin", origin).headers().map())
			.doesNotContainKey("access-control-allow-origin");
		assertThat(this.server.stats().handshakesForeignOrigin()).isEqualTo(handshakes + 1);
		assertThat(this.server.stats().batchesRefused()).containsEntry("foreign-origin", refused + 4);
		assertThat(this.server.signals().browser()).isEmpty();
	}

	private HttpResponse<String> preflight(String path, String origin) throws Exception {
		return this.server.visitor()
			.send("OPTIONS", path, "", "Origin", origin, "Access-Control-Request-Method", "POST",
					"Access-Control-Request-Headers", "content-type");
	}

	@ParameterizedTest
	@ValueSource(strings = { "cross-site", "same-site", "SAME-ORIGIN", "nonsense", "same-origin, cross-site" })
	void whatTheBrowserCallsForeignIsRefusedAlsoWithoutOrigin(String site) throws Exception {
		Visitor visitor = this.server.visitor();
		assertThat(visitor.post("/chsk/batch", batch(), "Sec-Fetch-Site", site).statusCode()).isEqualTo(403);
		assertThat(visitor.post("/chsk/ticket", "", "Sec-Fetch-Site", site).statusCode()).isEqualTo(403);
		assertThat(visitor.handshake("/chsk", "Sec-Fetch-Site", site)).isEqualTo(403);
		assertThat(visitor.post("/chsk/batch", batch(), "Sec-Fetch-Site", site, "Origin", own()).statusCode())
			.isEqualTo(403);
	}

	private String own() {
		return "http://localhost:" + this.server.port();
	}

	@Test
	void ownPagesAndWhatIsNoBrowserAreServed() throws Exception {
		Visitor visitor = this.server.visitor();
		for (String[] headers : List.of(new String[0], new String[] { "Origin", own() },
				new String[] { "Origin", own(), "Sec-Fetch-Site", "same-origin" },
				new String[] { "Sec-Fetch-Site", "none" })) {
			assertThat(visitor.post("/chsk/batch", batch(), headers).statusCode()).isEqualTo(202);
			assertThat(visitor.handshake("/chsk", headers)).isEqualTo(101);
			assertThat(visitor.post("/chsk/ticket", "", headers).statusCode()).isEqualTo(401);
			assertThat(visitor.get("/chsk/config", headers).statusCode()).isEqualTo(200);
		}
	}

	@Test
	void allowedPagesAreServedAndToldSoWithoutTheirCookies() throws Exception {
		Visitor visitor = this.server.visitor();
		HttpResponse<String> response = visitor.post("/chsk/batch", batch(), "Origin", PARTNER, "Sec-Fetch-Site",
				"cross-site");
		assertThat(response.statusCode()).isEqualTo(202);
		assertThat(response.headers().allValues("Access-Control-Allow-Origin")).containsExactly(PARTNER);
		assertThat(response.headers().allValues("Vary")).contains("Origin");
		assertThat(response.headers().map()).doesNotContainKey("access-control-allow-credentials");
		assertThat(visitor.handshake("/chsk", "Origin", PARTNER, "Sec-Fetch-Site", "cross-site")).isEqualTo(101);
		assertThat(visitor.post("/chsk/ticket", "", "Origin", PARTNER).statusCode()).isEqualTo(401);
		HttpResponse<String> preflight = preflight("/chsk/batch", PARTNER);
		assertThat(preflight.statusCode()).isEqualTo(200);
		assertThat(preflight.headers().allValues("Access-Control-Allow-Origin")).containsExactly(PARTNER);
		assertThat(preflight.headers().map()).doesNotContainKey("access-control-allow-credentials");
	}

	/**
	 * Everything that a client can learn of another, and some more, is of no use.
	 */
	@Test
	void nothingOfAnotherClientCanBeSubscribedToOrSentTo() throws Exception {
		try (StompProbe victim = this.server.visitor().connect("/chsk", "session-id", "victim")) {
			victim.batch(batch());
			victim.awaitAcknowledgement();
			Map<String, Object> known = this.server.signals().awaitWithId("browser/log", 1).get(0).data();
			String user = String.valueOf(known.get("userId"));
			String connection = String.valueOf(known.get("connectionId"));
			victim.text("SUBSCRIBE\nid:c\ndestination:/user/queue/control\nreceipt:c\n\n\0"
					+ "SUBSCRIBE\nid:t\ndestination:/topic/control\nreceipt:t\n\n\0");
			Patience.await().until(() -> victim.frames("RECEIPT").size() == 3);
			// Its own settings
			assertThat(victim.awaitAcknowledgement()).contains("\"type\":\"config\"");
			int before = victim.frames().size();
			for (String name : List.of("victim", user, connection, "*", "**", "{any}", "%2A", "..")) {
				for (String destination : List.of("/user/" + name + "/queue/acks", "/user/" + name + "/queue/control",
						"/queue/acks-user" + name, "/queue/control-user" + name, "/user/queue/" + name,
						"/queue/" + name, "/topic/" + name, "/user/queue/acks-user" + name, "/" + name,
						"/user/queue/acks/" + name)) {
					assertForbidden("SUBSCRIBE\nid:x\ndestination:" + destination + "\n\n\0");
					assertForbidden("SEND\ndestination:" + destination + "\n\n{\"type\":\"flush\"}\0");
				}
			}
			for (String destination : List.of("/user/queue/acks", "/user/queue/control", "/topic/control")) {
				assertForbidden("SEND\ndestination:" + destination + "\n\n{\"type\":\"flush\"}\0");
			}
			assertForbidden("SUBSCRIBE\nid:x\ndestination:/topic/signals\n\n\0");
			// Nobody else's next word comes before its own
			victim.batch(batch());
			victim.awaitAcknowledgement();
			assertThat(victim.frames()).hasSize(before);
		}
	}

	private void assertForbidden(String frame) throws Exception {
		try (StompProbe client = this.server.connect("session-id", "victim")) {
			client.text(frame);
			assertThat(client.awaitClose()).as(frame).isEqualTo(1008);
			assertThat(client.closeReason()).as(frame).isEqualTo("forbidden-destination");
			assertThat(client.frames("MESSAGE")).isEmpty();
		}
	}

	@Test
	void subscriptionsOfTheSameNameAndSessionGetTheirOwnAnswersOnly() throws Exception {
		try (StompProbe victim = this.server.visitor().connect("/chsk", "session-id", "shared");
				StompProbe spy = this.server.visitor()
					.connect("/chsk", "session-id", "shared", "user-id", "victim", "simpSessionId", "1", "login",
							"victim")) {
			spy.text("SUBSCRIBE\nid:more\ndestination:/user/queue/acks\nreceipt:more\nsimpUser:victim\nuser:victim\n"
					+ "selector:true\n\n\0");
			Patience.await().until(() -> spy.frames("RECEIPT").size() == 2);
			for (int i = 0; i < 20; i++) {
				victim.batch(Batches.batch("of-the-victim-" + i, "{}"));
			}
			victim.awaitAcknowledgements(20);
			spy.batch(Batches.batch("of-the-spy", "{}"));
			// One for each of its subscriptions
			assertThat(spy.awaitAcknowledgements(2)).hasSize(2).allMatch((ack) -> ack.contains("of-the-spy"));
			assertThat(victim.frames("MESSAGE")).hasSize(20).noneMatch((frame) -> frame.contains("of-the-spy"));
		}
	}

	/**
	 * Line ends, terminal escapes and turned directions, in every place a client can put
	 * them.
	 */
	@Test
	void nothingOfAClientsReachesHeadersOrLogsUnescaped() throws Exception {
		String nasty = "\r\nSet-Cookie: evil=1\r\n\u001b[2J\u202e\u2028evil";
		String json = "\\r\\nSet-Cookie: evil=1\\r\\n\\u001b[2J\\u202e\\u2028evil";
		String query = java.net.URLEncoder.encode(nasty, java.nio.charset.StandardCharsets.UTF_8);
		Visitor visitor = this.server.visitor();
		try (LogWatch log = new LogWatch()) {
			for (String path : List.of("/chsk/batch?key=" + query, "/chsk/ticket?key=" + query,
					"/chsk/batch?x=" + query, "/chsk/ticket?ticket=" + query)) {
				assertPlain(visitor.post(path, batch()));
			}
			assertPlain(visitor.get("/chsk/config?key=" + query));
			assertThat(visitor.handshake("/chsk?key=" + query)).isEqualTo(401);
			String body = "{\"batch\":\"b\",\"ticket\":\"" + json + "\",\"session\":{\"id\":\"" + json
					+ "\"},\"user\":{\"id\":\"" + json + "\"},\"dropped\":{\"" + json + "\":1},\"events\":[{\"type\":\""
					+ json + "\",\"subtype\":\"" + json + "\",\"" + json + "\":1}]}";
			assertPlain(visitor.post("/chsk/batch", body));
			assertPlain(visitor.post("/chsk/batch", body.replaceFirst("\"ticket\":\"[^\"]+\",", "")));
			assertPlain(visitor.post("/chsk/batch", body.replace("\"batch\":\"b\"", "\"batch\":\"" + json + "\"")));
			assertPlain(visitor.post("/chsk/batch", batch(), "Content-Type", "text/evil"));
			assertPlain(visitor.post("/chsk/batch", batch(), "Content-Encoding", "evil"));
			String stomp = "\\r\\nSet-Cookie\\cevil\u001b[2J\u202e";
			assertThat(visitor.refusal("/chsk", "ticket", stomp)).isEqualTo("unauthorized");
			try (StompProbe client = visitor.open("/chsk")) {
				client.text("CONNECT\naccept-version:1.2\nsession-id:" + stomp + "\nuser-id:" + stomp + "\n\n\0");
				assertOneLine(client.awaitFrame("CONNECTED"));
				client.text("SUBSCRIBE\nid:" + stomp + "\ndestination:/user/queue/acks\nreceipt:" + stomp + "\n\n\0");
				assertOneLine(client.awaitFrame("RECEIPT"));
				client.text("SEND\ndestination:/app/" + stomp + "\n\n\0");
				client.batch(body.replaceFirst("\"ticket\":\"[^\"]+\",", ""));
				assertOneLine(client.awaitFrame("MESSAGE"));
				client.text("SEND\ndestination:" + stomp + "\nreceipt:" + stomp + "\n\n\0");
				assertOneLine(client.awaitFrame("ERROR"));
				assertThat(client.awaitClose()).isEqualTo(1008);
				assertThat(client.closeReason()).isEqualTo("forbidden-destination");
			}
			log.assertNoComplaints();
			assertThat(log.lines()).noneMatch(ChannelSecurityTests::isNasty);
		}
		this.server.signals().awaitWithId("channel/unknown-destination", 1);
		assertThat(this.server.signals().all()).filteredOn((signal) -> signal.kind().equals(Kind.CHANNEL))
			.filteredOn((signal) -> !signal.id().equals("channel/batch-received"))
			.allSatisfy((signal) -> {
				assertThat(isNasty(signal.message())).as(signal.message()).isFalse();
				assertThat(signal.data().values()).noneMatch((value) -> isNasty(String.valueOf(value)));
			});
		assertThat(this.server.signals().browser()).allSatisfy((signal) -> {
			assertThat(isNasty(signal.id() + signal.namespace() + signal.message())).isFalse();
			assertThat(isNasty(String.valueOf(signal.data().get("sessionId")))).isFalse();
		});
	}

	private static boolean isNasty(String text) {
		return text.chars().anyMatch((c) -> Character.isISOControl(c) || c == '\u202e' || c == '\u2028');
	}

	private static void assertPlain(HttpResponse<String> response) {
		assertThat(response.statusCode()).isBetween(200, 499);
		assertThat(response.headers().map().keySet()).noneMatch("set-cookie"::equalsIgnoreCase);
		assertThat(response.headers().map().toString()).doesNotContain("evil");
		assertThat(isNasty(response.body())).isFalse();
		response.headers()
			.firstValue("Content-Type")
			.ifPresent((type) -> assertThat(type).matches("application/(problem\\+)?json(;.*)?"));
	}

	private static void assertOneLine(String frame) {
		String head = frame.substring(0, frame.indexOf("\n\n"));
		assertThat(head.split("\n")).allMatch((line) -> line.matches("[A-Z]+|[a-z-]+:.*"))
			.noneMatch((line) -> line.startsWith("Set-Cookie"));
		assertThat(head).doesNotContain("\r");
	}

}
