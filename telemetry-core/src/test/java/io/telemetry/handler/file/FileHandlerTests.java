package io.telemetry.handler.file;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import io.telemetry.encode.JsonSignalEncoder;
import io.telemetry.encode.Framing;
import io.telemetry.encode.SignalEncoder;
import io.telemetry.handler.HandlerException;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class FileHandlerTests {

	static final SignalEncoder MESSAGES = (signal, out) -> {
		if ("bad".equals(signal.message())) {
			out.write("half of it".getBytes(StandardCharsets.UTF_8));
			throw new IllegalStateException("no encoding");
		}
		out.write(String.valueOf(signal.message()).getBytes(StandardCharsets.UTF_8));
	};

	@TempDir
	private Path directory;

	@Test
	void signalsAreAppendedEachOnItsLine() throws Exception {
		Path path = this.directory.resolve("signals.jsonl");
		try (FileHandler handler = open(path)) {
			handler.handle(signal("a"));
			handler.handle(List.of(signal("b"), signal("c")));
			assertThat(path).hasContent("a\nb\nc\n");
		}
		try (FileHandler handler = open(path)) {
			handler.handle(signal("d"));
		}
		assertThat(Files.readString(path)).isEqualTo("a\nb\nc\nd\n");
	}

	@Test
	void directoriesAboveTheFileAreCreated() throws Exception {
		Path path = this.directory.resolve("a/b/c.jsonl");
		open(path).close();
		assertThat(path).isEmptyFile();
	}

	@Test
	void aDirectoryAsPathIsRefusedWithAFileToNameInstead() {
		assertThatIllegalArgumentException().isThrownBy(() -> open(this.directory))
			.withMessageContaining("'" + this.directory + "' is a directory")
			.withMessageContaining(this.directory.resolve("signals.jsonl").toString());
	}

	@Test
	void aParentThatIsNoDirectoryFailsAtConstructionWithPathAndRemedy() throws Exception {
		Path path = Files.createFile(this.directory.resolve("file")).resolve("signals.jsonl");
		assertThatExceptionOfType(UncheckedIOException.class).isThrownBy(() -> open(path))
			.withMessageContaining("'" + path + "'")
			.withMessageContaining("name another file");
	}

	@ParameterizedTest
	@CsvSource({ "'whole|{\"torn', 'whole|'", "'{\"torn', ''", "'whole|', 'whole|'", "'|torn', '|'" })
	void aLastLineWithoutItsEndIsCutOffAtTheStart(String before, String repaired) throws Exception {
		Path path = this.directory.resolve("signals.jsonl");
		Files.writeString(path, before.replace('|', '\n'));
		try (FileHandler handler = open(path)) {
			assertThat(Files.readString(path)).isEqualTo(repaired.replace('|', '\n'));
			handler.handle(signal("next"));
		}
		assertThat(Files.readString(path)).isEqualTo((repaired + "next|").replace('|', '\n'));
	}

	@Test
	void aTornLineLongerThanABlockIsCutOff() throws Exception {
		Path path = this.directory.resolve("signals.jsonl");
		Files.writeString(path, "whole\n" + "x".repeat(100_000));
		open(path).close();
		assertThat(Files.readString(path)).isEqualTo("whole\n");
	}

	@Test
	void whatIsTooLongToBeATornLineIsLeftAndEnded() throws Exception {
		Path path = this.directory.resolve("movie.bin");
		Files.write(path, new byte[17 << 20]);
		open(path).close();
		assertThat(Files.size(path)).isEqualTo((17 << 20) + 1);
	}

	@Test
	void aFileOfABinaryFormatIsLeftAsItIsAtTheStart() throws Exception {
		Path path = this.directory.resolve("signals.cbor");
		Files.writeString(path, "bytes\nand more");
		SignalEncoder binary = new SignalEncoder() {

			@Override
			public void encode(Signal signal, OutputStream out) throws IOException {
				out.write(1);
			}

			@Override
			public Framing framing() {
				return Framing.SELF_DELIMITING;
			}

		};
		try (FileHandler handler = new FileHandler(binary, FileOptions.of(path))) {
			handler.handle(List.of(signal("a"), signal("b")));
		}
		assertThat(Files.readString(path)).isEqualTo("bytes\nand more\u0001\u0001");
	}

	@Test
	void aFileDeletedWhileOpenIsCreatedAnewWithTheNextBatch() throws Exception {
		Path path = this.directory.resolve("sub/signals.jsonl");
		try (FileHandler handler = open(path)) {
			handler.handle(signal("a"));
			Files.delete(path);
			Files.delete(path.getParent());
			handler.handle(signal("b"));
			assertThat(Files.readString(path)).isEqualTo("b\n");
		}
	}

	@Test
	void aFileReplacedWhileOpenIsFoundWithTheNextBatch() throws Exception {
		Path path = this.directory.resolve("signals.jsonl");
		try (FileHandler handler = open(path)) {
			handler.handle(signal("a"));
			Files.move(path, this.directory.resolve("signals.1"));
			handler.handle(signal("b"));
			Path other = Files.writeString(this.directory.resolve("other"), "other\n");
			Files.move(other, path, StandardCopyOption.REPLACE_EXISTING);
			handler.handle(signal("c"));
			assertThat(Files.readString(path)).isEqualTo("other\nc\n");
			assertThat(Files.readString(this.directory.resolve("signals.1"))).isEqualTo("a\n");
		}
	}

	@Test
	void aFileThatWasCutShortIsContinuedAtItsEnd() throws Exception {
		Path path = this.directory.resolve("signals.jsonl");
		try (FileHandler handler = open(path)) {
			handler.handle(signal("a"));
			Files.write(path, new byte[0], StandardOpenOption.TRUNCATE_EXISTING);
			handler.handle(signal("b"));
		}
		assertThat(Files.readString(path)).isEqualTo("b\n");
	}

	@Test
	void aFileThatCannotBeOpenedAnewIsARetryableFailureUntilItCan() throws Exception {
		Path path = this.directory.resolve("sub/signals.jsonl");
		try (FileHandler handler = open(path)) {
			Files.delete(path);
			Files.delete(path.getParent());
			Files.createFile(path.getParent());
			assertThatExceptionOfType(HandlerException.class).isThrownBy(() -> handler.handle(signal("a")))
				.withMessageContaining("'" + path + "'")
				.satisfies((ex) -> assertThat(ex.isRetryable()).isTrue());
			Files.delete(path.getParent());
			handler.handle(signal("b"));
			assertThat(Files.readString(path)).isEqualTo("b\n");
		}
	}

	@Test
	@EnabledOnOs(OS.LINUX)
	void aFullDiskIsARetryableFailureThatSaysSo() throws Exception {
		FileOptions options = FileOptions.of(Path.of("/dev/full")).withRotation(FileOptions.Rotation.NEVER);
		try (FileHandler handler = new FileHandler(MESSAGES, options)) {
			for (int i = 0; i < 2; i++) {
				assertThatExceptionOfType(HandlerException.class)
					.isThrownBy(() -> handler.handle(List.of(signal("a"), signal("b"))))
					.withMessageContaining("Can't write 2 signals to '/dev/full'")
					.withMessageContaining("No space left on device")
					.satisfies((ex) -> {
						assertThat(ex.isRetryable()).isTrue();
						assertThat(ex.failed()).isEmpty();
					});
			}
		}
	}

	@Test
	@EnabledOnOs(OS.LINUX)
	void aBatchThatFitsOnlyInPartLeavesWholeLinesOfEarlierBatches() throws Exception {
		Path path = this.directory.resolve("signals.jsonl");
		Process process = new ProcessBuilder("/bin/sh", "-c", "ulimit -f 16 && exec \"$@\"", "sh",
				ProcessHandle.current().info().command().orElse("java"), "-XX:-UsePerfData", "-cp",
				System.getProperty("java.class.path"), UntilFull.class.getName(), path.toString())
			.redirectErrorStream(true)
			.start();
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		assertThat(process.waitFor()).as(output).isZero();
		// 16 blocks of 512 bytes; a batch is 3,003 bytes, so two fit and part of a third.
		assertThat(Files.size(path)).isEqualTo(6_006);
		assertThat(Files.readAllLines(path)).hasSize(6).allMatch((line) -> line.length() == 1_000);
		assertThat(output.trim()).startsWith("2 batches, retryable true");
	}

	@Test
	void aSignalThatCannotBeEncodedFailsForGoodAndHarmsNoOther() throws Exception {
		Path path = this.directory.resolve("signals.jsonl");
		Signal bad = signal("bad");
		try (FileHandler handler = open(path)) {
			assertThatExceptionOfType(HandlerException.class)
				.isThrownBy(() -> handler.handle(List.of(signal("a"), bad, signal("b"))))
				.withMessageContaining("no encoding")
				.satisfies((ex) -> {
					assertThat(ex.isRetryable()).isFalse();
					assertThat(ex.failed()).containsExactly(bad);
				});
		}
		assertThat(Files.readString(path)).isEqualTo("a\nb\n");
	}

	@Test
	void anInterruptedThreadWritesLikeAnyOther() throws Exception {
		Path path = this.directory.resolve("signals.jsonl");
		try (FileHandler handler = open(path)) {
			Thread.currentThread().interrupt();
			try {
				handler.handle(signal("a"));
			}
			finally {
				assertThat(Thread.interrupted()).isTrue();
			}
			handler.handle(signal("b"));
		}
		assertThat(Files.readString(path)).isEqualTo("a\nb\n");
	}

	@Test
	void eightThreadsAtOnceWriteWholeLinesAndWholeBatches() throws Exception {
		Path path = this.directory.resolve("signals.jsonl");
		int threads = 8;
		int batches = 200;
		CyclicBarrier start = new CyclicBarrier(threads + 1);
		ExecutorService executor = Executors.newFixedThreadPool(threads);
		try (FileHandler handler = new FileHandler(new JsonSignalEncoder(), FileOptions.of(path))) {
			List<Future<?>> results = new ArrayList<>();
			for (int t = 0; t < threads; t++) {
				String message = String.valueOf((char) ('a' + t)).repeat(20 * (t + 1));
				results.add(executor.submit(() -> {
					start.await();
					for (int i = 0; i < batches; i++) {
						handler.handle(List.of(signal(message), signal(message)));
					}
					return null;
				}));
			}
			start.await();
			for (Future<?> result : results) {
				result.get(30, TimeUnit.SECONDS);
			}
		}
		finally {
			executor.shutdownNow();
		}
		JsonMapper mapper = new JsonMapper();
		List<String> messages = Files.readAllLines(path)
			.stream()
			.map((line) -> mapper.readTree(line).get("msg").asString())
			.toList();
		assertThat(messages).hasSize(threads * batches * 2);
		for (int i = 0; i < messages.size(); i += 2) {
			assertThat(messages.get(i + 1)).isEqualTo(messages.get(i));
		}
	}

	@Test
	void closingTwiceIsFineAndWhatComesLaterFailsForGood() throws Exception {
		FileHandler handler = open(this.directory.resolve("signals.jsonl"));
		handler.close();
		handler.close();
		handler.flush();
		assertThatExceptionOfType(HandlerException.class).isThrownBy(() -> handler.handle(signal("late")))
			.withMessageContaining("closed")
			.satisfies((ex) -> assertThat(ex.isRetryable()).isFalse());
	}

	@Test
	void aPathInAnotherFileSystemIsRefused() throws Exception {
		File jar = new File(JsonMapper.class.getProtectionDomain().getCodeSource().getLocation().toURI());
		try (var other = FileSystems.newFileSystem(jar.toPath())) {
			assertThatIllegalArgumentException().isThrownBy(() -> FileOptions.of(other.getPath("/signals.jsonl")))
				.withMessageContaining("default file system");
		}
	}

	private FileHandler open(Path path) {
		return new FileHandler(MESSAGES, FileOptions.of(path));
	}

	static Signal signal(String message) {
		return Signal.builder(Level.INFO, Kind.LOG, "ns").message(message).build();
	}

	/**
	 * Writes batches until one fails, in a process whose files may not grow beyond a
	 * limit.
	 */
	static final class UntilFull {

		private UntilFull() {
		}

		public static void main(String[] args) throws Exception {
			Signal signal = signal("x".repeat(1_000));
			try (FileHandler handler = new FileHandler(MESSAGES, FileOptions.of(Path.of(args[0])))) {
				for (int i = 0; i < 100; i++) {
					try {
						handler.handle(List.of(signal, signal, signal));
					}
					catch (HandlerException ex) {
						System.out.println(i + " batches, retryable " + ex.isRetryable() + ": " + ex.getMessage());
						return;
					}
				}
			}
			throw new IOException("never full");
		}

	}

}
