package io.telemetry.boot.browser;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;

import io.telemetry.boot.channel.ChannelServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The client's files and settings on a real Tomcat.
 */
class BrowserFilesTests {

	private static ChannelServer server;

	@BeforeAll
	static void start() {
		server = ChannelServer.start("telemetry.browser.sampling.api-call=0.5", "telemetry.browser.buffer.flush=2s",
				"telemetry.browser.collect.console=false", "telemetry.browser.trace.origins=https://api.example",
				"telemetry.channel.allowed-origin-patterns=https://friend.example");
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@ParameterizedTest
	@CsvSource({ "client.js, text/javascript;charset=UTF-8", "client.mjs, text/javascript;charset=UTF-8",
			"client.js.map, application/json", "client.mjs.map, application/json",
			"client.d.ts, text/plain;charset=UTF-8" })
	void filesAreRevalidatedByContent(String name, String type) throws Exception {
		HttpResponse<String> response = server.get("/chsk/" + name);
		assertThat(response.statusCode()).isEqualTo(200);
		assertThat(response.headers().firstValue("Content-Type").orElseThrow().replace(" ", "")).isEqualTo(type);
		assertThat(response.headers().firstValue("Cache-Control")).hasValue("no-cache");
		assertThat(response.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
		assertThat(response.body()).isNotEmpty();
		String etag = response.headers().firstValue("ETag").orElseThrow();
		assertThat(etag).startsWith("\"");
		assertThat(server.get("/chsk/" + name, "If-None-Match", etag).statusCode()).isEqualTo(304);
		assertThat(server.get("/chsk/" + name, "If-None-Match", "\"other\"").statusCode()).isEqualTo(200);
	}

	@Test
	void configTellsSettingsAndIntegrity() throws Exception {
		JsonNode config = JsonMapper.shared().readTree(server.get("/chsk/config").body());
		assertThat(config.at("/enabled").booleanValue()).isTrue();
		assertThat(config.at("/sampling/default").doubleValue()).isEqualTo(1);
		assertThat(config.at("/sampling/api-call").doubleValue()).isEqualTo(0.5);
		assertThat(config.at("/sampling/click").doubleValue()).isEqualTo(0.01);
		assertThat(config.at("/session/idleMs").intValue()).isEqualTo(1_800_000);
		assertThat(config.at("/collect/console").booleanValue()).isFalse();
		assertThat(config.at("/collect/errors").booleanValue()).isTrue();
		assertThat(config.at("/buffer/flushMs").intValue()).isEqualTo(2000);
		assertThat(config.at("/buffer/bytes").intValue()).isEqualTo(60_000);
		assertThat(config.at("/trace/origins/0").stringValue()).isEqualTo("https://api.example");
		byte[] script = server.get("/chsk/client.js").body().getBytes(StandardCharsets.UTF_8);
		assertThat(config.at("/sri/client.js").stringValue()).isEqualTo(
				"sha384-" + Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-384").digest(script)));
	}

	@Test
	void configIsForOwnAndAllowedPages() throws Exception {
		assertThat(server.get("/chsk/config", "Origin", "https://friend.example")
			.headers()
			.firstValue("Access-Control-Allow-Origin")).hasValue("https://friend.example");
		assertThat(server.get("/chsk/config", "Origin", "https://evil.example")
			.headers()
			.firstValue("Access-Control-Allow-Origin")).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "/chsk/", "/chsk/client", "/chsk/client.js/", "/chsk/../chsk/secret",
			"/chsk/BrowserSettings.class", "/chsk/package-info.class", "/chsk/%2e%2e/application.yml",
			"/chsk/config.json", "/chsk/client.js.map.gz" })
	void nothingElseIsServed(String path) throws Exception {
		assertThat(server.get(path).statusCode()).isIn(400, 404);
	}

	@Test
	void filesAreOnlyRead() throws Exception {
		HttpResponse<String> response = server.send(HttpRequest.newBuilder(server.uri("/chsk/client.js"))
			.POST(HttpRequest.BodyPublishers.ofString("x"))
			.build());
		assertThat(response.statusCode()).isEqualTo(405);
		HttpResponse<String> head = server.send(HttpRequest.newBuilder(server.uri("/chsk/client.js"))
			.method("HEAD", HttpRequest.BodyPublishers.noBody())
			.build());
		assertThat(head.statusCode()).isEqualTo(200);
		assertThat(head.headers().firstValueAsLong("Content-Length").orElseThrow()).isPositive();
	}

}
