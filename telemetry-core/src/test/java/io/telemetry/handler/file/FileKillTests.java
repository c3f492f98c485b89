package io.telemetry.handler.file;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

import io.telemetry.encode.JsonSignalEncoder;
import io.telemetry.handler.file.FileOptions.Retention;
import io.telemetry.handler.file.FileOptions.Rotation;
import io.telemetry.handler.file.FileOptions.Rotation.Interval;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Processes that write, of which some are killed. With {@code -Plong} there are twenty
 * times as many rounds.
 */
@Tag("rounds")
class FileKillTests {

	private static final int ROUNDS = 5 * (Boolean.getBoolean("telemetry.test.long") ? 20 : 1);

	private static final int BATCH = 50;

	@TempDir
	private Path directory;

	private final JsonMapper mapper = new JsonMapper();

	private static FileOptions options(Path path) {
		return FileOptions.of(path)
			.withRotation(new Rotation(Interval.NONE, 300_000))
			.withRetention(Retention.UNLIMITED);
	}

	private static Process start(Path path, String name, int batches) throws IOException {
		return new ProcessBuilder(ProcessHandle.current().info().command().orElse("java"), "-XX:-UsePerfData",
				"-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"), Writer.class.getName(),
				path.toString(), name, Integer.toString(batches))
			.redirectError(ProcessBuilder.Redirect.INHERIT)
			.start();
	}

	@Test
	void whatAKilledProcessHadWrittenIsThereInWholeLinesAfterTheNextStart() throws Exception {
		Path path = this.directory.resolve("a.jsonl");
		Random random = new Random(7);
		Map<String, Integer> told = new HashMap<>();
		for (int round = 0; round < ROUNDS; round++) {
			Process process = start(path, "p" + round, Integer.MAX_VALUE);
			int last = -1;
			try (BufferedReader output = new BufferedReader(
					new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
				int batches = 5 + random.nextInt(200);
				for (String line = output.readLine(); line != null; line = output.readLine()) {
					last = Integer.parseInt(line);
					if (last == batches) {
						// Not Process.destroyForcibly(), which closes what is being read.
						process.toHandle().destroyForcibly();
					}
				}
			}
			assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
			told.put("p" + round, (last + 1) * BATCH);
			// The torn tail that a power cut may leave, which a kill seldom does.
			if (round % 2 == 1) {
				Files.writeString(path, "{\"timestamp\":\"2026", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
			}
		}
		try (FileHandler handler = new FileHandler(new JsonSignalEncoder(), options(path))) {
			handler.handle(signal("end", 0));
			await().atMost(Duration.ofSeconds(30)).until(() -> endedFiles("") == endedFiles(".gz"));
			handler.flush();
		}
		Map<String, Integer> found = count();
		assertThat(found.remove("end")).isEqualTo(1);
		assertThat(found.keySet()).isEqualTo(told.keySet());
		told.forEach((name, signals) -> assertThat(found.get(name)).isGreaterThanOrEqualTo(signals));
		try (Stream<Path> files = Files.list(this.directory)) {
			assertThat(files).noneMatch((file) -> file.toString().endsWith(".tmp"));
		}
	}

	@Test
	void severalProcessesAndHandlersOnOnePathLoseAndSpoilNothing() throws Exception {
		Path path = this.directory.resolve("a.jsonl");
		int batches = 300;
		List<Process> processes = new ArrayList<>();
		for (int i = 0; i < 3; i++) {
			processes.add(start(path, "p" + i, batches));
		}
		try (FileHandler one = new FileHandler(new JsonSignalEncoder(), options(path));
				FileHandler two = new FileHandler(new JsonSignalEncoder(), options(path))) {
			Thread thread = new Thread(() -> Writer.write(two, "two", batches, false));
			thread.start();
			Writer.write(one, "one", batches, false);
			thread.join(60_000);
			for (Process process : processes) {
				process.getInputStream().readAllBytes();
				assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
				assertThat(process.exitValue()).isZero();
			}
			one.flush();
			two.flush();
		}
		Map<String, Integer> found = count();
		assertThat(found).hasSize(5);
		assertThat(found.values()).containsOnly(batches * BATCH);
		assertThat(endedFiles("")).isPositive();
	}

	@Test
	void handlersOnOnePathThatRotateAllTheTimeLoseAndSpoilNothing() throws Exception {
		FileOptions options = FileOptions.of(this.directory.resolve("a.jsonl"))
			.withRotation(new Rotation(Interval.NONE, 20_000))
			.withCompress(false)
			.withRetention(Retention.UNLIMITED);
		int batches = 100;
		ExecutorService threads = Executors.newFixedThreadPool(4);
		try {
			List<Future<?>> writers = new ArrayList<>();
			for (int i = 0; i < 4; i++) {
				String name = "h" + i;
				writers.add(threads.submit(() -> {
					try (FileHandler handler = new FileHandler(new JsonSignalEncoder(), options)) {
						Writer.write(handler, name, batches, false);
						handler.flush();
					}
					return null;
				}));
			}
			for (Future<?> writer : writers) {
				writer.get(60, TimeUnit.SECONDS);
			}
		}
		finally {
			threads.shutdownNow();
		}
		Map<String, Integer> found = count();
		assertThat(found).hasSize(4);
		assertThat(found.values()).containsOnly(batches * BATCH);
	}

	private long endedFiles(String extension) throws IOException {
		try (Stream<Path> files = Files.list(this.directory)) {
			return files.filter((file) -> file.getFileName().toString().matches("a\\.jsonl\\..*" + extension)).count();
		}
	}

	/**
	 * Counts the signals of each process, each of which is there once, after the one
	 * before it.
	 */
	private Map<String, Integer> count() throws IOException {
		List<Path> files;
		try (Stream<Path> list = Files.list(this.directory)) {
			files = list.sorted(Comparator.comparing(FileKillTests::order)).toList();
		}
		Map<String, Integer> next = new HashMap<>();
		for (Path file : files) {
			for (String line : read(file).split("\n")) {
				if (!line.isEmpty()) {
					JsonNode signal = this.mapper.readTree(line);
					String name = signal.get("msg").asString();
					int number = signal.get("data").get("number").asInt();
					assertThat(number).as("%s in %s", name, file).isEqualTo(next.getOrDefault(name, 0));
					next.put(name, number + 1);
				}
			}
		}
		return next;
	}

	private static String order(Path file) {
		String[] parts = file.getFileName().toString().split("\\.");
		return (parts.length > 2) ? parts[2] + String.format("%09d", Integer.parseInt(parts[3])) : "~";
	}

	private static String read(Path file) throws IOException {
		if (!file.toString().endsWith(".gz")) {
			return Files.readString(file);
		}
		try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
			return new String(in.readAllBytes(), StandardCharsets.UTF_8);
		}
	}

	private static Signal signal(String name, int number) {
		return Signal.builder(Level.INFO, Kind.LOG, "ns").message(name).data(Map.of("number", number)).build();
	}

	/**
	 * Writes batches, and says which are written.
	 */
	static final class Writer {

		private Writer() {
		}

		public static void main(String[] args) throws Exception {
			try (FileHandler handler = new FileHandler(new JsonSignalEncoder(), options(Path.of(args[0])))) {
				write(handler, args[1], Integer.parseInt(args[2]), true);
				handler.flush();
			}
		}

		static void write(FileHandler handler, String name, int batches, boolean tell) {
			for (int i = 0; i < batches; i++) {
				List<Signal> batch = new ArrayList<>();
				for (int j = 0; j < BATCH; j++) {
					batch.add(signal(name, i * BATCH + j));
				}
				try {
					handler.handle(batch);
				}
				catch (Exception ex) {
					throw new IllegalStateException(ex);
				}
				if (tell) {
					System.out.println(i);
				}
			}
		}

	}

}
