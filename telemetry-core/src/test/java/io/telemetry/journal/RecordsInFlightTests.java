package io.telemetry.journal;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * What is acknowledged when records are done in any order.
 */
class RecordsInFlightTests {

	private static final int TIMES = Boolean.getBoolean("telemetry.test.long") ? 50 : 1;

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private static final int THREADS = 4;

	@TempDir
	private Path directory;

	private Journal journal;

	private JournalReader reader;

	private RecordsInFlight inFlight;

	@BeforeEach
	void open() throws Exception {
		TestDisk disk = new TestDisk();
		disk.syncing = false;
		this.journal = new Journal(JournalOptions.of(this.directory), InstantSource.system(), System::nanoTime, disk);
		this.reader = this.journal.reader("a");
		this.inFlight = new RecordsInFlight(this.reader);
	}

	@AfterEach
	void close() throws Exception {
		this.journal.close();
	}

	private List<JournalRecord> appended(int count) throws Exception {
		this.journal.appendAll(Collections.nCopies(count, new byte[1]));
		return this.reader.poll(count, Duration.ZERO);
	}

	private long acknowledged() {
		return this.journal.stats().readers().get(0).acknowledged();
	}

	@Test
	void theReaderAcknowledgesUpToTheFirstRecordThatIsNotDone() throws Exception {
		List<RecordsInFlight.Ticket> tickets = appended(3).stream().map(this.inFlight::take).toList();
		assertThat(tickets).extracting(RecordsInFlight.Ticket::sequence).containsExactly(1L, 2L, 3L);
		tickets.get(1).done();
		assertThat(acknowledged()).isZero();
		assertThat(this.inFlight.size()).isEqualTo(3);
		assertThat(this.inFlight.first()).hasValue(1);
		tickets.get(0).done();
		assertThat(acknowledged()).isEqualTo(2);
		assertThat(this.inFlight.size()).isEqualTo(1);
		tickets.get(2).done();
		assertThat(acknowledged()).isEqualTo(3);
		assertThat(this.inFlight.first()).isEmpty();
	}

	@Test
	void aRecordIsDoneWhenAllWhoHoldItAre() throws Exception {
		RecordsInFlight.Ticket ticket = this.inFlight.take(appended(1).get(0));
		ticket.hold();
		ticket.hold();
		ticket.done();
		ticket.done();
		assertThat(acknowledged()).isZero();
		ticket.done();
		assertThat(acknowledged()).isEqualTo(1);
	}

	@Test
	void whoIsDoneTooOftenOrTakesOutOfOrderIsTold() throws Exception {
		List<JournalRecord> records = appended(2);
		RecordsInFlight.Ticket ticket = this.inFlight.take(records.get(1));
		ticket.done();
		assertThatIllegalStateException().isThrownBy(ticket::done).withMessage("Record 2 is done already");
		assertThatIllegalStateException().isThrownBy(ticket::hold).withMessage("Record 2 is done already");
		assertThatIllegalArgumentException().isThrownBy(() -> this.inFlight.take(records.get(0)))
			.withMessage("record must be behind the last one that was taken, 2, not 1");
	}

	@Test
	void whateverTheOrderTheReaderAcknowledgesWhatTheModelSays() throws Exception {
		for (int seed = 0; seed < 100 * TIMES; seed++) {
			Random random = new Random(seed);
			// How often those that are not done are held.
			TreeMap<Long, Integer> held = new TreeMap<>();
			TreeMap<Long, RecordsInFlight.Ticket> tickets = new TreeMap<>();
			long taken = acknowledged();
			for (int step = 0; step < 200; step++) {
				if (held.isEmpty() || random.nextInt(3) == 0) {
					List<JournalRecord> records = appended(1 + random.nextInt(3));
					// Some are nobody's concern.
					JournalRecord record = records.get(records.size() - 1);
					tickets.put(record.sequence(), this.inFlight.take(record));
					held.put(record.sequence(), 1);
					taken = record.sequence();
				}
				else {
					List<Long> sequences = List.copyOf(held.keySet());
					long sequence = sequences.get(random.nextInt(sequences.size()));
					if (random.nextInt(4) == 0) {
						tickets.get(sequence).hold();
						held.merge(sequence, 1, Integer::sum);
					}
					else {
						tickets.get(sequence).done();
						held.computeIfPresent(sequence, (key, count) -> (count > 1) ? count - 1 : null);
					}
				}
				Long before = held.isEmpty() ? Long.valueOf(taken) : tickets.lowerKey(held.firstKey());
				if (before != null) {
					assertThat(acknowledged()).as("seed %s, step %s", seed, step).isEqualTo(before);
				}
				assertThat(this.inFlight.size())
					.isEqualTo(held.isEmpty() ? 0 : tickets.tailMap(held.firstKey()).size());
			}
			for (long sequence : List.copyOf(held.keySet())) {
				for (int count = held.get(sequence); count > 0; count--) {
					tickets.get(sequence).done();
				}
			}
			assertThat(acknowledged()).isEqualTo(taken);
		}
	}

	@Test
	void severalThreadsNeverAcknowledgeWhatOneOfThemStillHolds() throws Exception {
		int records = 20_000 * TIMES;
		ExecutorService threads = Executors.newFixedThreadPool(THREADS);
		try {
			Semaphore bound = new Semaphore(100);
			List<Future<?>> handled = new ArrayList<>();
			for (int read = 0; read < records;) {
				for (JournalRecord record : appended(100)) {
					RecordsInFlight.Ticket ticket = this.inFlight.take(record);
					for (int part = 0; part < 2; part++) {
						assertThat(bound.tryAcquire(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
						ticket.hold();
						handled.add(threads.submit(() -> {
							assertThat(acknowledged()).isLessThan(ticket.sequence());
							ticket.done();
							bound.release();
						}));
					}
					ticket.done();
					read++;
				}
			}
			for (Future<?> one : handled) {
				one.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
			}
			assertThat(acknowledged()).isEqualTo(records);
			assertThat(this.inFlight.size()).isZero();
		}
		finally {
			threads.shutdownNow();
		}
	}

}
