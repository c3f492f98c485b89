package io.telemetry.journal;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * Appends until it is killed, and says on its standard output what is durable: a line per
 * append, with sequence, thread and number of its first record, and how many there are.
 * <p>
 * Arguments: directory, round, sync interval in milliseconds (0 for each).
 */
final class JournalWriterProcess {

	static final int THREADS = 3;

	private JournalWriterProcess() {
	}

	static JournalOptions options(Path directory) {
		return JournalOptions.of(directory).withMaxRecordBytes(4096).withSize(64 << 20, 16 << 10);
	}

	/**
	 * A record that tells whether it is whole: its length and all its bytes follow from
	 * its first.
	 */
	static byte[] record(int round, int thread, int number) {
		ByteBuffer record = ByteBuffer.allocate(12 + (number * 37) % 3000);
		record.putInt(round).putInt(thread).putInt(number);
		while (record.hasRemaining()) {
			record.put((byte) (number + record.position()));
		}
		return record.array();
	}

	public static void main(String[] args) throws Exception {
		int round = Integer.parseInt(args[1]);
		int millis = Integer.parseInt(args[2]);
		Sync sync = (millis == 0) ? new Sync.Each() : new Sync.Interval(Duration.ofMillis(millis));
		Journal journal = Journal.open(options(Path.of(args[0])).withSync(sync));
		CountDownLatch never = new CountDownLatch(1);
		for (int t = 0; t < THREADS; t++) {
			int thread = t;
			new Thread(() -> append(journal, round, thread)).start();
		}
		never.await();
	}

	private static void append(Journal journal, int round, int thread) {
		try {
			for (int number = 0;; number += 2) {
				int first = number;
				// One thread waits for each, the others go ahead, not so far as to fill
				// it.
				Append append = journal
					.appendAll(List.of(record(round, thread, number), record(round, thread, number + 1)));
				append.durable().thenRun(() -> say(append.first() + " " + thread + " " + first + " 2"));
				if (thread == 0 || number % 100 == 0) {
					append.awaitDurable(Duration.ofMinutes(1));
				}
			}
		}
		catch (JournalException | InterruptedException ex) {
			say("! " + ex);
		}
	}

	private static void say(String line) {
		// One write each, so that a line is whole or missing.
		synchronized (System.out) {
			System.out.print(line + "\n");
			System.out.flush();
		}
	}

}
