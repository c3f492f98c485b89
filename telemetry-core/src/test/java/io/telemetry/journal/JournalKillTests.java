package io.telemetry.journal;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A process that appends is killed ({@code kill -9}) again and again, and its successor
 * goes on in the same directory. With {@code -Plong} a hundred times. That a power loss
 * loses nothing durable either, this can't show; see {@link JournalModelTests}.
 */
@Timeout(600)
@Tag("rounds")
class JournalKillTests {

	private static final int ROUNDS = Boolean.getBoolean("telemetry.test.long") ? 100 : 5;

	@TempDir
	private Path directory;

	@Test
	void whatWasDurableIsThereAfterEveryKill() throws Exception {
		SplittableRandom random = new SplittableRandom(1);
		for (int round = 0; round < ROUNDS; round++) {
			List<String> durable = writeAndKill(round, random);
			assertThat(durable).isNotEmpty().noneMatch((line) -> line.startsWith("!"));
			TreeMap<Long, ByteBuffer> found = new TreeMap<>();
			try (Journal journal = Journal.open(JournalWriterProcess.options(this.directory))) {
				assertThat(journal.stats().lost(Loss.DAMAGED)).as("torn").isBetween(0L, 1L);
				readAll(journal, found);
				assertThat(journal.stats().lost(Loss.DAMAGED)).as("torn").isBetween(0L, 1L);
			}
			assertWhole(found, round);
			for (String line : durable) {
				String[] words = line.split(" ");
				long sequence = Long.parseLong(words[0]);
				for (int i = 0; i < Integer.parseInt(words[3]); i++) {
					ByteBuffer record = found.get(sequence + i);
					assertThat(record).as("round %d, %s", round, line).isNotNull();
					assertThat(record.getInt(4)).isEqualTo(Integer.parseInt(words[1]));
					assertThat(record.getInt(8)).isEqualTo(Integer.parseInt(words[2]) + i);
				}
			}
		}
	}

	private Process start(int round, int millis) throws IOException {
		return new ProcessBuilder(System.getProperty("java.home") + "/bin/java", "-XX:TieredStopAtLevel=1",
				"-XX:+UseSerialGC", "-classpath", System.getProperty("java.class.path"),
				JournalWriterProcess.class.getName(), this.directory.toString(), Integer.toString(round),
				Integer.toString(millis))
			.redirectError(ProcessBuilder.Redirect.INHERIT)
			.start();
	}

	private List<String> writeAndKill(int round, SplittableRandom random) throws Exception {
		Process process = start(round, (round % 2 == 0) ? 0 : 10);
		List<String> lines = new ArrayList<>();
		int killAfter = 1 + random.nextInt(400);
		try (BufferedReader output = new BufferedReader(
				new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
			for (String line = output.readLine(); line != null; line = output.readLine()) {
				lines.add(line);
				if (lines.size() == killAfter) {
					// Through the handle: what it had said already is still read.
					process.toHandle().destroyForcibly();
				}
			}
		}
		finally {
			process.destroyForcibly();
		}
		assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
		return lines.stream().filter((line) -> line.startsWith("!") || line.endsWith(" 2")).toList();
	}

	/**
	 * What this round wrote; what rounds before wrote was acknowledged.
	 */
	private static void readAll(Journal journal, Map<Long, ByteBuffer> found) throws Exception {
		try (JournalReader reader = journal.reader("a")) {
			long last = 0;
			for (List<JournalRecord> some = reader.poll(100, Duration.ZERO); !some.isEmpty(); some = reader.poll(100,
					Duration.ZERO)) {
				for (JournalRecord record : some) {
					assertThat(record.sequence()).isGreaterThan(last);
					last = record.sequence();
					found.put(last, ByteBuffer.wrap(record.bytes()));
				}
			}
			reader.acknowledge(last);
		}
	}

	private static void assertWhole(TreeMap<Long, ByteBuffer> found, int round) {
		int[] next = new int[JournalWriterProcess.THREADS];
		for (ByteBuffer record : found.values()) {
			assertThat(record.getInt(0)).isEqualTo(round);
			int thread = record.getInt(4);
			assertThat(record.getInt(8)).as("in order, without a gap").isEqualTo(next[thread]);
			assertThat(record.array()).isEqualTo(JournalWriterProcess.record(round, thread, next[thread]));
			next[thread]++;
		}
	}

	@Test
	void aSecondProcessIsRefusedAndToldWhoHasTheJournal() throws Exception {
		Process process = start(0, 0);
		try {
			assertThat(process.inputReader().readLine()).isNotNull();
			assertThatExceptionOfType(JournalException.class)
				.isThrownBy(() -> Journal.open(JournalWriterProcess.options(this.directory)))
				.withMessageContaining("'" + this.directory + "'")
				.withMessageContaining("process " + process.pid() + " has it open");
		}
		finally {
			process.destroyForcibly();
		}
		assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
		// A lock ends with its process.
		Journal.open(JournalWriterProcess.options(this.directory)).close();
	}

}
