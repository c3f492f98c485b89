package io.telemetry.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import io.telemetry.SmallDisk;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * A disk that is really full: a file system in memory of one megabyte.
 */
class JournalFullDiskTests {

	@TempDir
	private Path mount;

	private @Nullable SmallDisk disk;

	@BeforeEach
	void mount() throws Exception {
		this.disk = SmallDisk.mount(this.mount, "1m");
	}

	@AfterEach
	void unmount() throws Exception {
		if (this.disk != null) {
			this.disk.unmount();
		}
	}

	private JournalOptions options() {
		return JournalOptions.of(this.mount.resolve("journal")).withMaxRecordBytes(40_000).withSize(64 << 20, 200_000);
	}

	@Test
	void aFullDiskRefusesWithAReasonAndTakesRecordsAgainOnceThereIsRoom() throws Exception {
		Path other = Files.write(this.mount.resolve("other"), new byte[300_000]);
		try (Journal journal = Journal.open(options().withSync(new Sync.Each()))) {
			JournalReader reader = journal.reader("a");
			int appended = fill(journal);
			assertThat(appended).isGreaterThan(10);
			Files.delete(other);
			int more = fill(journal);
			assertThat(more).as("after room was made").isGreaterThan(5);
			List<JournalRecord> records = reader.poll(1000, Duration.ZERO);
			assertThat(records).hasSize(appended + more)
				.allSatisfy((record) -> assertThat(record.bytes()).hasSize(30_000));
			reader.acknowledge(appended);
			int recovered = 0;
			for (int i = 0; i < 5; i++) {
				recovered += fill(journal);
				journal.sync();
			}
			assertThat(recovered).as("after records were acknowledged").isGreaterThan(5);
			assertThat(journal.stats().lost()).isEmpty();
			assertThat(reader.poll(1000, Duration.ZERO)).hasSize(recovered);
		}
		try (Journal again = Journal.open(options())) {
			assertThat(again.stats().lost()).isEmpty();
		}
	}

	@Test
	void aDiskThatTheJournalItselfFillsHasRoomAgainWhenAllIsAcknowledged() throws Exception {
		JournalOptions oneSegment = options().withSize(64 << 20, 16 << 20).withSync(new Sync.Each());
		int appended = 0;
		try (Journal journal = Journal.open(oneSegment)) {
			JournalReader reader = journal.reader("a");
			for (int round = 0; round < 5; round++) {
				AtomicInteger filled = new AtomicInteger();
				// A file that was deleted takes up room until it is closed
				await().atMost(Duration.ofSeconds(10)).pollInterval(Duration.ofMillis(5)).until(() -> {
					filled.addAndGet(fill(journal));
					reader.poll(1, Duration.ZERO);
					return filled.get() > 10;
				});
				int taken = filled.get();
				appended += taken;
				reader.rewind();
				List<JournalRecord> records = reader.poll(1000, Duration.ZERO);
				assertThat(records).hasSize(taken);
				assertThat(records.get(taken - 1).sequence()).isEqualTo(appended);
				reader.acknowledge(appended);
			}
			assertThat(journal.stats().lost()).isEmpty();
		}
		try (Journal again = Journal.open(oneSegment)) {
			assertThat(again.stats().lost()).isEmpty();
			assertThat(again.stats().nextSequence()).isEqualTo(appended + 1);
		}
	}

	/** Appends until the disk is full. */
	private static int fill(Journal journal) throws IOException {
		long refusedBefore = journal.stats().refused(Refused.DISK_FULL);
		int appended = 0;
		try {
			while (appended < 1000) {
				journal.append(new byte[30_000]);
				appended++;
			}
		}
		catch (JournalException ex) {
			assertThat(ex.reason()).isEqualTo(Refused.DISK_FULL);
			assertThat(ex).hasMessageContaining("refused a record: the disk is full (");
		}
		assertThat(journal.stats().refused(Refused.DISK_FULL)).isEqualTo(refusedBefore + 1);
		return appended;
	}

	@Test
	void aDiskThatIsFullWhenTheJournalIsOpenedRefusesAppendsAndReadsWhatIsThere() throws Exception {
		try (Journal journal = Journal.open(options())) {
			journal.append(new byte[100]);
		}
		Path other = this.mount.resolve("other");
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> Files.write(other, new byte[1 << 20]));
		try (Journal journal = Journal.open(options())) {
			JournalReader reader = journal.reader("a");
			assertThat(reader.poll(10, Duration.ZERO)).hasSize(1);
			reader.acknowledge(1);
			assertThatExceptionOfType(JournalException.class).isThrownBy(() -> journal.append(new byte[30_000]))
				.satisfies((ex) -> assertThat(ex.reason()).isEqualTo(Refused.DISK_FULL));
			Files.delete(other);
			journal.append(new byte[30_000]);
			assertThat(reader.poll(10, Duration.ZERO)).hasSize(1);
		}
	}

}
