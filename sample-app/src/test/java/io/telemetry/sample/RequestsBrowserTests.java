package io.telemetry.sample;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;

import com.microsoft.playwright.ConsoleMessage;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Request;
import com.sun.net.httpserver.HttpServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Requests, route changes and the trail of errors in a real Chromium.
 */
@Tag("browser")
class RequestsBrowserTests extends BrowserTestCase {

	private static final String NONE = "none";

	/** The {@code traceparent} of what has reached another origin. */
	private static final Queue<String> ELSEWHERE = new ConcurrentLinkedQueue<>();

	private static HttpServer elsewhere;

	@BeforeAll
	static void otherOrigin() throws IOException {
		elsewhere = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		elsewhere.createContext("/", (exchange) -> {
			exchange.getResponseHeaders().add("Access-Control-Allow-Origin", "*");
			exchange.getResponseHeaders().add("Access-Control-Allow-Headers", "traceparent");
			if (!"OPTIONS".equals(exchange.getRequestMethod())) {
				String traceparent = exchange.getRequestHeaders().getFirst("traceparent");
				ELSEWHERE.add((traceparent != null) ? traceparent : NONE);
			}
			exchange.sendResponseHeaders(200, -1);
			exchange.close();
		});
		elsewhere.start();
	}

	@AfterAll
	static void stopOtherOrigin() {
		elsewhere.stop(0);
	}

	@Test
	void everyRequestIsMeasuredAndItsTraceReachesTheServer() {
		Page page = open("/pages/requests.html");
		String fetched = traceparent(page, "seen('/test/echo/200/a?token=1', { method: 'POST', body: 'x' })");
		String asked = traceparent(page, "xhr('PUT', '/test/echo/201/b').then(JSON.parse)");
		assertThat(List.of(fetched, asked)).allMatch((header) -> header.matches("00-[0-9a-f]{32}-[0-9a-f]{16}-01"))
			.doesNotHaveDuplicates();
		JsonNode fetch = call(page, "/test/echo/200/a");
		JsonNode xhr = call(page, "/test/echo/201/b");
		assertThat(fetch.at("/method").asString()).isEqualTo("POST");
		assertThat(fetch.at("/status").asInt()).isEqualTo(200);
		assertThat(xhr.at("/method").asString()).isEqualTo("PUT");
		assertThat(xhr.at("/status").asInt()).isEqualTo(201);
		assertThat(List.of(fetch, xhr)).allSatisfy((event) -> {
			assertThat(event.at("/url").asString()).startsWith(url("/test/echo/")).doesNotContain("token");
			assertThat(event.at("/durationMs").isNumber()).isTrue();
			assertThat(event.at("/bytes").asInt()).isPositive();
			assertThat(event.at("/cached").asBoolean(true)).isFalse();
		});
		assertThat(List.of(traceOf(fetch), traceOf(xhr))).containsExactly(fetched, asked);
	}

	@Test
	void orderCarriesTheTraceOfItsEvent() {
		Page page = open("/");
		page.evaluate("Telemetry.init({ buffer: { flushMs: 200 } })");
		page.click(".product >> nth=0 >> button");
		Request order = page.waitForRequest("**/api/checkout", () -> page.click("#checkout"));
		assertThat(order.allHeaders().get("traceparent")).isEqualTo(traceOf(call(page, "/api/checkout")));
		// The headers that the shop itself gave are there as well.
		assertThat(order.allHeaders()).containsEntry("content-type", "application/json");
	}

	@Test
	void whatCameFromTheCacheIsSaidTo() {
		Page page = open("/pages/requests.html");
		page.evaluate("seen('/test/echo/200/kept', { headers: { 'X-Keep': '1' } })");
		call(page, "/test/echo/200/kept");
		page.evaluate("seen('/test/echo/200/kept', { headers: { 'X-Keep': '1' }, cache: 'force-cache' })");
		awaitEvent(page, "browser/api-call",
				(data) -> data.at("/url").asString().endsWith("/kept") && data.at("/cached").asBoolean(false));
	}

	@Test
	void failuresAndTimeoutsAreErrorsButAbortsAreNot() {
		Page page = open("/pages/requests.html");
		visitor().route("**/hanging/**", (route) -> {
		});
		visitor().route("**/refused/**", (route) -> route.abort("connectionrefused"));
		page.evaluate("xhr('GET', '/refused/xhr')");
		page.evaluate("xhr('GET', '/hanging/timeout', { timeout: 50 })");
		page.evaluate("xhr('GET', '/hanging/xhr-abort', { abort: true })");
		page.evaluate("() => { const c = new AbortController();"
				+ " const p = fetch('/hanging/fetch-abort', { signal: c.signal }).catch(() => {});"
				+ " c.abort('the view has gone'); return p; }");
		page.evaluate("xhr('GET', '/test/echo/503/xhr')");
		page.evaluate("fetch('/refused/fetch').catch(() => {})");
		for (String path : List.of("/refused/xhr", "/hanging/timeout", "/test/echo/503/xhr", "/refused/fetch")) {
			awaitEvent(page, "browser/network", (data) -> data.at("/url").asString().endsWith(path));
		}
		for (String path : List.of("/hanging/xhr-abort", "/hanging/fetch-abort")) {
			assertThat(call(page, path).at("/aborted").asBoolean(false)).isTrue();
		}
		assertThat(events(page, "browser/network")).extracting((data) -> data.at("/url").asString())
			.noneMatch((address) -> address.endsWith("abort"));
		assertThat(call(page, "/test/echo/503/xhr").at("/status").asInt()).isEqualTo(503);
	}

	@Test
	void synchronousRequestsAndReusedObjectsWork() {
		Page page = open("/pages/requests.html");
		visitor().route("**/refused/**", (route) -> route.abort("connectionrefused"));
		Object result = page.evaluate("""
				() => {
				  const request = new XMLHttpRequest();
				  request.open('GET', '/test/echo/200/synchronous', false);
				  request.send();
				  let thrown = '';
				  const { status } = request;
				  request.open('GET', '/refused/synchronous', false);
				  try { request.send(); } catch (error) { thrown = error.name; }
				  return `${status} ${thrown}`;
				}""");
		assertThat(result).isEqualTo("200 NetworkError");
		page.evaluate("""
				() => new Promise((resolve) => {
				  const request = new XMLHttpRequest();
				  const again = (path) => { request.open('GET', `/test/echo/${path}`); request.send(); };
				  request.onreadystatechange = () => {
				    if (request.readyState === 4 && request.status === 200) again('201/second');
				  };
				  request.addEventListener('load', () => {
				    if (request.status === 201) again('202/third');
				    if (request.status === 202) resolve();
				  });
				  again('200/first');
				})""");
		assertThat(call(page, "/test/echo/202/third").at("/status").asInt()).isEqualTo(202);
		assertThat(call(page, "/test/echo/201/second").at("/status").asInt()).isEqualTo(201);
		assertThat(call(page, "/test/echo/200/first").at("/status").asInt()).isEqualTo(200);
		assertThat(call(page, "/test/echo/200/synchronous").at("/status").asInt()).isEqualTo(200);
		awaitEvent(page, "browser/network", (data) -> data.at("/url").asString().endsWith("/refused/synchronous"));
		assertThat(events(page, "browser/api-call")).hasSize(5);
	}

	@Test
	void otherOriginsAreToldOfTracesOnlyWhereTheyAreNamed() {
		Page page = open("/pages/requests.html");
		String other = "http://localhost:" + elsewhere.getAddress().getPort();
		ELSEWHERE.clear();
		page.evaluate("(url) => fetch(url)", other + "/before");
		page.evaluate("(url) => xhr('GET', url)", other + "/before");
		page.evaluate("(origin) => Telemetry.init({ trace: { origins: [origin] } })", other);
		page.evaluate("(url) => fetch(url)", other + "/named");
		page.evaluate("(url) => xhr('GET', url)", other + "/named");
		page.evaluate("(url) => fetch(url, { mode: 'no-cors' })", other + "/named");
		page.evaluate("() => Telemetry.init({ trace: { origins: [] } })");
		page.evaluate("(url) => fetch(url)", other + "/after");
		assertThat(ELSEWHERE.stream().map((header) -> header.equals(NONE))).containsExactly(true, true, false, false,
				true, true);
	}

	@Test
	void requestsOfThePageKeepWhatTheyHold() {
		Page page = open("/pages/requests.html");
		String own = "00-11111111111111111111111111111111-2222222222222222-00";
		JsonNode request = evaluate(page,
				"seen(new Request('/test/echo/200/x', { method: 'POST', body: 'body', referrerPolicy: 'no-referrer',"
						+ " headers: { 'X-A': '1' } }))");
		assertThat(request.at("/headers/x-a").asString()).isEqualTo("1");
		assertThat(request.at("/headers/referer").isMissingNode()).isTrue();
		assertThat(request.at("/body").asString()).isEqualTo("body");
		assertThat(request.at("/headers/traceparent").asString()).isNotBlank();
		JsonNode overridden = evaluate(page,
				"seen('/test/echo/200/x', new Request('/x', { headers: { 'X-A': '1' } }))");
		assertThat(overridden.at("/headers/x-a").asString()).isEqualTo("1");
		assertThat(traceparent(page, "seen('/test/echo/200/x', { headers: [['traceparent', '%s']] })".formatted(own)))
			.isEqualTo(own);
		assertThat(traceparent(page,
				"xhr('GET', '/test/echo/200/x', { headers: { TraceParent: '%s' } }).then(JSON.parse)".formatted(own)))
			.isEqualTo(own);
	}

	@Test
	void rejectionThatThePageDoesNotCatchStaysItsOwn() {
		Page page = open("/pages/requests.html");
		visitor().route("**/refused/**", (route) -> route.abort("connectionrefused"));
		Queue<String> uncaught = new ConcurrentLinkedQueue<>();
		page.onPageError(uncaught::add);
		page.evaluate("() => { fetch('/refused/uncaught'); }");
		await().atMost(PATIENCE).until(() -> {
			page.evaluate("1");
			return !uncaught.isEmpty();
		});
		awaitEvent(page, "browser/error", (data) -> data.at("/rejection").asBoolean(false));
		assertThat(uncaught).singleElement().asString().contains("Failed to fetch");
	}

	@Test
	void ownRequestsAreNeitherCollectedNorTraced() {
		Page page = visitor().newPage();
		page.addInitScript("window.WebSocket = class { constructor() { throw new Error('blocked'); } };");
		Queue<Request> posted = new ConcurrentLinkedQueue<>();
		page.onRequest((request) -> {
			if (request.url().contains("/chsk/batch")) {
				posted.add(request);
			}
		});
		page.navigate(url("/pages/requests.html"));
		page.evaluate("fetch('/test/echo/200/only')");
		call(page, "/test/echo/200/only");
		page.evaluate("Telemetry.flush()");
		assertThat(posted).isNotEmpty()
			.allSatisfy((request) -> assertThat(request.allHeaders()).doesNotContainKey("traceparent"));
		assertThat(events(page, "browser/api-call")).extracting((data) -> data.at("/url").asString())
			.containsExactly(url("/test/echo/200/only"));
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void routeChangesAreCleanedPaths(boolean navigationApi) {
		Page page = visitor().newPage();
		if (!navigationApi) {
			page.addInitScript("Object.defineProperty(window, 'navigation', { value: undefined });");
		}
		page.navigate(url("/pages/requests.html"));
		page.evaluate(
				"() => { history.pushState({}, '', '/orders?customer=7'); history.pushState({}, '', '/orders?customer=8');"
						+ " history.replaceState({}, '', '/orders/1#lines'); }");
		page.goBack();
		page.click("#anchor");
		awaitEvent(page, "browser/route-change", (data) -> "traverse".equals(data.at("/trigger").asString()));
		assertThat(events(page, "browser/route-change"))
			.extracting((data) -> data.at("/from").asString() + " " + data.at("/to").asString() + " "
					+ data.at("/trigger").asString())
			.containsExactly("/pages/requests.html /orders push", "/orders /orders/1 replace",
					"/orders/1 /orders traverse");
		assertThat(page.evaluate("history.pushState === History.prototype.pushState")).isEqualTo(navigationApi);
	}

	@Test
	void errorsTakeAlongWhatCameBeforeAlsoWhatSamplingLeftOut() {
		Page page = open("/pages/requests.html");
		Queue<String> printed = new ConcurrentLinkedQueue<>();
		page.onConsoleMessage((ConsoleMessage message) -> printed.add(message.text()));
		page.evaluate("() => Telemetry.init({ sampling: { 'route-change': 0, 'api-call': 0 } })");
		page.evaluate("async () => { history.pushState({}, '', '/orders?customer=7'); console.warn('careful');"
				+ " await fetch('/test/echo/404/missing?token=1'); Telemetry.error(new Error('no order')); }");
		JsonNode error = awaitEvent(page, "browser/error",
				(data) -> data.toString().contains("no order") && data.at("/trail").isArray());
		assertThat(error.at("/trail")).extracting((entry) -> entry.at("/text").asString())
			.containsExactly("/pages/requests.html /orders push", "careful",
					"GET " + url("/test/echo/404/missing") + " answered 404");
		assertThat(error.at("/trail")).extracting((entry) -> entry.at("/subtype").asString())
			.containsExactly("route-change", "console", "api-call");
		assertThat(error.at("/trail")).allSatisfy((entry) -> assertThat(entry.at("/timestamp").asLong()).isPositive());
		assertThat(events(page, "browser/route-change")).isEmpty();
		assertThat(printed).contains("careful");
	}

	private static String traceparent(Page page, String seen) {
		return evaluate(page, seen).at("/headers/traceparent").asString("");
	}

	@SuppressWarnings("unchecked")
	private static JsonNode evaluate(Page page, String expression) {
		return JSON.valueToTree((Map<String, Object>) page.evaluate(expression));
	}

	private static String traceOf(JsonNode data) {
		return "00-" + data.at("/traceId").asString() + "-" + data.at("/spanId").asString() + "-01";
	}

	/**
	 * The event of a call to an address that a page calls once.
	 */
	private static JsonNode call(Page page, String path) {
		return awaitEvent(page, "browser/api-call", (data) -> data.at("/url").asString().endsWith(path));
	}

	private static JsonNode awaitEvent(Page page, String id, Predicate<JsonNode> wanted) {
		String session = sessionOf(page);
		return awaitSignal((signal) -> is(signal, id) && session.equals(signal.at("/data/sessionId").asString())
				&& wanted.test(signal.at("/data")))
			.at("/data");
	}

	private static List<JsonNode> events(Page page, String id) {
		String session = sessionOf(page);
		return signals().stream()
			.filter((signal) -> is(signal, id) && session.equals(signal.at("/data/sessionId").asString()))
			.map((signal) -> signal.at("/data"))
			.toList();
	}

}
