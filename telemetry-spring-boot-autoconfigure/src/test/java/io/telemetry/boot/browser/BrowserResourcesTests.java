package io.telemetry.boot.browser;

import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Optional;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;

import io.telemetry.boot.channel.ChannelServer;
import io.telemetry.boot.channel.control.ChannelControl;
import io.telemetry.boot.channel.control.ClientSettingsChange;
import io.telemetry.boot.channel.control.Target;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The client's files and settings: one table of cases for all servers, so that they can't
 * differ.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class BrowserResourcesTests {

	private static final String GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";

	private ChannelServer server;

	abstract String type();

	abstract boolean webSocket();

	@BeforeAll
	void start() {
		this.server = ChannelServer.start("spring.main.web-application-type=" + type(),
				"telemetry.browser.sampling.api-call=0.5", "telemetry.browser.buffer.flush=2s",
				"telemetry.browser.collect.console=false", "telemetry.browser.collect.scroll=true",
				"telemetry.browser.collect.attribution=true", "telemetry.browser.ignore[0]=not ours",
				"telemetry.browser.ignore[1]=third, party", "telemetry.browser.privacy.require-consent=true",
				"telemetry.browser.privacy.respect-dnt=true", "telemetry.browser.privacy.remove=iban,customer-number",
				"telemetry.browser.privacy.query=page,sort", "telemetry.browser.trace.origins=https://api.example",
				"telemetry.channel.allowed-origin-patterns=https://friend.example",
				"telemetry.channel.applications.search.key=search-key-1",
				"telemetry.channel.applications.search.browser.collect.bots=true");
	}

	@AfterAll
	void stop() {
		this.server.close();
	}

	@ParameterizedTest
	@CsvSource({ "client.js, text/javascript;charset=UTF-8", "client.mjs, text/javascript;charset=UTF-8",
			"client.js.map, application/json", "client.mjs.map, application/json",
			"on-request.mjs, text/javascript;charset=UTF-8", "on-request.mjs.map, application/json",
			"client.d.ts, text/plain;charset=UTF-8" })
	void filesAreRevalidatedByContent(String name, String type) throws Exception {
		HttpResponse<String> response = this.server.get("/chsk/" + name);
		assertThat(response.statusCode()).isEqualTo(200);
		assertThat(response.headers().firstValue("Content-Type").orElseThrow().replace(" ", "")).isEqualTo(type);
		assertThat(response.headers().firstValue("Cache-Control")).hasValue("no-cache");
		assertThat(response.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
		assertThat(response.headers().firstValue("SourceMap"))
			.isEqualTo(type.startsWith("text/javascript") ? Optional.of(name + ".map") : Optional.empty());
		assertThat(response.body()).isNotEmpty();
		String etag = response.headers().firstValue("ETag").orElseThrow();
		assertThat(etag).startsWith("\"");
		assertThat(this.server.get("/chsk/" + name, "If-None-Match", etag).statusCode()).isEqualTo(304);
		assertThat(this.server.get("/chsk/" + name, "If-None-Match", "\"other\"").statusCode()).isEqualTo(200);
	}

	@Test
	void configTellsSettingsAndIntegrity() throws Exception {
		JsonNode config = JsonMapper.shared().readTree(this.server.get("/chsk/config").body());
		assertThat(config.at("/enabled").booleanValue()).isTrue();
		assertThat(config.at("/sampling/default").doubleValue()).isEqualTo(1);
		assertThat(config.at("/sampling/api-call").doubleValue()).isEqualTo(0.5);
		assertThat(config.at("/sampling/click").doubleValue()).isEqualTo(0.01);
		assertThat(config.at("/session/idleMs").intValue()).isEqualTo(1_800_000);
		assertThat(config.at("/collect")).isEqualTo(JsonMapper.shared().readTree("""
				{"errors":true,"console":false,"network":true,"performance":true,"interactions":true,"navigation":true,
				"scroll":true,"mouse":false,"attribution":true,"bots":false}"""));
		assertThat(config.at("/ignore")).isEqualTo(JsonMapper.shared().readTree("""
				["not ours","third, party"]"""));
		assertThat(config.at("/buffer/flushMs").intValue()).isEqualTo(2000);
		assertThat(config.at("/buffer/bytes").intValue()).isEqualTo(60_000);
		assertThat(config.at("/privacy")).isEqualTo(JsonMapper.shared().readTree("""
				{"requireConsent":true,"respectGpc":false,"respectDnt":true,"remove":["iban","customer-number"],
				"query":["page","sort"],"fragment":false}"""));
		assertThat(config.at("/webSocket").booleanValue()).isEqualTo(webSocket());
		assertThat(config.at("/trace/origins/0").stringValue()).isEqualTo("https://api.example");
		byte[] script = this.server.get("/chsk/client.js").body().getBytes(StandardCharsets.UTF_8);
		assertThat(config.at("/sri/client.js").stringValue()).isEqualTo(
				"sha384-" + Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-384").digest(script)));
	}

	@ParameterizedTest
	@ValueSource(strings = { GOOGLEBOT, "bot", "Twitterbot/1.0", "Mozilla/5.0 (compatible; YANDEXBOT/3.0)",
			"Mozilla/5.0 (compatible; Baiduspider/2.0)", "CCrawler/1", "Mozilla/5.0 Chrome-Lighthouse" })
	void nothingIsWantedOfKnownCrawlers(String userAgent) throws Exception {
		JsonNode config = config("/chsk/config", "User-Agent", userAgent);
		assertThat(config.at("/enabled").booleanValue()).isFalse();
		assertThat(config.has("stay")).isFalse();
	}

	@Test
	void crawlersDoNotWaitForOtherSettings() throws Exception {
		ChannelControl control = this.server.context().getBean(ChannelControl.class);
		control.configure(Target.all(), ClientSettingsChange.NONE.withEnabled(false), null);
		try {
			assertThat(config("/chsk/config").at("/stay").booleanValue()).isTrue();
			assertThat(config("/chsk/config", "User-Agent", GOOGLEBOT).has("stay")).isFalse();
		}
		finally {
			control.reset(Target.all());
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "Mozilla/5.0 (Linux; Android 13; CUBOT P80) Chrome/120.0.0.0 Mobile",
			"Mozilla/5.0 (Linux; Android 9; Cubot_X19) Chrome/120.0.0.0 Mobile",
			"Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/120.0.0.0 Safari/537.36", "Mozilla/5.0 Bottle/1" })
	void everybodyElseIsCollected(String userAgent) throws Exception {
		assertThat(config("/chsk/config", "User-Agent", userAgent).at("/enabled").booleanValue()).isTrue();
	}

	@Test
	void crawlersAreCollectedWhereTheSettingsInForceSaySo() throws Exception {
		String address = "/chsk/config?key=search-key-1";
		assertThat(config(address, "User-Agent", GOOGLEBOT).at("/enabled").booleanValue()).isTrue();
		// The same, but that it is the other's
		String etag = this.server.get(address, "User-Agent", GOOGLEBOT).headers().firstValue("ETag").orElseThrow();
		assertThat(this.server.get("/chsk/config", "User-Agent", GOOGLEBOT, "If-None-Match", etag).statusCode())
			.isEqualTo(200);
	}

	@Test
	void onlyTheBeginningOfAUserAgentCounts() throws Exception {
		String padding = "x".repeat(496);
		assertThat(config("/chsk/config", "User-Agent", padding + " bot").at("/enabled").booleanValue()).isFalse();
		assertThat(config("/chsk/config", "User-Agent", padding + "x bot").at("/enabled").booleanValue()).isTrue();
	}

	@Test
	void clientWithoutAUserAgentIsCollected() throws Exception {
		// The JDK's client always sends one
		try (Socket socket = new Socket("localhost", this.server.port())) {
			socket.setSoTimeout(30_000);
			socket.getOutputStream()
				.write("GET /chsk/config HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
					.getBytes(StandardCharsets.US_ASCII));
			assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
				.startsWith("HTTP/1.1 200")
				.contains("\"enabled\":true");
		}
	}

	private JsonNode config(String address, String... headers) throws Exception {
		return JsonMapper.shared().readTree(this.server.get(address, headers).body());
	}

	@Test
	void configIsForOwnAndAllowedPages() throws Exception {
		assertThat(this.server.get("/chsk/config", "Origin", "https://friend.example")
			.headers()
			.firstValue("Access-Control-Allow-Origin")).hasValue("https://friend.example");
		assertThat(this.server.get("/chsk/config", "Origin", "https://evil.example")
			.headers()
			.firstValue("Access-Control-Allow-Origin")).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "/chsk/", "/chsk/client", "/chsk/client.js/", "/chsk/../chsk/secret",
			"/chsk/BrowserSettings.class", "/chsk/package-info.class", "/chsk/%2e%2e/application.yml",
			"/chsk/config.json", "/chsk/client.js.map.gz" })
	void nothingElseIsServed(String path) throws Exception {
		assertThat(this.server.get(path).statusCode()).isIn(400, 404);
	}

	@Test
	void configIsRevalidated() throws Exception {
		HttpResponse<String> config = this.server.get("/chsk/config");
		assertThat(config.headers().firstValue("Content-Type")).hasValue("application/json");
		assertThat(config.headers().allValues("Vary")).contains("Origin, User-Agent");
		String etag = config.headers().firstValue("ETag").orElseThrow();
		for (String known : new String[] { etag, "W/" + etag, "\"a\", " + etag, "*" }) {
			HttpResponse<String> again = this.server.get("/chsk/config", "If-None-Match", known);
			assertThat(again.statusCode()).as(known).isEqualTo(304);
			assertThat(again.headers().firstValue("ETag")).hasValue(etag);
			assertThat(again.headers().firstValue("Cache-Control")).hasValue("no-cache");
			assertThat(again.body()).isEmpty();
		}
		for (String unknown : new String[] { "\"a\"", etag.replace("\"", ""), "nonsense, \"", "\"" }) {
			assertThat(this.server.get("/chsk/config?x=1", "If-None-Match", unknown).statusCode()).as(unknown)
				.isEqualTo(200);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "/chsk/client.js", "/chsk/config" })
	void whatIsThereIsOnlyRead(String path) throws Exception {
		for (String method : new String[] { "POST", "PUT", "DELETE" }) {
			HttpResponse<String> response = request(path, method);
			assertThat(response.statusCode()).isEqualTo(405);
			assertThat(response.headers().firstValue("Allow")).hasValue("GET,HEAD");
		}
		assertThat(request(path, "OPTIONS").statusCode()).isEqualTo(204);
		HttpResponse<String> head = request(path, "HEAD");
		HttpResponse<String> get = request(path, "GET");
		assertThat(head.statusCode()).isEqualTo(200);
		assertThat(head.body()).isEmpty();
		for (String header : new String[] { "Content-Length", "Content-Type", "ETag", "Cache-Control",
				"X-Content-Type-Options", "Access-Control-Allow-Origin", "Cross-Origin-Resource-Policy" }) {
			assertThat(head.headers().firstValue(header)).as(header).isEqualTo(get.headers().firstValue(header));
		}
		assertThat(head.headers().firstValueAsLong("Content-Length").orElseThrow()).isPositive();
	}

	@Test
	void scriptsAreForPagesOfAnyOrigin() throws Exception {
		HttpResponse<String> script = this.server.get("/chsk/client.mjs", "Origin", "https://evil.example");
		assertThat(script.statusCode()).isEqualTo(200);
		assertThat(script.headers().firstValue("Access-Control-Allow-Origin")).hasValue("*");
		assertThat(script.headers().firstValue("Cross-Origin-Resource-Policy")).hasValue("cross-origin");
	}

	@Test
	void pagesThatMaySendMayAskForTheConfigWithHeadersOfTheirOwn() throws Exception {
		HttpResponse<String> allowed = preflight("https://friend.example");
		assertThat(allowed.statusCode()).isEqualTo(200);
		assertThat(allowed.headers().firstValue("Access-Control-Allow-Headers")).hasValue("authorization");
		assertThat(preflight("https://evil.example").statusCode()).isEqualTo(403);
	}

	private HttpResponse<String> preflight(String origin) throws Exception {
		return this.server.send(HttpRequest.newBuilder(this.server.uri("/chsk/config"))
			.method("OPTIONS", HttpRequest.BodyPublishers.noBody())
			.headers("Origin", origin, "Access-Control-Request-Method", "GET", "Access-Control-Request-Headers",
					"authorization")
			.build());
	}

	private HttpResponse<String> request(String path, String method) throws Exception {
		return this.server.send(HttpRequest.newBuilder(this.server.uri(path))
			.method(method, HttpRequest.BodyPublishers.noBody())
			.build());
	}

}
