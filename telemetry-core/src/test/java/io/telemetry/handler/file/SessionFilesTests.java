package io.telemetry.handler.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import io.telemetry.handler.HandlerException;
import io.telemetry.handler.file.FileOptions.Retention;
import io.telemetry.handler.file.FileOptions.Rotation;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

class SessionFilesTests {

	@TempDir
	private Path directory;

	private final ManualClock clock = new ManualClock("2026-11-21T12:00:00Z");

	private FileOptions options() {
		return FileOptions.of(this.directory.resolve("s/${session}.jsonl"))
			.withCompress(false)
			.withRetention(Retention.UNLIMITED)
			.withZone(ZoneOffset.UTC);
	}

	private FileHandler open(FileOptions options) {
		return new FileHandler(FileHandlerTests.MESSAGES, options, this.clock, this.clock::nanoTime);
	}

	private static Signal signal(String message, @Nullable String session) {
		Signal.Builder signal = Signal.builder(Level.INFO, Kind.LOG, "ns").message(message);
		return ((session != null) ? signal.data(Map.of("sessionId", session)) : signal).build();
	}

	private Path file(String name) {
		return this.directory.resolve("s").resolve(name);
	}

	@Test
	void eachSessionHasAFile() throws Exception {
		Signal inContext = Signal.builder(Level.INFO, Kind.LOG, "ns")
			.message("d")
			.context(Map.of("sessionId", "one"))
			.build();
		try (FileHandler handler = open(options())) {
			handler.handle(
					List.of(signal("a", "one"), signal("b", "two"), signal("c", "one"), signal("e", null), inContext));
		}
		assertThat(file("session-one.jsonl")).hasContent("a\nc\nd\n");
		assertThat(file("session-two.jsonl")).hasContent("b\n");
		assertThat(file("no-session.jsonl")).hasContent("e\n");
	}

	@Test
	void aHostileSessionIdStaysInTheDirectoryAndAwayFromOtherFiles() throws Exception {
		Path other = Files.writeString(Files.createDirectories(this.directory.resolve("s")).resolve("app.jsonl"), "");
		try (FileHandler handler = open(options())) {
			handler.handle(List.of(signal("a", "../../evil"), signal("b", "app"), signal("c", "x".repeat(10_000)),
					signal("d", "\0"), signal("e", "")));
		}
		assertThat(other).isEmptyFile();
		try (Stream<Path> files = Files.walk(this.directory)) {
			assertThat(files.filter(Files::isRegularFile).filter((file) -> !file.equals(other))).hasSize(5)
				.allSatisfy((file) -> {
					assertThat(file.getParent()).isEqualTo(this.directory.resolve("s"));
					assertThat(file.getFileName().toString()).matches("session-(app|h\\.[0-9a-f]{32})\\.jsonl");
				});
		}
	}

	@Test
	@EnabledOnOs(OS.LINUX)
	void thereAreNoMoreOpenFilesThanAllowedAndNothingIsLost() throws Exception {
		int sessions = 200;
		try (FileHandler handler = open(options().withMaxOpenFiles(5))) {
			for (int round = 0; round < 3; round++) {
				List<Signal> batch = new ArrayList<>();
				for (int i = 0; i < sessions; i++) {
					batch.add(signal("r" + round, "s" + i));
				}
				handler.handle(batch);
				assertThat(openFiles()).isEqualTo(5);
			}
		}
		assertThat(openFiles()).isZero();
		for (int i = 0; i < sessions; i++) {
			assertThat(file("session-s" + i + ".jsonl")).hasContent("r0\nr1\nr2\n");
		}
	}

	private long openFiles() throws IOException {
		long open = 0;
		try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
			for (Path descriptor : descriptors.toList()) {
				if (Files.isSymbolicLink(descriptor)
						&& Files.readSymbolicLink(descriptor).startsWith(this.directory.toRealPath())) {
					open++;
				}
			}
		}
		return open;
	}

	@Test
	void thereAreNoMoreFilesThanAreKept() throws Exception {
		Retention retention = Retention.UNLIMITED.withMaxFiles(20);
		try (FileHandler handler = open(options().withMaxOpenFiles(5).withRetention(retention))) {
			for (int i = 0; i < 100; i++) {
				handler.handle(signal("a", "s" + i));
			}
			// The background follows; a new session is what makes it look again.
			int[] next = { 100 };
			await().until(() -> {
				handler.handle(signal("a", "s" + next[0]++));
				return this.directory.resolve("s").toFile().list().length <= 23;
			});
			handler.flush();
		}
	}

	@Test
	void whatIsOpenIsNotDeleted() throws Exception {
		Path old = Files.createDirectories(this.directory.resolve("s")).resolve("session-old.jsonl");
		Path open = old.resolveSibling("session-open.jsonl");
		for (Path file : List.of(old, open)) {
			Files.writeString(file, "x\n");
			Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2026-01-01T00:00:00Z")));
		}
		Retention retention = Retention.UNLIMITED.withMaxAge(Duration.ofDays(1));
		PathTemplate template = PathTemplate.of(options().path(), Map.of());
		new Housekeeper(template, options().withRetention(retention), this.clock::millis, this.clock::nanoTime,
				open::equals, new FileRotationTests.NoEvents())
			.run();
		assertThat(old).doesNotExist();
		assertThat(open).exists();
	}

	@Test
	void sessionsOfYesterdayAreCompressedAndStartAnewWhenTheyComeBack() throws Exception {
		Path old = Files.createDirectories(this.directory.resolve("s")).resolve("session-old.jsonl");
		Files.writeString(old, "x\n");
		Files.setLastModifiedTime(old, FileTime.from(Instant.parse("2026-11-20T00:00:00Z")));
		try (FileHandler handler = open(options().withCompress(true))) {
			await().until(() -> Files.exists(file("session-old.jsonl.2026-11-20.0.gz")) && !Files.exists(old));
			handler.handle(signal("back", "old"));
			handler.flush();
		}
		assertThat(old).hasContent("back\n");
	}

	@Test
	void aSessionThatCannotBeWrittenHarmsNoOther() throws Exception {
		Files.createDirectories(file("session-bad.jsonl"));
		Signal bad = signal("a", "bad");
		Signal unencodable = signal("bad", "good");
		try (FileHandler handler = open(options())) {
			assertThatExceptionOfType(HandlerException.class)
				.isThrownBy(() -> handler.handle(List.of(bad, signal("b", "good"), unencodable, signal("c", "other"))))
				.satisfies((ex) -> {
					assertThat(ex.failed()).containsExactly(bad, unencodable);
					assertThat(ex.isRetryable()).isTrue();
				});
		}
		assertThat(file("session-good.jsonl")).hasContent("b\n");
		assertThat(file("session-other.jsonl")).hasContent("c\n");
	}

	@Test
	void sizeEndsTheFileOfASessionToo() throws Exception {
		Rotation rotation = Rotation.DAILY.withMaxSize(4);
		try (FileHandler handler = open(options().withRotation(rotation))) {
			handler.handle(List.of(signal("a", "one"), signal("b", "one"), signal("c", "one")));
		}
		assertThat(file("session-one.jsonl.2026-11-21.0")).hasContent("a\nb\n");
		assertThat(file("session-one.jsonl")).hasContent("c\n");
	}

}
