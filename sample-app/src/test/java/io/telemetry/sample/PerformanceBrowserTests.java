package io.telemetry.sample;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

import com.microsoft.playwright.Page;
import io.telemetry.boot.channel.control.ClientSettingsChange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What a page costs its visitor and what the visitor does with it, as a real Chromium
 * tells it and as it arrives.
 */
@Tag("browser")
class PerformanceBrowserTests extends BrowserTestCase {

	private static final String PAGE = "/pages/performance.html";

	@Test
	void loadOfThePageIsToldOnceWithItsPhases() {
		Page page = open(PAGE + "?token=secret");
		String session = sessionOf(page);
		JsonNode load = arrived(session, "browser/page-load").path("data");
		assertThat(load.path("url").asString()).isEqualTo(url(PAGE));
		assertThat(load.path("navigationType").asString()).isEqualTo("navigate");
		assertThat(load.path("timing").propertyNames()).containsExactlyInAnyOrder("dnsMs", "connectMs", "tlsMs",
				"responseMs", "domContentLoadedMs", "loadMs");
		double loadMs = load.at("/timing/loadMs").asDouble();
		assertThat(loadMs).isPositive().isGreaterThanOrEqualTo(load.at("/timing/domContentLoadedMs").asDouble());
		// The style sheet; not the client's own
		assertThat(load.at("/resources/count").asInt()).isOne();
		assertThat(load.at("/resources/totalKb").asInt()).isPositive();

		page.evaluate("Telemetry.disable(); Telemetry.enable()");
		page.reload();
		awaitShift(page);
		flush(page);
		arrived(session, "browser/page-load", (data) -> "reload".equals(data.path("navigationType").asString()));
		assertThat(of(session, "browser/page-load")).hasSize(2);
	}

	@Test
	void clientThatComesLateStillTellsOfWhatWasBefore() {
		Page page = open("/pages/late.html");
		page.waitForFunction("window.held && performance.getEntriesByType('navigation')[0].loadEventEnd > 0");
		page.addScriptTag(new Page.AddScriptTagOptions().setUrl(url("/chsk/client.js")));
		String session = sessionOf(page);
		assertThat(arrived(session, "browser/page-load").at("/data/timing/loadMs").asDouble()).isPositive();
		JsonNode frame = arrived(session, "browser/long-frame",
				(data) -> "beforeTheClient".equals(data.at("/script/function").asString()));
		assertThat(frame.at("/data/durationMs").asDouble()).isGreaterThanOrEqualTo(200);
		JsonNode deprecation = arrived(session, "browser/deprecation");
		assertThat(text(deprecation, "msg")).contains("Synchronous `XMLHttpRequest`");
		assertThat(text(deprecation, "level")).isEqualTo("warn");
		assertThat(deprecation.at("/data/severity").asString()).isEqualTo("low");
		assertThat(deprecation.at("/data/location/url").asString()).isEqualTo(url("/pages/late.html"));
		assertThat(deprecation.at("/data/location/line").asInt()).isPositive();
	}

	@ParameterizedTest
	@CsvSource({ "Telemetry.setConsent(false), Telemetry.setConsent(true)", "Telemetry.disable(), Telemetry.enable()" })
	void whatTheBrowserKeepsIsToldOnceAndNeverWhatWasWhileNobodyListened(String end, String begin) {
		Page page = open("/pages/late.html");
		page.waitForFunction("window.held");
		page.addScriptTag(new Page.AddScriptTagOptions().setUrl(url("/chsk/client.js")));
		String before = sessionOf(page);
		arrivedFrame(before, "beforeTheClient");
		arrivedDeprecation(before, "XMLHttpRequest");
		page.evaluate(end);
		page.evaluate("faults('meanwhile')");
		page.evaluate(begin);
		page.evaluate("faults('afterwards')");
		String after = sessionOf(page);
		arrivedFrame(after, "afterwards");
		arrivedDeprecation(after, "createImageBitmap");
		Set<String> sessions = new HashSet<>(List.of(before, after));
		assertThat(sessions).flatExtracting((session) -> of(session, "browser/long-frame"))
			.extracting((frame) -> frame.at("/data/script/function").asString(""))
			.containsOnlyOnce("beforeTheClient", "afterwards")
			.doesNotContain("meanwhile");
		assertThat(sessions).flatExtracting((session) -> of(session, "browser/deprecation"))
			.extracting((deprecation) -> text(deprecation, "msg"))
			.satisfiesExactlyInAnyOrder((message) -> assertThat(message).contains("XMLHttpRequest"),
					(message) -> assertThat(message).contains("createImageBitmap"));
	}

	@Test
	void allFiveVitalsArriveWhenThePageIsLeft() {
		Page page = open(PAGE);
		String session = sessionOf(page);
		useAndLeave(page);
		for (String name : List.of("LCP", "INP", "CLS", "FCP", "TTFB")) {
			JsonNode vital = vital(session, name);
			assertThat(vital.path("value").isNumber()).as(name).isTrue();
			assertThat(vital.path("rating").asString()).as(name).isIn("good", "needs-improvement", "poor");
			assertThat(vital.path("unit").asString("")).as(name).isEqualTo("CLS".equals(name) ? "" : "ms");
			assertThat(vital.path("url").asString()).as(name).isEqualTo(url(PAGE));
			assertThat(vital.has("element")).as(name).isFalse();
		}
		assertThat(vital(session, "CLS").path("value").asDouble()).isPositive();
		assertThat(vital(session, "INP").path("value").asDouble()).isGreaterThanOrEqualTo(200);
		assertThat(of(session, "browser/web-vital")).hasSize(5);
		arrived(session, "browser/visibility", (data) -> !data.path("visible").asBoolean(true));
	}

	@Test
	void onRequestVitalsNameWhatIsBehindThem() {
		Page page = open(PAGE);
		String session = sessionOf(page);
		page.evaluate("Telemetry.init({ collect: { attribution: true } })");
		useAndLeave(page);
		assertThat(vital(session, "INP").path("element").asString()).isIn("button#work", "b#word");
		assertThat(vital(session, "INP").path("eventType").asString()).isIn("pointerdown", "pointerup", "click",
				"mousedown", "mouseup");
		assertThat(vital(session, "CLS").path("element").asString()).isNotBlank();
		assertThat(vital(session, "LCP").path("element").asString()).isIn("h1#title", "p#banner");
	}

	@Test
	void frameThatHoldsTheVisitorUpNamesItsScript() {
		Page page = open(PAGE);
		String session = sessionOf(page);
		page.evaluate("holdUpAFrame()");
		JsonNode frame = arrived(session, "browser/long-frame",
				(data) -> "slowScript".equals(data.at("/script/function").asString()));
		assertThat(text(frame, "kind")).isEqualTo("metric");
		assertThat(frame.at("/data/durationMs").asDouble()).isGreaterThanOrEqualTo(180);
		assertThat(frame.at("/data/blockingMs").asDouble()).isPositive();
		assertThat(frame.at("/data/script/url").asString()).isEqualTo(url(PAGE));
		assertThat(frame.at("/data/script/durationMs").asDouble()).isGreaterThanOrEqualTo(180);
	}

	@Test
	void clicksTellWhatWasClickedAndNothingThatWasWritten() {
		Page page = open(PAGE);
		String session = sessionOf(page);
		JsonNode work = click(page, session, "#word");
		assertThat(work.path("action").asString()).isEqualTo("click");
		assertThat(work.path("elementTag").asString()).isEqualTo("button");
		assertThat(work.path("elementId").asString()).isEqualTo("work");
		assertThat(work.path("elementClass").asString()).isEqualTo("primary wide");
		assertThat(work.path("elementText").asString()).isEqualTo("Work hard");
		assertThat(work.path("page").asString()).isEqualTo(PAGE);
		JsonNode plain = click(page, session, "#plain");
		assertThat(plain.path("elementId").asString()).isEqualTo("plain");
		assertThat(plain.has("elementText")).isFalse();
		assertThat(click(page, session, "#name").toString()).doesNotContain("Ann", "Your name");
		assertThat(click(page, session, "#written").has("elementText")).isFalse();
		JsonNode hidden = click(page, session, "#case-17");
		assertThat(hidden.path("elementTag").asString()).isEqualTo("button");
		assertThat(hidden.toString()).doesNotContain("case-17", "diagnosis", "Open the case");
		JsonNode shadow = click(page, session, "#icon");
		assertThat(shadow.path("elementId").asString()).isEqualTo("inner");
		assertThat(shadow.path("elementText").asString()).isEqualTo("In the shadow");
	}

	@Test
	void scrollingAndThePointerOnlyOnRequest() {
		Page page = open(PAGE);
		String session = sessionOf(page);
		page.mouse().move(40, 50);
		page.mouse().wheel(0, 400);
		page.waitForFunction("scrollY > 0");
		page.evaluate("Telemetry.init({ collect: { scroll: true, mouse: true } })");
		String mark = "asked-" + session;
		page.evaluate("(mark) => Telemetry.log('info', mark)", mark);
		moveAbout(page, session);
		assertThat(arrived(session, "browser/scroll").at("/data/depth").asDouble()).isBetween(1.0, 100.0);
		assertThat(arrived(session, "browser/mouse").at("/data/x").asDouble()).isBetween(60.0, 61.0);
		page.evaluate("Telemetry.init({ collect: { scroll: false, mouse: false } })");
		List<String> ids = signals().stream()
			.filter((signal) -> session.equals(signal.at("/data/sessionId").asString("")))
			.map((signal) -> mark.equals(text(signal, "msg")) ? "asked" : text(signal, "id"))
			.toList();
		assertThat(ids.subList(0, ids.indexOf("asked"))).doesNotContain("browser/scroll", "browser/mouse");
	}

	@Test
	void serverAsksForScrollingThePointerAndAttribution() {
		Page page = open(PAGE);
		String session = sessionOf(page);
		configure(session,
				ClientSettingsChange.NONE.withCollect("scroll", true)
					.withCollect("mouse", true)
					.withCollect("attribution", true));
		moveAbout(page, session);
		useAndLeave(page);
		assertThat(vital(session, "INP").path("element").asString()).isIn("button#work", "b#word");
	}

	@Test
	void collectorsAreLeftOutBySettings() {
		Page page = visitor().newPage();
		page.addInitScript("addEventListener('DOMContentLoaded',"
				+ " () => Telemetry.init({ collect: { performance: false, interactions: false } }));");
		page.navigate(url(PAGE));
		String session = sessionOf(page);
		useAndLeave(page);
		Page next = open(PAGE);
		assertThat(sessionOf(next)).isNotBlank();
		assertThat(signals().stream()
			.filter((signal) -> session.equals(signal.at("/data/sessionId").asString("")))
			.map((signal) -> text(signal, "id")))
			.doesNotContain("browser/page-load", "browser/web-vital", "browser/user-action", "browser/visibility");
	}

	/**
	 * What a visitor does for each of the vitals to have a value, as far as the browser
	 * has made entries of it; then away.
	 */
	private static void useAndLeave(Page page) {
		awaitShift(page);
		page.click("#word");
		page.waitForFunction("seen.interaction");
		page.navigate("about:blank");
	}

	private static void awaitShift(Page page) {
		page.waitForFunction("seen.shift");
	}

	private static JsonNode click(Page page, String session, String selector) {
		int before = of(session, "browser/user-action").size();
		page.click(selector);
		flush(page);
		return await().atMost(PATIENCE)
			.until(() -> of(session, "browser/user-action"), (clicks) -> clicks.size() > before)
			.get(before)
			.path("data");
	}

	private static void flush(Page page) {
		page.evaluate("Telemetry.flush()");
	}

	private static JsonNode vital(String session, String name) {
		return arrived(session, "browser/web-vital", (data) -> name.equals(data.path("metricName").asString()))
			.path("data");
	}

	/**
	 * Until both were told: what watches them is loaded when somebody asks.
	 */
	private static void moveAbout(Page page, String session) {
		await().atMost(PATIENCE).until(() -> {
			page.mouse().move(60, 70);
			page.mouse().move(61, 70);
			page.mouse().wheel(0, 40);
			page.mouse().wheel(0, -20);
			return !of(session, "browser/scroll").isEmpty() && !of(session, "browser/mouse").isEmpty();
		});
	}

	private static void arrivedFrame(String session, String function) {
		arrived(session, "browser/long-frame", (data) -> function.equals(data.at("/script/function").asString("")));
	}

	private static void arrivedDeprecation(String session, String message) {
		awaitSignal((signal) -> isOf(signal, session, "browser/deprecation") && text(signal, "msg").contains(message));
	}

	private static JsonNode arrived(String session, String id) {
		return arrived(session, id, (data) -> true);
	}

	private static JsonNode arrived(String session, String id, Predicate<JsonNode> wanted) {
		return awaitSignal((signal) -> isOf(signal, session, id) && wanted.test(signal.path("data")));
	}

	private static List<JsonNode> of(String session, String id) {
		return signals().stream().filter((signal) -> isOf(signal, session, id)).toList();
	}

}
