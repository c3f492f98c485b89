package io.telemetry.journal;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * What a journal does, with a worker and a time that the test moves.
 */
class JournalTests {

	/** Four records of 26 bytes, 50 with their headers, beside the segment's own 32. */
	private static final int SEGMENT = 32 + 4 * 50;

	@TempDir
	private Path parent;

	private final TestDisk disk = new TestDisk();

	private final AtomicLong millis = new AtomicLong(1_000_000);

	private final AtomicLong nanos = new AtomicLong();

	private final List<Journal> opened = new ArrayList<>();

	@AfterEach
	void closeAll() {
		this.disk.syncFailure = null;
		for (Journal journal : this.opened) {
			try {
				journal.close();
			}
			catch (JournalException ex) {
				// What it tells is asserted where it matters.
			}
		}
	}

	private Path directory() {
		return this.parent.resolve("journal");
	}

	private JournalOptions options() {
		return JournalOptions.of(directory()).withMaxRecordBytes(100).withSize(4 * SEGMENT, SEGMENT);
	}

	private Journal open(JournalOptions options) throws JournalException {
		InstantSource clock = () -> Instant.ofEpochMilli(this.millis.get());
		Journal journal = new Journal(options, clock, this.nanos::get, this.disk);
		this.opened.add(journal);
		return journal;
	}

	private Journal open() throws JournalException {
		return open(options());
	}

	/** A text of 26 bytes. */
	private static byte[] text(long number) {
		return String.format("%026d", number).getBytes(StandardCharsets.US_ASCII);
	}

	private static void append(Journal journal, int from, int to) throws JournalException {
		for (int i = from; i <= to; i++) {
			assertThat(journal.append(text(i)).first()).isEqualTo(i);
		}
	}

	private static List<Long> numbers(List<JournalRecord> records) {
		return records.stream().map((record) -> {
			long number = Long.parseLong(new String(record.bytes(), StandardCharsets.US_ASCII));
			assertThat(record.sequence()).isEqualTo(number);
			return number;
		}).toList();
	}

	private static List<Long> read(JournalReader reader) throws Exception {
		return numbers(reader.poll(1000, Duration.ZERO));
	}

	private static List<Long> range(int from, int to) {
		return IntStream.rangeClosed(from, to).mapToObj((i) -> (long) i).toList();
	}

	private List<Path> segments() throws IOException {
		try (var files = Files.list(directory())) {
			return files.filter((file) -> Format.baseOf(file) != null).sorted().toList();
		}
	}

	private void later(Duration time) {
		this.millis.addAndGet(time.toMillis());
		this.nanos.addAndGet(time.toNanos());
	}

	private static ReaderStats statsOf(Journal journal, String reader) {
		return journal.stats()
			.readers()
			.stream()
			.collect(Collectors.toMap(ReaderStats::name, (stats) -> stats))
			.get(reader);
	}

	@Test
	void recordsAreReadAsAppendedInOrderOverSegments() throws Exception {
		Journal journal = open();
		JournalReader reader = journal.reader("a");
		append(journal, 1, 10);
		assertThat(segments()).hasSize(3);
		List<JournalRecord> records = reader.poll(3, Duration.ZERO);
		assertThat(numbers(records)).isEqualTo(range(1, 3));
		assertThat(records.get(0).appendedAt()).isEqualTo(Instant.ofEpochMilli(1_000_000));
		assertThat(read(reader)).isEqualTo(range(4, 10));
		assertThat(read(reader)).isEmpty();
		append(journal, 11, 11);
		assertThat(read(reader)).isEqualTo(range(11, 11));
		JournalStats stats = journal.stats();
		assertThat(stats.appended()).isEqualTo(11);
		assertThat(stats.appendedBytes()).isEqualTo(11 * 26);
		assertThat(stats.bytes()).isEqualTo(3 * 32 + 11 * 50);
		assertThat(stats.segments()).isEqualTo(3);
		assertThat(stats.nextSequence()).isEqualTo(12);
	}

	@Test
	void emptyRecordsAndThoseLargerThanAnyBufferAreKept() throws Exception {
		byte[] large = new byte[200_000];
		for (int i = 0; i < large.length; i++) {
			large[i] = (byte) i;
		}
		JournalOptions options = options().withSize(1 << 20, 1 << 19).withMaxRecordBytes(large.length);
		Journal journal = open(options);
		journal.append(new byte[0]);
		journal.append(large);
		journal.append(ByteBuffer.wrap(large, 10, 5));
		journal.close();
		JournalReader reader = open(options).reader("a");
		assertThat(reader.poll(10, Duration.ZERO)).extracting(JournalRecord::bytes)
			.containsExactly(new byte[0], large, new byte[] { 10, 11, 12, 13, 14 });
	}

	@Test
	void aBatchIsWrittenAsAWholeWithSequencesInARow() throws Exception {
		Journal journal = open();
		append(journal, 1, 2);
		Append append = journal.appendAll(List.of(text(3), text(4), text(5)));
		assertThat(append.first()).isEqualTo(3);
		assertThat(append.last()).isEqualTo(5);
		assertThat(segments()).hasSize(2);
		assertThat(read(journal.reader("a"))).isEqualTo(range(1, 5));
		assertThatIllegalArgumentException().isThrownBy(() -> journal.appendAll(List.of()));
	}

	@Test
	void recordsAndBatchesThatAreTooLargeAreRefusedAndCounted() throws Exception {
		Journal journal = open();
		assertThatExceptionOfType(JournalException.class).isThrownBy(() -> journal.append(new byte[101]))
			.withMessageContaining(
					"'" + directory() + "' refused a record: a record of 101 bytes is over maxRecordBytes, 100")
			.satisfies((ex) -> assertThat(ex.reason()).isEqualTo(Refused.TOO_LARGE));
		assertThatExceptionOfType(JournalException.class)
			.isThrownBy(() -> journal.appendAll(List.of(text(1), text(1), text(1), text(1), text(1))))
			.withMessageContaining(
					"refused 5 records: a batch of 250 bytes with its headers is over segmentBytes, 232");
		append(journal, 1, 1);
		assertThat(journal.stats().refused(Refused.TOO_LARGE)).isEqualTo(6);
	}

	@Test
	void aReaderGoesOnAfterWhatItAcknowledgedWhenOpenedAgain() throws Exception {
		Journal journal = open();
		JournalReader reader = journal.reader("a");
		append(journal, 1, 6);
		assertThat(read(reader)).hasSize(6);
		reader.acknowledge(2);
		reader.acknowledge(1);
		assertThat(statsOf(journal, "a")).isEqualTo(new ReaderStats("a", true, 2, 4, Map.of()));
		journal.close();
		Journal again = open();
		assertThat(statsOf(again, "a").open()).isFalse();
		assertThat(read(again.reader("a"))).isEqualTo(range(3, 6));
		append(again, 7, 7);
	}

	@Test
	void rewindingReadsAgainWhatWasNotAcknowledged() throws Exception {
		Journal journal = open();
		JournalReader reader = journal.reader("a");
		append(journal, 1, 6);
		read(reader);
		reader.acknowledge(4);
		reader.rewind();
		reader.acknowledge(5);
		reader.rewind();
		assertThat(read(reader)).isEqualTo(range(6, 6));
	}

	@Test
	void whatWasNotReadCannotBeAcknowledged() throws Exception {
		Journal journal = open();
		JournalReader reader = journal.reader("a");
		append(journal, 1, 3);
		reader.poll(2, Duration.ZERO);
		assertThatIllegalArgumentException().isThrownBy(() -> reader.acknowledge(3))
			.withMessage("sequence must be one that was read, up to 2, not 3");
	}

	@Test
	void segmentsThatAllReadersHaveAcknowledgedAreDeleted() throws Exception {
		Journal journal = open();
		JournalReader fast = journal.reader("fast");
		JournalReader slow = journal.reader("slow");
		append(journal, 1, 9);
		read(fast);
		read(slow);
		fast.acknowledge(9);
		slow.acknowledge(7);
		journal.work();
		assertThat(segments()).hasSize(2);
		slow.acknowledge(8);
		journal.work();
		assertThat(segments()).hasSize(1);
		assertThat(journal.stats().bytes()).isEqualTo(32 + 50);
		assertThat(journal.stats().lost()).isEmpty();
	}

	@Test
	void withoutReadersNothingIsDeletedUntilTheJournalIsFull() throws Exception {
		Journal journal = open();
		append(journal, 1, 16);
		journal.work();
		assertThat(segments()).hasSize(4);
		assertThat(read(journal.reader("late"))).isEqualTo(range(1, 16));
	}

	@Test
	void aReaderThatIsNotOpenKeepsItsRecordsUntilItIsForgotten() throws Exception {
		Journal journal = open();
		journal.reader("away").close();
		JournalReader reader = journal.reader("here");
		append(journal, 1, 9);
		read(reader);
		reader.acknowledge(9);
		journal.work();
		assertThat(segments()).hasSize(3);
		assertThatIllegalStateException().isThrownBy(() -> journal.forget("here"))
			.withMessageContaining("close it first");
		journal.forget("away");
		journal.forget("unknown");
		journal.work();
		assertThat(segments()).hasSize(1);
		journal.close();
		assertThat(open().stats().readers()).extracting(ReaderStats::name).containsExactly("here");
	}

	@Test
	void oneReaderPerNameAtATime() throws Exception {
		Journal journal = open();
		JournalReader reader = journal.reader("a");
		assertThatIllegalStateException().isThrownBy(() -> journal.reader("a"))
			.withMessageContaining("'a' is being read in '" + directory() + "' already");
		reader.close();
		reader.close();
		assertThatExceptionOfType(JournalException.class).isThrownBy(() -> reader.poll(1, Duration.ZERO))
			.withMessage("The reader 'a' was closed");
		journal.reader("a").close();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", ".hidden", "a/b", "..", "a b", "é" })
	void namesThatAreNoFileNamesAreRefused(String name) throws Exception {
		Journal journal = open();
		assertThatIllegalArgumentException().isThrownBy(() -> journal.reader(name))
			.withMessageContaining("not '" + name + "'");
	}

	@Test
	void aFullJournalRefusesTheNewUntilRecordsAreAcknowledged() throws Exception {
		Journal journal = open();
		JournalReader reader = journal.reader("a");
		append(journal, 1, 16);
		assertThatExceptionOfType(JournalException.class).isThrownBy(() -> journal.append(text(17)))
			.withMessageContaining(
					"refused a record: it holds 928 bytes of maxBytes, 928; readers have to acknowledge first")
			.satisfies((ex) -> assertThat(ex.reason()).isEqualTo(Refused.FULL));
		assertThat(journal.stats().refused(Refused.FULL)).isEqualTo(1);
		read(reader);
		reader.acknowledge(4);
		append(journal, 17, 20);
		assertThat(read(reader)).isEqualTo(range(17, 20));
		assertThat(journal.stats().bytes()).isEqualTo(928);
	}

	@Test
	void aFullJournalLetsTheOldestGoCountedForEachReader() throws Exception {
		Journal journal = open(options().withWhenFull(WhenFull.LET_OLDEST_GO));
		JournalReader ahead = journal.reader("ahead");
		JournalReader behind = journal.reader("behind");
		append(journal, 1, 16);
		assertThat(numbers(ahead.poll(3, Duration.ZERO))).hasSize(3);
		assertThat(numbers(behind.poll(1, Duration.ZERO))).hasSize(1);
		ahead.acknowledge(3);
		append(journal, 17, 21);
		assertThat(read(ahead)).isEqualTo(range(9, 21));
		assertThat(read(behind)).isEqualTo(range(9, 21));
		assertThat(statsOf(journal, "ahead").lost()).isEqualTo(Map.of(Loss.FULL, 5L));
		assertThat(statsOf(journal, "behind").lost()).isEqualTo(Map.of(Loss.FULL, 8L));
		assertThat(journal.stats().lost()).isEqualTo(Map.of(Loss.FULL, 8L));
		assertThat(journal.stats().bytes()).isLessThanOrEqualTo(928);
		journal.close();
		assertThat(statsOf(open(), "behind").lost()).isEmpty();
	}

	@Test
	void smallerBoundsThanTheJournalHasApplyToTheNextAppend() throws Exception {
		Journal journal = open(options().withSize(10_000, 5_000));
		JournalReader reader = journal.reader("a");
		append(journal, 1, 90);
		read(reader);
		reader.acknowledge(90);
		journal.close();
		Journal smaller = open();
		append(smaller, 91, 91);
		assertThat(smaller.stats().bytes()).isEqualTo(82);
		assertThat(read(smaller.reader("a"))).isEqualTo(range(91, 91));
		assertThat(smaller.stats().lost()).isEmpty();
	}

	@Test
	void recordsOlderThanTheAgeGoBySegments() throws Exception {
		Journal journal = open(options().withMaxAge(Duration.ofMinutes(4)));
		JournalReader reader = journal.reader("a");
		append(journal, 1, 2);
		later(Duration.ofSeconds(59));
		journal.work();
		append(journal, 3, 3);
		later(Duration.ofSeconds(1));
		journal.work();
		append(journal, 4, 4);
		assertThat(segments()).as("sealed after a quarter of the age").hasSize(2);
		later(Duration.ofSeconds(238));
		journal.work();
		assertThat(segments()).hasSize(2);
		later(Duration.ofSeconds(1));
		journal.work();
		assertThat(segments()).hasSize(1);
		assertThat(read(reader)).isEqualTo(range(4, 4));
		assertThat(statsOf(journal, "a").lost()).isEqualTo(Map.of(Loss.AGE, 3L));
		assertThat(journal.stats().lost()).isEqualTo(Map.of(Loss.AGE, 3L));
	}

	@Test
	void sequencesGoOnAfterEverythingWentByAge() throws Exception {
		JournalOptions options = options().withMaxAge(Duration.ofMinutes(4));
		Journal journal = open(options);
		append(journal, 1, 3);
		journal.close();
		Journal again = open(options);
		later(Duration.ofMinutes(5));
		again.work();
		assertThat(again.stats().lost()).isEqualTo(Map.of(Loss.AGE, 3L));
		again.close();
		append(open(options), 4, 4);
	}

	@Test
	void sequencesGoOnAfterEverythingWasAcknowledged() throws Exception {
		Journal journal = open();
		JournalReader reader = journal.reader("a");
		append(journal, 1, 8);
		read(reader);
		reader.acknowledge(8);
		journal.work();
		reader.close();
		journal.forget("a");
		journal.close();
		append(open(), 9, 9);
	}

	@Test
	void theOldestSegmentWithSomethingToReadTellsItsAge() throws Exception {
		Journal journal = open();
		JournalReader reader = journal.reader("a");
		assertThat(journal.stats().oldest()).isNull();
		append(journal, 1, 4);
		later(Duration.ofSeconds(5));
		append(journal, 5, 5);
		later(Duration.ofSeconds(2));
		assertThat(journal.stats().oldest()).isEqualTo(Duration.ofSeconds(7));
		read(reader);
		reader.acknowledge(4);
		assertThat(journal.stats().oldest()).isEqualTo(Duration.ofSeconds(2));
		reader.acknowledge(5);
		assertThat(journal.stats().oldest()).isNull();
	}

	@Test
	void appendsOfAnIntervalShareOneSync() throws Exception {
		Journal journal = open();
		CompletableFuture<Void> first = journal.append(text(1)).durable().toCompletableFuture();
		later(Duration.ofMillis(499));
		CompletableFuture<Void> second = journal.append(text(2)).durable().toCompletableFuture();
		journal.work();
		assertThat(first).isNotDone();
		assertThat(this.disk.syncs).hasValue(0);
		later(Duration.ofMillis(1));
		journal.work();
		assertThat(first).isCompleted();
		assertThat(second).isCompleted();
		assertThat(this.disk.syncs).hasValue(1);
		assertThat(this.disk.directorySyncs).as("the segment is new").hasValue(1);
		later(Duration.ofMillis(500));
		journal.work();
		assertThat(journal.stats().syncs()).as("nothing to sync").isEqualTo(1);
		Append third = journal.append(text(3));
		assertThat(third.awaitDurable(Duration.ZERO)).isFalse();
		later(Duration.ofMillis(500));
		journal.work();
		assertThat(third.awaitDurable(Duration.ZERO)).isTrue();
		assertThat(this.disk.directorySyncs).hasValue(1);
	}

	@Test
	void withAnIntervalAnIdleJournalSyncsAtOnceAndABusyOneOncePerInterval() throws Exception {
		Journal journal = open();
		later(Duration.ofSeconds(10));
		Append idle = journal.append(text(1));
		journal.work();
		assertThat(idle.awaitDurable(Duration.ZERO)).isTrue();
		later(Duration.ofMillis(100));
		Append busy = journal.append(text(2));
		later(Duration.ofMillis(399));
		journal.work();
		assertThat(busy.awaitDurable(Duration.ZERO)).isFalse();
		later(Duration.ofMillis(1));
		journal.work();
		assertThat(busy.awaitDurable(Duration.ZERO)).isTrue();
		assertThat(this.disk.syncs).hasValue(2);
	}

	@Test
	void aSyncForcesEverySegmentThatWasWrittenTo() throws Exception {
		Journal journal = open();
		append(journal, 1, 8);
		Append last = journal.append(text(9));
		journal.sync();
		assertThat(this.disk.syncs).hasValue(3);
		assertThat(last.awaitDurable(Duration.ZERO)).isTrue();
	}

	@Test
	void withEachOneSyncIsDueAtOnce() throws Exception {
		Journal journal = open(options().withSync(new Sync.Each()));
		Append append = journal.append(text(1));
		assertThat(append.awaitDurable(Duration.ZERO)).isFalse();
		journal.work();
		assertThat(append.awaitDurable(Duration.ZERO)).isTrue();
	}

	@Test
	void withNeverSyncsComeWhenAskedForAndAtTheEnd() throws Exception {
		Journal journal = open(options().withSync(new Sync.Never()));
		Append append = journal.append(text(1));
		append(journal, 2, 9);
		later(Duration.ofHours(1));
		journal.work();
		assertThat(append.awaitDurable(Duration.ZERO)).isFalse();
		journal.sync();
		assertThat(append.awaitDurable(Duration.ZERO)).isTrue();
		assertThat(this.disk.syncs).as("sealed segments too").hasValue(3);
		Append late = journal.append(text(10));
		journal.close();
		assertThat(late.awaitDurable(Duration.ZERO)).isTrue();
	}

	@Test
	void aFailedSyncFailsItsAppendsAndIsNotTriedAgainOnTheSameFile() throws Exception {
		Journal journal = open();
		JournalReader reader = journal.reader("a");
		Append failing = journal.append(text(1));
		this.disk.syncFailure = new IOException("Input/output error");
		later(Duration.ofMillis(500));
		journal.work();
		assertThatExceptionOfType(JournalException.class).isThrownBy(() -> failing.awaitDurable(Duration.ZERO))
			.withMessageContaining("could not be synced")
			.withMessageContaining("Input/output error")
			.satisfies((ex) -> assertThat(ex.reason()).isEqualTo(Refused.IO));
		this.disk.syncFailure = null;
		Append next = journal.append(text(2));
		assertThat(segments()).hasSize(2);
		journal.sync();
		assertThat(next.awaitDurable(Duration.ZERO)).isTrue();
		assertThat(this.disk.syncs).as("the new segment alone").hasValue(1);
		assertThat(read(reader)).isEqualTo(range(1, 2));
		assertThat(journal.stats().syncFailures()).isEqualTo(1);
	}

	@Test
	void whoWaitsForARecordThatWentBeforeItsSyncIsToldInTime() throws Exception {
		Journal journal = open(
				options().withMaxAge(Duration.ofMinutes(1)).withSync(new Sync.Interval(Duration.ofMinutes(5))));
		Append append = journal.append(text(1));
		later(Duration.ofMinutes(2));
		journal.work();
		assertThat(journal.stats().lost()).isEqualTo(Map.of(Loss.AGE, 1L));
		assertThat(append.awaitDurable(Duration.ZERO)).isFalse();
		later(Duration.ofMinutes(3));
		journal.work();
		assertThat(append.awaitDurable(Duration.ZERO)).isTrue();
	}

	@Test
	void whoWaitsForASyncThatFailsInAnUnforeseenWayIsTold() throws Exception {
		IllegalStateException unforeseen = new IllegalStateException("unforeseen");
		AtomicBoolean failing = new AtomicBoolean();
		Journal journal = new Journal(options(), InstantSource.system(), this.nanos::get, new TestDisk() {

			@Override
			@Nullable Object keyOf(Path path) {
				if (failing.get()) {
					throw unforeseen;
				}
				return super.keyOf(path);
			}

		});
		this.opened.add(journal);
		Append append = journal.append(text(1));
		failing.set(true);
		assertThatIllegalStateException().isThrownBy(journal::sync).isSameAs(unforeseen);
		failing.set(false);
		assertThatExceptionOfType(JournalException.class).isThrownBy(() -> append.awaitDurable(Duration.ZERO))
			.withCause(unforeseen);
	}

	@Test
	void aWriteThatFailsLeavesNothingAndTheNextGoesOn() throws Exception {
		Journal journal = open();
		JournalReader reader = journal.reader("a");
		append(journal, 1, 1);
		this.disk.writeFailure = new IOException("No space left on device");
		this.disk.writtenBeforeFailure = 30;
		assertThatExceptionOfType(JournalException.class).isThrownBy(() -> journal.append(text(2)))
			.withMessageContaining("refused a record: the disk is full (")
			.satisfies((ex) -> assertThat(ex.reason()).isEqualTo(Refused.DISK_FULL));
		assertThat(segments().get(0)).hasSize(82);
		this.disk.writeFailure = null;
		append(journal, 2, 3);
		assertThat(segments()).hasSize(1);
		assertThat(read(reader)).isEqualTo(range(1, 3));
		assertThat(journal.stats().refused()).isEqualTo(Map.of(Refused.DISK_FULL, 1L));
		assertThat(journal.stats().lost()).isEmpty();
	}

	@Test
	void aBatchThatIsWrittenInPartIsRefusedAsAWhole() throws Exception {
		Journal journal = open();
		JournalReader reader = journal.reader("a");
		append(journal, 1, 1);
		this.disk.writeFailure = new IOException("No space left on device");
		this.disk.writtenBeforeFailure = 120;
		assertThatExceptionOfType(JournalException.class)
			.isThrownBy(() -> journal.appendAll(List.of(text(2), text(3), text(4))))
			.withMessageContaining("refused 3 records")
			.satisfies((ex) -> assertThat(ex.reason()).isEqualTo(Refused.DISK_FULL));
		this.disk.writeFailure = null;
		assertThat(read(reader)).isEqualTo(range(1, 1));
		assertThat(segments().get(0)).hasSize(82);
		assertThat(journal.stats().refused()).isEqualTo(Map.of(Refused.DISK_FULL, 3L));
		append(journal, 2, 2);
	}

	@Test
	void aBatchForWhichThereIsNoRoomIsRefusedAsAWhole() throws Exception {
		Journal journal = open();
		JournalReader reader = journal.reader("a");
		append(journal, 1, 14);
		assertThatExceptionOfType(JournalException.class)
			.isThrownBy(() -> journal.appendAll(List.of(text(15), text(16), text(17))))
			.satisfies((ex) -> assertThat(ex.reason()).isEqualTo(Refused.FULL));
		assertThat(read(reader)).isEqualTo(range(1, 14));
		assertThat(journal.stats().refused()).isEqualTo(Map.of(Refused.FULL, 3L));
	}

	@Test
	void aDiskThatFailsOtherwiseGetsANewSegment() throws Exception {
		Journal journal = open();
		append(journal, 1, 1);
		this.disk.writeFailure = new IOException("Input/output error");
		assertThatExceptionOfType(JournalException.class).isThrownBy(() -> journal.append(text(2)))
			.satisfies((ex) -> assertThat(ex.reason()).isEqualTo(Refused.IO));
		assertThatExceptionOfType(JournalException.class).isThrownBy(() -> journal.append(text(2)))
			.satisfies((ex) -> assertThat(ex.reason()).isEqualTo(Refused.IO));
		this.disk.writeFailure = null;
		append(journal, 2, 2);
		assertThat(segments()).hasSize(2);
		assertThat(read(journal.reader("a"))).isEqualTo(range(1, 2));
	}

	@Test
	void whatAFailedWriteLeftAndCouldNotBeCutOffIsNeverRead() throws Exception {
		Journal journal = open();
		JournalReader reader = journal.reader("a");
		append(journal, 1, 1);
		this.disk.writeFailure = new IOException("No space left on device");
		this.disk.writtenBeforeFailure = 30;
		this.disk.truncateFailure = new IOException("Input/output error");
		assertThatExceptionOfType(JournalException.class).isThrownBy(() -> journal.append(text(2)));
		this.disk.writeFailure = null;
		this.disk.truncateFailure = null;
		append(journal, 2, 2);
		assertThat(read(reader)).isEqualTo(range(1, 2));
		journal.close();
		Journal again = open();
		assertThat(read(again.reader("b"))).isEqualTo(range(1, 2));
		assertThat(again.stats().lost()).isEmpty();
	}

	@Test
	void aDiskThatCannotBeReadIsAskedAgainAndThenItsSegmentLeft() throws Exception {
		Journal journal = open();
		JournalReader reader = journal.reader("a");
		append(journal, 1, 5);
		this.disk.readFailure = new IOException("Input/output error");
		for (int i = 0; i < 2; i++) {
			assertThatExceptionOfType(JournalException.class).isThrownBy(() -> read(reader))
				.withMessageContaining("Can't read the journal in '" + directory() + "'")
				.satisfies((ex) -> assertThat(ex.reason()).isEqualTo(Refused.IO));
		}
		this.disk.readFailure = null;
		assertThat(numbers(reader.poll(2, Duration.ZERO))).isEqualTo(range(1, 2));
		this.disk.readFailure = new IOException("Input/output error");
		reader.rewind();
		for (int i = 0; i < 2; i++) {
			assertThatExceptionOfType(JournalException.class).isThrownBy(() -> read(reader));
		}
		assertThat(read(reader)).isEmpty();
		for (int i = 0; i < 5; i++) {
			assertThatExceptionOfType(JournalException.class).as("the newest is not left")
				.isThrownBy(() -> read(reader));
		}
		this.disk.readFailure = null;
		assertThat(read(reader)).isEqualTo(range(5, 5));
		assertThat(statsOf(journal, "a").lost()).isEqualTo(Map.of(Loss.DAMAGED, 4L));
	}

	@Test
	void filesThatCannotBeDeletedAreTriedAgain() throws Exception {
		Journal journal = open();
		JournalReader reader = journal.reader("a");
		append(journal, 1, 5);
		read(reader);
		reader.acknowledge(5);
		this.disk.deleteFailure = new IOException("busy");
		journal.work();
		assertThat(segments()).hasSize(2);
		assertThat(journal.stats().bytes()).isEqualTo(2 * 32 + 5 * 50);
		this.disk.deleteFailure = null;
		later(Duration.ofSeconds(1));
		journal.work();
		assertThat(segments()).hasSize(1);
		assertThat(journal.stats().bytes()).isEqualTo(82);
	}

	@Test
	@DisabledOnOs(value = OS.WINDOWS, disabledReason = "Windows does not delete open files")
	void aDirectoryDeletedWhileOpenIsMadeAnewAndWhatWasInItCounted() throws Exception {
		Journal journal = open();
		JournalReader reader = journal.reader("a");
		append(journal, 1, 5);
		journal.sync();
		assertThat(numbers(reader.poll(2, Duration.ZERO))).hasSize(2);
		reader.acknowledge(2);
		Append intoTheVoid = journal.append(text(6));
		deleteDirectory();
		later(Duration.ofMillis(500));
		journal.work();
		assertThatExceptionOfType(JournalException.class).isThrownBy(() -> intoTheVoid.awaitDurable(Duration.ZERO))
			.withMessageContaining("was deleted before it could be synced");
		append(journal, 7, 7);
		assertThat(journal.stats().recreated()).isEqualTo(1);
		assertThat(journal.stats().lost()).isEqualTo(Map.of(Loss.DAMAGED, 4L));
		assertThat(read(reader)).isEqualTo(range(7, 7));
		assertThat(statsOf(journal, "a").lost()).isEqualTo(Map.of(Loss.DAMAGED, 4L));
		assertThatExceptionOfType(JournalException.class).as("locked anew").isThrownBy(this::open);
		journal.close();
		Journal again = open();
		assertThat(statsOf(again, "a").acknowledged()).isGreaterThanOrEqualTo(2);
		append(again, 8, 8);
	}

	@Test
	@DisabledOnOs(value = OS.WINDOWS, disabledReason = "Windows does not delete open files")
	void aDirectoryThatCannotBeMadeAnewRefusesUntilItCan() throws Exception {
		Journal journal = open();
		append(journal, 1, 1);
		deleteDirectory();
		Files.writeString(directory(), "in the way");
		later(Duration.ofSeconds(1));
		journal.work();
		assertThatExceptionOfType(JournalException.class).isThrownBy(() -> journal.append(text(2)))
			.satisfies((ex) -> assertThat(ex.reason()).isEqualTo(Refused.IO));
		Files.delete(directory());
		append(journal, 2, 2);
		assertThat(read(journal.reader("a"))).isEqualTo(range(2, 2));
	}

	@Test
	@DisabledOnOs(value = OS.WINDOWS, disabledReason = "Windows does not delete open files")
	void aSegmentDeletedFromOutsideIsCountedAndPassed() throws Exception {
		Journal journal = open();
		JournalReader reader = journal.reader("a");
		append(journal, 1, 9);
		Files.delete(segments().get(1));
		assertThat(read(reader)).isEqualTo(List.of(1L, 2L, 3L, 4L, 9L));
		assertThat(statsOf(journal, "a").lost()).isEqualTo(Map.of(Loss.DAMAGED, 4L));
		assertThat(journal.stats().lost()).isEqualTo(Map.of(Loss.DAMAGED, 4L));
	}

	@Test
	@DisabledOnOs(value = OS.WINDOWS, disabledReason = "Windows does not delete open files")
	void whoWaitsForASyncOfFilesThatAReaderFoundDeletedIsTold() throws Exception {
		Journal journal = open();
		JournalReader reader = journal.reader("a");
		append(journal, 1, 4);
		Append last = journal.append(text(5));
		for (Path segment : segments()) {
			Files.delete(segment);
		}
		assertThat(read(reader)).isEmpty();
		later(Duration.ofMillis(500));
		journal.work();
		assertThatExceptionOfType(JournalException.class).isThrownBy(() -> last.awaitDurable(Duration.ZERO))
			.withMessageContaining("was deleted before it could be synced");
		Append next = journal.append(text(6));
		journal.sync();
		assertThat(next.awaitDurable(Duration.ZERO)).isTrue();
	}

	private void deleteDirectory() throws IOException {
		try (var files = Files.list(directory())) {
			for (Path file : files.toList()) {
				Files.delete(file);
			}
		}
		Files.delete(directory());
	}

	@Test
	void aSecondJournalOfTheProcessIsRefusedUnderAnyNameOfTheDirectory() throws Exception {
		Journal journal = open();
		append(journal, 1, 1);
		Path link = Files.createSymbolicLink(this.parent.resolve("link"), directory());
		for (Path path : List.of(directory(), link, directory().resolve("../journal"))) {
			assertThatExceptionOfType(JournalException.class).isThrownBy(() -> open(options().withDirectory(path)))
				.withMessageContaining("Can't open the journal in '" + path.toAbsolutePath() + "'")
				.withMessageContaining("another journal of this process has it open")
				.withMessageContaining("name a directory of its own");
		}
		journal.close();
		append(open(options().withDirectory(link)), 2, 2);
	}

	@Test
	void aFileInPlaceOfTheDirectoryIsRefused() throws Exception {
		Files.writeString(directory(), "");
		assertThatExceptionOfType(JournalException.class).isThrownBy(this::open)
			.withMessageContaining("'" + directory() + "'")
			.satisfies((ex) -> assertThat(ex.reason()).isEqualTo(Refused.IO));
	}

	@Test
	void aClosedJournalRefusesAndEndsItsReaders() throws Exception {
		Journal journal = open();
		JournalReader reader = journal.reader("a");
		journal.close();
		journal.close();
		assertThatExceptionOfType(JournalException.class).isThrownBy(() -> journal.append(text(1)))
			.withMessageContaining("was closed")
			.satisfies((ex) -> assertThat(ex.reason()).isEqualTo(Refused.CLOSED));
		assertThatExceptionOfType(JournalException.class).isThrownBy(() -> read(reader));
		assertThatExceptionOfType(JournalException.class).isThrownBy(() -> journal.reader("b"));
		assertThatExceptionOfType(JournalException.class).isThrownBy(journal::sync);
		assertThat(journal.stats().refused()).isEqualTo(Map.of(Refused.CLOSED, 1L));
	}

	@Test
	void anInterruptedThreadAppendsAndReads() throws Exception {
		Journal journal = open();
		JournalReader reader = journal.reader("a");
		Thread.currentThread().interrupt();
		journal.append(text(1));
		assertThat(Thread.interrupted()).isTrue();
		Thread thread = new Thread(() -> {
			Thread.currentThread().interrupt();
			try {
				append(journal, 2, 6);
			}
			catch (JournalException ex) {
				throw new IllegalStateException(ex);
			}
		});
		thread.start();
		thread.join();
		assertThat(read(reader)).isEqualTo(range(1, 6));
	}

	// Recovery

	@Test
	void aTornTailLosesItsRecordAndIsCountedOnce() throws Exception {
		writeAndCut(6, 1);
		Journal journal = open();
		assertThat(journal.stats().lost()).isEqualTo(Map.of(Loss.DAMAGED, 1L));
		append(journal, 7, 7);
		JournalReader reader = journal.reader("a");
		assertThat(read(reader)).isEqualTo(List.of(1L, 2L, 3L, 4L, 5L, 7L));
		assertThat(statsOf(journal, "a").lost()).isEqualTo(Map.of(Loss.DAMAGED, 1L));
		assertThat(journal.stats().lost()).as("once, whoever comes by").isEqualTo(Map.of(Loss.DAMAGED, 1L));
		journal.close();
		assertThat(open().stats().lost()).isEmpty();
	}

	/** Writes records, closes, and cuts bytes off the last file. */
	private void writeAndCut(int records, int cut) throws Exception {
		Journal journal = open();
		append(journal, 1, records);
		journal.close();
		List<Path> segments = segments();
		try (RandomAccessFile file = new RandomAccessFile(segments.get(segments.size() - 1).toFile(), "rw")) {
			file.setLength(file.length() - cut);
		}
	}

	@Test
	void aTailOfZerosIsRecognised() throws Exception {
		writeAndCut(6, 50);
		try (RandomAccessFile file = new RandomAccessFile(segments().get(1).toFile(), "rw")) {
			file.setLength(file.length() + 70);
		}
		Journal journal = open();
		assertThat(journal.stats().lost()).isEqualTo(Map.of(Loss.DAMAGED, 1L));
		assertThat(read(journal.reader("a"))).isEqualTo(range(1, 5));
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 5, 31, 32 })
	void aSegmentThatWasJustBeingCreatedIsNoLoss(int bytes) throws Exception {
		Journal journal = open();
		append(journal, 1, 4);
		journal.close();
		Files.write(Format.segmentPath(directory(), 5), new byte[bytes]);
		Journal again = open();
		append(again, 5, 5);
		assertThat(read(again.reader("a"))).isEqualTo(range(1, 5));
		assertThat(again.stats().lost()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 3, 4, 8, 15, 16, 24, 49 })
	void aByteChangedInARecordLosesThatRecordOnly(int at) throws Exception {
		Journal journal = open();
		append(journal, 1, 16);
		journal.close();
		// The second record of the second segment.
		change(segments().get(1), 32 + 50 + at);
		Journal again = open();
		assertThat(again.stats().lost()).as("not read yet").isEmpty();
		List<Long> others = new ArrayList<>(range(1, 16));
		others.remove(6L);
		JournalReader reader = again.reader("a");
		assertThat(read(reader)).isEqualTo(others);
		reader.rewind();
		assertThat(read(reader)).isEqualTo(others);
		assertThat(statsOf(again, "a").lost()).isEqualTo(Map.of(Loss.DAMAGED, 1L));
		assertThat(again.stats().lost()).isEqualTo(Map.of(Loss.DAMAGED, 1L));
		reader.acknowledge(16);
		again.work();
		assertThat(segments()).hasSize(1);
	}

	private static void change(Path path, long at) throws IOException {
		try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
			file.seek(at);
			int before = file.read();
			file.seek(at);
			file.write(before ^ 0x41);
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 4, 8, 20, 28 })
	void aByteChangedInASegmentsHeaderLosesNothing(int at) throws Exception {
		Journal journal = open();
		append(journal, 1, 6);
		journal.close();
		change(segments().get(0), at);
		change(segments().get(1), at);
		Journal again = open();
		append(again, 7, 7);
		assertThat(read(again.reader("a"))).isEqualTo(range(1, 7));
		assertThat(again.stats().lost()).isEmpty();
	}

	@Test
	void aSegmentOfALaterVersionIsNotTouched() throws Exception {
		Journal journal = open();
		append(journal, 1, 1);
		journal.close();
		byte[] bytes = Files.readAllBytes(segments().get(0));
		bytes[5] = 2;
		CRC32C crc = new CRC32C();
		crc.update(bytes, 0, 28);
		ByteBuffer.wrap(bytes).putInt(28, (int) crc.getValue());
		Files.write(segments().get(0), bytes);
		assertThatExceptionOfType(JournalException.class).isThrownBy(this::open)
			.withMessageContaining("it has version 2 and this code knows 1");
		assertThat(segments().get(0)).hasBinaryContent(bytes);
	}

	@Test
	void aRecordWithinARecordIsNotTakenForOneEvenNextToDamage() throws Exception {
		Journal journal = open(options().withSize(10_000, 5_000).withMaxRecordBytes(1000));
		append(journal, 1, 1);
		byte[] nested = new byte[4 * 50];
		Format.encode(List.of(text(3), text(4), text(5), text(6)), 3, 1, nested);
		journal.append(nested);
		journal.append(text(3));
		journal.close();
		// In the payload, so that the length still says where the next one is.
		change(segments().get(0), 32 + 50 + 24 + 199);
		assertThat(read(open(options().withSize(10_000, 5_000)).reader("a"))).isEqualTo(List.of(1L, 3L));
	}

	@Test
	void sequencesThatWereAcknowledgedAreNotUsedAgainAfterAPowerLoss() throws Exception {
		Journal journal = open();
		JournalReader reader = journal.reader("a");
		append(journal, 1, 6);
		read(reader);
		reader.acknowledge(6);
		journal.close();
		for (Path segment : segments()) {
			Files.deleteIfExists(segment);
		}
		Journal again = open();
		append(again, 7, 7);
		assertThat(read(again.reader("a"))).isEqualTo(range(7, 7));
		assertThat(again.stats().lost()).isEmpty();
	}

	@Test
	void recordsMissingAtTheFrontAreCountedForWhoHadNotAcknowledgedThem() throws Exception {
		Journal journal = open();
		JournalReader reader = journal.reader("a");
		append(journal, 1, 9);
		read(reader);
		reader.acknowledge(3);
		journal.close();
		Files.delete(segments().get(0));
		Files.delete(segments().get(0));
		Journal again = open();
		assertThat(statsOf(again, "a").lost()).isEqualTo(Map.of(Loss.DAMAGED, 5L));
		assertThat(again.stats().lost()).isEqualTo(Map.of(Loss.DAMAGED, 5L));
		assertThat(read(again.reader("a"))).isEqualTo(range(9, 9));
	}

	@Test
	void aDamagedPositionBeginsAnewWithoutALoss() throws Exception {
		Journal journal = open();
		JournalReader reader = journal.reader("a");
		append(journal, 1, 9);
		read(reader);
		reader.acknowledge(5);
		journal.work();
		journal.close();
		change(directory().resolve("a.reader"), 15);
		Journal again = open();
		assertThat(read(again.reader("a"))).isEqualTo(range(5, 9));
		assertThat(again.stats().lost()).isEmpty();
	}

	@Test
	void theFormatIsWhatTheDocumentationSays() throws Exception {
		Journal journal = open();
		journal.append("abc".getBytes(StandardCharsets.US_ASCII));
		journal.close();
		ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(directory().resolve("00000000000000000001.journal")));
		assertThat(file.remaining()).isEqualTo(32 + 24 + 3);
		assertThat(file.getInt()).isEqualTo(0x544A4E4C);
		assertThat(file.getShort()).isEqualTo((short) 1);
		assertThat(file.getShort()).isZero();
		assertThat(file.getLong()).isEqualTo(1);
		assertThat(file.getLong()).isEqualTo(1_000_000);
		assertThat(file.getInt()).isZero();
		assertThat(file.getInt()).isEqualTo(crc(file.array(), 0, 28));
		assertThat(file.getInt()).isEqualTo(3);
		int crc = file.getInt();
		assertThat(file.getLong()).isEqualTo(1);
		assertThat(file.getLong()).isEqualTo(1_000_000);
		byte[] covered = new byte[4 + 16 + 3];
		System.arraycopy(file.array(), 32, covered, 0, 4);
		System.arraycopy(file.array(), 40, covered, 4, 19);
		assertThat(crc).isEqualTo(crc(covered, 0, covered.length));
		assertThat(file.get()).isEqualTo((byte) 'a');
	}

	private static int crc(byte[] bytes, int from, int length) {
		CRC32C crc = new CRC32C();
		crc.update(bytes, from, length);
		return (int) crc.getValue();
	}

	@Test
	void aCopyOfARunningJournalOpensAsIfTheProcessHadBeenKilled() throws Exception {
		Journal journal = open();
		JournalReader reader = journal.reader("a");
		append(journal, 1, 6);
		read(reader);
		reader.acknowledge(2);
		Path copy = Files.createDirectory(this.parent.resolve("copy"));
		try (var files = Files.list(directory())) {
			for (Path file : files.toList()) {
				Files.copy(file, copy.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
			}
		}
		assertThat(read(open(options().withDirectory(copy)).reader("a"))).isEqualTo(range(3, 6));
	}

}
