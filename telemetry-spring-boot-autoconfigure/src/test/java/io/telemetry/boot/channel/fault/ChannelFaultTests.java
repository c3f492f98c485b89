package io.telemetry.boot.channel.fault;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import io.telemetry.boot.channel.Patience;
import io.telemetry.boot.channel.fault.FaultProxy.Direction;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What becomes of events where the line fails, a server stands still or its handler does,
 * and clients go from one server to another. With {@code -Plong} there are more faults,
 * and they last longer.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("rounds")
abstract class ChannelFaultTests {

	private static final boolean LONG = Boolean.getBoolean("telemetry.test.long");

	private final Acknowledgement acknowledgement;

	private Path directory;

	private ChildServer server;

	private FaultProxy proxy;

	private AccountingClient client;

	ChannelFaultTests(Acknowledgement acknowledgement) {
		this.acknowledgement = acknowledgement;
	}

	@BeforeAll
	void startServer(@TempDir Path directory) throws Exception {
		this.directory = directory;
		this.server = this.acknowledgement.start(Files.createDirectory(directory.resolve("server")));
	}

	@AfterAll
	void stopServer() {
		this.server.close();
	}

	@BeforeEach
	void connect() throws Exception {
		this.proxy = new FaultProxy(this.server.port());
		this.client = new AccountingClient(this.proxy.port());
	}

	@AfterEach
	void disconnect() throws Exception {
		this.client.close();
		this.proxy.close();
	}

	private void assertEachOnce(Ledger ledger) {
		Patience.await()
			.untilAsserted(
					() -> Destination.of(this.server.directory()).assertAccountsFor(ledger).assertOnceOnEachServer());
	}

	@Test
	void batchWhoseAcknowledgementIsLostIsHandledOnce() throws Exception {
		this.client.withAnswerTimeout(500).connect(3);
		this.proxy.swallow(Direction.TO_CLIENT);
		this.client.send(2);
		Patience.await().until(() -> Destination.of(this.server.directory()).events(this.client.ledger()).size() == 30);
		Patience.await().until(() -> this.client.ledger().count("timeouts") >= 3);
		assertThat(this.proxy.swallowed(Direction.TO_CLIENT)).isPositive();
		assertThat(this.client.ledger().acknowledged()).isEmpty();
		this.proxy.pass();
		Ledger ledger = this.client.settle();
		assertThat(ledger.count("duplicates")).as("%s", ledger).isEqualTo(6);
		assertEachOnce(ledger);
	}

	@Test
	void connectionCutInTheMiddleOfAMessageLosesAndDoublesNothing() throws Exception {
		this.client.withBatches(40, 200).connect(1);
		this.proxy.cutAfter(Direction.TO_SERVER, 4000);
		this.client.send(1);
		Patience.await().until(this.proxy::hasCut);
		Ledger ledger = this.client.settle();
		assertThat(ledger.count("attempts")).isEqualTo(2);
		assertThat(ledger.count("duplicates")).isZero();
		assertEachOnce(ledger);
	}

	/**
	 * A STOMP frame of two WebSocket messages, of which the first has come.
	 */
	@Test
	void connectionCutBetweenTheMessagesOfABatchLosesAndDoublesNothing() throws Exception {
		this.client.withBatches(40, 200).connect(1);
		this.proxy.cutAfter(Direction.TO_SERVER, 8 + 8192);
		this.client.send(1);
		Patience.await().until(this.proxy::hasCut);
		Ledger ledger = this.client.settle();
		assertThat(ledger.count("attempts")).isEqualTo(2);
		assertThat(ledger.count("duplicates")).isZero();
		assertEachOnce(ledger);
	}

	@Test
	void connectionCutInTheMiddleOfAnAcknowledgementDoublesNothing() throws Exception {
		this.client.connect(1);
		this.proxy.cutBehind(Direction.TO_CLIENT, "\"status\":\"acc");
		this.client.send(1);
		Patience.await().until(this.proxy::hasCut);
		Ledger ledger = this.client.settle();
		assertThat(ledger.count("duplicates")).isOne();
		assertEachOnce(ledger);
	}

	/**
	 * Wherever a connection is cut, also in handshakes, on both roads, beside batches
	 * that are refused and events that are rejected.
	 */
	@Test
	void connectionsCutAnywhereLoseAndDoubleNothing() throws Exception {
		Random random = new Random(11);
		this.client.withBatches(20, 20).alsoPosting(0.3).connect(4);
		this.client.keepSending();
		for (int i = 0; i < (LONG ? 200 : 40); i++) {
			this.proxy.cutAfter(Direction.values()[random.nextInt(2)], 1 + random.nextInt(6000));
			if (i % 10 == 0) {
				this.client.sendBad();
			}
			Patience.await().until(this.proxy::hasCut);
		}
		Ledger ledger = this.client.settle();
		assertThat(ledger.refused().values()).isNotEmpty().containsOnly("malformed");
		assertThat(ledger.rejected().values()).isNotEmpty().containsOnly("not-an-object");
		assertThat(ledger.count("posts")).isPositive();
		assertEachOnce(ledger);
	}

	@Test
	void serverThatStandsStillForATimeLosesAndDoublesNothing() throws Exception {
		this.client.withAnswerTimeout(500).connect(4);
		this.client.keepSending();
		this.client.awaitAcknowledged(100);
		this.server.pause();
		try {
			// Also whoever comes anew is not answered
			Patience.await().until(() -> this.client.ledger().count("timeouts") >= 8);
			assertNoByteComesFor(Duration.ofMillis(LONG ? 30_000 : 300));
		}
		finally {
			this.server.resume();
		}
		this.client.awaitAcknowledged(100);
		Ledger ledger = this.client.settle();
		assertEachOnce(ledger);
	}

	private void assertNoByteComesFor(Duration time) {
		long before = this.proxy.passed(Direction.TO_CLIENT);
		Awaitility.await()
			.during(time)
			.atMost(time.plusSeconds(10))
			.pollInterval(Duration.ofMillis(10))
			.until(() -> this.proxy.passed(Direction.TO_CLIENT) == before);
	}

	/**
	 * Each server handles a batch once, and knows nothing of the other: what was sent to
	 * both is there twice, with the same uid.
	 */
	@Test
	void clientsThatHopBetweenTwoServersLoseNothingAndEachServerHasEachEventOnce() throws Exception {
		Path otherDirectory = Files.createDirectory(this.directory.resolve("other"));
		try (ChildServer other = this.acknowledgement.start(otherDirectory)) {
			this.proxy.target(this.server.port(), other.port());
			this.client.connect(4);
			this.client.keepSending();
			for (int i = 0; i < (LONG ? 100 : 10); i++) {
				this.client.awaitAcknowledged(50);
				this.proxy.cutAll();
			}
			// One batch to each of them: its first answer is lost
			this.client.settle();
			this.proxy.cutBehind(Direction.TO_CLIENT, "\"status\":\"acc");
			this.client.send(1);
			Patience.await().until(this.proxy::hasCut);
			Ledger ledger = this.client.settle();
			Patience.await()
				.untilAsserted(() -> Destination.of(this.server.directory(), otherDirectory)
					.assertAccountsFor(ledger)
					.assertOnceOnEachServer());
			assertThat(Destination.of(otherDirectory).events(ledger)).isNotEmpty();
			assertThat(Destination.of(this.server.directory()).events(ledger)).isNotEmpty();
		}
	}

	/**
	 * A server of its own, with a handler {@code stuck} that can be held up, in front of
	 * which the clients are.
	 */
	final ChildServer startWithGate(Path own, String... properties) throws Exception {
		List<String> all = new ArrayList<>(List.of("telemetry.handlers.stuck.type=gate",
				"telemetry.handlers.stuck.min-level=trace", "telemetry.handlers.stuck.ns.allow=browser.*"));
		all.addAll(List.of(properties));
		ChildServer stuck = this.acknowledgement.start(own, all.toArray(String[]::new));
		this.proxy.target(stuck.port());
		return stuck;
	}

	final AccountingClient client() {
		return this.client;
	}

	static void assertEachOnceAndThroughTheGate(ChildServer stuck, Ledger ledger) {
		Patience.await().untilAsserted(() -> {
			Destination.of(stuck.directory()).assertAccountsFor(ledger).assertOnceOnEachServer();
			assertThat(stuck.stats().get("gate").asLong()).isEqualTo(ledger.acknowledgedEvents());
		});
	}

}
