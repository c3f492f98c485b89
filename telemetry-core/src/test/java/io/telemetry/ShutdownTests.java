package io.telemetry;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.telemetry.encode.JsonSignalEncoder;
import io.telemetry.encode.SignalEncoder;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.handler.QueueOptions;
import io.telemetry.handler.SignalHandler;
import io.telemetry.handler.file.FileHandler;
import io.telemetry.handler.file.FileOptions;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Signal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A Java virtual machine of its own that ends while signals wait in queues.
 */
@Timeout(120)
class ShutdownTests {

	private static final int SIGNALS = 500;

	@TempDir
	Path directory;

	@Test
	void signalsThatWaitAreWrittenWhenTheProgramExits() throws Exception {
		Process process = start("exit");
		assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
		assertThat(process.exitValue()).as(output(process)).isEqualTo(3);
		everythingIsWrittenByOneHook();
	}

	@Test
	void signalsThatWaitAreWrittenWhenTheProgramIsTerminated() throws Exception {
		Process process = start("wait");
		assertThat(process.inputReader().readLine()).isEqualTo("ready");
		// SIGTERM
		process.destroy();
		assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
		everythingIsWrittenByOneHook();
	}

	@Test
	void pipelineThatFailsToCloseKeepsNoOtherOpen() throws Exception {
		Process process = start("fatal");
		assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
		everythingIsWrittenByOneHook();
	}

	private Process start(String how) throws IOException {
		String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
		return new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp", classPath,
				Program.class.getName(), this.directory.toString(), how)
			.redirectErrorStream(true)
			.start();
	}

	private static String output(Process process) throws IOException {
		return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
	}

	private void everythingIsWrittenByOneHook() throws IOException {
		for (int i = 0; i < 3; i++) {
			assertThat(Files.readAllLines(this.directory.resolve(i + ".jsonl"))).hasSize(SIGNALS);
		}
		List<String> closers = Files.readAllLines(this.directory.resolve("closers.txt"));
		assertThat(closers).hasSize(3);
		assertThat(closers.stream().distinct()).hasSize(1).first().asString().startsWith("telemetry-shutdown ");
	}

	/**
	 * Three pipelines whose queues wait an hour for a batch.
	 */
	static final class Program {

		private Program() {
		}

		public static void main(String[] args) throws Exception {
			Path directory = Path.of(args[0]);
			HandlerOptions options = HandlerOptions.DEFAULTS.withQueue(
					QueueOptions.DEFAULTS.withCapacity(2 * SIGNALS).withBatches(SIGNALS + 1, Duration.ofHours(1)));
			SignalEncoder encoder = new JsonSignalEncoder();
			for (int i = 0; i < 3; i++) {
				FileHandler file = new FileHandler(encoder, FileOptions.of(directory.resolve(i + ".jsonl")));
				SignalPipeline pipeline = SignalPipeline.builder().closeAtShutdown().faultListener((fault) -> {
				})
					.handler("file", file, options)
					.handler("closer", new Closer(directory.resolve("closers.txt"), args[1].equals("fatal")),
							options.withQueue(null))
					.build();
				Telemetry telemetry = new Telemetry(pipeline, "test");
				for (int j = 0; j < SIGNALS; j++) {
					telemetry.log("hello");
				}
			}
			if (args[1].equals("exit")) {
				System.exit(3);
			}
			if (args[1].equals("wait")) {
				System.out.println("ready");
				Thread.sleep(60_000);
			}
		}

	}

	/**
	 * Notes which thread closes it.
	 */
	private record Closer(Path file, boolean fatal) implements SignalHandler {

		@Override
		public void handle(Signal signal) {
		}

		@Override
		public void close() throws IOException {
			Thread thread = Thread.currentThread();
			Files.writeString(this.file, thread.getName() + " " + thread.getId() + "\n", StandardOpenOption.CREATE,
					StandardOpenOption.APPEND);
			if (this.fatal) {
				throw new InternalError("simulated");
			}
		}

	}

}
