package io.telemetry.boot.recent;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.telemetry.filter.NamePattern;
import io.telemetry.signal.ErrorData;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * {@link RecentSignals}.
 */
class RecentSignalsTests {

	private static Signal.Builder signal(String id) {
		return Signal.builder(Level.INFO, Kind.EVENT, "com.acme.Shop").id(id);
	}

	private static List<String> ids(RecentSignals recent, RecentSignalsQuery query) {
		return recent.find(query).stream().map(Signal::id).toList();
	}

	private static RecentSignalsQuery query(Level level, String ns, String id, String session, String text) {
		return new RecentSignalsQuery(10, level, (ns != null) ? NamePattern.of(ns) : null,
				(id != null) ? NamePattern.of(id) : null, session, text);
	}

	@Test
	void newestComesFirstAndOldestMakesRoom() {
		RecentSignals recent = new RecentSignals(3);
		for (String id : List.of("a", "b", "c", "d", "e")) {
			recent.add(signal(id).build());
		}
		assertThat(ids(recent, RecentSignalsQuery.DEFAULTS)).containsExactly("e", "d", "c");
	}

	@Test
	void limitCountsWhatMatches() {
		RecentSignals recent = new RecentSignals(10);
		recent.add(signal("a").build());
		recent.add(signal("b").level(Level.WARN).build());
		recent.add(signal("c").build());
		assertThat(ids(recent, new RecentSignalsQuery(1, Level.WARN, null, null, null, null))).containsExactly("b");
	}

	@Test
	void everyPartOfAQueryCounts() {
		RecentSignals recent = new RecentSignals(10);
		recent.add(signal("shop/a").message("Order PLACED").build());
		recent.add(signal("shop/b").data(Map.of("sessionId", "s-1", "city", "Paris")).build());
		recent.add(signal("other/c").namespace("browser.error")
			.level(Level.ERROR)
			.error(ErrorData.of("TypeError", "x is undefined", null))
			.build());
		recent.add(signal(null).build());
		assertThat(ids(recent, query(Level.WARN, null, null, null, null))).containsExactly("other/c");
		assertThat(ids(recent, query(null, "browser.*", null, null, null))).containsExactly("other/c");
		assertThat(ids(recent, query(null, null, "shop/*", null, null))).containsExactly("shop/b", "shop/a");
		assertThat(ids(recent, query(null, null, null, "s-1", null))).containsExactly("shop/b");
		assertThat(ids(recent, query(null, null, null, null, "placed"))).containsExactly("shop/a");
		assertThat(ids(recent, query(null, null, null, null, "paris"))).containsExactly("shop/b");
		assertThat(ids(recent, query(null, null, null, null, "UNDEFINED"))).containsExactly("other/c");
	}

	@Test
	void sizeZeroKeepsNothing() {
		RecentSignals recent = new RecentSignals(0);
		recent.add(signal("a").build());
		assertThat(recent.find(RecentSignalsQuery.DEFAULTS)).isEmpty();
	}

	@Test
	void negativeSizeIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> new RecentSignals(-1)).withMessageContaining("-1");
	}

	@Test
	void threadsShareTheRing() throws Exception {
		RecentSignals recent = new RecentSignals(1000);
		CountDownLatch start = new CountDownLatch(1);
		List<Thread> threads = new ArrayList<>();
		for (int i = 0; i < 4; i++) {
			Thread thread = new Thread(() -> {
				try {
					start.await();
				}
				catch (InterruptedException ex) {
					return;
				}
				for (int j = 0; j < 250; j++) {
					recent.add(signal("a").build());
				}
			});
			thread.start();
			threads.add(thread);
		}
		start.countDown();
		for (Thread thread : threads) {
			thread.join(TimeUnit.SECONDS.toMillis(30));
		}
		assertThat(recent.find(new RecentSignalsQuery(5000, null, null, null, null, null))).hasSize(1000)
			.doesNotHaveDuplicates();
	}

}
