package io.telemetry.boot.channel;

import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Front ends that share a backend, and what is known of a client by its address and
 * browser, on a real Tomcat.
 */
class ChannelApplicationsTests {

	private static final String CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 "
			+ "(KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36";

	private static final String IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) "
			+ "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 Mobile/15E148 Safari/604.1";

	private static final String[] APPLICATIONS = { "telemetry.channel.allowed-origin-patterns=https://open.example",
			"telemetry.channel.applications.shop.key=shop-key-1",
			"telemetry.channel.applications.shop.allowed-origin-patterns=https://shop.example",
			"telemetry.channel.applications.desk.key=desk-key-1",
			"telemetry.channel.applications.desk.allowed-origin-patterns=https://desk.example,https://*.desk.example" };

	private static ChannelServer server;

	private static int batches;

	@BeforeAll
	static void start() {
		server = ChannelServer.start(APPLICATIONS);
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@BeforeEach
	void forget() {
		server.signals().clear();
	}

	private static String batch() {
		return Batches.batch("b-" + batches++,
				"{\"type\":\"log\",\"application\":\"forged\",\"clientAddress\":\"forged\",\"client\":\"forged\"}");
	}

	/**
	 * What a signal tells of a client that posts.
	 */
	private static Map<String, Object> posted(ChannelServer server, String query, String... headers) throws Exception {
		server.signals().clear();
		assertThat(server.visitor().post("/chsk/batch" + query, batch(), headers).statusCode()).isEqualTo(202);
		return server.signals().awaitWithId("browser/log", 1).get(0).data();
	}

	/**
	 * What a signal tells of a client that is connected.
	 */
	private static Map<String, Object> sent(ChannelServer server, String query, String... headers) throws Exception {
		server.signals().clear();
		try (StompProbe probe = server.visitor().open("/chsk" + query, headers)) {
			probe.connect();
			probe.batch(batch());
			probe.awaitAcknowledgement();
		}
		return server.signals().awaitWithId("browser/log", 1).get(0).data();
	}

	@Test
	void frontEndStandsOnTheSignalAndIsNeverTheClientsWord() throws Exception {
		assertThat(posted(server, "?key=shop-key-1")).containsEntry("application", "shop");
		assertThat(sent(server, "?key=shop-key-1")).containsEntry("application", "shop");
		assertThat(posted(server, "?a=b&key=desk-key-1&key=shop-key-1")).containsEntry("application", "desk");
		assertThat(sent(server, "?key=desk%2Dkey-1")).containsEntry("application", "desk");
		assertThat(posted(server, "")).doesNotContainKey("application");
		assertThat(sent(server, "?key=")).doesNotContainKey("application");
	}

	@Test
	void keyThatNobodyHasIsRefusedOnEveryAddressAndCounted() throws Exception {
		long before = server.stats().unauthorized().get("unknown-application");
		Visitor visitor = server.visitor();
		for (String key : List.of("nobody-has-it", "SHOP-KEY-1", "shop", "shop-key-1%20", "shop-key-1%00",
				"shop-key-1,desk-key-1", "*")) {
			String query = "?key=" + key;
			assertThat(visitor.handshake("/chsk" + query)).as(key).isEqualTo(401);
			HttpResponse<String> response = visitor.post("/chsk/batch" + query, batch());
			assertThat(response.statusCode()).as(key).isEqualTo(401);
			assertThat(response.body()).contains("\"reason\":\"unauthorized\"");
			assertThat(visitor.post("/chsk/ticket" + query, "").statusCode()).as(key).isEqualTo(401);
			HttpResponse<String> config = visitor.get("/chsk/config" + query);
			assertThat(config.statusCode()).as(key).isEqualTo(401);
			assertThat(config.body()).isEmpty();
		}
		assertThat(server.stats().unauthorized()).containsEntry("unknown-application", before + 3 * 7);
		assertThat(server.signals().browser()).isEmpty();
	}

	@Test
	void pageOfAFrontEndComesFromItsOwnOriginsOnly() throws Exception {
		String own = "http://localhost:" + server.port();
		assertPage("", "https://open.example", true);
		assertPage("?key=shop-key-1", "https://shop.example", true);
		assertPage("?key=desk-key-1", "https://desk.example", true);
		assertPage("?key=desk-key-1", "https://eu.desk.example", true);
		assertPage("", "https://shop.example", false);
		assertPage("?key=shop-key-1", "https://desk.example", false);
		assertPage("?key=shop-key-1", "https://eu.desk.example", false);
		assertPage("?key=shop-key-1", "https://open.example", false);
		assertPage("?key=desk-key-1", "https://shop.example", false);
		assertPage("?key=nobody-has-it", "https://shop.example", false);
		Visitor visitor = server.visitor();
		assertThat(visitor.handshake("/chsk?key=shop-key-1", "Origin", own)).isEqualTo(101);
		assertThat(visitor.post("/chsk/batch?key=shop-key-1", batch(), "Origin", own).statusCode()).isEqualTo(202);
	}

	private static void assertPage(String query, String origin, boolean allowed) throws Exception {
		Visitor visitor = server.visitor();
		String what = origin + " with " + query;
		assertThat(visitor.handshake("/chsk" + query, "Origin", origin) == 101).as(what).isEqualTo(allowed);
		HttpResponse<String> posted = visitor.post("/chsk/batch" + query, batch(), "Origin", origin, "Sec-Fetch-Site",
				"cross-site");
		assertThat(posted.statusCode() == 202).as(what).isEqualTo(allowed);
		// Without it the page could not read the answer, and must not
		assertThat(posted.headers().firstValue("Access-Control-Allow-Origin").isPresent()).as(what).isEqualTo(allowed);
		assertThat(visitor.get("/chsk/config" + query, "Origin", origin)
			.headers()
			.firstValue("Access-Control-Allow-Origin")
			.isPresent()).as(what).isEqualTo(allowed);
		for (String path : List.of("/chsk/batch", "/chsk/ticket")) {
			HttpResponse<String> preflight = visitor.send("OPTIONS", path + query, "", "Origin", origin,
					"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type");
			assertThat(preflight.headers().firstValue("Access-Control-Allow-Origin").isPresent()).as(what)
				.isEqualTo(allowed);
		}
	}

	@Test
	void limitsOfAFrontEndAreItsOwn() throws Exception {
		try (ChannelServer server = ChannelServer.start("telemetry.channel.applications.shop.key=shop-key-1",
				"telemetry.channel.applications.shop.rate-limit=3/1h",
				"telemetry.channel.applications.shop.max-connections=2",
				"telemetry.channel.applications.desk.key=desk-key-1")) {
			Visitor visitor = server.visitor();
			for (int i = 0; i < 3; i++) {
				assertThat(visitor.post("/chsk/batch?key=shop-key-1", batch()).statusCode()).isEqualTo(202);
			}
			HttpResponse<String> limited = visitor.post("/chsk/batch?key=shop-key-1", batch());
			assertThat(limited.statusCode()).isEqualTo(429);
			assertThat(limited.body()).contains("\"reason\":\"rate-limited\"", "\"retryAfterMs\":");
			assertThat(limited.headers().firstValue("Retry-After")).isPresent();
			try (StompProbe first = visitor.connect("/chsk?key=shop-key-1");
					StompProbe second = visitor.connect("/chsk?key=shop-key-1")) {
				first.batch(batch());
				assertThat(first.awaitAcknowledgement()).contains("\"reason\":\"rate-limited\"");
				assertThat(visitor.handshake("/chsk?key=shop-key-1")).isEqualTo(503);
				assertThat(visitor.handshake("/chsk?key=desk-key-1")).isEqualTo(101);
				assertThat(visitor.handshake("/chsk")).isEqualTo(101);
				assertThat(second.isOpen()).isTrue();
			}
			Patience.await().until(() -> visitor.handshake("/chsk?key=shop-key-1") == 101);
			for (int i = 0; i < 10; i++) {
				assertThat(visitor.post("/chsk/batch?key=desk-key-1", batch()).statusCode()).isEqualTo(202);
				assertThat(visitor.post("/chsk/batch", batch()).statusCode()).isEqualTo(202);
			}
			assertThat(server.stats().batchesRefused()).containsEntry("rate-limited", 2L);
		}
	}

	@Test
	void addressIsAnonymisedAndNobodyIsBelievedAboutIt() throws Exception {
		String[] forged = { "X-Forwarded-For", "203.0.113.77", "Forwarded", "for=203.0.113.77", "X-Real-IP",
				"203.0.113.77", "True-Client-IP", "203.0.113.77" };
		for (Map<String, Object> data : List.of(posted(server, "", forged), sent(server, "", forged))) {
			// 127.0.0.1 or ::1
			assertThat((String) data.get("clientAddress")).isIn("127.0.0.0", "::", "0:0:0:0:0:0:0:0");
		}
	}

	@Test
	void addressBehindTrustedProxiesIsTheClients() throws Exception {
		String proxies = "telemetry.channel.client-address.trusted-proxies=127.0.0.0/8,::1,10.0.0.0/8";
		try (ChannelServer anonymised = ChannelServer.start(proxies);
				ChannelServer full = ChannelServer.start(proxies, "telemetry.channel.client-address.mode=full");
				ChannelServer none = ChannelServer.start(proxies, "telemetry.channel.client-address.mode=none")) {
			assertAddress(anonymised, "203.0.113.0", "X-Forwarded-For", "203.0.113.77");
			assertAddress(full, "203.0.113.77", "X-Forwarded-For", "203.0.113.77");
			assertAddress(none, null, "X-Forwarded-For", "203.0.113.77");
			// What the client itself has put before what the proxies say is not believed
			assertAddress(full, "203.0.113.77", "X-Forwarded-For", "6.6.6.6, 203.0.113.77, 10.1.2.3");
			assertAddress(full, "203.0.113.77", "Forwarded", "for=6.6.6.6, for=203.0.113.77;proto=https, for=10.1.2.3");
			assertAddress(anonymised, "2001:db8:1::", "Forwarded", "for=\"[2001:db8:1:2:3:4:5:6]:4711\"");
		}
	}

	private static void assertAddress(ChannelServer server, String expected, String... headers) throws Exception {
		for (Map<String, Object> data : List.of(posted(server, "", headers), sent(server, "", headers))) {
			assertThat(data.get("clientAddress")).isEqualTo(expected);
			assertThat(data.containsKey("clientAddress")).isEqualTo(expected != null);
		}
	}

	@Test
	void browserIsKnownByItsUserAgentAndNotByTheBatch() throws Exception {
		for (Map<String, Object> data : List.of(posted(server, "", "User-Agent", CHROME),
				sent(server, "", "User-Agent", CHROME))) {
			assertThat(data.get("client")).asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
				.containsEntry("browser", "Chrome")
				.containsEntry("browserVersion", "120.0")
				.containsEntry("os", "Windows")
				.containsEntry("osVersion", "10");
		}
		assertThat(posted(server, "", "User-Agent", IPHONE).get("client"))
			.asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
			.containsEntry("browser", "Mobile Safari")
			.containsEntry("os", "iOS")
			.containsEntry("device", "iPhone");
		assertThat(posted(server, "", "User-Agent", "x")).doesNotContainKey("client");
	}

	@Test
	void browserIsNotToldWhereThatIsSwitchedOff() throws Exception {
		try (ChannelServer server = ChannelServer.start("telemetry.channel.user-agent.enabled=false")) {
			assertThat(posted(server, "", "User-Agent", CHROME)).doesNotContainKey("client");
			assertThat(sent(server, "", "User-Agent", CHROME)).doesNotContainKey("client");
		}
	}

}
