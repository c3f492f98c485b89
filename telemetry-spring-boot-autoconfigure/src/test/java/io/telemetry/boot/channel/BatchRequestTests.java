package io.telemetry.boot.channel;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;

import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The HTTP road on a real Tomcat.
 */
class BatchRequestTests {

	private static ChannelServer server;

	@BeforeAll
	static void start() {
		server = ChannelServer.start("telemetry.channel.allowed-origin-patterns=https://*.friends.example",
				"spring.jackson.property-naming-strategy=SNAKE_CASE");
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@BeforeEach
	void forget() {
		server.signals().clear();
	}

	@Test
	void batchIsAnsweredWith202AndItsEventsBecomeSignals() throws Exception {
		HttpResponse<String> response = server
			.post(Batches.of("s-1", "b-1", "{\"type\":\"error\",\"subtype\":\"javascript\"}"));
		assertThat(response.statusCode()).isEqualTo(202);
		assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
		assertThat(response.body()).isEqualTo(
				"{\"batch\":\"b-1\",\"status\":\"accepted\",\"accepted\":1,\"rejected\":[],\"duplicate\":false}");
		Signal signal = server.signals().awaitWithId("browser/error", 1).get(0);
		assertThat(signal.level()).isEqualTo(Level.ERROR);
		assertThat(signal.data()).containsEntry("sessionId", "s-1").doesNotContainKey("connectionId");
	}

	@Test
	void batchThatIsPostedAgainIsHandledOnce() throws Exception {
		String body = Batches.batch("no-session", "{\"type\":\"log\"}");
		assertThat(server.post(body).body()).contains("\"duplicate\":false");
		assertThat(server.post(body).body()).contains("\"accepted\":1", "\"duplicate\":true");
		assertThat(server.signals().withId("browser/log")).hasSize(1);
	}

	@Test
	void whatSendBeaconSendsIsTaken() throws Exception {
		assertThat(server.post(Batches.batch("beacon", "{}"), "Content-Type", "text/plain;charset=UTF-8").statusCode())
			.isEqualTo(202);
	}

	@Test
	void gzipIsTaken() throws Exception {
		HttpResponse<String> response = server.post(Batches.gzip(Batches.batch("zip", "{}")), "Content-Encoding",
				"gzip");
		assertThat(response.statusCode()).isEqualTo(202);
		assertThat(response.body()).contains("\"batch\":\"zip\"", "\"accepted\":1");
	}

	@Test
	void bareArrayIsTaken() throws Exception {
		HttpResponse<String> response = server.post("[{\"type\":\"log\"},3]");
		assertThat(response.statusCode()).isEqualTo(202);
		assertThat(response.body()).contains("\"batch\":null", "\"accepted\":1", "\"index\":1");
	}

	@Test
	void malformedBatchIsRefusedAsProblem() throws Exception {
		HttpResponse<String> response = server.post("{\"batch\":\"b\",\"events\":[{}");
		assertThat(response.statusCode()).isEqualTo(400);
		assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
		assertThat(response.body()).isEqualTo("{\"type\":\"about:blank\",\"title\":\"The body is not a batch\","
				+ "\"status\":400,\"batch\":\"b\",\"reason\":\"malformed\"}");
		assertThat(server.post("").statusCode()).isEqualTo(400);
		assertThat(server.post("null").statusCode()).isEqualTo(400);
		assertThat(server.post("{\"batch\":\"\",\"events\":[]}").statusCode()).isEqualTo(400);
		assertThat(server.post("{\"batch\":\"" + "x".repeat(65) + "\",\"events\":[]}").statusCode()).isEqualTo(400);
		assertThat(server.post("{\"events\":[]}").statusCode()).isEqualTo(400);
		assertThat(server.post("{\"batch\":\"b\"}").statusCode()).isEqualTo(400);
		assertThat(server.post("{\"batch\":\"b\",\"events\":[]} {}").statusCode()).isEqualTo(400);
		assertThat(server.post("\u0000\u0001".getBytes(StandardCharsets.UTF_16LE)).statusCode()).isEqualTo(400);
		assertThat(server.post("no gzip", "Content-Encoding", "gzip").statusCode()).isEqualTo(400);
	}

	@Test
	void whatIsTooLargeIsRefused() throws Exception {
		String big = Batches.repeated("big", "{\"m\":\"" + "x".repeat(1000) + "\"}", 600);
		assertRefused(server.post(big), 413, "too-large");
		// Of unknown length, and larger than what memory should hold
		InputStream endless = new InputStream() {

			private int left = 50_000_000;

			@Override
			public int read() {
				return (this.left-- > 0) ? ' ' : -1;
			}

		};
		HttpResponse<String> response = postOrNull(HttpRequest.BodyPublishers.ofInputStream(() -> endless));
		// Tomcat may close the connection while the rest is still sent
		if (response != null) {
			assertRefused(response, 413, "too-large");
		}
		HttpResponse<String> bomb = server.post(Batches.gzip("{\"batch\":\"bomb\",\"x\":\"" + "0".repeat(50_000_000)),
				"Content-Encoding", "gzip");
		assertRefused(bomb, 413, "too-large");
		assertThat(bomb.body()).contains("\"batch\":\"bomb\"");
		assertRefused(server.post(Batches.repeated("many", "{}", 100_000)), 413, "too-many-events");
		assertThat(server.signals().browser()).isEmpty();
	}

	private static HttpResponse<String> postOrNull(HttpRequest.BodyPublisher body) throws Exception {
		try {
			return server.post(body);
		}
		catch (java.io.IOException ex) {
			return null;
		}
	}

	@Test
	void otherTypesAreRefused() throws Exception {
		for (String type : new String[] { "application/x-www-form-urlencoded", "text/html", "nonsense",
				"application/json;charset=UTF-16" }) {
			assertRefused(server.post(Batches.batch("b"), "Content-Type", type), 415, "unsupported-type");
		}
		assertRefused(server.post(Batches.batch("b"), "Content-Encoding", "br"), 415, "unsupported-type");
	}

	@Test
	void foreignPagesAreForbidden() throws Exception {
		assertRefused(server.post(Batches.batch("b"), "Origin", "https://evil.example"), 403, "foreign-origin");
		assertRefused(server.post(Batches.batch("b"), "Origin", "null"), 403, "foreign-origin");
		assertRefused(server.post(Batches.batch("b"), "Origin", "nonsense"), 403, "foreign-origin");
		assertRefused(server.post(Batches.batch("b"), "Sec-Fetch-Site", "cross-site"), 403, "foreign-origin");
		assertRefused(server.post(Batches.batch("b"), "Sec-Fetch-Site", "same-site"), 403, "foreign-origin");
		assertThat(server.signals().browser()).isEmpty();
	}

	@Test
	void ownAndAllowedPagesAreTaken() throws Exception {
		assertThat(server
			.post(Batches.batch("o-1"), "Origin", "http://localhost:" + server.port(), "Sec-Fetch-Site", "same-origin")
			.statusCode()).isEqualTo(202);
		assertThat(server.post(Batches.batch("o-2"), "Sec-Fetch-Site", "none").statusCode()).isEqualTo(202);
		HttpResponse<String> response = server.post(Batches.batch("o-3"), "Origin", "https://a.friends.example",
				"Sec-Fetch-Site", "cross-site");
		assertThat(response.statusCode()).isEqualTo(202);
		assertThat(response.headers().firstValue("Access-Control-Allow-Origin")).hasValue("https://a.friends.example");
	}

	@Test
	void preflightIsAnsweredForAllowedPagesOnly() throws Exception {
		assertThat(preflight("https://a.friends.example").statusCode()).isEqualTo(200);
		assertThat(preflight("https://a.friends.example").headers().firstValue("Access-Control-Allow-Headers"))
			.hasValue("content-type");
		assertThat(preflight("https://evil.example").statusCode()).isEqualTo(403);
	}

	private static HttpResponse<String> preflight(String origin) throws Exception {
		return server.send(HttpRequest.newBuilder(server.uri("/chsk/batch"))
			.method("OPTIONS", HttpRequest.BodyPublishers.noBody())
			.headers("Origin", origin, "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers",
					"content-type")
			.build());
	}

	@Test
	void onlyPostIsThere() throws Exception {
		HttpResponse<String> response = server.get("/chsk/batch");
		assertThat(response.statusCode()).isEqualTo(405);
		assertThat(response.headers().firstValue("Allow")).hasValue("POST");
	}

	@Test
	void bodyThatNeverEndsIsCountedWhenItsClientGoes() throws Exception {
		long before = server.stats().unfinished();
		try (Socket socket = new Socket("localhost", server.port())) {
			socket.getOutputStream()
				.write(("POST /chsk/batch HTTP/1.1\r\nHost: localhost:" + server.port()
						+ "\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"batch\":")
					.getBytes(StandardCharsets.US_ASCII));
		}
		Patience.await().until(() -> server.stats().unfinished() == before + 1);
	}

	@Test
	void lineEndsAndTerminalEscapesStayData() throws Exception {
		server.post(Batches.batch("crlf", "{\"type\":\"log\",\"message\":\"a\\r\\nERROR forged\\u001b[2J\"}"));
		assertThat(server.signals().awaitWithId("browser/log", 1).get(0).message())
			.isEqualTo("a\r\nERROR forged\u001b[2J");
		HttpResponse<String> response = server.post("{\"batch\":\"x\\r\\nSet-Cookie: a=b\",\"events\":[]}");
		assertThat(response.statusCode()).isEqualTo(400);
		assertThat(response.body()).contains("\"batch\":null");
		assertThat(response.headers().firstValue("Set-Cookie")).isEmpty();
	}

	private static void assertRefused(HttpResponse<String> response, int status, String reason) {
		assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
		assertThat(response.body()).contains("\"reason\":\"" + reason + "\"");
		assertThat(server.stats().batchesRefused().get(reason)).isPositive();
	}

	@Test
	void emptyStreamIsNoBatch() throws Exception {
		assertThat(server.post(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[0])))
			.statusCode()).isEqualTo(400);
	}

}
