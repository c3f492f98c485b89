package io.telemetry.boot.channel.fault;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.Stream;

import io.telemetry.boot.channel.Patience;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Servers with durable acknowledgements that are killed, that have no room on their disk,
 * or whose journal somebody deletes. With {@code -Plong} ten times as many are killed.
 * <p>
 * What holds: every event that was acknowledged is in the file after the next start, and
 * every one that was sent comes to be acknowledged. A killed server may leave an event
 * twice in the file, with the same uid.
 */
@Tag("rounds")
class DurableKillTests {

	private static final int ROUNDS = 20 * (Boolean.getBoolean("telemetry.test.long") ? 10 : 1);

	@TempDir
	private Path directory;

	private static void assertArrived(Path directory, Ledger ledger) {
		Patience.await().untilAsserted(() -> Destination.of(directory).assertAccountsFor(ledger));
	}

	@Test
	void killedServerLosesNothingThatWasAcknowledged() throws Exception {
		Random random = new Random(23);
		ChildServer server = Acknowledgement.DURABLE.start(this.directory);
		try (FaultProxy proxy = new FaultProxy(server.port());
				AccountingClient client = new AccountingClient(proxy.port())) {
			client.alsoPosting(0.1).connect(6);
			client.keepSending();
			for (int round = 0; round < ROUNDS; round++) {
				client.awaitAcknowledged(1 + random.nextInt(200));
				server.kill();
				server = Acknowledgement.DURABLE.start(this.directory);
				proxy.target(server.port());
			}
			client.awaitAcknowledged(100);
			Ledger ledger = client.settle();
			// Also from what the last start found
			assertArrived(this.directory, ledger);
		}
		finally {
			server.close();
		}
	}

	/**
	 * Nobody sends what was lost again: it has to come from the journal.
	 */
	@Test
	void whatWasAcknowledgedComesFromTheJournalWithoutTheClients() throws Exception {
		try (ChildServer server = Acknowledgement.DURABLE.start(this.directory, "telemetry.handlers.stuck.type=gate",
				"telemetry.handlers.stuck.min-level=trace", "telemetry.handlers.stuck.ns.allow=browser.*",
				"telemetry.handlers.stuck.durable=true", "telemetry.handlers.stuck.async.buffer-size=100")) {
			server.holdGate();
			Ledger ledger;
			try (AccountingClient client = new AccountingClient(server.port())) {
				client.connect(4);
				client.send(20);
				ledger = client.settle();
			}
			assertThat(ledger.acknowledged()).hasSize(400);
			server.kill();
			// The reading waits for the handler that stands still
			assertThat(Destination.of(this.directory).events(ledger)).hasSizeLessThan(400);
			try (ChildServer next = Acknowledgement.DURABLE.start(this.directory)) {
				assertArrived(next.directory(), ledger);
			}
		}
	}

	/**
	 * A disk that something else has filled, until somebody makes room.
	 */
	@Test
	void clientsAreHeldBackWhileTheDiskIsFullAndNothingIsLost() throws Exception {
		Path mounted = this.directory.resolve("journal");
		SmallDisk disk = SmallDisk.mount(mounted, "8m");
		try (ChildServer server = Acknowledgement.DURABLE.start(this.directory);
				AccountingClient client = new AccountingClient(server.port())) {
			client.withBatches(20, 400).connect(4);
			client.keepSending();
			client.awaitAcknowledged(100);
			Path ballast = mounted.resolve("ballast");
			fill(ballast);
			Patience.await().until(() -> client.ledger().count("refused overloaded") >= 4);
			Files.delete(ballast);
			client.awaitAcknowledged(500);
			assertArrived(this.directory, client.settle());
		}
		finally {
			disk.unmount();
		}
	}

	private static void fill(Path file) {
		byte[] zeros = new byte[4096];
		try (OutputStream out = Files.newOutputStream(file)) {
			while (true) {
				out.write(zeros);
			}
		}
		catch (IOException ex) {
			// Full
		}
	}

	/**
	 * What was in the deleted files and had not been handed on is gone; nothing else is,
	 * and the channel goes on.
	 */
	@Test
	void channelGoesOnWhereSomebodyDeletesTheJournal() throws Exception {
		try (ChildServer server = Acknowledgement.DURABLE.start(this.directory);
				AccountingClient client = new AccountingClient(server.port())) {
			client.connect(4);
			client.send(10);
			assertArrived(this.directory, client.settle());
			Path journal = this.directory.resolve("journal");
			try (Stream<Path> files = Files.walk(journal)) {
				for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
					Files.deleteIfExists(file);
				}
			}
			client.send(10);
			assertArrived(this.directory, client.settle());
			Patience.await().until(() -> Files.isDirectory(journal));
			server.kill();
		}
		try (ChildServer server = Acknowledgement.DURABLE.start(this.directory);
				AccountingClient client = new AccountingClient(server.port())) {
			client.connect(2);
			client.send(5);
			assertArrived(this.directory, client.settle());
		}
	}

}
