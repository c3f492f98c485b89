package io.telemetry.sample;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.WebSocketFrame;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What the client promises about delivery, with a server, a network, a tab and a browser
 * that go away.
 */
@Tag("browser")
class DeliveryBrowserTests extends BrowserTestCase {

	private static final String NO_SOCKETS = "window.WebSocket = class { constructor() { throw new Error('blocked'); } };";

	private static final Pattern BATCH = Pattern.compile("\"batch\":\"([^\"]+)\"");

	private final String mark = mark("delivery-");

	@Test
	void whatIsMadeOfflineOutlivesItsTab() {
		Page page = page(NO_SOCKETS);
		visitor().setOffline(true);
		say(page, 3);
		awaitDisk(page, "await disk() > 0");
		page.close();
		visitor().setOffline(false);

		Page next = open("/pages/delivery.html");
		awaitOnce(3);
		awaitDisk(next, "await disk() === 0");
	}

	@Test
	void whatAPageThatIsLeftWhileOfflineHoldsArrivesOnTheNextVisit() {
		Page page = page(NO_SOCKETS);
		visitor().setOffline(true);
		// Nothing was saved before: the page has no time to wait for its disk
		page.evaluate("([mark]) => { say(mark, 40, 1800); location.href = 'about:blank'; }", List.of(this.mark));
		page.waitForURL("about:blank");
		visitor().setOffline(false);

		page.navigate(url("/pages/delivery.html"));
		awaitOnce(40);
		awaitDisk(page, "await disk() === 0");
	}

	@Test
	void aPageThatIsLeftBeforeItsSettingsHaveComeIsHeardOnTheNextVisit() {
		Page page = visitor().newPage();
		List<String> posted = new ArrayList<>();
		page.onRequest((request) -> {
			if (request.url().endsWith("/batch")) {
				posted.add(request.url());
			}
		});
		// Asked for, and never answered
		page.route("**/chsk/config", (route) -> {
		});
		page.navigate(url("/pages/delivery.html"));
		page.evaluate("([mark]) => say(mark, 3, 20)", List.of(this.mark));
		page.navigate("about:blank");
		assertThat(posted).isEmpty();
		page.unrouteAll();
		page.navigate(url("/pages/delivery.html"));
		awaitOnce(3);
		awaitDisk(page, "await disk() === 0");
	}

	@Test
	void aLostAcknowledgementCostsNothing() {
		Page page = visitor().newPage();
		page.routeWebSocket(url("/chsk").replace("http", "ws"), (socket) -> {
			var server = socket.connectToServer();
			server.onMessage((frame) -> {
				if (!textOf(frame).contains("accepted")) {
					if (frame.text() != null) {
						socket.send(frame.text());
					}
					else {
						socket.send(frame.binary());
					}
				}
			});
		});
		page.navigate(url("/pages/delivery.html"));
		say(page, 1);
		// Not the test's own waiting: the socket's messages pass through this thread
		page.waitForCondition(() -> count("") == 1);
		// The page knows nothing of it, and says it again
		awaitDisk(page, "await disk() > 0");
		Page next = open("/pages/delivery.html");
		page.close();
		next.bringToFront();
		next.reload();
		awaitDisk(next, "await disk() === 0");
		awaitOnce(1);
	}

	@Test
	void twoTabsDrainOneStoreWithoutSendingTwice() {
		// The test reads what is posted
		visitor().addInitScript("delete window.CompressionStream");
		Page page = page(NO_SOCKETS);
		visitor().setOffline(true);
		for (int i = 0; i < 5; i++) {
			page.evaluate("([mark, i]) => { Telemetry.log('info', `${mark}-${i}`); Telemetry.flush(1); }",
					List.of(this.mark, i));
		}
		awaitDisk(page, "await disk() > 0");
		page.close();
		visitor().setOffline(false);

		List<String> sent = Collections.synchronizedList(new ArrayList<>());
		visitor().onRequest((request) -> {
			if (request.url().endsWith("/batch") && request.postData() != null) {
				BATCH.matcher(request.postData()).results().forEach((found) -> sent.add(found.group(1)));
			}
		});
		Page one = visitor().newPage();
		Page two = visitor().newPage();
		one.evaluate("(url) => { location.href = url }", url("/pages/delivery.html"));
		two.evaluate("(url) => { location.href = url }", url("/pages/delivery.html"));
		one.waitForURL("**/delivery.html");
		two.waitForURL("**/delivery.html");
		awaitDisk(one, "await disk() === 0");
		awaitDisk(two, "await disk() === 0");
		awaitOnce(5);
		assertThat(sent).isNotEmpty().doesNotHaveDuplicates();
	}

	@Test
	void whereNothingCanBeStoredEventsArriveAllTheSame() {
		Page page = page("""
				for (const name of ['indexedDB', 'localStorage', 'sessionStorage'])
					Object.defineProperty(window, name, { get() { throw new DOMException('no', 'SecurityError'); } });
				""");
		List<String> errors = new ArrayList<>();
		page.onPageError(errors::add);
		visitor().setOffline(true);
		say(page, 3);
		visitor().setOffline(false);
		page.evaluate("Telemetry.flush()");
		say(page, "last", 1);
		page.navigate("about:blank");
		awaitOnce(3);
		awaitSignal((signal) -> text(signal, "msg").equals(this.mark + "last-0"));
		assertThat(errors).isEmpty();
	}

	@Test
	void whereTheDatabaseIsBrokenTheSmallStorageTakesItsPlace() {
		Page page = page(NO_SOCKETS + "IDBFactory.prototype.open = () => { throw new Error('broken'); };");
		visitor().setOffline(true);
		say(page, 3);
		page.waitForFunction("() => Object.keys(localStorage).some((key) => key.startsWith('chsk '))");
		page.close();
		visitor().setOffline(false);
		Page next = open("/pages/delivery.html");
		awaitOnce(3);
		awaitDisk(next, "await disk() === 0");
	}

	@Test
	void nothingIsWrittenWhileAllGoesWell() {
		Page page = page("""
				window.writes = 0;
				for (const [type, name] of [[IDBObjectStore, 'put'], [Storage, 'setItem']]) {
					const original = type.prototype[name];
					type.prototype[name] = function (key, ...more) {
						if (!String(key).includes('session')) window.writes++;
						return original.call(this, key, ...more);
					};
				}
				""");
		say(page, 20);
		page.evaluate("Telemetry.flush()");
		awaitOnce(20);
		assertThat(page.evaluate("window.writes")).isEqualTo(0);
	}

	@Test
	void largeBatchesAreCompressedOnBothRoads() {
		List<Integer> frames = Collections.synchronizedList(new ArrayList<>());
		Page page = visitor().newPage();
		page.onWebSocket((socket) -> socket.onFrameSent((frame) -> frames.add(sizeOf(frame))));
		page.navigate(url("/pages/delivery.html"));
		page.evaluate("([mark]) => { say(mark, 20, 1800); return Telemetry.flush(); }", List.of(this.mark));
		awaitOnce(20);
		assertThat(frames.stream().mapToInt(Integer::intValue).sum()).isLessThan(15_000);

		Page posting = page(NO_SOCKETS);
		List<String> encodings = Collections.synchronizedList(new ArrayList<>());
		visitor().onRequest((request) -> {
			if (request.url().endsWith("/batch")) {
				encodings.add(request.headers().get("content-encoding"));
			}
		});
		posting.evaluate("([mark]) => { say(mark, 20, 1800); return Telemetry.flush(); }",
				List.of(this.mark + "-posted"));
		awaitSignal((signal) -> text(signal, "msg").equals(this.mark + "-posted-19"));
		assertThat(encodings).contains("gzip");
	}

	@Test
	void whatAKilledBrowserHadSavedArrivesOnceOnTheNextVisit(@TempDir Path profile) {
		try (Chromium.Profile browser = Chromium.open(profile)) {
			Page page = browser.context().newPage();
			page.addInitScript(NO_SOCKETS);
			page.navigate(url("/pages/delivery.html"));
			browser.context().setOffline(true);
			say(page, 3);
			awaitDisk(page, "await disk() > 0 && Object.keys(localStorage).length === 0");
			browser.kill();
		}
		try (Chromium.Profile browser = Chromium.open(profile)) {
			Page page = browser.context().newPage();
			page.navigate(url("/pages/delivery.html"));
			awaitDisk(page, "await disk() === 0");
		}
		awaitOnce(3);
	}

	@Test
	void whatIsMadeWhileTheServerIsAwayArrivesWhenItIsBack() {
		ConfigurableApplicationContext shop = shop(0);
		int port = Integer.parseInt(shop.getEnvironment().getRequiredProperty("local.server.port"));
		Page page = visitor().newPage();
		page.navigate("http://localhost:" + port + "/pages/delivery.html");
		page.evaluate("Telemetry.log('info', 'before'), Telemetry.flush()");
		shop.close();
		say(page, "stays", 2);
		page.evaluate("Telemetry.flush(1)");
		awaitDisk(page, "await disk() > 0");
		try (ConfigurableApplicationContext again = shop(port)) {
			assertThat(again.isActive()).isTrue();
			// The page would look by itself within a minute
			page.evaluate("dispatchEvent(new Event('online'))");
			assertThat(page.evaluate("Telemetry.flush(20000)")).isEqualTo(true);
			await().atMost(PATIENCE).untilAsserted(() -> assertThat(count("stays")).isEqualTo(2));
			awaitDisk(page, "await disk() === 0");
		}
	}

	private static ConfigurableApplicationContext shop(int port) {
		return SpringApplication.run(SampleApplication.class, "--server.port=" + port,
				"--telemetry.handlers.file.file.path=" + FILE, "--telemetry.channel.shutdown.reconnect-within=1s",
				"--spring.jmx.enabled=false");
	}

	private Page page(String script) {
		Page page = visitor().newPage();
		page.addInitScript(script);
		page.navigate(url("/pages/delivery.html"));
		return page;
	}

	private void say(Page page, int count) {
		say(page, "", count);
	}

	private void say(Page page, String name, int count) {
		page.evaluate("([mark, count]) => { say(mark, count, 20); Telemetry.flush(1); }",
				List.of(this.mark + name, count));
	}

	/**
	 * Waits in the page, since Playwright's own waiting takes a promise for a truth.
	 */
	private static void awaitDisk(Page page, String condition) {
		assertThat(page.evaluate("() => until(async () => " + condition + ")")).as(condition).isEqualTo(true);
	}

	private void awaitOnce(int count) {
		awaitSignal((signal) -> text(signal, "msg").equals(this.mark + "-" + (count - 1)));
		await().atMost(PATIENCE).untilAsserted(() -> assertThat(count("")).isEqualTo(count));
	}

	private long count(String name) {
		return signals().stream().filter((signal) -> text(signal, "msg").startsWith(this.mark + name + "-")).count();
	}

	private static int sizeOf(WebSocketFrame frame) {
		return (frame.binary() != null) ? frame.binary().length : frame.text().length();
	}

	private static String textOf(WebSocketFrame frame) {
		return (frame.text() != null) ? frame.text() : new String(frame.binary(), StandardCharsets.ISO_8859_1);
	}

}
