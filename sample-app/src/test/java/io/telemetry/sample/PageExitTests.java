package io.telemetry.sample;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Pages that are left with something unsaid: all of it arrives, once, without another
 * visit. With {@code -Plong} there are twenty times as many rounds.
 */
@Tag("rounds")
class PageExitTests extends BrowserTestCase {

	private static final int ROUNDS = 10 * (Boolean.getBoolean("telemetry.test.long") ? 20 : 1);

	/** Some pages have a connection, others post. */
	private static final String BLOCKED = "delete window.WebSocket";

	/** Pages that are open at the same time. */
	private static final int TOGETHER = 5;

	private static final Pattern MARK = Pattern.compile("\"msg\":\"(exit-[^\"]+)\"");

	/** How often each mark has arrived, as far as the file has been read. */
	private static final Map<String, Integer> ARRIVED = new HashMap<>();

	private static long read;

	@ParameterizedTest(name = "back/forward cache {0}")
	@ValueSource(booleans = { false, true })
	void nothingIsLostAndNothingDoubled(boolean cache) {
		try (Chromium chromium = Chromium.launch(cache ? List.of("--disable-back-forward-cache") : List.of())) {
			for (int round = 0; round < ROUNDS; round += TOGETHER) {
				leave(chromium, Page::close, 3, 20);
				leave(chromium, Page::close, 25, 1800);
				leave(chromium, PageExitTests::navigate, 3, 20);
				leave(chromium, PageExitTests::navigate, 25, 1800);
			}
		}
	}

	@Test
	void aPageThatComesBackFromTheCacheGoesOn() {
		try (Chromium chromium = Chromium.launch(List.of("--disable-back-forward-cache"))) {
			Page page = chromium.browser().newPage();
			Map<String, Integer> once = new HashMap<>();
			page.navigate(url("/pages/delivery.html"));
			page.evaluate("Telemetry.log('info', 'hello'), Telemetry.flush()");
			String mark = mark("exit-");
			page.evaluate("(mark) => say(mark, 3, 20)", mark);
			page.navigate(url("/pages/delivery.html?other"));
			// Playwright loses sight of pages that come from the cache: this one speaks
			// for itself
			page.evaluate("setTimeout(() => history.back())");
			awaitSignal((signal) -> text(signal, "msg").equals("back-" + mark));
			IntStream.range(0, 3).forEach((n) -> once.put(mark + "-" + n, 1));
			awaitOnce(once);
		}
	}

	private static void navigate(Page page) {
		page.navigate("about:blank");
	}

	private void leave(Chromium chromium, Consumer<Page> exit, int events, int size) {
		List<BrowserContext> visitors = new ArrayList<>();
		Map<String, Integer> once = new HashMap<>();
		for (int i = 0; i < TOGETHER; i++) {
			String mark = mark("exit-");
			// A store of its own: nobody else brings what this page forgets
			BrowserContext visitor = chromium.browser().newContext();
			visitors.add(visitor);
			Page page = visitor.newPage();
			if (i % 2 == 0) {
				page.addInitScript(BLOCKED);
			}
			page.navigate(url("/pages/delivery.html"));
			// Before the settings have come nothing is sent, on leaving neither
			page.evaluate("Telemetry.log('info', 'hello'), Telemetry.flush()");
			page.evaluate("([mark, events, size]) => say(mark, events, size)", List.of(mark, events, size));
			exit.accept(page);
			IntStream.range(0, events).forEach((n) -> once.put(mark + "-" + n, 1));
		}
		awaitOnce(once);
		visitors.forEach(BrowserContext::close);
	}

	private static void awaitOnce(Map<String, Integer> once) {
		await().atMost(PATIENCE).untilAsserted(() -> {
			count();
			Map<String, Integer> arrived = new HashMap<>(ARRIVED);
			arrived.keySet().retainAll(once.keySet());
			assertThat(arrived).isEqualTo(once);
		});
	}

	/**
	 * Reads on where it ended before: with many rounds the file is large.
	 */
	private static void count() throws IOException {
		try (RandomAccessFile file = new RandomAccessFile(FILE.toFile(), "r")) {
			byte[] bytes = new byte[(int) (file.length() - read)];
			file.seek(read);
			file.readFully(bytes);
			String text = new String(bytes, StandardCharsets.ISO_8859_1);
			int end = text.lastIndexOf('\n') + 1;
			MARK.matcher(text.substring(0, end))
				.results()
				.forEach((found) -> ARRIVED.merge(found.group(1), 1, Integer::sum));
			read += end;
		}
	}

}
