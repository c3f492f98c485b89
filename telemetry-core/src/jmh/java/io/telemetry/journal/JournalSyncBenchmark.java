package io.telemetry.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * How long whoever appends waits until its records are on the disk, and how often the
 * disk is forced for it. A main program and not JMH: what is measured is milliseconds of
 * disk. Each appender appends a batch, waits until it is durable, and appends the next;
 * the one that is at leisure pauses for 20 ms between.
 * <p>
 * Arguments: seconds per row (3 without), directory (a temporary one without).
 * <pre>
 * ./mvnw -q -Pjmh -pl telemetry-core test-compile exec:exec -Djmh.main=io.telemetry.journal.JournalSyncBenchmark -Djmh.args="3 /var/tmp"
 * </pre>
 */
public final class JournalSyncBenchmark {

	private static final List<byte[]> BATCH = Collections.nCopies(20, new byte[500]);

	private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

	private JournalSyncBenchmark() {
	}

	public static void main(String[] args) throws Exception {
		int seconds = (args.length > 0) ? Integer.parseInt(args[0]) : 3;
		Path parent = (args.length > 1) ? Path.of(args[1]) : Path.of(System.getProperty("java.io.tmpdir"));
		Path directory = Files.createTempDirectory(parent, "journal-benchmark");
		try {
			System.out.println("| sync | appenders | batches/s | syncs/s | one sync, ms | until durable, ms: median | 99 % | longest |");
			System.out.println("|---|---|---|---|---|---|---|---|");
			List<Sync> syncs = List.of(new Sync.Each(), new Sync.Interval(Duration.ofMillis(10)));
			measure(directory, syncs.get(0), 1, 0, 1, false);
			for (Sync sync : syncs) {
				measure(directory, sync, 1, PAUSE_NANOS, seconds, true);
				measure(directory, sync, 1, 0, seconds, true);
				measure(directory, sync, 100, 0, seconds, true);
			}
		}
		finally {
			delete(directory);
		}
	}

	private static void measure(Path directory, Sync sync, int appenders, long pauseNanos, int seconds, boolean print)
			throws Exception {
		JournalOptions options = JournalOptions.of(directory.resolve("journal"))
			.withSize(1L << 30, 1L << 26)
			.withWhenFull(WhenFull.LET_OLDEST_GO)
			.withSync(sync);
		Histogram micros = new ConcurrentHistogram(3);
		try (Journal journal = Journal.open(options)) {
			List<Thread> threads = new ArrayList<>();
			long begin = System.nanoTime();
			long end = begin + TimeUnit.SECONDS.toNanos(seconds);
			for (int i = 0; i < appenders; i++) {
				Thread thread = new Thread(() -> append(journal, pauseNanos, end, micros));
				threads.add(thread);
				thread.start();
			}
			for (Thread thread : threads) {
				thread.join();
			}
			double took = (System.nanoTime() - begin) / 1e9;
			JournalStats stats = journal.stats();
			if (print) {
				System.out.printf(Locale.ROOT, "| %s | %s | %.0f | %.0f | %.1f | %.1f | %.1f | %.1f |%n",
						(sync instanceof Sync.Interval interval) ? interval.atMost().toMillis() + " ms" : "each",
						(pauseNanos > 0) ? "1, at leisure" : appenders, micros.getTotalCount() / took,
						stats.syncs() / took, stats.syncTime().toNanos() / 1e6 / stats.syncs(),
						micros.getValueAtPercentile(50) / 1e3, micros.getValueAtPercentile(99) / 1e3,
						micros.getMaxValue() / 1e3);
			}
		}
		delete(directory.resolve("journal"));
	}

	private static void append(Journal journal, long pauseNanos, long end, Histogram micros) {
		try {
			for (long now = System.nanoTime(); now < end; now = System.nanoTime()) {
				journal.appendAll(BATCH).awaitDurable(Duration.ofMinutes(1));
				micros.recordValue((System.nanoTime() - now) / 1_000);
				if (pauseNanos > 0) {
					LockSupport.parkNanos(pauseNanos);
				}
			}
		}
		catch (IOException | InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void delete(Path directory) throws IOException {
		try (var files = Files.walk(directory)) {
			for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
				Files.delete(file);
			}
		}
	}

}
