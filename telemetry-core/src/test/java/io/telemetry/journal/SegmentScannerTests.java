package io.telemetry.journal;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whatever is in a segment file, what is read from it was written to it.
 */
class SegmentScannerTests {

	private static final int TIMES = Boolean.getBoolean("telemetry.test.long") ? 50 : 1;

	private static final long BASE = 1000;

	@TempDir
	private Path directory;

	@Test
	void randomDamageNeverYieldsARecordThatWasNotWritten() throws Exception {
		for (int seed = 0; seed < 500 * TIMES; seed++) {
			SplittableRandom random = new SplittableRandom(seed);
			List<byte[]> records = randomRecords(random);
			byte[] file = encode(records);
			int changes = 1 + random.nextInt(5);
			for (int i = 0; i < changes; i++) {
				file = damage(file, random);
			}
			long last = 0;
			for (JournalRecord record : scan(file)) {
				assertThat(record.sequence()).as("seed %d", seed).isGreaterThan(last);
				assertThat(record.sequence()).as("seed %d", seed).isBetween(BASE, BASE + records.size() - 1);
				assertThat(record.bytes()).as("seed %d", seed).isEqualTo(records.get((int) (record.sequence() - BASE)));
				last = record.sequence();
			}
		}
	}

	@Test
	void damageToBytesInARowLosesTheRecordsTheyAreIn() throws Exception {
		for (int seed = 0; seed < 500 * TIMES; seed++) {
			SplittableRandom random = new SplittableRandom(seed);
			List<byte[]> records = randomRecords(random);
			byte[] file = encode(records);
			int from = Format.SEGMENT_HEADER + random.nextInt(file.length - Format.SEGMENT_HEADER);
			int to = Math.min(file.length, from + 1 + random.nextInt(200));
			for (int i = from; i < to; i++) {
				file[i] ^= (byte) (1 + random.nextInt(255));
			}
			List<Long> hit = new ArrayList<>();
			List<Long> expected = new ArrayList<>();
			int start = Format.SEGMENT_HEADER;
			for (int i = 0; i < records.size(); i++) {
				int end = start + Format.RECORD_HEADER + records.get(i).length;
				((from < end && to > start) ? hit : expected).add(BASE + i);
				start = end;
			}
			assertThat(scan(file).stream().map(JournalRecord::sequence)).as("seed %d, without %s", seed, hit)
				.isEqualTo(expected);
		}
	}

	@Test
	void bytesWithoutARecordYieldNone() throws Exception {
		for (int seed = 0; seed < 50 * TIMES; seed++) {
			SplittableRandom random = new SplittableRandom(seed);
			byte[] file = new byte[random.nextInt(5_000)];
			random.nextBytes(file);
			assertThat(scan(file)).isEmpty();
			Arrays.fill(file, (byte) 0);
			assertThat(scan(file)).isEmpty();
			Arrays.fill(file, (byte) -1);
			assertThat(scan(file)).isEmpty();
		}
	}

	@Test
	void recordsBehindDamageInWhatIsStillWrittenAreFound() throws Exception {
		List<byte[]> records = List.of(new byte[10], new byte[20], new byte[30]);
		byte[] file = encode(records);
		file[Format.SEGMENT_HEADER + 34 + 30] ^= 1;
		int end = Format.SEGMENT_HEADER + 34 + 44;
		try (SegmentScanner scanner = scanner(file)) {
			assertThat(scanner.next(end)).isNotNull();
			assertThat(scanner.next(end)).isNull();
			assertThat(scanner.next(end)).isNull();
			JournalRecord third = scanner.next(file.length);
			assertThat(third).isNotNull();
			assertThat(third.sequence()).isEqualTo(BASE + 2);
			assertThat(scanner.endedDamaged()).isFalse();
		}
	}

	@Test
	void aChangedLengthThatLeadsToALaterRecordSkipsNone() throws Exception {
		// The two in the middle have 128 bytes, which one bit of the first length adds.
		byte[] file = encode(List.of(new byte[10], new byte[40], new byte[40], new byte[5]));
		file[Format.SEGMENT_HEADER + 3] ^= (byte) 128;
		assertThat(scan(file)).extracting(JournalRecord::sequence).containsExactly(BASE + 1, BASE + 2, BASE + 3);
	}

	private static List<byte[]> randomRecords(SplittableRandom random) {
		List<byte[]> records = new ArrayList<>();
		int count = 1 + random.nextInt(20);
		for (int i = 0; i < count; i++) {
			int size = (random.nextInt(20) == 0) ? random.nextInt(150_000) : random.nextInt(100);
			byte[] record = new byte[size];
			if (random.nextBoolean()) {
				random.nextBytes(record);
			}
			records.add(record);
		}
		return records;
	}

	private static byte[] encode(List<byte[]> records) {
		byte[] encoded = new byte[records.stream().mapToInt((record) -> record.length + Format.RECORD_HEADER).sum()];
		Format.encode(records, BASE, 5, encoded);
		byte[] file = new byte[Format.SEGMENT_HEADER + encoded.length];
		System.arraycopy(Format.segmentHeader(BASE, 5), 0, file, 0, Format.SEGMENT_HEADER);
		System.arraycopy(encoded, 0, file, Format.SEGMENT_HEADER, encoded.length);
		return file;
	}

	private static byte[] damage(byte[] file, SplittableRandom random) {
		int at = random.nextInt(file.length);
		int length = Math.min(file.length - at, 1 + random.nextInt(300));
		byte[] damaged = file.clone();
		switch (random.nextInt(5)) {
			case 0 -> damaged[at] ^= (byte) (1 << random.nextInt(8));
			case 1 -> Arrays.fill(damaged, at, at + length, (byte) 0);
			case 2 -> damaged = Arrays.copyOf(damaged, Math.max(1, at));
			// A piece of the file in another place, as it comes from a mixed-up block.
			case 3 -> System.arraycopy(file, random.nextInt(file.length - length + 1), damaged, at, length);
			default -> {
				byte[] noise = new byte[length];
				random.nextBytes(noise);
				System.arraycopy(noise, 0, damaged, at, length);
			}
		}
		return damaged;
	}

	private SegmentScanner scanner(byte[] content) throws IOException {
		Path path = Files.write(this.directory.resolve("segment"), content);
		return new SegmentScanner(new Disk(), new RandomAccessFile(path.toFile(), "r"), BASE);
	}

	private List<JournalRecord> scan(byte[] content) throws IOException {
		List<JournalRecord> records = new ArrayList<>();
		try (SegmentScanner scanner = scanner(content)) {
			for (JournalRecord record = scanner.next(content.length); record != null; record = scanner
				.next(content.length)) {
				records.add(record);
			}
		}
		return records;
	}

}
