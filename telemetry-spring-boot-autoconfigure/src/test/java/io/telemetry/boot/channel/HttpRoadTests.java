package io.telemetry.boot.channel;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import io.telemetry.boot.channel.limit.BytesInHand;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The HTTP road: one table of cases for all servers, so that they can't differ.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(OutputCaptureExtension.class)
abstract class HttpRoadTests {

	/** What makes it wait half a second for a whole body. */
	static final String IMPATIENT = "telemetry.channel.connect-timeout=500ms";

	protected ChannelServer server;

	/** What makes it this server. */
	abstract String type();

	/** A filter that knows bob. */
	abstract Class<?> logIn();

	/** Threads that may wait. */
	abstract String workers();

	ChannelServer start(List<Class<?>> configurations, String... more) {
		return ChannelServer.start(configurations,
				Stream.concat(Stream.of("spring.main.web-application-type=" + type()), Stream.of(more))
					.toArray(String[]::new));
	}

	@BeforeAll
	void start() {
		this.server = start(List.of(), "telemetry.channel.allowed-origin-patterns=https://*.friends.example",
				"spring.jackson.property-naming-strategy=SNAKE_CASE");
	}

	@AfterAll
	void stop() {
		this.server.close();
	}

	@BeforeEach
	void forget() {
		this.server.signals().clear();
	}

	@Test
	void batchIsAnsweredWith202AndItsEventsBecomeSignals() throws Exception {
		HttpResponse<String> response = this.server
			.post(Batches.of("s-1", "b-1", "{\"type\":\"error\",\"subtype\":\"javascript\"}"));
		assertThat(response.statusCode()).isEqualTo(202);
		assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
		assertThat(response.body()).isEqualTo(
				"{\"batch\":\"b-1\",\"status\":\"accepted\",\"accepted\":1,\"rejected\":[],\"duplicate\":false}");
		Signal signal = this.server.signals().awaitWithId("browser/error", 1).get(0);
		assertThat(signal.level()).isEqualTo(Level.ERROR);
		assertThat(signal.data()).containsEntry("sessionId", "s-1").doesNotContainKey("connectionId");
	}

	@Test
	void batchThatIsPostedAgainIsHandledOnce() throws Exception {
		String body = Batches.batch("no-session", "{\"type\":\"log\"}");
		assertThat(this.server.post(body).body()).contains("\"duplicate\":false");
		assertThat(this.server.post(body).body()).contains("\"accepted\":1", "\"duplicate\":true");
		assertThat(this.server.signals().withId("browser/log")).hasSize(1);
	}

	@Test
	void whatSendBeaconSendsIsTaken() throws Exception {
		assertThat(this.server.post(Batches.batch("beacon", "{}"), "Content-Type", "text/plain;charset=UTF-8")
			.statusCode()).isEqualTo(202);
	}

	@Test
	void gzipIsTaken() throws Exception {
		HttpResponse<String> response = this.server.post(Batches.gzip(Batches.batch("zip", "{}")), "Content-Encoding",
				"gzip");
		assertThat(response.statusCode()).isEqualTo(202);
		assertThat(response.body()).contains("\"batch\":\"zip\"", "\"accepted\":1");
	}

	@Test
	void bareArrayIsTaken() throws Exception {
		HttpResponse<String> response = this.server.post("[{\"type\":\"log\"},3]");
		assertThat(response.statusCode()).isEqualTo(202);
		assertThat(response.body()).contains("\"batch\":null", "\"accepted\":1", "\"index\":1");
	}

	@Test
	void malformedBatchIsRefusedAsProblem() throws Exception {
		HttpResponse<String> response = this.server.post("{\"batch\":\"b\",\"events\":[{}");
		assertThat(response.statusCode()).isEqualTo(400);
		assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
		assertThat(response.body()).isEqualTo("{\"type\":\"about:blank\",\"title\":\"The body is not a batch\","
				+ "\"status\":400,\"batch\":\"b\",\"reason\":\"malformed\"}");
		assertThat(this.server.post("").statusCode()).isEqualTo(400);
		assertThat(this.server.post("null").statusCode()).isEqualTo(400);
		assertThat(this.server.post("{\"batch\":\"\",\"events\":[]}").statusCode()).isEqualTo(400);
		assertThat(this.server.post("{\"batch\":\"" + "x".repeat(65) + "\",\"events\":[]}").statusCode())
			.isEqualTo(400);
		assertThat(this.server.post("{\"events\":[]}").statusCode()).isEqualTo(400);
		assertThat(this.server.post("{\"batch\":\"b\"}").statusCode()).isEqualTo(400);
		assertThat(this.server.post("{\"batch\":\"b\",\"events\":[]} {}").statusCode()).isEqualTo(400);
		assertThat(this.server.post("\u0000\u0001".getBytes(StandardCharsets.UTF_16LE)).statusCode()).isEqualTo(400);
		assertThat(this.server.post("no gzip", "Content-Encoding", "gzip").statusCode()).isEqualTo(400);
	}

	@Test
	void whatIsTooLargeIsRefused() throws Exception {
		String big = Batches.repeated("big", "{\"m\":\"" + "x".repeat(1000) + "\"}", 600);
		assertRefused(this.server.post(big), 413, "too-large");
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
		HttpResponse<String> bomb = this.server
			.post(Batches.gzip("{\"batch\":\"bomb\",\"x\":\"" + "0".repeat(50_000_000)), "Content-Encoding", "gzip");
		assertRefused(bomb, 413, "too-large");
		assertThat(bomb.body()).contains("\"batch\":\"bomb\"");
		assertRefused(this.server.post(Batches.repeated("many", "{}", 100_000)), 413, "too-many-events");
		assertThat(this.server.signals().browser()).isEmpty();
	}

	private HttpResponse<String> postOrNull(HttpRequest.BodyPublisher body) throws Exception {
		try {
			return this.server.post(body);
		}
		catch (java.io.IOException ex) {
			return null;
		}
	}

	@Test
	void otherTypesAreRefused() throws Exception {
		for (String type : new String[] { "application/x-www-form-urlencoded", "text/html", "nonsense",
				"application/json;charset=UTF-16" }) {
			assertRefused(this.server.post(Batches.batch("b"), "Content-Type", type), 415, "unsupported-type");
		}
		for (String encoding : new String[] { "br", "gzip, gzip", "gzip,identity", "" }) {
			assertRefused(this.server.post(Batches.batch("b"), "Content-Encoding", encoding), 415, "unsupported-type");
		}
		assertRefused(
				this.server.post(Batches.batch("b"), "Content-Type", "application/json", "Content-Type", "text/plain"),
				415, "unsupported-type");
	}

	@Test
	void foreignPagesAreForbidden() throws Exception {
		assertRefused(this.server.post(Batches.batch("b"), "Origin", "https://evil.example"), 403, "foreign-origin");
		assertRefused(this.server.post(Batches.batch("b"), "Origin", "null"), 403, "foreign-origin");
		assertRefused(this.server.post(Batches.batch("b"), "Origin", "nonsense"), 403, "foreign-origin");
		String own = "http://localhost:" + this.server.port();
		for (String origin : new String[] { "http://localhost", "http://localhost:" + (this.server.port() + 1),
				"https://localhost:" + this.server.port(), own + ".evil.example", "http://localhost@evil.example", "",
				own + ", " + own }) {
			assertRefused(this.server.post(Batches.batch("b"), "Origin", origin), 403, "foreign-origin");
		}
		assertRefused(this.server.post(Batches.batch("b"), "Origin", own, "Origin", "https://evil.example"), 403,
				"foreign-origin");
		assertRefused(this.server.post(Batches.batch("b"), "Sec-Fetch-Site", "cross-site"), 403, "foreign-origin");
		assertRefused(this.server.post(Batches.batch("b"), "Sec-Fetch-Site", "same-site"), 403, "foreign-origin");
		assertThat(this.server.signals().browser()).isEmpty();
	}

	@Test
	void ownAndAllowedPagesAreTaken() throws Exception {
		assertThat(this.server
			.post(Batches.batch("o-1"), "Origin", "http://localhost:" + this.server.port(), "Sec-Fetch-Site",
					"same-origin")
			.statusCode()).isEqualTo(202);
		assertThat(this.server.post(Batches.batch("o-2"), "Sec-Fetch-Site", "none").statusCode()).isEqualTo(202);
		HttpResponse<String> response = this.server.post(Batches.batch("o-3"), "Origin", "https://a.friends.example",
				"Sec-Fetch-Site", "cross-site");
		assertThat(response.statusCode()).isEqualTo(202);
		assertThat(response.headers().firstValue("Access-Control-Allow-Origin")).hasValue("https://a.friends.example");
		assertThat(response.headers().allValues("Vary")).contains("Origin");
		assertThat(response.headers().firstValue("Cache-Control")).hasValue("no-store");
		assertThat(response.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
	}

	@Test
	void preflightIsAnsweredForAllowedPagesOnly() throws Exception {
		assertThat(preflight("https://a.friends.example").statusCode()).isEqualTo(200);
		assertThat(preflight("https://a.friends.example").headers().firstValue("Access-Control-Allow-Headers"))
			.hasValue("content-type");
		assertThat(preflight("https://evil.example").statusCode()).isEqualTo(403);
	}

	private HttpResponse<String> preflight(String origin) throws Exception {
		return this.server.send(HttpRequest.newBuilder(this.server.uri("/chsk/batch"))
			.method("OPTIONS", HttpRequest.BodyPublishers.noBody())
			.headers("Origin", origin, "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers",
					"content-type")
			.build());
	}

	@Test
	void onlyPostIsThere() throws Exception {
		for (String method : new String[] { "GET", "HEAD", "PUT", "DELETE", "PATCH" }) {
			HttpResponse<String> response = request("/chsk/batch", method);
			assertThat(response.statusCode()).as(method).isEqualTo(405);
			assertThat(response.headers().firstValue("Allow")).hasValue("POST");
		}
		HttpResponse<String> options = request("/chsk/batch", "OPTIONS");
		assertThat(options.statusCode()).isEqualTo(204);
		assertThat(options.headers().firstValue("Allow")).hasValue("POST");
		assertThat(options.body()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "/chsk/batch/", "/chsk/Batch", "/CHSK/batch", "/chsk/batch.json", "/chsk/batch/more",
			"/chsk//batch" })
	void onlyTheExactAddressIsThere(String path) throws Exception {
		assertThat(request(path, "POST").statusCode()).isIn(400, 404);
	}

	@Test
	void queryChangesNothing() throws Exception {
		HttpRequest request = HttpRequest.newBuilder(this.server.uri("/chsk/batch?x=%25&y=1"))
			.POST(HttpRequest.BodyPublishers.ofString(Batches.batch("query", "{}")))
			.header("Content-Type", "application/json")
			.build();
		assertThat(this.server.send(request).statusCode()).isEqualTo(202);
	}

	private HttpResponse<String> request(String path, String method) throws Exception {
		return this.server.send(HttpRequest.newBuilder(this.server.uri(path))
			.method(method, HttpRequest.BodyPublishers.noBody())
			.build());
	}

	@Test
	void gzipThatIsNotRightIsMalformed() throws Exception {
		byte[] gzip = Batches.gzip(Batches.batch("zipped", "{}"));
		byte[] wrongChecksum = gzip.clone();
		wrongChecksum[gzip.length - 8] ^= 1;
		byte[] withMore = Arrays.copyOf(gzip, gzip.length + 3);
		for (byte[] body : List.of(wrongChecksum, withMore, Arrays.copyOf(gzip, gzip.length - 1), Batches.gzip(gzip),
				new byte[0])) {
			assertRefused(this.server.post(body, "Content-Encoding", "gzip"), 400, "malformed");
		}
		assertThat(this.server.signals().browser()).isEmpty();
	}

	@Test
	void membersOfGzipAreOneText() throws Exception {
		String text = Batches.batch("members", "{}");
		ByteArrayOutputStream both = new ByteArrayOutputStream();
		both.write(Batches.gzip(text.substring(0, 7)));
		both.write(Batches.gzip(text.substring(7)));
		HttpResponse<String> response = this.server.post(both.toByteArray(), "Content-Encoding", "gzip");
		assertThat(response.body()).contains("\"batch\":\"members\"", "\"accepted\":1");
	}

	@Test
	void declaredLengthIsRefusedBeforeAByteCame() throws Exception {
		try (RawPost post = RawPost.open(this.server.port(), "Content-Length: 524289")) {
			assertThat(post.readHead()).startsWith("HTTP/1.1 413");
		}
		try (RawPost post = RawPost.open(this.server.port(), "Content-Length: 10", "Origin: https://evil.example")) {
			assertThat(post.readHead()).startsWith("HTTP/1.1 403");
		}
		assertThat(this.server.stats().batchesRefused().get("too-large")).isPositive();
	}

	@Test
	void bombIsRefusedBeforeItsEndCame() throws Exception {
		byte[] bomb = Batches.gzip("{\"batch\":\"bomb\",\"x\":\"" + "0".repeat(50_000_000));
		try (RawPost post = RawPost.open(this.server.port(), "Content-Length: " + bomb.length,
				"Content-Encoding: gzip")) {
			post.write(Arrays.copyOf(bomb, 4096));
			assertThat(post.readHead()).startsWith("HTTP/1.1 413");
		}
	}

	@Test
	void bodyComesInAnyPieces() throws Exception {
		byte[] body = Batches.gzip(Batches.batch("pieces", "{\"type\":\"log\"}"));
		try (RawPost post = RawPost.open(this.server.port(), "Transfer-Encoding: chunked", "Content-Encoding: gzip")) {
			for (byte b : body) {
				post.write("1\r\n".getBytes(StandardCharsets.US_ASCII));
				post.write(new byte[] { b });
				post.write("\r\n".getBytes(StandardCharsets.US_ASCII));
			}
			post.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
			assertThat(post.readHead()).startsWith("HTTP/1.1 202");
		}
		assertThat(this.server.signals().withId("browser/log")).hasSize(1);
	}

	@Test
	void connectionGoesOnAfterARefusalWithoutReading() throws Exception {
		byte[] body = Batches.batch("again", "{}").getBytes(StandardCharsets.UTF_8);
		try (RawPost post = RawPost.open(this.server.port(), "Content-Length: " + body.length,
				"Origin: https://evil.example")) {
			post.write(body);
			assertThat(post.readHead()).startsWith("HTTP/1.1 403");
			post.again("Content-Length: " + body.length);
			post.write(body);
			assertThat(post.readHead()).startsWith("HTTP/1.1 202");
		}
	}

	@Test
	void bodyThatNeverEndsIsCountedWhenItsClientGoes() throws Exception {
		long before = this.server.stats().unfinished();
		try (RawPost post = RawPost.open(this.server.port(), "Content-Length: 100")) {
			post.write("{\"batch\":".getBytes(StandardCharsets.US_ASCII));
		}
		Patience.await().until(() -> this.server.stats().unfinished() == before + 1);
	}

	@Test
	void bodyThatNeverEndsIsGivenUpAndCounted(CapturedOutput output) throws Exception {
		try (ChannelServer impatient = start(List.of(), IMPATIENT);
				RawPost silent = RawPost.open(impatient.port(), "Content-Length: 100");
				RawPost nothing = RawPost.open(impatient.port(), "Content-Length: 100");
				RawPost slow = RawPost.open(impatient.port(), "Transfer-Encoding: chunked")) {
			silent.write("{\"batch\":".getBytes(StandardCharsets.US_ASCII));
			for (RawPost post : List.of(slow.dribble(), silent, nothing)) {
				assertThat(post.readHead()).startsWith("HTTP/1.1 408").containsIgnoringCase("connection: close");
				assertThat(post.readToTheEnd()).isTrue();
			}
			assertThat(impatient.stats().unfinished()).isEqualTo(3);
			// Nothing of it is held
			assertThat(impatient.post(Batches.batch("after", "{}")).statusCode()).isEqualTo(202);
		}
		assertThat(output.getOut()).doesNotContain("ERROR");
	}

	@Test
	void bodyThatNeverEndsIsGivenUpAndCountedOverHttp2(CapturedOutput output) throws Exception {
		try (ChannelServer impatient = start(List.of(), IMPATIENT, "server.http2.enabled=true")) {
			impatient.get("/chsk/config");
			HttpRequest.BodyPublisher oneByte = HttpRequest.BodyPublishers
				.fromPublisher((subscriber) -> subscriber.onSubscribe(new OneByte(subscriber, new AtomicBoolean())));
			CompletableFuture<?> answer = impatient.sendAsync(HttpRequest.newBuilder(impatient.uri("/chsk/batch"))
				.POST(oneByte)
				.header("Content-Type", "application/json")
				.build());
			Patience.await().until(() -> impatient.stats().unfinished() == 1);
			answer.cancel(true);
			assertThat(impatient.post(Batches.batch("after", "{}")).statusCode()).isEqualTo(202);
		}
		assertThat(output.getOut()).doesNotContain("ERROR");
	}

	@Test
	void bodyWhoseFramingIsBrokenIsCountedOnce(CapturedOutput output) throws Exception {
		long before = unfinishedOrMalformed();
		try (RawPost post = RawPost.open(this.server.port(), "Transfer-Encoding: chunked")) {
			post.write("3\r\n{\"b\r\nzz\r\n".getBytes(StandardCharsets.US_ASCII));
			assertThat(post.readHead()).startsWith("HTTP/1.1 400");
		}
		// Some servers say that such a body is over
		Patience.await().until(() -> unfinishedOrMalformed() == before + 1);
		assertThat(output.getOut()).doesNotContain("ERROR");
	}

	private long unfinishedOrMalformed() {
		ChannelStats.Snapshot stats = this.server.stats();
		return stats.unfinished() + stats.batchesRefused().get("malformed");
	}

	@Test
	void batchOfAPageThatIsGoneIsHandled() throws Exception {
		for (int i = 0; i < 20; i++) {
			byte[] body = Batches.batch("gone-" + i, "{\"type\":\"log\"}").getBytes(StandardCharsets.UTF_8);
			try (RawPost post = RawPost.open(this.server.port(), "Content-Length: " + body.length)) {
				post.write(body);
			}
		}
		this.server.signals().awaitWithId("browser/log", 20);
	}

	@Test
	void bodiesAtATimeAreBounded() throws Exception {
		// Decompression takes 40 KB each
		byte[] gzip = Batches.gzip(Batches.batch("second", "{}"));
		try (ChannelServer small = start(List.of(), "telemetry.channel.max-batch-size=1KB",
				"telemetry.channel.max-string-length=1024", "telemetry.channel.overload.max-in-hand=66KB");
				RawPost first = RawPost.open(small.port(), "Content-Length: 40", "Content-Encoding: gzip")) {
			first.write(Arrays.copyOf(gzip, 12));
			AtomicReference<HttpResponse<String>> refusal = new AtomicReference<>();
			Patience.await().until(() -> {
				refusal.set(small.post(gzip, "Content-Encoding", "gzip"));
				return refusal.get().statusCode() == 503;
			});
			assertThat(refusal.get().body()).contains("\"reason\":\"overloaded\"", "\"retryAfterMs\":");
			assertThat(refusal.get().headers().firstValue("Retry-After").orElse("")).isIn("2", "3");
			first.leave();
			Patience.await().until(() -> small.post(gzip, "Content-Encoding", "gzip").statusCode() == 202);
			// Each way out gives its room back
			assertThat(small.post("no json").statusCode()).isEqualTo(400);
			assertThat(small.post("no gzip", "Content-Encoding", "gzip").statusCode()).isEqualTo(400);
			assertThat(small.post("x".repeat(600_000)).statusCode()).isEqualTo(413);
			assertThat(small.post(Batches.batch("fourth", "{}")).statusCode()).isEqualTo(202);
			BytesInHand inHand = small.context().getBean(BytesInHand.class);
			Patience.await().untilAsserted(() -> assertThat(inHand.snapshot().used()).isZero());
		}
	}

	@Test
	void principalIsTheUser() throws Exception {
		try (ChannelServer known = start(List.of(logIn()))) {
			known.post(Batches.batch("p", "{\"type\":\"log\"}"));
			assertThat(known.signals().awaitWithId("browser/log", 1).get(0).data()).containsEntry("userId", "bob");
		}
	}

	@Test
	void sameOverHttp2() throws Exception {
		try (ChannelServer modern = start(List.of(), "server.http2.enabled=true")) {
			// The first request is the one that asks for HTTP/2
			HttpResponse<String> config = modern.get("/chsk/config");
			assertThat(modern.get("/chsk/config").version()).isEqualTo(HttpClient.Version.HTTP_2);
			assertThat(modern.get("/chsk/config", "If-None-Match", config.headers().firstValue("ETag").orElseThrow())
				.statusCode()).isEqualTo(304);
			HttpResponse<String> taken = modern.post(Batches.gzip(Batches.batch("h2", "{}")), "Content-Encoding",
					"gzip", "Origin", "http://localhost:" + modern.port());
			assertThat(taken.version()).isEqualTo(HttpClient.Version.HTTP_2);
			assertThat(taken.statusCode()).isEqualTo(202);
			assertThat(modern.post(Batches.batch("h2"), "Origin", "http://localhost:1").statusCode()).isEqualTo(403);
			assertThat(modern.post(Batches.gzip("0".repeat(50_000_000)), "Content-Encoding", "gzip").statusCode())
				.isEqualTo(413);
			assertThat(modern.post("{").statusCode()).isEqualTo(400);
		}
	}

	@Test
	void signalsAreMadeOnThreadsThatMayWait() throws Exception {
		this.server.post(Batches.batch("thread", "{\"type\":\"log\"}"));
		assertThat(this.server.signals().awaitWithId("browser/log", 1).get(0).threadName()).startsWith(workers());
	}

	@Test
	void lineEndsAndTerminalEscapesStayData() throws Exception {
		this.server.post(Batches.batch("crlf", "{\"type\":\"log\",\"message\":\"a\\r\\nERROR forged\\u001b[2J\"}"));
		assertThat(this.server.signals().awaitWithId("browser/log", 1).get(0).message())
			.isEqualTo("a\r\nERROR forged\u001b[2J");
		HttpResponse<String> response = this.server.post("{\"batch\":\"x\\r\\nSet-Cookie: a=b\",\"events\":[]}");
		assertThat(response.statusCode()).isEqualTo(400);
		assertThat(response.body()).contains("\"batch\":null");
		assertThat(response.headers().firstValue("Set-Cookie")).isEmpty();
	}

	private void assertRefused(HttpResponse<String> response, int status, String reason) {
		assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
		assertThat(response.body()).contains("\"reason\":\"" + reason + "\"");
		assertThat(this.server.stats().batchesRefused().get(reason)).isPositive();
	}

	@Test
	void emptyStreamIsNoBatch() throws Exception {
		assertThat(
				this.server.post(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[0])))
					.statusCode())
			.isEqualTo(400);
	}

	/**
	 * A body of one byte, behind which nothing comes.
	 */
	private record OneByte(Flow.Subscriber<? super ByteBuffer> subscriber,
			AtomicBoolean sent) implements Flow.Subscription {

		@Override
		public void request(long count) {
			if (this.sent.compareAndSet(false, true)) {
				this.subscriber.onNext(ByteBuffer.wrap(new byte[] { '{' }));
			}
		}

		@Override
		public void cancel() {
		}

	}

}
