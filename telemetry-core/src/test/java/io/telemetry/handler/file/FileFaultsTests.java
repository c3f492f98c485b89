package io.telemetry.handler.file;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.telemetry.Telemetry;
import io.telemetry.SmallDisk;
import io.telemetry.encode.JsonSignalEncoder;
import io.telemetry.handler.HandlerException;
import io.telemetry.handler.HandlerFault;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.handler.Overflow;
import io.telemetry.handler.QueueOptions;
import io.telemetry.handler.file.FileOptions.Rotation;
import io.telemetry.handler.file.FileOptions.Rotation.Interval;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Signal;
import io.telemetry.stats.Outcome;
import io.telemetry.stats.OutcomeStats;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A disk that is full or can't be written to, of a megabyte.
 */
@EnabledOnOs(OS.LINUX)
class FileFaultsTests {

	@TempDir
	private Path mountPoint;

	private SmallDisk disk;

	@BeforeEach
	void mount() throws Exception {
		this.disk = SmallDisk.mount(this.mountPoint.resolve("disk"), "1m");
	}

	@AfterEach
	void unmount() throws Exception {
		if (this.disk != null) {
			this.disk.unmount();
		}
	}

	private static List<Signal> batch(int size) {
		List<Signal> batch = new ArrayList<>();
		for (int i = 0; i < size; i++) {
			batch.add(FileHandlerTests.signal("x".repeat(999)));
		}
		return batch;
	}

	@Test
	void aFullDiskCostsWhatDoesNotFitAndNothingAfterThereIsSpaceAgain() throws Exception {
		Path path = this.disk.directory().resolve("a.jsonl");
		Path ballast = this.disk.directory().resolve("ballast");
		Files.write(ballast, new byte[512 << 10]);
		int written = 0;
		int refused = 0;
		try (FileHandler handler = new FileHandler(FileHandlerTests.MESSAGES, FileOptions.of(path))) {
			while (refused < 3) {
				try {
					handler.handle(batch(100));
					written += 100;
				}
				catch (HandlerException ex) {
					assertThat(ex).hasMessageContaining("Can't write 100 signals").hasMessageContaining("space");
					assertThat(ex.isRetryable()).isTrue();
					refused++;
				}
				assertThat(Files.size(path)).isEqualTo(1000L * written);
			}
			assertThat(written).isPositive();
			Files.delete(ballast);
			handler.handle(batch(100));
			written += 100;
		}
		assertThat(Files.readAllLines(path)).hasSize(written).allMatch((line) -> line.length() == 999);
	}

	@Test
	void aBatchThatEndsInTheNextFileFailsForWhatIsNotWritten() throws Exception {
		Path path = this.disk.directory().resolve("a.jsonl");
		Rotation rotation = new Rotation(Interval.NONE, 300_000);
		try (FileHandler handler = new FileHandler(FileHandlerTests.MESSAGES,
				FileOptions.of(path).withCompress(false).withRotation(rotation))) {
			List<Signal> batch = batch(1200);
			assertThatExceptionOfType(HandlerException.class).isThrownBy(() -> handler.handle(batch))
				.satisfies((ex) -> assertThat(ex.failed()).isEqualTo(batch.subList(900, 1200)));
		}
		assertThat(Files.size(path)).isZero();
	}

	@Test
	void aDiskThatBecomesReadOnlyIsWrittenToAgainWhenItIsNot() throws Exception {
		Path path = this.disk.directory().resolve("a.jsonl");
		this.disk.remount("ro");
		assertThatExceptionOfType(UncheckedIOException.class)
			.isThrownBy(() -> new FileHandler(FileHandlerTests.MESSAGES, FileOptions.of(path)))
			.withMessageContaining("'" + path + "'")
			.withMessageContaining("Read-only")
			.withMessageContaining("make its directory writable");
		assertThatExceptionOfType(UncheckedIOException.class)
			.isThrownBy(() -> new FileHandler(FileHandlerTests.MESSAGES,
					FileOptions.of(path.resolveSibling("${session}.jsonl"))))
			.withMessageContaining("no file can be created");
		this.disk.remount("rw");
		FileOptions options = FileOptions.of(path.resolveSibling("${session}.jsonl")).withMaxOpenFiles(1);
		try (FileHandler handler = new FileHandler(FileHandlerTests.MESSAGES, options)) {
			this.disk.remount("ro");
			for (int i = 0; i < 2; i++) {
				assertThatExceptionOfType(HandlerException.class).isThrownBy(() -> handler.handle(batch(1)))
					.withMessageContaining("Read-only")
					.satisfies((ex) -> assertThat(ex.isRetryable()).isTrue());
			}
			this.disk.remount("rw");
			handler.handle(batch(1));
		}
		assertThat(path.resolveSibling("no-session.jsonl")).hasSize(1000);
	}

	@Test
	void theCallerNoticesNothingAndEachSignalIsCounted() throws Exception {
		Path path = this.disk.directory().resolve("a.jsonl");
		Path ballast = this.disk.directory().resolve("ballast");
		Files.write(ballast, new byte[900 << 10]);
		List<HandlerFault> faults = new ArrayList<>();
		QueueOptions queue = QueueOptions.DEFAULTS.withOverflow(new Overflow.Block(Duration.ofSeconds(30)));
		int signals = 5000;
		try (SignalPipeline pipeline = SignalPipeline.builder()
			.faultListener((fault) -> faults.add(fault))
			.handler("file", new FileHandler(new JsonSignalEncoder(), FileOptions.of(path)),
					HandlerOptions.DEFAULTS.withQueue(queue))
			.build()) {
			Telemetry telemetry = new Telemetry(pipeline, "test");
			for (int i = 0; i < signals; i++) {
				telemetry.log("before");
			}
			assertThat(pipeline.flush(Duration.ofSeconds(30))).isTrue();
			OutcomeStats full = pipeline.handler("file").stats();
			assertThat(full.count(Outcome.ERRORS)).isPositive();
			assertThat(full.count(Outcome.HANDLED) + full.count(Outcome.ERRORS)).isEqualTo(signals);
			Files.delete(ballast);
			telemetry.log("after");
			assertThat(pipeline.flush(Duration.ofSeconds(30))).isTrue();
			OutcomeStats freed = pipeline.handler("file").stats();
			assertThat(freed.count(Outcome.ERRORS)).isEqualTo(full.count(Outcome.ERRORS));
			List<String> lines = Files.readAllLines(path);
			assertThat(lines).hasSize((int) freed.count(Outcome.HANDLED));
			JsonMapper mapper = new JsonMapper();
			assertThat(lines).allSatisfy((line) -> mapper.readTree(line));
			assertThat(lines.get(lines.size() - 1)).contains("after");
		}
		assertThat(faults.stream().mapToLong(HandlerFault::signals).sum()).isPositive();
		assertThat(faults).allSatisfy((fault) -> assertThat(fault.cause()).hasMessageContaining("space"));
	}

}
