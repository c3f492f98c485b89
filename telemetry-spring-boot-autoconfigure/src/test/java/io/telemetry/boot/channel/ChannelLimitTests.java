package io.telemetry.boot.channel;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.telemetry.boot.channel.caller.TokenVerifier;
import io.telemetry.boot.channel.caller.VerifiedToken;
import io.telemetry.boot.channel.limit.ConnectionSlots;
import io.telemetry.boot.channel.limit.EventRates;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.handler.QueueOptions;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The limits as clients meet them: what a client over each of them is told, on both
 * roads, what is counted of it, and that a client which is not over it is served.
 */
@Timeout(120)
class ChannelLimitTests {

	private static final JsonMapper JSON = new JsonMapper();

	private static final long HOUR_MS = Duration.ofHours(1).toMillis();

	/** Everybody is on this machine; this proxy's word plays the others. */
	private static final String PROXY = "telemetry.channel.client-address.trusted-proxies=127.0.0.1,::1";

	private static final String FORWARDED = "X-Forwarded-For";

	private final HttpClient http = HttpClient.newHttpClient();

	@Test
	void connectionOverItsRateIsRefusedAndOthersAreNot() throws Exception {
		try (ChannelServer server = ChannelServer.start("telemetry.channel.rate-limits.connection=4/1h");
				StompProbe client = server.connect();
				StompProbe other = server.connect()) {
			assertAccepted(client, "a-1", 2);
			assertRateLimited(client, "a-2", 2);
			// What was refused has taken nothing
			assertAccepted(client, "a-3", 1);
			assertRateLimited(client, "a-4", 1);
			assertAccepted(other, "b-1", 3);
			// It is not remembered, and a batch beside the connections is not limited
			assertAccepted(server, "a-2", 2);
			assertLimited(server, "connection", 2, 3);
			assertThat(server.stats().eventsAccepted()).isEqualTo(2 + 1 + 3 + 2);
			assertThat(client.isOpen()).isTrue();
		}
	}

	@Test
	void eventsThatAreRejectedCountToo() throws Exception {
		try (ChannelServer server = ChannelServer.start("telemetry.channel.rate-limits.connection=4/1h");
				StompProbe client = server.connect()) {
			client.batch(Batches.batch("bad", "1", "2", "3"));
			assertThat(client.awaitAcknowledgement()).contains("\"accepted\":0");
			assertRateLimited(client, "a-2", 1);
			client.batch("[{}]");
			client.batch(Batches.batch("none"));
			assertThat(client.awaitAcknowledgements(2)).hasSize(2)
				.anySatisfy((answer) -> assertThat(answer).contains("\"batch\":null", "rate-limited"))
				.anySatisfy((answer) -> assertThat(answer).contains("\"batch\":\"none\"", "rate-limited"));
		}
	}

	@Test
	void userOverTheRateIsRefusedOnAllConnectionsAndRoads() throws Exception {
		try (ChannelServer server = ChannelServer.start("telemetry.channel.rate-limits.user=4/1h",
				"telemetry.channel.user-id.trust-client=true");
				StompProbe first = server.connect("user-id", "alice");
				StompProbe second = server.connect("user-id", "alice");
				StompProbe bob = server.connect("user-id", "bob");
				StompProbe nobody = server.connect()) {
			assertAccepted(first, "a-1", 1);
			assertAccepted(second, "a-2", 1);
			assertThat(server.post(by("alice", "a-3", 2)).statusCode()).isEqualTo(202);
			assertRateLimited(first, "a-4", 1);
			assertRateLimited(second, "a-5", 1);
			assertRateLimited(server.post(by("alice", "a-6", 2)), "a-6");
			assertAccepted(bob, "b-1", 2);
			assertThat(server.post(by("bob", "b-2", 2)).statusCode()).isEqualTo(202);
			assertAccepted(nobody, "n-1", 100);
			assertAccepted(server, "n-2", 100);
			assertLimited(server, "user", 3, 4);
			assertThat(server.context().getBean(EventRates.class).snapshot().keys()).containsEntry("user", 2);
		}
	}

	private static String by(String user, String id, int events) {
		return "{\"batch\":\"" + id + "\",\"user\":{\"id\":\"" + user + "\"},\"events\":[{}" + ",{}".repeat(events - 1)
				+ "]}";
	}

	@Test
	void addressOverItsRateIsRefusedOnBothRoads() throws Exception {
		try (ChannelServer server = ChannelServer.start("telemetry.channel.rate-limits.address=4/1h", PROXY);
				StompProbe first = from(server, "198.51.100.1");
				StompProbe second = from(server, "198.51.100.1");
				StompProbe network = from(server, "2001:db8:1:2::1");
				StompProbe neighbour = from(server, "2001:db8:1:2:ffff::2");
				StompProbe other = from(server, "198.51.100.2")) {
			assertAccepted(first, "a-1", 2);
			assertThat(server.post(events("a-2", 2), FORWARDED, "198.51.100.1").statusCode()).isEqualTo(202);
			assertRateLimited(first, "a-3", 1);
			assertRateLimited(second, "a-4", 1);
			assertRateLimited(server.post(events("a-5", 1), FORWARDED, "198.51.100.1"), "a-5");
			// What a client adds before the proxy's word is not believed
			assertRateLimited(server.post(events("a-6", 1), FORWARDED, "203.0.113.9, 198.51.100.1"), "a-6");
			assertAccepted(network, "n-1", 4);
			assertRateLimited(neighbour, "n-2", 1);
			assertAccepted(other, "o-1", 4);
			assertAccepted(server, "o-2", 4);
			assertLimited(server, "address", 5, 5);
		}
	}

	@Test
	void applicationOverItsRateIsRefusedAndAnotherIsNot() throws Exception {
		try (ChannelServer server = ChannelServer.start("telemetry.channel.applications.shop.key=shop-key-1",
				"telemetry.channel.applications.shop.rate-limit=4/1h",
				"telemetry.channel.applications.desk.key=desk-key-1");
				StompProbe first = of(server, "shop-key-1");
				StompProbe second = of(server, "shop-key-1");
				StompProbe desk = of(server, "desk-key-1");
				StompProbe none = server.connect()) {
			assertAccepted(first, "s-1", 2);
			assertThat(post(server, "/chsk/batch?key=shop-key-1", events("s-2", 2)).statusCode()).isEqualTo(202);
			assertRateLimited(first, "s-3", 1);
			assertRateLimited(second, "s-4", 1);
			assertRateLimited(post(server, "/chsk/batch?key=shop-key-1", events("s-5", 1)), "s-5");
			assertAccepted(desk, "d-1", 100);
			assertThat(post(server, "/chsk/batch?key=desk-key-1", events("d-2", 100)).statusCode()).isEqualTo(202);
			assertAccepted(none, "n-1", 100);
			assertLimited(server, "application", 3, 3);
		}
	}

	@Test
	void connectionsOfOneAddressOverTheLimitAreAnsweredWith429() throws Exception {
		try (ChannelServer server = ChannelServer.start("telemetry.channel.max-connections-per-address=2", PROXY,
				"telemetry.channel.connect-timeout=60s")) {
			StompProbe first = from(server, "198.51.100.1");
			RawSocket second = RawSocket.open(server.port(), "X-Forwarded-For: 198.51.100.1");
			assertRefused(server, 429, "X-Forwarded-For: 198.51.100.1\r\n");
			assertRefused(server, 429, "X-Forwarded-For: 203.0.113.9, 198.51.100.1\r\n");
			try (StompProbe other = from(server, "198.51.100.2")) {
				assertAccepted(other, "o-1", 1);
			}
			assertAccepted(first, "a-1", 1);
			// It posts as before
			assertThat(server.post(events("a-2", 1), FORWARDED, "198.51.100.1").statusCode()).isEqualTo(202);
			first.close();
			awaitOpen(server, 1);
			RawSocket third = RawSocket.open(server.port(), "X-Forwarded-For: 198.51.100.1");
			assertRefused(server, 429, "X-Forwarded-For: 198.51.100.1\r\n");
			second.reset();
			third.reset();
			awaitOpen(server, 0);
			from(server, "198.51.100.1").close();
			from(server, "198.51.100.1").close();
			assertThat(slots(server).refused()).containsEntry("address", 3L)
				.containsEntry("total", 0L)
				.containsEntry("application", 0L);
			assertCounter(server, "connections.refused", "too-many-of-address", 3);
			awaitOpen(server, 0);
			assertThat(slots(server).addresses()).isZero();
		}
	}

	@Test
	void connectionsOverAllAreAnsweredWith503() throws Exception {
		try (ChannelServer server = ChannelServer.start("telemetry.channel.max-connections=2", PROXY)) {
			StompProbe first = from(server, "198.51.100.1");
			StompProbe second = from(server, "198.51.100.2");
			assertRefused(server, 503, "X-Forwarded-For: 198.51.100.3\r\n");
			assertRefused(server, 503, "");
			assertAccepted(first, "a-1", 1);
			assertAccepted(second, "a-2", 1);
			assertAccepted(server, "a-3", 1);
			first.abort();
			awaitOpen(server, 1);
			try (StompProbe third = from(server, "198.51.100.3")) {
				assertAccepted(third, "a-4", 1);
			}
			second.close();
			awaitOpen(server, 0);
			assertThat(slots(server).refused()).containsEntry("total", 2L);
			assertCounter(server, "connections.refused", "too-many", 2);
		}
	}

	@Test
	void connectionsOfOneApplicationOverItsLimitAreAnsweredWith503() throws Exception {
		try (ChannelServer server = ChannelServer.start("telemetry.channel.applications.shop.key=shop-key-1",
				"telemetry.channel.applications.shop.max-connections=1",
				"telemetry.channel.applications.desk.key=desk-key-1");
				StompProbe desk = of(server, "desk-key-1");
				StompProbe none = server.connect()) {
			StompProbe shop = of(server, "shop-key-1");
			try (RawSocket socket = RawSocket.connect(server.port())) {
				socket.write(RawSocket.handshake().replace("/chsk", "/chsk?key=shop-key-1"));
				assertThat(socket.head()).startsWith("HTTP/1.1 503 ").contains("Retry-After: 30\r\n");
			}
			assertAccepted(shop, "s-1", 1);
			assertAccepted(desk, "d-1", 1);
			assertAccepted(none, "n-1", 1);
			shop.abort();
			Patience.await().until(() -> slots(server).applications().get("shop") == 0);
			of(server, "shop-key-1").close();
			assertThat(slots(server).refused()).containsEntry("application", 1L);
			assertCounter(server, "connections.refused", "too-many-of-application", 1);
		}
	}

	/**
	 * Whenever in its handshake a client goes, its place is there again.
	 */
	@Test
	void placesOfClientsThatVanishInTheHandshakeComeBack() throws Exception {
		try (ChannelServer server = ChannelServer.start("telemetry.channel.connect-timeout=500ms");
				LogWatch log = new LogWatch()) {
			byte[] handshake = RawSocket.handshake().getBytes(java.nio.charset.StandardCharsets.US_ASCII);
			for (int i = 0; i < 200; i++) {
				RawSocket socket = RawSocket.connect(server.port());
				socket.write(java.util.Arrays.copyOf(handshake, (i % 2 == 0) ? handshake.length : 1 + i));
				if (i % 4 < 2) {
					socket.reset();
				}
				else {
					socket.close();
				}
			}
			// Nobody takes such a handshake
			for (String version : List.of("12", "14", "x")) {
				try (RawSocket socket = RawSocket.connect(server.port())) {
					socket.write(RawSocket.handshake().replace("Version: 13", "Version: " + version));
					assertThat(socket.head()).startsWith("HTTP/1.1 4");
				}
			}
			awaitOpen(server, 0);
			assertThat(slots(server).addresses()).isZero();
			try (StompProbe client = server.connect()) {
				assertAccepted(client, "a-1", 1);
			}
			log.assertNoComplaints();
		}
	}

	@Test
	void clientThatSendsNothingIsClosedAndOneThatSendsHeartbeatsIsNot() throws Exception {
		try (ChannelServer server = ChannelServer.start("telemetry.channel.idle-timeout=2s",
				"telemetry.channel.connect-timeout=1s", "telemetry.channel.heart-beat=0s");
				StompProbe alive = server.connect();
				RawSocket pieces = RawSocket.stomp(server.port());
				RawSocket silent = RawSocket.stomp(server.port())) {
			Thread beats = new Thread(() -> {
				try {
					while (true) {
						alive.text("\n");
						// A frame that never ends is a sign of life as well
						pieces.send(RawFrame.text("S"));
						TimeUnit.MILLISECONDS.sleep(20);
					}
				}
				catch (Exception ex) {
					// Until the test is over
				}
			});
			beats.start();
			RawFrame close = silent.readClose();
			assertThat(close.closeCode()).isEqualTo(1001);
			assertThat(close.text()).isEqualTo("idle");
			assertAccepted(alive, "a-1", 1);
			assertThat(server.stats().idle()).isOne();
			assertCounter(server, "connections.ended", "idle", 1);
			beats.interrupt();
			beats.join(10_000);
			// And when it falls silent it is closed, too
			assertThat(pieces.readClose().text()).isEqualTo("idle");
			assertThat(alive.awaitClose()).isEqualTo(1001);
			assertThat(alive.closeReason()).isEqualTo("idle");
			Patience.await().until(() -> server.stats().connectionsClosed().getOrDefault(1001, 0L) == 3);
		}
	}

	@Test
	void clientWhoseTokenExpiresIsClosedAndOneWithANewTokenIsTaken() throws Exception {
		try (ChannelServer server = ChannelServer.start(List.of(ShortTokens.class),
				"telemetry.channel.connect-timeout=1s", "telemetry.channel.authentication.required=true");
				StompProbe lasting = server.connect("Authorization", "Bearer lasting");
				StompProbe expiring = server.connect("Authorization", "Bearer short")) {
			assertThat(expiring.awaitClose()).isEqualTo(1008);
			assertThat(expiring.closeReason()).isEqualTo("token-expired");
			assertThat(expiring.awaitFrame("ERROR")).contains("message:token-expired\n");
			assertAccepted(lasting, "a-1", 1);
			try (StompProbe again = server.connect("Authorization", "Bearer lasting")) {
				assertAccepted(again, "a-2", 1);
			}
			assertThat(server.stats().framesRefused()).containsEntry("token-expired", 1L);
			assertCounter(server, "frames.refused", "token-expired", 1);
			HttpResponse<String> late = server.post(events("a-3", 1), "Authorization", "Bearer expired");
			assertThat(late.statusCode()).isEqualTo(401);
			assertThat(late.body()).contains("\"reason\":\"unauthorized\"");
			assertThat(server.post(events("a-4", 1), "Authorization", "Bearer short").statusCode()).isEqualTo(202);
		}
	}

	@Test
	void batchesAreHeldBackWhileAHandlerCannotFollow() throws Exception {
		try (ChannelServer server = ChannelServer.start("telemetry.channel.overload.retry-after=4s");
				StompProbe client = server.connect()) {
			CountDownLatch entered = new CountDownLatch(1);
			CountDownLatch gate = new CountDownLatch(1);
			AtomicInteger handled = new AtomicInteger();
			SignalPipeline pipeline = server.context().getBean(SignalPipeline.class);
			pipeline.addHandler("slow", (signal) -> {
				entered.countDown();
				gate.await(60, TimeUnit.SECONDS);
				handled.incrementAndGet();
			}, HandlerOptions.DEFAULTS.withMinLevel(Level.TRACE)
				.withQueue(QueueOptions.DEFAULTS.withCapacity(10).withBatches(1, Duration.ofSeconds(5))));
			assertAccepted(client, "a-1", 1);
			assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();
			while (pipeline.pressure() < 0.9) {
				assertAccepted(client, "fill-" + pipeline.pressure(), 1);
			}
			long before = server.stats().eventsAccepted();
			client.batch(Batches.batch("held", "{}"));
			assertHeldBack(JSON.readTree(client.awaitAcknowledgement()));
			HttpResponse<String> response = server.post(Batches.batch("held", "{}"));
			assertThat(response.statusCode()).isEqualTo(503);
			assertThat(response.headers().firstValue("Retry-After")).get()
				.extracting(Integer::valueOf)
				.satisfies((seconds) -> assertThat(seconds).isBetween(4, 6));
			assertHeldBack(JSON.readTree(response.body()));
			assertThat(server.stats().eventsAccepted()).isEqualTo(before);
			assertThat(server.stats().batchesRefused()).containsEntry("overloaded", 2L);
			assertCounter(server, "batches", "overloaded", 2);
			assertThat(server.context().getBean(MeterRegistry.class).get("telemetry.pressure").gauge().value())
				.isGreaterThanOrEqualTo(0.9);
			assertThat(client.isOpen()).isTrue();
			gate.countDown();
			Patience.await().until(() -> pipeline.pressure() < 0.9);
			assertAccepted(client, "held", 1);
			Patience.await().until(() -> handled.get() >= before + 1);
			assertThat(pipeline.handler("slow")).isNotNull();
		}
	}

	private static void assertHeldBack(JsonNode answer) {
		assertThat(answer.path("batch").asString()).isEqualTo("held");
		assertThat(answer.path("reason").asString()).isEqualTo("overloaded");
		assertThat(answer.path("retryAfterMs").asLong()).isBetween(4000L, 6001L);
	}

	@Test
	void floodOfEventsFromOneAddressIsHeldToItsLimit() throws Exception {
		int connections = 8;
		int batches = 20;
		try (ChannelServer server = ChannelServer.start("telemetry.channel.rate-limits.connection=none",
				"telemetry.channel.rate-limits.address=20000/1h", PROXY); LogWatch log = new LogWatch()) {
			server.signals().giveTo((signal) -> {
			});
			try (Witness witness = Witness.of(server)) {
				witness.assertGoesOn();
				List<Thread> attackers = new ArrayList<>();
				CountDownLatch answered = new CountDownLatch(connections * batches);
				for (int i = 0; i < connections; i++) {
					String name = "f-" + i + "-";
					StompProbe attacker = from(server, "198.51.100.1");
					Thread thread = new Thread(() -> {
						for (int batch = 0; batch < batches; batch++) {
							attacker.batch(events(name + batch, 1000));
						}
						attacker.awaitAcknowledgements(batches).forEach((answer) -> answered.countDown());
						attacker.close();
					});
					thread.start();
					attackers.add(thread);
				}
				witness.assertGoesOn();
				assertThat(answered.await(60, TimeUnit.SECONDS)).isTrue();
				witness.assertGoesOn();
				for (Thread attacker : attackers) {
					attacker.join(10_000);
				}
				long refused = connections * batches - 20;
				assertThat(server.stats().batchesRefused()).containsEntry("rate-limited", refused);
				assertThat(server.context().getBean(EventRates.class).snapshot().limited()).containsEntry("address",
						refused * 1000);
			}
			// The witness's have two each
			ChannelStats.Snapshot stats = server.stats();
			assertThat(stats.eventsAccepted()).isEqualTo(20_000 + 2 * (stats.batchesAccepted() - 20));
			log.assertNoComplaints();
		}
	}

	@Test
	void floodOfConnectionsFromOneAddressIsHeldToItsLimit() throws Exception {
		try (ChannelServer server = ChannelServer.start("telemetry.channel.max-connections-per-address=20", PROXY,
				"telemetry.channel.connect-timeout=60s", "server.tomcat.threads.max=10");
				LogWatch log = new LogWatch()) {
			server.signals().giveTo((signal) -> {
			});
			List<RawSocket> open = new ArrayList<>();
			try (Witness witness = Witness.of(server)) {
				int refused = 0;
				for (int i = 0; i < 500; i++) {
					RawSocket socket = RawSocket.connect(server.port());
					socket.write(RawSocket.handshake("X-Forwarded-For: 198.51.100.1"));
					String head = socket.head();
					if (head.startsWith("HTTP/1.1 101 ")) {
						open.add(socket);
					}
					else {
						assertThat(head).startsWith("HTTP/1.1 429 ").contains("Retry-After: 30\r\n");
						refused++;
						socket.close();
					}
				}
				assertThat(open).hasSize(20);
				assertThat(slots(server).refused()).containsEntry("address", (long) refused);
				assertThat(slots(server).open()).isEqualTo(21);
				witness.assertGoesOn();
				for (RawSocket socket : open) {
					socket.reset();
				}
				awaitOpen(server, 1);
				witness.assertGoesOn();
			}
			log.assertNoComplaints();
		}
	}

	private static HttpResponse<String> post(ChannelServer server, String address, String batch) throws Exception {
		return server.send(HttpRequest.newBuilder(server.uri(address))
			.header("Content-Type", "application/json")
			.POST(HttpRequest.BodyPublishers.ofString(batch))
			.build());
	}

	private static String events(String id, int count) {
		return Batches.repeated(id, "{}", count);
	}

	private StompProbe from(ChannelServer server, String address) throws Exception {
		StompProbe probe = server.open(FORWARDED, address);
		probe.connect();
		return probe;
	}

	private StompProbe of(ChannelServer server, String key) throws Exception {
		StompProbe probe = StompProbe.open(this.http,
				java.net.URI.create("ws://localhost:" + server.port() + "/chsk?key=" + key));
		probe.connect();
		return probe;
	}

	private static void assertAccepted(StompProbe client, String id, int events) {
		client.batch(events(id, events));
		assertThat(client.awaitAcknowledgement()).isEqualTo("{\"batch\":\"" + id
				+ "\",\"status\":\"accepted\",\"accepted\":" + events + ",\"rejected\":[],\"duplicate\":false}");
	}

	private static void assertAccepted(ChannelServer server, String id, int events) throws Exception {
		assertThat(server.post(events(id, events)).body()).contains("\"batch\":\"" + id + "\"",
				"\"accepted\":" + events, "\"duplicate\":false");
	}

	private static void assertRateLimited(StompProbe client, String id, int events) {
		client.batch(events(id, events));
		JsonNode answer = JSON.readTree(client.awaitAcknowledgement());
		assertThat(answer.propertyNames()).containsExactly("batch", "status", "reason", "retryAfterMs");
		assertThat(answer.path("batch").asString()).isEqualTo(id);
		assertThat(answer.path("status").asString()).isEqualTo("refused");
		assertThat(answer.path("reason").asString()).isEqualTo("rate-limited");
		assertThat(answer.path("retryAfterMs").asLong()).isBetween(1L, HOUR_MS);
	}

	private static void assertRateLimited(HttpResponse<String> response, String id) {
		assertThat(response.statusCode()).isEqualTo(429);
		assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
		JsonNode answer = JSON.readTree(response.body());
		assertThat(answer.path("batch").asString()).isEqualTo(id);
		assertThat(answer.path("reason").asString()).isEqualTo("rate-limited");
		long retryAfterMs = answer.path("retryAfterMs").asLong();
		assertThat(retryAfterMs).isBetween(1L, HOUR_MS);
		assertThat(response.headers().firstValue("Retry-After")).hasValue(Long.toString((retryAfterMs + 999) / 1000));
	}

	/**
	 * How many batches and events were held back, and by nothing but this limit.
	 */
	private static void assertLimited(ChannelServer server, String limit, long batches, long events) {
		assertThat(server.stats().batchesRefused()).containsEntry("rate-limited", batches);
		Map<String, Long> limited = server.context().getBean(EventRates.class).snapshot().limited();
		limited.forEach((name, count) -> assertThat(count).as(name).isEqualTo(name.equals(limit) ? events : 0L));
		assertCounter(server, "batches", "rate-limited", batches);
		MeterRegistry meters = server.context().getBean(MeterRegistry.class);
		FunctionCounter counter = meters.get("telemetry.channel.events.limited").tag("limit", limit).functionCounter();
		Patience.await().until(() -> counter.count() == events);
		assertThat(server.stats().processingErrors()).isZero();
	}

	/**
	 * Meters tell what was counted a moment ago.
	 */
	private static void assertCounter(ChannelServer server, String name, String reason, long count) {
		FunctionCounter counter = server.context()
			.getBean(MeterRegistry.class)
			.get("telemetry.channel." + name)
			.tag("reason", reason)
			.functionCounter();
		Patience.await().until(() -> counter.count() == count);
	}

	private static void assertRefused(ChannelServer server, int status, String headers) throws Exception {
		assertThat(RawHandshake.send(server.port(), headers)).startsWith("HTTP/1.1 " + status + " ")
			.contains("Retry-After: 30\r\n");
	}

	private static ConnectionSlots.Snapshot slots(ChannelServer server) {
		return server.context().getBean(ConnectionSlots.class).snapshot();
	}

	/**
	 * Waits until so many connections have a place, and have told the meters.
	 */
	private static void awaitOpen(ChannelServer server, int count) {
		Patience.await().until(() -> slots(server).open() == count);
		Gauge gauge = server.context().getBean(MeterRegistry.class).get("telemetry.channel.connections").gauge();
		Patience.await().until(() -> gauge.value() == count);
	}

	@Configuration(proxyBeanMethods = false)
	static class ShortTokens {

		@Bean
		TokenVerifier tokenVerifier() {
			return (token) -> new VerifiedToken("user-" + token, switch (token) {
				case "short" -> Instant.now().plusSeconds(2);
				case "expired" -> Instant.now().minusSeconds(1);
				default -> Instant.now().plusSeconds(3600);
			}, Map.of());
		}

	}

}
