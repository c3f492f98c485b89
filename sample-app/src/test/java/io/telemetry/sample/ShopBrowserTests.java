package io.telemetry.sample;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import com.microsoft.playwright.Page;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A visitor in a real Chromium breaks the shop's page; what happened is found in the
 * file, in the application's log and in Actuator.
 */
@ExtendWith(OutputCaptureExtension.class)
class ShopBrowserTests extends BrowserTestCase {

	private static final Path SCREENSHOTS = Path.of("target", "screenshots");

	private final HttpClient http = HttpClient.newHttpClient();

	private Page page;

	@BeforeEach
	void open() {
		this.page = visitor().newPage();
		this.page.setViewportSize(1280, 900);
		this.page.navigate(url("/"));
		this.page.waitForSelector(".product");
	}

	@Test
	void everyFaultOfThePageReachesFileLogAndActuator(CapturedOutput output) throws Exception {
		String session = sessionOf(this.page);
		this.page.click("#throw");
		this.page.click("#reject");
		this.page.click("#console-error");
		this.page.click("#failing-fetch");
		this.page.click("#slow-fetch");
		this.page.click("#missing-picture");
		this.page.click("#freeze");

		JsonNode thrown = awaitSignal((signal) -> isOf(signal, session, "browser/error")
				&& text(signal, "msg").contains("Cannot read properties of undefined"));
		assertThat(text(thrown, "level")).isEqualTo("error");
		assertThat(text(thrown, "kind")).isEqualTo("error");
		assertThat(text(thrown, "ns")).isEqualTo("browser.error");
		assertThat(thrown.at("/data/source").asString()).isEqualTo("browser");
		assertThat(thrown.at("/data/severity").asString()).isEqualTo("high");
		assertThat(thrown.at("/data/release").asString()).isEqualTo("1.0");
		assertThat(thrown.at("/data/environment").asString()).isEqualTo("demo");
		assertThat(thrown.at("/data/page").asString()).isEqualTo(this.page.url());
		assertThat(thrown.at("/data/location/url").asString()).contains("/shop.js");
		assertThat(thrown.at("/data/userId").asString()).isNotBlank();
		assertThat(thrown.at("/data/serverReceiveTime").asLong()).isPositive();
		assertThat(thrown.at("/error/stack").asString()).contains("shop.js");

		awaitSignal((signal) -> isOf(signal, session, "browser/error")
				&& text(signal, "msg").contains("The warehouse said no"));
		JsonNode console = awaitSignal((signal) -> isOf(signal, session, "browser/console"));
		assertThat(text(console, "msg")).contains("Stock level is negative");
		JsonNode network = awaitSignal((signal) -> isOf(signal, session, "browser/network"));
		assertThat(network.at("/data/status").asInt()).isEqualTo(503);
		JsonNode slow = awaitSignal((signal) -> isOf(signal, session, "browser/api-call")
				&& signal.at("/data/url").asString().endsWith("/api/slow"));
		assertThat(slow.at("/data/durationMs").asDouble()).isGreaterThan(1000);
		assertThat(text(slow, "kind")).isEqualTo("metric");
		JsonNode missing = awaitSignal((signal) -> isOf(signal, session, "browser/resource"));
		assertThat(missing.at("/data/url").asString()).isEqualTo(url("/pictures/lantern.png"));
		assertThat(text(missing, "level")).isEqualTo("error");
		// Where the machine is slow, the frames of other clicks are long as well
		JsonNode frozen = awaitSignal((signal) -> isOf(signal, session, "browser/long-frame")
				&& signal.at("/data/script/durationMs").asDouble(0) >= 300);
		assertThat(frozen.at("/data/script/url").asString()).endsWith("/shop.js");
		assertThat(frozen.at("/data/blockingMs").asDouble()).isPositive();
		// The server's own side of the failing request, from an injected Telemetry,
		// and the trace that both are found by.
		awaitSignal((signal) -> "io.telemetry.sample.ShopController".equals(text(signal, "ns"))
				&& text(signal, "msg").contains("The stock service does not answer")
				&& text(signal, "traceId").equals(network.at("/data/traceId").asString()));

		assertThat(output).contains("Cannot read properties of undefined").contains("The warehouse said no");
		assertThat(get("/actuator/telemetrysignals?id=browser/error&limit=50"))
			.contains("Cannot read properties of undefined")
			.contains("The warehouse said no");
		assertThat(signals().stream().map((signal) -> text(signal, "uid")).toList()).doesNotHaveDuplicates();
	}

	@Test
	void faultsMoveNothingOnThePage() {
		for (int width : new int[] { 1280, 390 }) {
			this.page.setViewportSize(width, 900);
			Object before = places();
			this.page.click("#missing-picture");
			awaitFault("A picture is missing.");
			this.page.waitForFunction("document.images.length === 0");
			assertThat(places()).isEqualTo(before);
			this.page.click("#freeze");
			awaitFault("The page did not answer for 300 ms.");
			assertThat(places()).isEqualTo(before);
			screenshot("shop-faults-" + width);
		}
	}

	private void awaitFault(String text) {
		this.page.waitForFunction("(text) => document.getElementById('fault').textContent === text", text);
	}

	/**
	 * Where everything is that is there from the beginning.
	 */
	private Object places() {
		return this.page.evaluate("[document.body, ...document.querySelectorAll('main *, footer')].map((element) =>"
				+ " ['offsetLeft', 'offsetTop', 'offsetWidth', 'offsetHeight'].map((name) => element[name]).join(' '))");
	}

	@Test
	void checkoutIsTracedFromPageToServer() {
		this.page.click(".product >> nth=0 >> button");
		this.page.click(".product >> nth=1 >> button");
		this.page.click("#checkout");
		this.page.waitForFunction("document.getElementById('message').textContent.startsWith('Thank you')");
		String session = sessionOf(this.page);
		JsonNode call = awaitSignal((signal) -> isOf(signal, session, "browser/api-call")
				&& signal.at("/data/url").asString().endsWith("/api/checkout"))
			.at("/data");
		String trace = call.at("/traceId").asString();
		assertThat(trace).hasSize(32);
		// All that the server did for this one call of the page, on whatever thread
		for (String id : List.of("shop/checkout", "shop/price", "shop/payment", "shop/recommend")) {
			awaitSignal((signal) -> is(signal, id) && trace.equals(text(signal, "traceId")));
		}
		JsonNode checkout = awaitSignal(
				(signal) -> is(signal, "shop/checkout") && trace.equals(text(signal, "traceId")));
		assertThat(checkout.at("/data/pieces").asInt()).isEqualTo(2);
		assertThat(text(checkout, "parentId")).isNotEmpty();
		awaitSignal((signal) -> is(signal, "browser/log") && text(signal, "msg").equals("Order placed"));
		// Analytics are debug signals: the file asked for them.
		JsonNode tracked = awaitSignal((signal) -> "browser/custom".equals(text(signal, "id")));
		assertThat(text(tracked, "level")).isEqualTo("debug");
		screenshot("shop-desktop");
	}

	@Test
	void operatorSilencesInfoAndBringsItBack() throws Exception {
		this.page.evaluate("Telemetry.log('info', 'before')");
		this.page.evaluate("Telemetry.flush()");
		awaitSignal((signal) -> "before".equals(text(signal, "msg")));

		assertThat(post("/actuator/telemetryfilters", Map.of("minLevel", "error"))).contains("\"error\"");
		this.page.evaluate("Telemetry.log('info', 'silenced')");
		this.page.evaluate("Telemetry.flush()");
		this.page.evaluate("Telemetry.error('still heard')");
		awaitSignal((signal) -> text(signal, "msg").contains("still heard"));

		delete("/actuator/telemetryfilters");
		this.page.evaluate("Telemetry.log('info', 'back again')");
		this.page.evaluate("Telemetry.flush()");
		awaitSignal((signal) -> "back again".equals(text(signal, "msg")));
		assertThat(signals()).noneMatch((signal) -> "silenced".equals(text(signal, "msg")));
	}

	@Test
	void operatorSwitchesAHandlerOffAndOn() throws Exception {
		post("/actuator/telemetryhandlers/file", Map.of("enabled", false));
		this.page.evaluate("Telemetry.error('not for the file')");
		await().atMost(PATIENCE)
			.until(() -> get("/actuator/telemetrysignals?text=not+for+the+file").contains("not for the file"));
		delete("/actuator/telemetryhandlers/file");
		this.page.evaluate("Telemetry.error('for the file')");
		awaitSignal((signal) -> text(signal, "msg").contains("for the file"));
		assertThat(signals()).noneMatch((signal) -> text(signal, "msg").contains("not for the file"));
	}

	@Test
	void eventsTravelOnTheWebSocketAndActuatorCountsThem() throws Exception {
		this.page.evaluate("Telemetry.log('info', 'by socket')");
		this.page.evaluate("Telemetry.flush()");
		JsonNode signal = awaitSignal((found) -> "by socket".equals(text(found, "msg")));
		assertThat(roadOf(signal)).isEqualTo("stomp");
		JsonNode overview = JSON.readTree(get("/actuator/telemetry"));
		assertThat(overview.at("/connections").asInt()).isPositive();
		assertThat(overview.at("/channel/events/accepted").asInt()).isPositive();
	}

	@Test
	void operatorPausesThrottlesAndDiagnosesOneVisitorWhileAnotherGoesOn() throws Exception {
		Page other = anotherVisitor();
		other.navigate(url("/"));
		String visitor = userOf(this.page, "one visitor");
		userOf(other, "another visitor");
		JsonNode healthy = diagnosed(visitor);
		assertThat(healthy.at("/data/environment/userAgent").asString()).contains("Chrome");
		assertThat(healthy.at("/data/environment/viewport").asString()).isEqualTo("1280x900");
		assertThat(healthy.at("/data/buffer/dropped").isObject()).isTrue();
		assertThat(healthy.at("/data/timings/connection/road").asString()).isEqualTo("socket");
		assertThat(healthy.at("/data/errors").isArray()).isTrue();
		try {
			control(Map.of("type", "config", "user", visitor, "enabled", "false", "expiresIn", "10m"));
			// Told in this order, so what answers has heard the other
			diagnosed(visitor);
			say(this.page, "while paused");
			say(other, "goes on");
			awaitSignal((signal) -> "goes on".equals(text(signal, "msg")));
			// A page that is opened while its user is paused stays within hearing
			this.page.reload();
			this.page.waitForSelector(".product");
			diagnosed(visitor);
			say(this.page, "paused as before");
			control(Map.of("type", "config", "user", visitor, "enabled", "true", "sampling", "default=0"));
			diagnosed(visitor);
			say(this.page, "throttled");
			this.page.evaluate("Telemetry.error('errors are never throttled')");
			awaitSignal((signal) -> text(signal, "msg").contains("errors are never throttled"));
		}
		finally {
			delete("/actuator/telemetrychannel?user=" + visitor);
		}
		diagnosed(visitor);
		say(this.page, "speaks again");
		awaitSignal((signal) -> "speaks again".equals(text(signal, "msg")));
		assertThat(signals()).extracting((signal) -> text(signal, "msg"))
			.doesNotContain("while paused", "paused as before", "throttled");
		other.context().close();
	}

	private static void say(Page page, String message) {
		page.evaluate("(message) => { Telemetry.log('info', message); return Telemetry.flush(); }", message);
	}

	private static String userOf(Page page, String message) {
		say(page, message);
		return awaitSignal((signal) -> message.equals(text(signal, "msg"))).at("/data/userId").asString();
	}

	private JsonNode control(Map<String, String> body) throws Exception {
		JsonNode done = JSON.readTree(post("/actuator/telemetrychannel", body));
		assertThat(done.at("/reached").asInt()).isOne();
		return done;
	}

	/**
	 * What a visitor's page tells of itself, asked as soon as it is connected.
	 */
	private JsonNode diagnosed(String user) throws Exception {
		await().atMost(PATIENCE)
			.until(() -> JSON.readTree(get("/actuator/telemetrychannel?user=" + user)).at("/clients"),
					(clients) -> clients.size() == 1 && clients.toString().contains("/user/queue/control"));
		String request = control(Map.of("type", "diagnose", "user", user)).at("/requestId").asString();
		return awaitSignal((signal) -> is(signal, "channel/diagnostics")
				&& request.equals(signal.at("/data/requestId").asString()));
	}

	@Test
	void whereWebSocketsAreBlockedEventsArriveByPost() {
		Page blocked = visitor().newPage();
		blocked.addInitScript("window.WebSocket = class { constructor() { throw new Error('blocked'); } };");
		blocked.navigate(url("/"));
		blocked.evaluate("Telemetry.log('info', 'by post')");
		blocked.evaluate("Telemetry.flush()");
		JsonNode signal = awaitSignal((found) -> "by post".equals(text(found, "msg")));
		assertThat(roadOf(signal)).isEqualTo("http");
	}

	/**
	 * The road of the session's batches; a page uses one for all of them.
	 */
	private static String roadOf(JsonNode signal) {
		String session = signal.at("/data/sessionId").asString();
		return awaitSignal((found) -> is(found, "channel/batch-received")
				&& session.equals(found.at("/data/sessionId").asString()))
			.at("/data/road")
			.asString();
	}

	@Test
	void whatIsLeftWhenTheVisitorLeavesArrives() {
		this.page.evaluate("Telemetry.log('info', 'last words')");
		this.page.navigate("about:blank");
		awaitSignal((signal) -> "last words".equals(text(signal, "msg")));
	}

	@Test
	void pageFitsAPhone() {
		this.page.setViewportSize(390, 844);
		Object overflow = this.page.evaluate("document.documentElement.scrollWidth - window.innerWidth");
		assertThat(((Number) overflow).intValue()).isLessThanOrEqualTo(0);
		screenshot("shop-phone");
	}

	private void screenshot(String name) {
		this.page
			.screenshot(new Page.ScreenshotOptions().setPath(SCREENSHOTS.resolve(name + ".png")).setFullPage(true));
	}

	private String get(String path) throws Exception {
		return send(HttpRequest.newBuilder(uri(path)).GET());
	}

	private String post(String path, Map<String, ?> body) throws Exception {
		return send(HttpRequest.newBuilder(uri(path))
			.header("Content-Type", "application/json")
			.POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body))));
	}

	private String delete(String path) throws Exception {
		return send(HttpRequest.newBuilder(uri(path)).DELETE());
	}

	private String send(HttpRequest.Builder request) throws Exception {
		var response = this.http.send(request.build(), BodyHandlers.ofString());
		assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
		return response.body();
	}

	private URI uri(String path) {
		return URI.create(url(path));
	}

}
