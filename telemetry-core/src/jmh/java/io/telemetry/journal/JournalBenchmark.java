package io.telemetry.journal;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Appending to a journal beside a plain sequential write of the same bytes to a file, in
 * the same pieces, forced onto the disk equally often. A main program and not JMH: what
 * is compared is half a second of disk, not nanoseconds. Plain and journal take turns,
 * the middle of the rounds counts.
 * <p>
 * Arguments: megabytes per round (256 without), directory (a temporary one without).
 * <pre>
 * ./mvnw -q -Pjmh -pl telemetry-core test-compile exec:exec -Djmh.main=io.telemetry.journal.JournalBenchmark -Djmh.args="256 /var/tmp"
 * </pre>
 */
public final class JournalBenchmark {

	/** Odd, so that there is one in the middle. */
	private static final int ROUNDS = 7;

	private static final int WARM_UP_ROUNDS = 2;

	private static final int SMALL = 500;

	private static final int BATCH = 48_000;

	private JournalBenchmark() {
	}

	public static void main(String[] args) throws Exception {
		long bytes = 1_000_000L * ((args.length > 0) ? Integer.parseInt(args[0]) : 256);
		Path parent = (args.length > 1) ? Path.of(args[1]) : Path.of(System.getProperty("java.io.tmpdir"));
		Path directory = Files.createTempDirectory(parent, "journal-benchmark");
		try {
			System.out.println("| appended | forced | plain, MB/s | journal, MB/s | share |");
			System.out.println("|---|---|---|---|---|");
			compare(directory, "500 bytes at once", bytes, SMALL, 1, 0);
			compare(directory, "96 of 500 bytes at once", bytes, SMALL, BATCH / SMALL, 0);
			compare(directory, "48 KB at once", bytes, BATCH, 1, 0);
			compare(directory, "500 bytes at once", bytes / 4, SMALL, 1, 4_000_000);
			compare(directory, "96 of 500 bytes at once", bytes / 4, SMALL, BATCH / SMALL, 4_000_000);
			compare(directory, "48 KB at once", bytes / 4, BATCH, 1, 4_000_000);
			compare(directory, "96 of 500 bytes at once", bytes / 32, SMALL, BATCH / SMALL, BATCH);
			compare(directory, "48 KB at once", bytes / 32, BATCH, 1, BATCH);
		}
		finally {
			delete(directory);
		}
	}

	/**
	 * Measures one row.
	 * @param size of a record
	 * @param batch records that are written at once
	 * @param forceEvery payload bytes between two syncs; 0 for none
	 */
	private static void compare(Path directory, String name, long bytes, int size, int batch, int forceEvery)
			throws Exception {
		byte[] record = new byte[size];
		new Random(1).nextBytes(record);
		double[] plain = new double[ROUNDS];
		double[] journal = new double[ROUNDS];
		for (int round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
			double plainSpeed = plain(directory.resolve("plain"), record, batch, bytes, forceEvery);
			double journalSpeed = journal(directory.resolve("journal"), record, batch, bytes, forceEvery);
			if (round >= 0) {
				plain[round] = plainSpeed;
				journal[round] = journalSpeed;
			}
		}
		Arrays.sort(plain);
		Arrays.sort(journal);
		String forced = (forceEvery == 0) ? "never" : (forceEvery == BATCH) ? "each" : "every 4 MB";
		System.out.printf(Locale.ROOT, "| %s | %s | %.0f (%.0f to %.0f) | %.0f (%.0f to %.0f) | %.2f |%n", name, forced,
				plain[ROUNDS / 2], plain[0], plain[ROUNDS - 1], journal[ROUNDS / 2], journal[0], journal[ROUNDS - 1],
				journal[ROUNDS / 2] / plain[ROUNDS / 2]);
	}

	private static double plain(Path path, byte[] record, int batch, long bytes, int forceEvery) throws IOException {
		byte[] block = new byte[record.length * batch];
		for (int i = 0; i < batch; i++) {
			System.arraycopy(record, 0, block, i * record.length, record.length);
		}
		long nanos;
		try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
			long begin = System.nanoTime();
			long unforced = 0;
			for (long written = 0; written < bytes; written += block.length) {
				file.write(block);
				unforced += block.length;
				if (forceEvery > 0 && unforced >= forceEvery) {
					file.getFD().sync();
					unforced = 0;
				}
			}
			nanos = System.nanoTime() - begin;
		}
		Files.delete(path);
		return bytes * 1e3 / nanos;
	}

	private static double journal(Path directory, byte[] record, int batch, long bytes, int forceEvery)
			throws IOException, InterruptedException {
		JournalOptions options = JournalOptions.of(directory)
			.withSize(2 * bytes + (1L << 26), JournalOptions.of(directory).segmentBytes())
			.withSync((forceEvery == BATCH) ? new Sync.Each() : new Sync.Never());
		List<byte[]> records = Collections.nCopies(batch, record);
		int blockBytes = record.length * batch;
		long nanos;
		try (Journal journal = Journal.open(options)) {
			long begin = System.nanoTime();
			long unforced = 0;
			for (long written = 0; written < bytes; written += blockBytes) {
				Append append = journal.appendAll(records);
				unforced += blockBytes;
				if (forceEvery > 0 && unforced >= forceEvery) {
					if (forceEvery == BATCH) {
						append.awaitDurable(Duration.ofMinutes(1));
					}
					else {
						journal.sync();
					}
					unforced = 0;
				}
			}
			nanos = System.nanoTime() - begin;
		}
		delete(directory);
		return bytes * 1e3 / nanos;
	}

	private static void delete(Path directory) throws IOException {
		try (var files = Files.walk(directory)) {
			for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
				Files.delete(file);
			}
		}
	}

}
