package io.telemetry.journal;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a journal promises, with several threads at once and its own worker. With
 * {@code -Plong} the rounds are fifty times as many.
 */
@Timeout(600)
class JournalStressTests {

	private static final int TIMES = Boolean.getBoolean("telemetry.test.long") ? 50 : 1;

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private static final int APPENDERS = 3;

	@TempDir
	private Path directory;

	private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

	private final List<Thread> threads = new ArrayList<>();

	@AfterEach
	void nothingFailed() {
		assertThat(this.failure).hasNullValue();
	}

	static List<Arguments> syncs() {
		return List.of(Arguments.of(new Sync.Each()), Arguments.of(new Sync.Interval(Duration.ofMillis(5))),
				Arguments.of(new Sync.Never()));
	}

	private JournalOptions options() {
		return JournalOptions.of(this.directory).withMaxRecordBytes(100).withSize(8 * 2048, 2048);
	}

	private Thread start(Task task) {
		Thread thread = new Thread(() -> {
			try {
				task.run();
			}
			catch (Throwable ex) {
				this.failure.compareAndSet(null, ex);
			}
		});
		this.threads.add(thread);
		thread.start();
		return thread;
	}

	private void join(Thread thread) throws InterruptedException {
		thread.join(PATIENCE.toMillis() * TIMES);
		assertThat(this.failure).hasNullValue();
		assertThat(thread.isAlive()).as("%s", Arrays.toString(thread.getStackTrace())).isFalse();
	}

	private static byte[] record(int appender, int number) {
		return ByteBuffer.allocate(8 + number % 50).putInt(appender).putInt(number).array();
	}

	/** Appends, and waits where the journal is full. */
	private static Append append(Journal journal, byte[] record) throws Exception {
		long deadline = System.nanoTime() + PATIENCE.toNanos() * TIMES;
		while (true) {
			try {
				return journal.append(record);
			}
			catch (JournalException ex) {
				assertThat(ex.reason()).isEqualTo(Refused.FULL);
				assertThat(System.nanoTime()).isLessThan(deadline);
				Thread.onSpinWait();
			}
		}
	}

	@ParameterizedTest
	@MethodSource("syncs")
	void readersGetEveryRecordOnceAndInOrderWhileSegmentsComeAndGo(Sync sync) throws Exception {
		int records = 3_000 * TIMES;
		try (Journal journal = Journal.open(options().withSync(sync))) {
			List<Thread> readers = new ArrayList<>();
			for (String name : List.of("a", "b")) {
				JournalReader reader = journal.reader(name);
				readers.add(start(() -> {
					int[] next = new int[APPENDERS];
					long sequence = 0;
					for (int left = APPENDERS * records; left > 0;) {
						List<JournalRecord> some = reader.poll(1 + left % 40, PATIENCE);
						assertThat(some).isNotEmpty();
						for (JournalRecord record : some) {
							assertThat(record.sequence()).isEqualTo(++sequence);
							ByteBuffer bytes = ByteBuffer.wrap(record.bytes());
							assertThat(bytes.getInt(4)).isEqualTo(next[bytes.getInt(0)]++);
						}
						left -= some.size();
						reader.acknowledge(sequence);
					}
				}));
			}
			AtomicBoolean over = new AtomicBoolean();
			Thread watcher = start(() -> {
				while (!over.get()) {
					assertThat(journal.stats().bytes()).isBetween(0L, 8L * 2048);
					journal.reader("passer-by").close();
					journal.forget("passer-by");
				}
			});
			AtomicLong durable = new AtomicLong();
			List<Thread> appenders = new ArrayList<>();
			for (int a = 0; a < APPENDERS; a++) {
				int appender = a;
				appenders.add(start(() -> {
					for (int i = 0; i < records; i++) {
						append(journal, record(appender, i)).durable().thenRun(durable::incrementAndGet);
					}
				}));
			}
			for (Thread thread : appenders) {
				join(thread);
			}
			for (Thread thread : readers) {
				join(thread);
			}
			over.set(true);
			join(watcher);
			journal.sync();
			// What depends on a sync runs on the journal's thread, maybe after sync.
			Awaitility.await().atMost(PATIENCE).until(() -> durable.get() == (long) APPENDERS * records);
			assertThat(journal.stats().lost()).isEmpty();
			assertThat(journal.stats().appended()).isEqualTo((long) APPENDERS * records);
		}
	}

	@Test
	void whatIsLetGoUnderAReaderIsCounted() throws Exception {
		int records = 20_000 * TIMES;
		try (Journal journal = Journal
			.open(options().withWhenFull(WhenFull.LET_OLDEST_GO).withSync(new Sync.Never()))) {
			JournalReader reader = journal.reader("a");
			CountDownLatch appended = new CountDownLatch(1);
			AtomicLong read = new AtomicLong();
			Thread thread = start(() -> {
				long sequence = 0;
				while (true) {
					boolean last = appended.getCount() == 0;
					List<JournalRecord> some = reader.poll(7, Duration.ZERO);
					for (JournalRecord record : some) {
						assertThat(record.sequence()).isGreaterThan(sequence);
						sequence = record.sequence();
						assertThat(ByteBuffer.wrap(record.bytes()).getInt(4)).isEqualTo((int) sequence - 1);
						reader.acknowledge(sequence);
					}
					read.addAndGet(some.size());
					if (last && some.isEmpty()) {
						return;
					}
				}
			});
			for (int i = 0; i < records; i++) {
				journal.append(record(0, i));
			}
			appended.countDown();
			join(thread);
			ReaderStats stats = journal.stats().readers().get(0);
			assertThat(stats.backlog()).isZero();
			assertThat(stats.lost()).containsOnlyKeys(Loss.FULL);
			// Those of one poll may have been let go while they were dealt with.
			assertThat(read.get() + stats.lost(Loss.FULL)).isGreaterThanOrEqualTo(records);
			assertThat(journal.stats().bytes()).isLessThanOrEqualTo(8L * 2048);
		}
	}

	@Test
	void whateverWasAppendedBeforeTheJournalWasClosedIsThere() throws Exception {
		for (int round = 0; round < 5 * TIMES; round++) {
			Path own = this.directory.resolve("round" + round);
			JournalOptions options = options().withDirectory(own).withSize(1 << 22, 1 << 12).withSync(new Sync.Each());
			Journal journal = Journal.open(options);
			Map<Long, byte[]> returned = new ConcurrentHashMap<>();
			ConcurrentLinkedQueue<Append> appends = new ConcurrentLinkedQueue<>();
			CountDownLatch under = new CountDownLatch(APPENDERS * 20);
			List<Thread> closing = new ArrayList<>();
			JournalReader waiting = journal.reader("a");
			closing.add(start(() -> {
				try {
					while (true) {
						waiting.poll(10, PATIENCE);
					}
				}
				catch (JournalException ex) {
					assertThat(ex.reason()).isEqualTo(Refused.CLOSED);
				}
			}));
			for (int a = 0; a < APPENDERS; a++) {
				int appender = a;
				closing.add(start(() -> {
					try {
						for (int i = 0;; i++) {
							byte[] record = record(appender, i);
							Append append = journal.append(record);
							returned.put(append.first(), record);
							appends.add(append);
							under.countDown();
						}
					}
					catch (JournalException ex) {
						assertThat(ex.reason()).isIn(Refused.CLOSED, Refused.FULL);
					}
				}));
			}
			assertThat(under.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
			journal.close();
			for (Thread thread : closing) {
				join(thread);
			}
			for (Append append : appends) {
				assertThat(append.awaitDurable(Duration.ZERO)).isTrue();
			}
			try (Journal again = Journal.open(options)) {
				JournalReader reader = again.reader("b");
				long found = 0;
				for (List<JournalRecord> some = reader.poll(1000, Duration.ZERO); !some.isEmpty(); some = reader
					.poll(1000, Duration.ZERO)) {
					for (JournalRecord record : some) {
						assertThat(record.bytes()).isEqualTo(returned.get(record.sequence()));
					}
					found += some.size();
				}
				assertThat(found).isEqualTo(returned.size());
			}
		}
	}

	@Test
	void appendsThatWaitForTheDiskShareSyncs() throws Exception {
		GatedDisk disk = new GatedDisk();
		Journal journal = new Journal(options().withSync(new Sync.Each()), InstantSource.system(), System::nanoTime,
				disk);
		Append first = journal.append(new byte[1]);
		Thread worker = start(journal::work);
		disk.entered.await();
		// The disk is at work, and nobody who appends waits for it.
		List<Append> meanwhile = new ArrayList<>();
		for (int i = 0; i < 20; i++) {
			meanwhile.add(journal.append(new byte[1]));
		}
		assertThat(first.awaitDurable(Duration.ZERO)).isFalse();
		disk.gate.countDown();
		join(worker);
		assertThat(first.awaitDurable(Duration.ZERO)).isTrue();
		assertThat(meanwhile.get(0).awaitDurable(Duration.ZERO)).as("appended after the sync began").isFalse();
		journal.work();
		assertThat(meanwhile).allSatisfy((append) -> assertThat(append.awaitDurable(Duration.ZERO)).isTrue());
		assertThat(journal.stats().syncs()).isEqualTo(2);
		journal.close();
	}

	/**
	 * A disk whose syncs wait for the test.
	 */
	private static final class GatedDisk extends TestDisk {

		final CountDownLatch entered = new CountDownLatch(1);

		final CountDownLatch gate = new CountDownLatch(1);

		@Override
		void sync(RandomAccessFile file) throws IOException {
			this.entered.countDown();
			try {
				this.gate.await();
			}
			catch (InterruptedException ex) {
				throw new IOException(ex);
			}
			super.sync(file);
		}

	}

	private interface Task {

		void run() throws Exception;

	}

}
