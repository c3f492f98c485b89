package io.telemetry.boot.channel.fault;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import io.telemetry.boot.channel.Patience;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Servers that are stopped in order and replaced while clients send on both roads. With
 * {@code -Plong} more of them are.
 * <p>
 * What holds: every event that was acknowledged is in the file of a server, and every one
 * that was sent comes to be acknowledged. A server has an event once. Where an answer was
 * lost, because the connection ended first, another server has the event too, with the
 * same uid.
 */
@Tag("rounds")
abstract class RollingRestartTests {

	private static final int ROUNDS = Boolean.getBoolean("telemetry.test.long") ? 30 : 2;

	@TempDir
	private Path directory;

	private final Acknowledgement acknowledgement;

	RollingRestartTests(Acknowledgement acknowledgement) {
		this.acknowledgement = acknowledgement;
	}

	private ChildServer start(int number, String... properties) throws Exception {
		return this.acknowledgement.start(Files.createDirectory(this.directory.resolve("server-" + number)),
				properties);
	}

	/**
	 * Clients go on coming to the address of a server that stops until it is gone.
	 */
	@Test
	void serversThatAreReplacedOneAfterTheOtherLoseNothingAndTellTheirClients() throws Exception {
		List<ChildServer> servers = new ArrayList<>();
		try (FaultProxy proxy = new FaultProxy(); AccountingClient client = new AccountingClient(proxy.port())) {
			servers.add(start(0, "telemetry.channel.shutdown.reconnect-within=7s", "server.shutdown=graceful"));
			servers.add(start(1, "telemetry.channel.shutdown.reconnect-within=7s", "server.shutdown=immediate"));
			proxy.target(servers.get(0).port(), servers.get(1).port());
			client.alsoPosting(0.1).connect(8);
			client.keepSending();
			for (int round = 0; round < ROUNDS; round++) {
				client.awaitAcknowledged(200);
				ChildServer staying = servers.get(round + 1);
				ChildServer going = servers.get(round);
				going.stop();
				assertThat(going.log()).noneMatch((line) -> line.contains("Exception"));
				ChildServer next = start(round + 2, "telemetry.channel.shutdown.reconnect-within=7s",
						"server.shutdown=" + ((round % 2 == 0) ? "graceful" : "immediate"));
				servers.add(next);
				proxy.target(next.port(), staying.port());
			}
			client.awaitAcknowledged(200);
			Ledger ledger = client.settle();
			servers.forEach((server) -> assertThat(server.isAlive()).isEqualTo(servers.indexOf(server) >= ROUNDS));
			assertThat(ledger.count("closed 1012")).as("%s", ledger).isPositive();
			assertThat(ledger.windows()).isNotEmpty().containsOnly(7000L);
			Path[] files = servers.stream().map(ChildServer::directory).toArray(Path[]::new);
			Patience.await()
				.untilAsserted(() -> Destination.of(files).assertAccountsFor(ledger).assertOnceOnEachServer());
		}
		finally {
			servers.forEach(ChildServer::close);
		}
	}

	/**
	 * What the server knew of past batches is gone with it, so an event may come twice
	 * into its file.
	 */
	@Test
	void serverThatComesBackAtItsAddressHasLostNothing() throws Exception {
		ChildServer first = start(0);
		try (AccountingClient client = new AccountingClient(first.port())) {
			client.alsoPosting(0.1).connect(4);
			client.keepSending();
			client.awaitAcknowledged(200);
			first.stop();
			try (ChildServer second = this.acknowledgement.start(first.directory(), "server.port=" + first.port())) {
				client.awaitAcknowledged(200);
				Ledger ledger = client.settle();
				assertThat(ledger.windows()).isNotEmpty().containsOnly(30_000L);
				Patience.await().untilAsserted(() -> Destination.of(second.directory()).assertAccountsFor(ledger));
			}
		}
		finally {
			first.close();
		}
	}

}
