package io.telemetry.boot.channel;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

/**
 * Beans of an application that refine what browser events become.
 */
class BrowserEventMapperTests {

	private static ChannelServer server;

	@BeforeAll
	static void start() {
		server = ChannelServer.start(List.of(Mappers.class), "telemetry.channel.applications.shop.key=shop-key-1");
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@BeforeEach
	void forget() {
		server.signals().clear();
		Mappers.SEEN.clear();
	}

	private static String event(String what) {
		return "{\"type\":\"log\",\"what\":\"" + what + "\",\"n\":1,\"message\":\"m\"}";
	}

	@Test
	void everythingAboutASignalCanBeRefined() throws Exception {
		server.post(Batches.batch("all", event("all")));
		Signal signal = server.signals().awaitWithId("shop/order", 1).get(0);
		assertThat(signal.level()).isEqualTo(Level.WARN);
		assertThat(signal.kind()).isEqualTo(Kind.EVENT);
		assertThat(signal.namespace()).isEqualTo("shop.orders");
		assertThat(signal.message()).isEqualTo("An order");
		assertThat(signal.data()).containsEntry("added", 7)
			.containsEntry("n", "replaced")
			.containsEntry("what", "all")
			.containsEntry("gone", null);
	}

	@Test
	void ratingOfAWebVitalIsThereToDecideBy() throws Exception {
		server.post(Batches.batch("vital", "{\"type\":\"metric\",\"subtype\":\"web-vital\",\"what\":\"vital\","
				+ "\"metricName\":\"LCP\",\"value\":4000.1}"));
		Signal signal = server.signals().awaitWithId("browser/web-vital", 1).get(0);
		assertThat(signal.level()).isEqualTo(Level.WARN);
		assertThat(signal.data()).containsEntry("rating", "poor");
	}

	@Test
	void refinedSignalMeetsTheFiltersOfItsNewLevel() throws Exception {
		server.post(Batches.batch("untouched", event("untouched")));
		Signal signal = server.signals().awaitWithId("browser/log", 1).get(0);
		assertThat(signal.level()).isEqualTo(Level.INFO);
		assertThat(signal.data()).containsEntry("n", 1L);
	}

	@Test
	void eventThatIsLeftOutIsAcknowledgedAndCounted() throws Exception {
		long before = server.stats().eventsLeftOut();
		assertThat(server.post(Batches.batch("out", event("leave-out"), event("x"))).body()).contains("\"accepted\":2",
				"\"rejected\":[]");
		assertThat(server.signals().awaitWithId("browser/log", 1)).hasSize(1);
		assertThat(server.stats().eventsLeftOut()).isEqualTo(before + 1);
		// Nobody is asked about what is left out already
		assertThat(Mappers.SEEN).containsExactly("first leave-out", "first x", "second x");
	}

	@Test
	void mapperThatFailsIsPassedOverForThatEventAndCounted() throws Exception {
		for (String what : List.of("fail", "null-data", "null-message")) {
			long before = server.stats().processingErrors();
			assertThat(server.post(Batches.batch(what, event(what), event("x"))).body()).contains("\"accepted\":2");
			List<Signal> signals = server.signals().awaitWithId("browser/log", 2);
			assertThat(signals).hasSize(2).allSatisfy((signal) -> assertThat(signal.data()).containsEntry("second", 1));
			assertThat(signals.get(0).level()).isEqualTo(Level.INFO);
			assertThat(server.stats().processingErrors()).isEqualTo(before + 1);
			server.signals().clear();
		}
	}

	@Test
	void laterMapperSeesWhatEarlierOnesMade() throws Exception {
		server.post(Batches.batch("order", event("order")));
		assertThat(server.signals().awaitWithId("browser/log", 1).get(0).message()).isEqualTo("m, first, second");
	}

	@Test
	void whatTheServerKnowsStaysTheServers() throws Exception {
		server.post(Batches.of("s-1", "reserved", event("reserved")));
		Map<String, Object> data = server.signals().awaitWithId("browser/log", 1).get(0).data();
		assertThat(data).containsEntry("source", "browser")
			.containsEntry("sessionId", "s-1")
			.containsEntry("serverId", "node-1")
			.containsEntry("region", "eu")
			.doesNotContainKeys("claimedUserId", "connectionId", "application")
			.doesNotContainValue("mapped");
		assertThat((String) data.get("userId")).startsWith("anon-");
	}

	@Test
	void mapperIsToldWhoTheEventIsFromAndCanNotChangeIt() throws Exception {
		server.send(java.net.http.HttpRequest.newBuilder(server.uri("/chsk/batch?key=shop-key-1"))
			.header("Content-Type", "application/json")
			.POST(java.net.http.HttpRequest.BodyPublishers.ofString(Batches.of("s-2", "told", event("told"))))
			.build());
		Map<String, Object> data = server.signals().awaitWithId("browser/log", 1).get(0).data();
		assertThat(data).containsEntry("told", "log null s-2 " + data.get("userId") + " shop 1")
			.containsEntry("immutable", true);
	}

	@Test
	void signalKeepsItsDataWhateverBecomesOfTheMapItWasMadeWith() {
		Map<String, Object> map = new HashMap<>(Map.of("a", 1));
		BrowserSignal signal = new BrowserSignal(Kind.LOG, Level.INFO, "i", "n", "m", map);
		map.put("b", 2);
		assertThat(signal.data()).containsExactly(Map.entry("a", 1));
		assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> signal.data().put("c", 3));
		assertThatNullPointerException().isThrownBy(() -> signal.withId(null)).withMessage("id");
	}

	@Configuration(proxyBeanMethods = false)
	static class Mappers {

		static final List<String> SEEN = new CopyOnWriteArrayList<>();

		@Bean
		@Order(2)
		BrowserEventMapper second() {
			return (signal, event) -> {
				SEEN.add("second " + event.text("what"));
				BrowserSignal more = signal.withData("second", 1);
				return "order".equals(event.text("what")) ? more.withMessage(signal.message() + ", second") : more;
			};
		}

		@Bean
		@Order(1)
		BrowserEventMapper first() {
			return (signal, event) -> {
				SEEN.add("first " + event.text("what"));
				return switch (String.valueOf(event.text("what"))) {
					case "all" -> signal.withLevel(Level.WARN)
						.withKind(Kind.EVENT)
						.withId("shop/order")
						.withNamespace("shop.orders")
						.withMessage("An order")
						.withData("added", 7)
						.withData("n", "replaced")
						.withData("gone", null);
					case "vital" -> "poor".equals(event.text("rating")) ? signal.withLevel(Level.WARN) : signal;
					case "leave-out" -> null;
					case "fail" -> throw new IllegalStateException("no");
					case "null-data" -> new BrowserSignal(Kind.LOG, Level.FATAL, "i", "n", "m", null);
					case "null-message" -> signal.withLevel(Level.FATAL).withMessage(null);
					case "order" -> signal.withMessage(signal.message() + ", first");
					case "reserved" -> reserved(signal);
					case "told" -> told(signal, event);
					default -> signal;
				};
			};
		}

		private static BrowserSignal reserved(BrowserSignal signal) {
			BrowserSignal refined = signal;
			for (String name : List.of("source", "sessionId", "userId", "claimedUserId", "connectionId",
					"browserTimestamp", "serverReceiveTime", "clockSkewMs", "application", "clientAddress", "client",
					"serverId", "region")) {
				refined = refined.withData(name, "mapped");
			}
			return refined;
		}

		private static BrowserSignal told(BrowserSignal signal, BrowserEvent event) {
			boolean immutable = false;
			try {
				event.fields().put("userId", "forged");
			}
			catch (UnsupportedOperationException ex) {
				immutable = true;
			}
			return signal
				.withData("told",
						event.type() + " " + event.subtype() + " " + event.sessionId() + " " + event.userId() + " "
								+ event.application() + " " + event.number("n"))
				.withData("immutable", immutable);
		}

	}

}
