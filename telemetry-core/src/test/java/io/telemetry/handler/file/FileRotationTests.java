package io.telemetry.handler.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

import io.telemetry.handler.HandlerException;
import io.telemetry.handler.file.FileOptions.Retention;
import io.telemetry.handler.file.FileOptions.Rotation;
import io.telemetry.handler.file.FileOptions.Rotation.Interval;
import io.telemetry.handler.file.FileOptions.Sync;
import io.telemetry.signal.Signal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

class FileRotationTests {

	@TempDir
	private Path directory;

	private final ManualClock clock = new ManualClock("2026-11-21T12:00:00Z");

	private FileOptions options(String path) {
		return FileOptions.of(this.directory.resolve(path))
			.withCompress(false)
			.withRetention(Retention.UNLIMITED)
			.withZone(ZoneOffset.UTC);
	}

	private FileHandler open(FileOptions options) {
		return new FileHandler(FileHandlerTests.MESSAGES, options, this.clock, this.clock::nanoTime);
	}

	private static Signal signal(String message) {
		return FileHandlerTests.signal(message);
	}

	private static List<Signal> signals(int from, int to) {
		return IntStream.range(from, to).mapToObj((i) -> signal("s" + i)).toList();
	}

	/**
	 * What is in all files, by their names; compressed ones as they were before.
	 */
	private Map<String, String> content() throws IOException {
		Map<String, String> content = new TreeMap<>();
		try (Stream<Path> files = Files.walk(this.directory)) {
			for (Path file : files.filter(Files::isRegularFile).toList()) {
				content.put(this.directory.relativize(file).toString().replace('\\', '/'), read(file));
			}
		}
		return content;
	}

	private static String read(Path file) throws IOException {
		if (!file.toString().endsWith(".gz")) {
			return Files.readString(file);
		}
		try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
			return new String(in.readAllBytes(), StandardCharsets.UTF_8);
		}
	}

	private Path file(String name, String content, String modified) throws IOException {
		Path path = this.directory.resolve(name);
		Files.createDirectories(path.getParent());
		Files.writeString(path, content);
		return Files.setLastModifiedTime(path, FileTime.from(Instant.parse(modified)));
	}

	@Test
	void aDayHasAFile() throws Exception {
		try (FileHandler handler = open(options("a.jsonl"))) {
			handler.handle(signal("a"));
			this.clock.jumpTo("2026-11-21T23:59:59.999Z");
			handler.handle(signal("b"));
			this.clock.jumpTo("2026-11-22T00:00:00Z");
			handler.handle(signal("c"));
			this.clock.jumpTo("2026-11-25T00:00:00Z");
			handler.handle(signal("d"));
		}
		assertThat(content())
			.isEqualTo(Map.of("a.jsonl.2026-11-21.0", "a\nb\n", "a.jsonl.2026-11-22.0", "c\n", "a.jsonl", "d\n"));
	}

	@Test
	void anHourHasAFile() throws Exception {
		try (FileHandler handler = open(options("a.jsonl").withRotation(Rotation.DAILY.withInterval(Interval.HOUR)))) {
			handler.handle(signal("a"));
			this.clock.pass(Duration.ofHours(1));
			handler.handle(signal("b"));
		}
		assertThat(content()).isEqualTo(Map.of("a.jsonl.2026-11-21-12.0", "a\n", "a.jsonl", "b\n"));
	}

	@Test
	void aDayWithoutSignalsLeavesNoFile() throws Exception {
		try (FileHandler handler = open(options("a.jsonl"))) {
			this.clock.pass(Duration.ofDays(1));
			handler.handle(signal("a"));
		}
		assertThat(content()).isEqualTo(Map.of("a.jsonl", "a\n"));
	}

	@Test
	void aFileOfAnotherDayIsEndedAfterTheStart() throws Exception {
		file("a.jsonl", "old\n", "2026-11-19T10:00:00Z");
		try (FileHandler handler = open(options("a.jsonl"))) {
			handler.handle(signal("new"));
		}
		assertThat(content()).isEqualTo(Map.of("a.jsonl.2026-11-19.0", "old\n", "a.jsonl", "new\n"));
	}

	@Test
	void aFileOfThisDayIsContinuedAfterTheStart() throws Exception {
		file("a.jsonl", "old\n", "2026-11-21T00:00:01Z");
		try (FileHandler handler = open(options("a.jsonl"))) {
			handler.handle(signal("new"));
		}
		assertThat(content()).isEqualTo(Map.of("a.jsonl", "old\nnew\n"));
	}

	@Test
	void noFileGrowsBeyondItsSizeNotEvenByOneLargeBatch() throws Exception {
		Rotation rotation = new Rotation(Interval.NONE, 10);
		try (FileHandler handler = open(options("a.jsonl").withRotation(rotation))) {
			handler.handle(signals(0, 2));
			handler.handle(signals(2, 8));
			handler.handle(signal("larger than a file"));
			handler.handle(signal("s8"));
		}
		assertThat(content()).isEqualTo(Map.of("a.jsonl.2026-11-21.0", "s0\ns1\ns2\n", "a.jsonl.2026-11-21.1",
				"s3\ns4\ns5\n", "a.jsonl.2026-11-21.2", "s6\ns7\n", "a.jsonl.2026-11-21.3", "larger than a file\n",
				"a.jsonl", "s8\n"));
	}

	@Test
	void withoutRotationAFileGrowsForEver() throws Exception {
		try (FileHandler handler = open(options("a.jsonl").withRotation(Rotation.NEVER))) {
			handler.handle(signals(0, 2));
			this.clock.pass(Duration.ofDays(400));
			handler.handle(signals(2, 3));
		}
		assertThat(content()).isEqualTo(Map.of("a.jsonl", "s0\ns1\ns2\n"));
	}

	@Test
	void numbersGoOnWhereTheHighestWas() throws Exception {
		file("a.jsonl.2026-11-21.7.gz.tmp", "", "2026-11-21T01:00:00Z");
		file("a.jsonl.2026-11-21.5.gz", "", "2026-11-21T01:00:00Z");
		file("a.jsonl.2026-11-21.backup", "", "2026-11-21T01:00:00Z");
		LogFileNames names = new LogFileNames(options("a.jsonl"));
		assertThat(names.next("2026-11-21")).isEqualTo(this.directory.resolve("a.jsonl.2026-11-21.8"));
		assertThat(names.next("2026-11-22")).isEqualTo(this.directory.resolve("a.jsonl.2026-11-22.0"));
	}

	private record LogFileNames(FileOptions options) {

		Path next(String stamp) throws IOException {
			PathTemplate template = PathTemplate.of(this.options.path(), Map.of());
			return LogFile.nextEnded(template, template.live(stamp, null), stamp);
		}

	}

	@Test
	void aClockThatGoesBackOverwritesNothing() throws Exception {
		try (FileHandler handler = open(options("a.jsonl"))) {
			handler.handle(signal("a"));
			this.clock.jumpTo("2026-11-22T00:00:01Z");
			handler.handle(signal("b"));
			this.clock.jumpTo("2026-11-21T23:59:59Z");
			handler.handle(signal("a little back"));
			this.clock.jumpTo("2026-11-21T00:00:00Z");
			handler.handle(signal("far"));
			this.clock.jumpTo("2026-11-22T00:00:01Z");
			handler.handle(signal("c"));
			this.clock.jumpTo("2099-01-01T00:00:00Z");
			handler.handle(signal("d"));
			this.clock.jumpTo("2026-11-22T00:00:02Z");
			handler.handle(signal("e"));
			this.clock.jumpTo("2026-11-23T00:00:02Z");
			handler.handle(signal("f"));
		}
		assertThat(content())
			.isEqualTo(Map.of("a.jsonl.2026-11-21.0", "a\n", "a.jsonl.2026-11-22.0", "b\na little back\nfar\nc\n",
					"a.jsonl.2099-01-01.0", "d\n", "a.jsonl.2026-11-22.1", "e\n", "a.jsonl", "f\n"));
	}

	@Test
	void aDateInThePathNamesTheFileThatIsWritten() throws Exception {
		FileOptions options = options("${date}/a-${date}.jsonl").withRotation(new Rotation(Interval.DAY, 6));
		try (FileHandler handler = open(options)) {
			assertThat(content()).isEqualTo(Map.of("2026-11-21/a-2026-11-21.jsonl", ""));
			handler.handle(signals(0, 3));
			this.clock.pass(Duration.ofDays(1));
			handler.handle(signals(3, 4));
		}
		assertThat(content()).isEqualTo(Map.of("2026-11-21/a-2026-11-21.jsonl.0", "s0\ns1\n",
				"2026-11-21/a-2026-11-21.jsonl", "s2\n", "2026-11-22/a-2026-11-22.jsonl", "s3\n"));
	}

	@Test
	void aDateInThePathNeedsARotationThatGoesByIt() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> options("a-${date}.jsonl").withRotation(new Rotation(Interval.NONE, 10)))
			.withMessageContaining("${date}")
			.withMessageContaining("rotate by day or hour");
	}

	@Test
	void sizesThatContradictEachOtherAreRefused() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> options("a.jsonl").withRetention(Retention.DEFAULTS.withMaxTotalSize(1 << 20)))
			.withMessageContaining("maxTotalSize");
	}

	@Test
	void whatEndedIsCompressedAndKeepsItsTime() throws Exception {
		try (FileHandler handler = open(options("a.jsonl").withCompress(true))) {
			handler.handle(signals(0, 3));
			Path live = this.directory.resolve("a.jsonl");
			Files.setLastModifiedTime(live, FileTime.from(Instant.parse("2026-11-21T13:00:00Z")));
			this.clock.pass(Duration.ofDays(1));
			handler.handle(signal("b"));
			await().until(() -> content().keySet(),
					(names) -> names.equals(Map.of("a.jsonl", "", "a.jsonl.2026-11-21.0.gz", "").keySet()));
			handler.flush();
		}
		assertThat(content()).isEqualTo(Map.of("a.jsonl.2026-11-21.0.gz", "s0\ns1\ns2\n", "a.jsonl", "b\n"));
		assertThat(Files.getLastModifiedTime(this.directory.resolve("a.jsonl.2026-11-21.0.gz")).toInstant())
			.isEqualTo(Instant.parse("2026-11-21T13:00:00Z"));
	}

	@Test
	void whatAProcessLeftThatDiedIsDoneAfterTheStart() throws Exception {
		file("a.jsonl.2026-11-20.0", "died before\n", "2026-11-20T01:00:00Z");
		file("a.jsonl.2026-11-20.1", "died while compressing\n", "2026-11-20T02:00:00Z");
		file("a.jsonl.2026-11-20.1.gz.tmp", "half", "2026-11-20T02:00:00Z");
		file("a.jsonl.2026-11-20.2", "died before deleting\n", "2026-11-20T03:00:00Z");
		compress("a.jsonl.2026-11-20.2.gz", "died before deleting\n");
		file("a.jsonl.2026-11-20.3.gz.tmp", "half", "2026-11-20T02:00:00Z");
		try (FileHandler handler = open(options("a.jsonl").withCompress(true))) {
			await().until(() -> content()
				.equals(Map.of("a.jsonl", "", "a.jsonl.2026-11-20.0.gz", "died before\n", "a.jsonl.2026-11-20.1.gz",
						"died while compressing\n", "a.jsonl.2026-11-20.2.gz", "died before deleting\n")));
			handler.flush();
		}
	}

	private void compress(String name, String content) throws IOException {
		try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(this.directory.resolve(name)))) {
			out.write(content.getBytes(StandardCharsets.UTF_8));
		}
	}

	@Test
	void filesOfOtherDaysWhosePathHasTheDateAreCompressed() throws Exception {
		file("a-2026-11-19.jsonl", "old\n", "2026-11-19T01:00:00Z");
		file("a-2026-11-22.jsonl", "of a clock that was wrong\n", "2026-11-22T01:00:00Z");
		try (FileHandler handler = open(options("a-${date}.jsonl").withCompress(true))) {
			handler.handle(signal("new"));
			await().until(() -> content().equals(Map.of("a-2026-11-19.jsonl.0.gz", "old\n", "a-2026-11-21.jsonl",
					"new\n", "a-2026-11-22.jsonl", "of a clock that was wrong\n")));
		}
	}

	@Test
	void theOldestAreDeletedUntilThereAreFewEnough() throws Exception {
		for (int day = 1; day <= 5; day++) {
			file("a.jsonl.2026-11-0" + day + ".0.gz", "", "2026-11-0" + day + "T01:00:00Z");
		}
		file("b.jsonl.2026-11-01.0.gz", "", "2026-11-01T01:00:00Z");
		file("a.jsonl.bak", "", "2026-11-01T01:00:00Z");
		Retention retention = Retention.UNLIMITED.withMaxFiles(3);
		try (FileHandler handler = open(options("a.jsonl").withRetention(retention))) {
			await().until(() -> !Files.exists(this.directory.resolve("a.jsonl.2026-11-03.0.gz")));
			handler.flush();
		}
		assertThat(this.directory.toFile().list()).containsExactlyInAnyOrder("a.jsonl", "a.jsonl.2026-11-04.0.gz",
				"a.jsonl.2026-11-05.0.gz", "b.jsonl.2026-11-01.0.gz", "a.jsonl.bak");
	}

	@Test
	void theOldestAreDeletedUntilTheyAreSmallEnough() throws Exception {
		file("a.jsonl", "12345\n", "2026-11-01T00:00:00Z");
		for (int i = 0; i < 4; i++) {
			file("a.jsonl.2026-11-01." + i, "12345\n", "2026-11-02T00:00:00Z");
		}
		Retention retention = Retention.UNLIMITED.withMaxTotalSize(20);
		FileOptions options = options("a.jsonl").withRotation(new Rotation(Interval.NONE, 10)).withRetention(retention);
		try (FileHandler handler = open(options)) {
			await().until(() -> !Files.exists(this.directory.resolve("a.jsonl.2026-11-01.1")));
			handler.flush();
		}
		assertThat(this.directory.toFile().list()).containsExactlyInAnyOrder("a.jsonl", "a.jsonl.2026-11-01.2",
				"a.jsonl.2026-11-01.3");
	}

	@Test
	void theOldAreDeletedWithDirectoriesThatBecomeEmpty() throws Exception {
		file("2026-10-01/a.jsonl", "old\n", "2026-10-01T01:00:00Z");
		file("2026-10-02/a.jsonl.0.gz", "old\n", "2026-10-02T01:00:00Z");
		file("2026-10-03/a.jsonl", "old\n", "2026-10-03T01:00:00Z");
		file("2026-10-03/other", "", "2026-10-03T01:00:00Z");
		file("2026-11-01/a.jsonl", "young\n", "2026-11-01T01:00:00Z");
		Retention retention = Retention.UNLIMITED.withMaxAge(Duration.ofDays(30));
		try (FileHandler handler = open(options("${date}/a.jsonl").withRetention(retention))) {
			await().until(() -> !Files.exists(this.directory.resolve("2026-10-03/a.jsonl")));
			handler.flush();
		}
		assertThat(this.directory.toFile().list()).containsExactlyInAnyOrder("2026-10-03", "2026-11-01", "2026-11-21");
	}

	@Test
	void aClockThatJumpsAheadCostsNoFile() throws Exception {
		PathTemplate template = PathTemplate.of(this.directory.resolve("a.jsonl"), Map.of());
		FileOptions options = options("a.jsonl").withRetention(Retention.UNLIMITED.withMaxAge(Duration.ofDays(30)));
		Housekeeper housekeeper = new Housekeeper(template, options, this.clock::millis, this.clock::nanoTime,
				(path) -> false, new NoEvents());
		Path old = file("a.jsonl.2026-11-01.0.gz", "", "2026-11-01T01:00:00Z");
		this.clock.jumpTo("2027-11-21T12:00:00Z");
		housekeeper.run();
		assertThat(old).exists();
		this.clock.jumpTo("2026-11-21T12:00:00Z");
		this.clock.pass(Duration.ofDays(11));
		housekeeper.run();
		assertThat(old).doesNotExist();
	}

	@Test
	@EnabledOnOs(OS.LINUX)
	void aFileThatCannotBeRenamedIsWrittenOnAndTriedAgainAfterAMinute() throws Exception {
		// As long as a name may be, so that nothing can be added to it.
		String name = "a".repeat(255);
		try (FileHandler handler = open(options(name).withRotation(new Rotation(Interval.NONE, 4)))) {
			handler.handle(signals(0, 3));
			handler.handle(signals(3, 4));
			assertThatExceptionOfType(HandlerException.class).isThrownBy(handler::flush)
				.withMessageContaining("Can't rotate")
				.withMessageContaining("too long");
			handler.handle(signals(4, 5));
			handler.flush();
			this.clock.pass(Duration.ofMinutes(1));
			handler.handle(signals(5, 6));
			assertThatExceptionOfType(HandlerException.class).isThrownBy(handler::flush);
		}
		assertThat(content()).isEqualTo(Map.of(name, "s0\ns1\ns2\ns3\ns4\ns5\n"));
	}

	@Test
	void whatCannotBeCompressedIsToldAndKept() throws Exception {
		PathTemplate template = PathTemplate.of(this.directory.resolve("a.jsonl"), Map.of());
		NoEvents events = new NoEvents();
		Housekeeper housekeeper = new Housekeeper(template, options("a.jsonl").withCompress(true), this.clock::millis,
				this.clock::nanoTime, (path) -> false, events);
		file("a.jsonl.2026-11-20.0", "x\n", "2026-11-20T01:00:00Z");
		Files.createDirectories(this.directory.resolve("a.jsonl.2026-11-20.0.gz.tmp/x"));
		housekeeper.run();
		assertThat(events.failed).startsWith("Can't compress").contains("a.jsonl.2026-11-20.0");
		assertThat(this.directory.resolve("a.jsonl.2026-11-20.0")).hasContent("x\n");
	}

	@Test
	void eachBatchIsForcedOntoTheDiskWhereThatIsAskedFor() throws Exception {
		FileOptions options = FileOptions.of(Path.of("/dev/null"))
			.withRotation(Rotation.NEVER)
			.withSync(new Sync.EachBatch());
		try (FileHandler handler = open(options)) {
			// What is no disk can't be forced onto one, and says so.
			assertThatExceptionOfType(HandlerException.class).isThrownBy(() -> handler.handle(signals(0, 2)))
				.withMessageContaining("Can't force 2 signals")
				.satisfies((ex) -> {
					assertThat(ex.isRetryable()).isTrue();
					assertThat(ex.failed()).isEmpty();
				});
		}
		catch (IOException ex) {
			assertThat(ex).hasMessageContaining("sync");
		}
	}

	@Test
	void whatIsWrittenIsForcedOntoTheDiskAfterATime() throws Exception {
		FileOptions options = FileOptions.of(Path.of("/dev/null"))
			.withRotation(Rotation.NEVER)
			.withSync(new Sync.Every(Duration.ofMillis(1)));
		FileHandler handler = open(options);
		handler.handle(signals(0, 2));
		await().untilAsserted(() -> assertThatExceptionOfType(HandlerException.class).isThrownBy(handler::flush)
			.withMessageContaining("Can't force '/dev/null' onto the disk"));
		assertThatExceptionOfType(IOException.class).isThrownBy(handler::close);
	}

	static final class NoEvents implements LogFile.Events {

		private String failed = "";

		@Override
		public void created() {
		}

		@Override
		public void ended() {
		}

		@Override
		public void failed(String what, IOException cause) {
			this.failed = what + ": " + cause;
		}

	}

}
