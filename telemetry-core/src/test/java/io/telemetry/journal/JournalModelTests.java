package io.telemetry.journal;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Random appends, reads, acknowledgements, restarts, kills, power losses and changed
 * bytes against a model that is a sorted map. With {@code -Plong} there are fifty times
 * as many rounds. A failure names its seed.
 * <p>
 * A kill is a copy of the directory. A power loss is such a copy, in which every file is
 * cut back, somewhere between where it ends and where it ended when it was forced, and in
 * which files are missing whose directory was not forced.
 */
class JournalModelTests {

	private static final int TIMES = Boolean.getBoolean("telemetry.test.long") ? 50 : 1;

	private static final int ROUNDS = 25;

	private static final int STEPS = 250;

	private static final List<String> NAMES = List.of("a", "b", "c");

	@TempDir
	private Path parent;

	@ParameterizedTest
	@EnumSource
	void theJournalDoesWhatTheModelDoes(WhenFull whenFull) throws Exception {
		for (int seed = 0; seed < ROUNDS * TIMES; seed++) {
			try (Round round = new Round(seed, whenFull)) {
				for (int step = 0; step < STEPS; step++) {
					round.step();
				}
				round.end();
			}
			catch (Throwable ex) {
				throw new AssertionError("seed " + seed + ", " + whenFull, ex);
			}
		}
	}

	/**
	 * One journal's life.
	 */
	private final class Round implements AutoCloseable {

		private final SplittableRandom random;

		private final WhenFull whenFull;

		private final long segmentBytes;

		private TestDisk disk = newDisk();

		private Path directory;

		private int directories;

		private long millis = 1_000_000;

		private long nanos;

		private Journal journal;

		/** What was appended and is not damaged. */
		private final TreeMap<Long, byte[]> model = new TreeMap<>();

		private final Map<String, JournalReader> readers = new TreeMap<>();

		/** By reader, open or not: up to where it acknowledged. */
		private final Map<String, Long> acknowledged = new TreeMap<>();

		/** By open reader: what it reads next. */
		private final Map<String, Long> next = new TreeMap<>();

		private final List<Append> undurable = new ArrayList<>();

		/** All up to this, at least, is on the disk. */
		private long durable;

		private long highest;

		/** Whether there is damage that was there before. */
		private boolean damaged;

		Round(int seed, WhenFull whenFull) throws IOException {
			this.random = new SplittableRandom(seed);
			this.whenFull = whenFull;
			this.segmentBytes = 300 + this.random.nextInt(1000);
			this.directory = newDirectory();
			this.journal = open();
		}

		private static TestDisk newDisk() {
			TestDisk disk = new TestDisk();
			disk.syncing = false;
			return disk;
		}

		private Path newDirectory() {
			return JournalModelTests.this.parent.resolve("journal" + this.directories++);
		}

		private Journal open() throws IOException {
			JournalOptions options = JournalOptions.of(this.directory)
				.withMaxRecordBytes(200)
				.withSize(this.segmentBytes * (2 + this.random.nextInt(6)), this.segmentBytes)
				.withWhenFull(this.whenFull);
			return new Journal(options, () -> Instant.ofEpochMilli(this.millis), () -> this.nanos, this.disk);
		}

		void step() throws Exception {
			int dice = this.random.nextInt(1000);
			if (dice < 450) {
				append();
			}
			else if (dice < 700) {
				poll();
			}
			else if (dice < 850) {
				acknowledge();
			}
			else if (dice < 870) {
				openOrCloseReader();
			}
			else if (dice < 950) {
				pass();
			}
			else if (dice < 960) {
				reopen();
			}
			else if (dice < 970) {
				kill(false);
			}
			else if (dice < 980) {
				kill(true);
			}
			else if (dice < 990) {
				losePower();
			}
			else {
				changeByte();
			}
			assertThat(this.journal.stats().nextSequence()).isGreaterThan(this.highest);
		}

		private void append() throws Exception {
			List<byte[]> records = new ArrayList<>();
			int count = (this.random.nextInt(5) == 0) ? 1 + this.random.nextInt(5) : 1;
			long length = Format.SEGMENT_HEADER;
			for (int i = 0; i < count; i++) {
				byte[] record = new byte[this.random.nextInt(100)];
				this.random.nextBytes(record);
				length += Format.RECORD_HEADER + record.length;
				if (length <= this.segmentBytes) {
					records.add(record);
				}
			}
			JournalStats before = this.journal.stats();
			try {
				Append append = this.journal.appendAll(records);
				assertThat(append.first()).isGreaterThan(this.highest);
				assertThat(append.last()).isEqualTo(append.first() + records.size() - 1);
				for (int i = 0; i < records.size(); i++) {
					this.model.put(append.first() + i, records.get(i));
				}
				this.highest = append.last();
				this.undurable.add(append);
			}
			catch (JournalException ex) {
				assertThat(ex.reason()).isEqualTo(Refused.FULL);
				assertThat(this.whenFull).isEqualTo(WhenFull.REFUSE_NEW);
				JournalStats after = this.journal.stats();
				assertThat(after.nextSequence()).isEqualTo(before.nextSequence());
				assertThat(after.refused(Refused.FULL)).isEqualTo(before.refused(Refused.FULL) + records.size());
			}
		}

		private void poll() throws Exception {
			String name = anyOf(this.readers.keySet());
			if (name == null) {
				return;
			}
			JournalReader reader = this.readers.get(name);
			if (this.random.nextInt(10) == 0) {
				reader.rewind();
				this.next.put(name, statsOf(name).acknowledged() + 1);
			}
			int max = 1 + this.random.nextInt(20);
			List<JournalRecord> records = reader.poll(max, Duration.ZERO);
			if (this.whenFull == WhenFull.LET_OLDEST_GO) {
				// What was let go was acknowledged on the reader's behalf.
				this.next.merge(name, statsOf(name).acknowledged() + 1, Math::max);
			}
			List<Long> expected = this.model.tailMap(this.next.get(name)).keySet().stream().limit(max).toList();
			assertThat(records).extracting(JournalRecord::sequence).isEqualTo(expected);
			for (JournalRecord record : records) {
				assertThat(record.bytes()).isEqualTo(this.model.get(record.sequence()));
				this.next.put(name, record.sequence() + 1);
			}
		}

		private @Nullable String anyOf(Set<String> names) {
			return names.isEmpty() ? null : List.copyOf(names).get(this.random.nextInt(names.size()));
		}

		private void acknowledge() {
			String name = anyOf(this.readers.keySet());
			if (name == null) {
				return;
			}
			long from = statsOf(name).acknowledged();
			long to = this.model.headMap(this.next.get(name)).isEmpty() ? from
					: this.model.headMap(this.next.get(name)).lastKey();
			if (to > from) {
				long sequence = from + 1 + this.random.nextLong(to - from);
				this.readers.get(name).acknowledge(sequence);
				this.acknowledged.put(name, sequence);
			}
		}

		private ReaderStats statsOf(String name) {
			return this.journal.stats()
				.readers()
				.stream()
				.filter((stats) -> stats.name().equals(name))
				.findFirst()
				.orElseThrow();
		}

		private void openOrCloseReader() throws Exception {
			String name = NAMES.get(this.random.nextInt(NAMES.size()));
			JournalReader open = this.readers.remove(name);
			if (open == null) {
				openReader(name);
			}
			else {
				open.close();
				this.next.remove(name);
				if (this.random.nextInt(4) == 0) {
					this.journal.forget(name);
					this.acknowledged.remove(name);
				}
			}
		}

		private void openReader(String name) throws Exception {
			this.readers.put(name, this.journal.reader(name));
			long position = statsOf(name).acknowledged();
			if (this.whenFull == WhenFull.REFUSE_NEW && this.acknowledged.containsKey(name)) {
				assertThat(position).isGreaterThanOrEqualTo(this.acknowledged.get(name));
			}
			this.acknowledged.put(name, position);
			this.next.put(name, position + 1);
		}

		private void pass() throws Exception {
			if (this.random.nextBoolean()) {
				this.nanos += this.random.nextLong(Duration.ofSeconds(2).toNanos());
				this.journal.work();
			}
			else {
				this.journal.sync();
			}
			for (Append append : List.copyOf(this.undurable)) {
				if (append.awaitDurable(Duration.ZERO)) {
					this.durable = Math.max(this.durable, append.last());
					this.undurable.remove(append);
				}
			}
		}

		private void reopen() throws Exception {
			this.journal.close();
			for (Append append : this.undurable) {
				assertThat(append.awaitDurable(Duration.ZERO)).isTrue();
			}
			this.durable = this.highest;
			opened();
			assertLost(0);
		}

		/** Goes on with what is in the directory. */
		private void opened() throws Exception {
			this.undurable.clear();
			this.readers.clear();
			this.next.clear();
			this.journal = open();
			for (ReaderStats stats : this.journal.stats().readers()) {
				if (this.random.nextBoolean()) {
					openReader(stats.name());
				}
			}
		}

		private void copy() throws IOException {
			Path from = this.directory;
			this.directory = newDirectory();
			Files.createDirectory(this.directory);
			TestDisk copied = newDisk();
			for (Path file : files(from)) {
				Path target = this.directory.resolve(file.getFileName());
				Files.copy(file, target);
				Long forced = this.disk.forced.get(file);
				if (forced != null) {
					copied.forced.put(target, forced);
				}
				if (this.disk.linked.contains(file)) {
					copied.linked.add(target);
				}
			}
			this.journal.close();
			delete(from);
			this.disk = copied;
		}

		private static List<Path> files(Path directory) throws IOException {
			try (var files = Files.list(directory)) {
				return files.sorted().toList();
			}
		}

		private static void delete(Path directory) throws IOException {
			try (var files = Files.walk(directory)) {
				for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
					Files.delete(file);
				}
			}
		}

		private void kill(boolean whileAppending) throws Exception {
			copy();
			List<Path> segments = segments();
			boolean torn = whileAppending && !segments.isEmpty();
			if (torn) {
				byte[] record = new byte[Format.RECORD_HEADER + 50];
				Format.encode(List.of(new byte[50]), this.highest + 1, 1, record);
				Path last = segments.get(segments.size() - 1);
				try (RandomAccessFile file = new RandomAccessFile(last.toFile(), "rw")) {
					file.seek(file.length());
					file.write(record, 0, 1 + this.random.nextInt(record.length - 1));
				}
			}
			opened();
			assertLost(torn ? 1 : 0);
			assertSurvivors(audit(this.journal), this.highest);
			this.damaged |= torn;
		}

		/** Damage is counted again whenever somebody comes by after a restart. */
		private void assertLost(int records) {
			assertThat(this.journal.stats().lost(Loss.DAMAGED)).isGreaterThanOrEqualTo(records);
			if (!this.damaged) {
				assertThat(this.journal.stats().lost(Loss.DAMAGED)).isEqualTo(records);
			}
		}

		private List<Path> segments() throws IOException {
			return files(this.directory).stream().filter((file) -> Format.baseOf(file) != null).toList();
		}

		/** Reads all that is there. */
		private TreeMap<Long, byte[]> audit(Journal journal) throws Exception {
			TreeMap<Long, byte[]> found = new TreeMap<>();
			try (JournalReader reader = journal.reader("audit")) {
				for (List<JournalRecord> some = reader.poll(100, Duration.ZERO); !some.isEmpty(); some = reader
					.poll(100, Duration.ZERO)) {
					for (JournalRecord record : some) {
						assertThat(found.put(record.sequence(), record.bytes())).isNull();
					}
				}
			}
			journal.forget("audit");
			return found;
		}

		/**
		 * What is there is what was appended, and all of it that must be there is.
		 */
		private void assertSurvivors(TreeMap<Long, byte[]> found, long durable) {
			found.forEach((sequence, bytes) -> assertThat(bytes).isEqualTo(this.model.get(sequence)));
			if (this.whenFull == WhenFull.REFUSE_NEW && !this.acknowledged.isEmpty()) {
				long lowest = this.acknowledged.values().stream().mapToLong(Long::longValue).min().orElse(0);
				assertThat(found.keySet()).containsAll(
						new TreeSet<>(this.model.subMap(lowest, false, Math.max(lowest, durable), true).keySet()));
			}
		}

		private void losePower() throws Exception {
			this.damaged = true;
			copy();
			for (Path segment : segments()) {
				if (!this.disk.linked.contains(segment)) {
					if (this.random.nextBoolean()) {
						Files.delete(segment);
						continue;
					}
				}
				long length = Files.size(segment);
				long forced = Math.min(length, this.disk.forced.getOrDefault(segment, 0L));
				long left = forced + this.random.nextLong(length - forced + 1);
				try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
					file.setLength(left);
					if (this.random.nextBoolean()) {
						// The size came to the disk, the content did not.
						file.setLength(length);
					}
				}
			}
			for (String name : NAMES) {
				if (this.random.nextInt(5) == 0 && Files.deleteIfExists(this.directory.resolve(name + ".reader"))) {
					this.acknowledged.remove(name);
				}
			}
			opened();
			TreeMap<Long, byte[]> found = audit(this.journal);
			assertSurvivors(found, this.durable);
			// Sequences that nothing durable has may be used again.
			this.highest = this.journal.stats().nextSequence() - 1;
			assertThat(this.highest).isGreaterThanOrEqualTo(this.durable);
			keep(found.keySet());
		}

		/** What is not there any more and was not acknowledged is not expected again. */
		private void keep(Set<Long> found) {
			this.model.keySet().retainAll(new HashSet<>(found));
			this.next.forEach((name, sequence) -> assertThat(sequence).isEqualTo(statsOf(name).acknowledged() + 1));
		}

		private void changeByte() throws Exception {
			boolean damagedBefore = this.damaged;
			this.damaged = true;
			copy();
			// What can be read from an unchanged copy is compared with the changed one.
			this.journal = open();
			TreeMap<Long, byte[]> before = audit(this.journal);
			this.journal.close();
			List<Path> segments = segments();
			if (!segments.isEmpty()) {
				Path segment = segments.get(this.random.nextInt(segments.size()));
				long length = Files.size(segment);
				if (length > Format.SEGMENT_HEADER) {
					try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
						long at = Format.SEGMENT_HEADER + this.random.nextLong(length - Format.SEGMENT_HEADER);
						file.seek(at);
						int old = file.read();
						file.seek(at);
						file.write(old ^ (1 << this.random.nextInt(8)));
					}
				}
			}
			opened();
			TreeMap<Long, byte[]> after = audit(this.journal);
			assertThat(before.entrySet().stream().map(Map.Entry::getKey)).containsAll(after.keySet());
			after.forEach((sequence, bytes) -> assertThat(bytes).isEqualTo(before.get(sequence)));
			assertThat(before.size() - after.size()).as("records lost by one changed byte").isBetween(0, 1);
			assertThat(this.journal.stats().lost(Loss.DAMAGED)).as("counted where lost")
				.isGreaterThanOrEqualTo(before.size() - after.size());
			long last = this.journal.stats().nextSequence() - 1;
			// Several records damaged at the end count as one, and sequences begin behind
			// it.
			this.highest = damagedBefore ? last : Math.max(this.highest, last);
			this.durable = Math.min(this.durable, this.highest);
			keep(after.keySet());
		}

		/**
		 * In the end everybody gets what there is, and the journal takes records again.
		 */
		void end() throws Exception {
			for (String name : NAMES) {
				if (!this.readers.containsKey(name)) {
					openReader(name);
				}
				JournalReader reader = this.readers.get(name);
				long last = this.model.headMap(this.next.get(name)).isEmpty() ? 0
						: this.model.headMap(this.next.get(name)).lastKey();
				for (List<JournalRecord> some = reader.poll(50, Duration.ZERO); !some.isEmpty(); some = reader.poll(50,
						Duration.ZERO)) {
					last = some.get(some.size() - 1).sequence();
				}
				long acknowledged = statsOf(name).acknowledged();
				reader.acknowledge(Math.max(last, acknowledged));
				assertThat(statsOf(name).backlog()).as("damage is nobody's to acknowledge").isZero();
			}
			this.nanos += Duration.ofSeconds(2).toNanos();
			this.journal.work();
			this.journal.append(new byte[100]);
			assertThat(this.journal.stats().bytes()).isLessThanOrEqualTo(2 * this.segmentBytes);
		}

		@Override
		public void close() throws IOException {
			this.journal.close();
			delete(this.directory);
		}

	}

}
