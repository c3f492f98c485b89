package io.telemetry.sample;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Request;
import com.microsoft.playwright.Route;
import io.telemetry.boot.channel.control.ClientSettingsChange;
import io.telemetry.boot.channel.control.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Faults of a page that no line of its own catches, as a real Chromium tells them, and
 * those that are nobody's who could mend them.
 */
@Tag("browser")
class ErrorsBrowserTests extends BrowserTestCase {

	private static final String PAGE = "/pages/errors.html";

	@Test
	void resourcesThatCouldNotBeLoaded() {
		String session = sessionOf(open(PAGE));
		JsonNode image = error(session, "resource", "/missing/image.png");
		assertThat(text(image, "msg")).isEqualTo("img " + url("/missing/image.png") + " could not be loaded");
		assertThat(text(image, "level")).isEqualTo("error");
		assertThat(image.at("/data/severity").asString()).isEqualTo("medium");
		assertThat(image.at("/data/element").asString()).isEqualTo("img#missing-image");
		assertThat(error(session, "resource", "/missing/app.js").at("/data/element").asString())
			.isEqualTo("script#missing-script");
		assertThat(error(session, "resource", "/missing/private.png").at("/data/element").asString()).isEqualTo("img");
		assertThat(ofSession(session).toString()).doesNotContain("secret");
	}

	@Test
	void violationsOfTheContentSecurityPolicy() {
		String session = sessionOf(open(PAGE));
		JsonNode violation = error(session, "csp", "https://images.invalid/pixel.png");
		assertThat(text(violation, "msg")).isEqualTo("img-src forbids https://images.invalid/pixel.png");
		assertThat(violation.at("/data/severity").asString()).isEqualTo("medium");
		assertThat(violation.at("/data/directive").asString()).isEqualTo("img-src");
		assertThat(violation.at("/data/disposition").asString()).isEqualTo("enforce");
		assertThat(violation.at("/data/location/url").asString()).isEqualTo(url(PAGE));
	}

	@Test
	void violationsThatAreOnlyReported() {
		Page page = visitor().newPage();
		page.route("**/pages/late.html",
				(route) -> withHeader(route, "content-security-policy-report-only", "script-src 'self'"));
		page.navigate(url("/pages/late.html"));
		page.addScriptTag(new Page.AddScriptTagOptions().setUrl(url("/chsk/client.js")));
		String session = sessionOf(page);
		page.evaluate(
				"document.body.append(Object.assign(document.createElement('script'), { text: 'window.ran = 1' }))");
		JsonNode violation = error(session, "csp", "inline");
		assertThat(page.evaluate("window.ran")).isEqualTo(1);
		assertThat(violation.at("/data/disposition").asString()).isEqualTo("report");
		assertThat(violation.at("/data/directive").asString()).isEqualTo("script-src-elem");
	}

	@Test
	void policyThatForbidsTheClientItsServerMakesNoLoop() {
		Page page = visitor().newPage();
		page.addInitScript("window.printed = []; console.debug = (tag, event) => printed.push(event);");
		page.navigate(url("/pages/unreachable.html"));
		page.evaluate("fetch('/api/products').catch(() => {})");
		page.evaluate("Telemetry.error('not to be delivered')");
		// Long enough for the socket and the POST to be tried
		assertThat(page.evaluate("Telemetry.flush(1000)")).isEqualTo(false);
		assertThat(page.evaluate("printed.filter(({ subtype }) => subtype === 'csp').map(({ url }) => url)"))
			.isEqualTo(List.of(url("/api/products")));
	}

	@Test
	void interventionsOfTheBrowser() {
		String session = sessionOf(open(PAGE));
		JsonNode intervention = awaitSignal((signal) -> isOf(signal, session, "browser/intervention"));
		assertThat(text(intervention, "msg")).contains("navigator.vibrate");
		assertThat(text(intervention, "level")).isEqualTo("warn");
		assertThat(intervention.at("/data/severity").asString()).isEqualTo("low");
	}

	@Test
	void whatNobodyCanMendIsCountedAndLeftOut() {
		Page page = open(PAGE);
		String session = sessionOf(page);
		List<Object> thrown = new ArrayList<>();
		page.onPageError(thrown::add);
		// Another origin, and the same server
		page.addScriptTag(
				new Page.AddScriptTagOptions().setUrl(url("/pages/thrower.js").replace("localhost", "127.0.0.1")));
		page.evaluate(
				"""
						() => {
							const throwLater = (message, stack) => setTimeout(() => {
								throw Object.assign(new Error(message), stack && { stack });
							});
							throwLater('from an extension', 'Error: from an extension\\n    at f (chrome-extension://abcdef/content.js:1:2)');
							throwLater('this is not our business');
							throwLater('Timeout of 30 s');
							// Its own size changes with each look at it
							new ResizeObserver(([{ target }]) => target.style.height = target.offsetHeight + 1 + 'px').observe(document.body);
						}""");
		page.waitForCondition(() -> thrown.size() >= 4);
		page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
		page.evaluate("setTimeout(() => { throw new Error('the page is to blame for this'); })");
		awaitSignal((signal) -> isOf(signal, session, "browser/error")
				&& text(signal, "msg").contains("the page is to blame for this"));
		assertThat(ofSession(session)).filteredOn((signal) -> is(signal, "browser/error"))
			.extracting((signal) -> text(signal, "msg"))
			.allMatch((message) -> message.contains("the page is to blame for this"));
		JsonNode batches = await().atMost(PATIENCE)
			.until(() -> ofSession(session).stream()
				.filter((signal) -> signal.at("/data/dropped/noise").asInt(0) > 0)
				.findFirst(), java.util.Optional::isPresent)
			.orElseThrow();
		assertThat(batches.at("/data/dropped/noise").asInt()).isPositive();
	}

	@Test
	void serverSaysWhatIsNoiseAndThePageMore() {
		Page page = open(PAGE);
		String session = sessionOf(page);
		configure(session, ClientSettingsChange.NONE.withIgnore(List.of("known to the operator", "one, two")));
		page.evaluate("""
				() => {
					Telemetry.error('long known to the operator: 17');
					console.warn('one, two, three');
					Telemetry.error('this is not our business');
					Telemetry.error('news to everybody');
				}""");
		awaitError(session, "news to everybody");
		takeBack(session);
		page.evaluate("Telemetry.error('known to the operator, and told again')");
		awaitError(session, "told again");
		assertThat(ofSession(session)).extracting((signal) -> text(signal, "msg"))
			.noneMatch((message) -> message.contains("operator: 17") || message.contains("one, two")
					|| message.contains("not our business"));
	}

	private static void awaitError(String session, String message) {
		awaitSignal((signal) -> isOf(signal, session, "browser/error") && text(signal, "msg").contains(message));
	}

	private BrowserContext crawler() {
		return visitor().browser()
			.newContext(new Browser.NewContextOptions()
				.setUserAgent("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"));
	}

	@Test
	void crawlersAreCollectedWhereTheServerAsksForIt() {
		control().configure(Target.all(), ClientSettingsChange.NONE.withCollect("bots", true), null);
		try (BrowserContext crawler = crawler()) {
			Page page = crawler.newPage();
			// There is none before the settings are
			page.waitForWebSocket(() -> page.navigate(url(PAGE)));
			page.evaluate("Telemetry.error('a crawler has stumbled')");
			awaitError(sessionOf(page), "a crawler has stumbled");
		}
		finally {
			control().reset(Target.all());
		}
	}

	@Test
	void crawlersAreNotCollected() {
		try (BrowserContext crawler = crawler()) {
			Page page = crawler.newPage();
			List<Request> posted = new ArrayList<>();
			page.onRequest((request) -> {
				if (request.method().equals("POST")) {
					posted.add(request);
				}
			});
			List<String> sockets = new ArrayList<>();
			page.onWebSocket((socket) -> sockets.add(socket.url()));
			page.navigate(url(PAGE));
			page.evaluate("Telemetry.error('seen by a crawler')");
			assertThat(page.evaluate("Telemetry.flush()")).isEqualTo(true);
			page.navigate("about:blank");
			assertThat(posted).isEmpty();
			assertThat(sockets).isEmpty();
		}
		// Others are, also those that are driven as this one is
		Page page = open(PAGE);
		assertThat(page.evaluate("navigator.webdriver")).isEqualTo(true);
		assertThat(sessionOf(page)).isNotBlank();
		assertThat(signals()).noneMatch((signal) -> text(signal, "msg").contains("seen by a crawler"));
	}

	private static void withHeader(Route route, String name, String value) {
		APIResponse response = route.fetch();
		Map<String, String> headers = new HashMap<>(response.headers());
		headers.put(name, value);
		route.fulfill(new Route.FulfillOptions().setResponse(response).setHeaders(headers));
	}

	private static JsonNode error(String session, String subtype, String url) {
		return awaitSignal((signal) -> isOf(signal, session, "browser/" + subtype)
				&& signal.at("/data/url").asString("").endsWith(url));
	}

	private static List<JsonNode> ofSession(String session) {
		return signals().stream()
			.filter((signal) -> session.equals(signal.at("/data/sessionId").asString("")))
			.toList();
	}

}
