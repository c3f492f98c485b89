package io.telemetry.sample;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

import com.microsoft.playwright.Frame;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.WaitUntilState;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

import org.springframework.test.context.TestPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Pages on which others were before us or come after us, and pages that are allowed next
 * to nothing: each event arrives exactly once, and the page sees no error but its own.
 */
@TestPropertySource(properties = { "telemetry.channel.applications.sandbox.key=sandbox-7d10",
		"telemetry.channel.applications.sandbox.allowed-origin-patterns=null", "telemetry.browser.buffer.flush=500ms" })
@Tag("browser")
class HostilePagesBrowserTests extends BrowserTestCase {

	private static final List<String> EACH = List.of("logged", "printed", "called", "rejected", "thrown");

	private static final String FROZEN = """
			[Object, Array, Function, Promise, String, Map, Set, Error, EventTarget, Node, Request, Response, Blob]
			  .forEach((type) => Object.freeze(type.prototype));
			[Object, Array, Promise, JSON, Math].forEach((one) => Object.freeze(one));""";

	private static final String POLLUTED = """
			Object.prototype.toJSON = function () { return 'object of an old library'; };
			Array.prototype.toJSON = function () { return 'array of an old library'; };
			String.prototype.toJSON = function () { return 'text of an old library'; };
			Object.prototype.foo = 'bar';
			Array.prototype.last = function () { return this[this.length - 1]; };""";

	/** Prints what is requested, requests what is printed. */
	private static final String WRAPPED = """
			(() => {
			  const { fetch: original } = window;
			  const { error, warn } = console;
			  window.fetch = function (input, init) {
			    console.warn('[net] begins', String(input.url || input));
			    const promise = original.apply(this, arguments);
			    promise.then((response) => console.error('[net] answered', response.url, response.status), () => {});
			    return promise;
			  };
			  const { open, send } = XMLHttpRequest.prototype;
			  XMLHttpRequest.prototype.open = function (method, url) {
			    console.warn('[net] opens', new URL(url, location.href).href);
			    return open.apply(this, arguments);
			  };
			  let deep = 0;
			  console.error = function (...args) {
			    error.apply(console, args);
			    if (deep++ === 0) window.fetch('/pages/violations.js?' + deep).catch(() => {});
			  };
			})();""";

	private static final String ZONE = """
			(() => {
			  class ZonePromise extends Promise {
			    then(done, failed) { return super.then(done && ((value) => done(value)), failed && ((reason) => failed(reason))); }
			  }
			  const { setTimeout: timeout, clearTimeout: clear, fetch: original, queueMicrotask: microtask } = window;
			  const { addEventListener: add, removeEventListener: remove } = EventTarget.prototype;
			  const tasks = new WeakMap();
			  window.setTimeout = function (work, ms, ...args) { return timeout(() => work.apply(window, args), ms); };
			  window.clearTimeout = (timer) => clear(timer);
			  window.queueMicrotask = (work) => microtask(() => work());
			  window.fetch = (...args) => new ZonePromise((done, failed) => original.apply(window, args).then(done, failed));
			  EventTarget.prototype.addEventListener = function (type, listener, options) {
			    if (typeof listener !== 'function') return add.call(this, type, listener, options);
			    if (!tasks.has(listener)) tasks.set(listener, function (event) { return listener.call(this, event); });
			    return add.call(this || window, type, tasks.get(listener), options);
			  };
			  EventTarget.prototype.removeEventListener = function (type, listener, options) {
			    return remove.call(this || window, type, tasks.get(listener) || listener, options);
			  };
			  window.Promise = ZonePromise;
			})();""";

	private static final String FAKE_TIMERS = """
			(() => {
			  const frozen = () => 1000;
			  const nothing = () => 0;
			  Object.assign(window, { setTimeout: nothing, setInterval: nothing, clearTimeout: nothing,
			    requestAnimationFrame: nothing, requestIdleCallback: nothing, queueMicrotask: nothing });
			  performance.now = frozen;
			  window.Date = class extends Date { static now() { return 1000; } };
			})();""";

	private static final String NO_STORAGE = """
			['localStorage', 'sessionStorage', 'indexedDB', 'caches'].forEach((name) =>
			  Object.defineProperty(window, name, { get() { throw new DOMException('denied', 'SecurityError'); } }));
			Object.defineProperty(navigator, 'locks', { get() { throw new DOMException('denied', 'SecurityError'); } });""";

	private static final String OTHER_JSON = """
			(() => {
			  const { stringify } = JSON;
			  JSON.stringify = () => '"patched"';
			  JSON.parse = () => ({ patched: true });
			})();""";

	private static final String OTHER_SOCKET = """
			window.WebSocket = class { constructor() { throw new Error('the page has sockets of its own'); } };""";

	private static final String ON_ERROR = """
			window.seen = [];
			window.onerror = (message) => { window.seen.push(message); };
			window.onunhandledrejection = ({ reason }) => { window.seen.push(reason.message); };""";

	private static final Map<String, List<String>> TOOLS = Map.ofEntries(tool("frozen prototypes", FROZEN, ""),
			tool("frozen after", "", FROZEN), tool("old libraries", POLLUTED, ""),
			tool("old libraries after", "", POLLUTED), tool("wrapped before", WRAPPED, ""),
			tool("wrapped after", "", WRAPPED), tool("wrapped before, no socket", OTHER_SOCKET + WRAPPED, ""),
			tool("wrapped after, no socket", OTHER_SOCKET, WRAPPED), tool("zone before", ZONE, ""),
			tool("zone after", "", ZONE), tool("fake timers", "", FAKE_TIMERS), tool("no storage", NO_STORAGE, ""),
			tool("another JSON", "", OTHER_JSON), tool("another WebSocket after", "", OTHER_SOCKET),
			tool("handlers of the page", ON_ERROR, ""));

	private static Map.Entry<String, List<String>> tool(String name, String before, String after) {
		return Map.entry(name, List.of(before, after));
	}

	@Test
	void eachEventArrivesOnceWhateverElseIsOnThePage() {
		// All at once: they don't know of each other, and waiting takes the time of one.
		Map<String, Visit> visits = new TreeMap<>();
		TOOLS.forEach((name, scripts) -> visits.put(name, new Visit(scripts.get(0), scripts.get(1))));
		SoftAssertions.assertSoftly((softly) -> visits.forEach((name,
				visit) -> softly.assertThatCode(() -> visit.assertEachOnce()).as(name).doesNotThrowAnyException()));
	}

	@Test
	void handlersOfThePageSeeWhatTheyWouldSeeWithoutUs() {
		Visit visit = new Visit(ON_ERROR, "");
		visit.page.waitForFunction("window.seen.length === 2");
		assertThat(visit.page.evaluate("window.seen.join()").toString()).contains(visit.mark + " thrown")
			.contains(visit.mark + " rejected");
	}

	@Test
	void strictPolicyIsNotViolated() {
		Visit visit = new Visit().go("strict.html");
		visit.assertEachOnce();
		assertThat(visit.page.evaluate("window.violations.join()")).isEqualTo("");
	}

	@Test
	void severalCopiesAreOne() {
		Visit scriptFirst = new Visit().go("copies.html");
		Visit moduleFirst = new Visit().go("module-first.html");
		scriptFirst.assertEachOnce();
		moduleFirst.assertEachOnce();
	}

	/**
	 * Of what is thrown in such a frame a browser says no more than "Script error.".
	 */
	@Test
	void frameWithoutOriginIsHeardWhereTheServerAllowsIt() {
		Visit visit = new Visit().go("frame.html");
		visit.assertOnce(List.of("logged", "printed", "called", "failed"));
	}

	@Test
	void frameWithoutOriginThatIsNotAllowedIsLeftAlone() {
		Visit visit = new Visit();
		visit.page.navigate(url("/pages/frame.html?" + visit.mark + "#sandboxed-unknown"));
		awaitOn(visit.page, () -> visit.page.frames().size() == 2);
		Frame frame = visit.page.frames().get(1);
		frame.waitForFunction("!!window.Telemetry && !!window.make");
		assertThat(frame.evaluate("Telemetry.flush(500)")).isEqualTo(false);
		assertThat(visit.arrived()).isEmpty();
		assertThat(visit.errors).allMatch((error) -> error.contains(visit.mark));
	}

	@Test
	void whatBlockersBlockGoesTheOtherWay() {
		Visit withoutSockets = new Visit();
		withoutSockets.page.routeWebSocket("**/chsk*", (socket) -> socket.close());
		withoutSockets.go("hostile.html", "", "");
		Visit withoutPosts = new Visit();
		withoutPosts.page.route("**/chsk/batch*", Route::abort);
		withoutPosts.go("hostile.html", "", "");
		withoutSockets.assertEachOnce();
		withoutPosts.assertEachOnce();
	}

	@Test
	void whereEverythingIsBlockedThePageDoesNotSeeIt() {
		Visit visit = new Visit();
		visit.page.route("**/chsk/batch*", Route::abort);
		visit.page.route("**/chsk/config*", Route::abort);
		visit.page.routeWebSocket("**/chsk*", (socket) -> socket.close());
		visit.go("hostile.html", "", "");
		awaitOn(visit.page, () -> visit.errors.size() == 2);
		assertThat(visit.page.evaluate("Telemetry.flush(500)")).isEqualTo(false);
		assertThat(visit.errors).allMatch((error) -> error.contains(visit.mark));
	}

	@Test
	void callsFromBeforeTheScriptArriveWithTheirTime() {
		Visit visit = new Visit();
		List<Route> held = new ArrayList<>();
		visit.page.route("**/chsk/client.js", held::add);
		visit.page.navigate(url("/pages/early.html?" + visit.mark),
				new Page.NavigateOptions().setWaitUntil(WaitUntilState.COMMIT));
		double madeAt = ((Number) visit.page.waitForFunction("window.madeAt").jsonValue()).doubleValue();
		visit.page.waitForFunction("(at) => Date.now() > at + 50", madeAt);
		held.forEach(Route::resume);
		JsonNode logged = awaitSignal((signal) -> text(signal, "msg").equals(visit.mark + " logged"));
		assertThat(logged.at("/data/browserTimestamp").asDouble()).isBetween(madeAt - 49, madeAt);
		visit.assertOnce(List.of("logged", "thrown"));
	}

	private static void fulfill(Route route, String script) {
		route.fulfill(new Route.FulfillOptions().setBody(script).setContentType("text/javascript"));
	}

	/**
	 * One page with a mark of its own in all that it says.
	 */
	private final class Visit {

		final String mark = mark("m");

		final Page page = visitor().newPage();

		/** What was thrown in the page, by whomever. */
		private final List<String> errors = new ArrayList<>();

		Visit() {
			this.page.onPageError(this.errors::add);
		}

		Visit(String before, String after) {
			this();
			go("hostile.html", before, after);
		}

		void go(String file, String before, String after) {
			this.page.route("**/pages/before.js", (route) -> fulfill(route, before));
			this.page.route("**/pages/after.js", (route) -> fulfill(route, after));
			go(file);
		}

		Visit go(String file) {
			this.page.navigate(url("/pages/" + file + "?" + this.mark));
			return this;
		}

		void assertEachOnce() {
			assertOnce(EACH);
			assertThat(this.errors).hasSize(2);
		}

		void assertOnce(List<String> each) {
			awaitOn(this.page, () -> arrived().keySet().containsAll(each));
			// Whatever was on its way as well is there before this.
			this.page.frames()
				.get(this.page.frames().size() - 1)
				.evaluate("(text) => { Telemetry.log('info', text); Telemetry.flush(); }", this.mark + " last");
			awaitOn(this.page, () -> arrived().containsKey("last"));
			Map<String, Long> expected = new TreeMap<>(Map.of("last", 1L));
			each.forEach((one) -> expected.put(one, 1L));
			assertThat(arrived()).isEqualTo(expected);
			assertThat(this.errors).allMatch((error) -> error.contains(this.mark));
		}

		/**
		 * What of this page has arrived, and how often.
		 */
		Map<String, Long> arrived() {
			Map<String, Long> counts = new TreeMap<>();
			for (JsonNode signal : signals()) {
				String text = text(signal, "msg");
				if (text.startsWith("[net]")) {
					assertThat(text).doesNotContain("/chsk");
				}
				else if (is(signal, "browser/api-call") && signal.at("/data/url").asString().endsWith(this.mark)) {
					counts.merge("called", 1L, Long::sum);
				}
				else if (text.contains(this.mark + " ")) {
					counts.merge(text.replaceAll("(?s).*" + this.mark + " (\\w+).*", "$1"), 1L, Long::sum);
				}
			}
			return counts;
		}

	}

	/**
	 * Asks the page as well: routes and errors of a page are seen only by who talks with
	 * it.
	 */
	private static void awaitOn(Page page, Callable<Boolean> condition) {
		await().atMost(PATIENCE).until(() -> {
			page.title();
			return condition.call();
		});
	}

}
