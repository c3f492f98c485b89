package io.telemetry.handler.console;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.telemetry.encode.CborSignalEncoder;
import io.telemetry.encode.JsonSignalEncoder;
import io.telemetry.encode.SignalEncoder;
import io.telemetry.handler.HandlerException;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class ConsoleHandlerTests {

	private static final SignalEncoder MESSAGES = (signal, out) -> {
		if ("bad".equals(signal.message())) {
			out.write("half of it".getBytes(StandardCharsets.UTF_8));
			throw new IllegalStateException("no encoding");
		}
		out.write(String.valueOf(signal.message()).getBytes(StandardCharsets.UTF_8));
	};

	@Test
	void aBatchIsOneWriteAndOneFlush() throws Exception {
		List<String> calls = new ArrayList<>();
		OutputStream out = new OutputStream() {
			@Override
			public void write(int b) {
				calls.add("byte");
			}

			@Override
			public void write(byte[] bytes, int offset, int length) {
				calls.add(new String(bytes, offset, length, StandardCharsets.UTF_8));
			}

			@Override
			public void flush() {
				calls.add("flush");
			}
		};
		ConsoleHandler handler = new ConsoleHandler(MESSAGES, out);
		handler.handle(List.of(signal("a"), signal("b"), signal("ü")));
		handler.handle(signal("c"));
		handler.close();
		assertThat(calls).containsExactly("a\nb\nü\n", "flush", "c\n", "flush");
	}

	@Test
	void standardStreamsAreTakenAsTheyAreAtConstruction() throws Exception {
		PrintStream previousOut = System.out;
		PrintStream previousErr = System.err;
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		ByteArrayOutputStream err = new ByteArrayOutputStream();
		ByteArrayOutputStream later = new ByteArrayOutputStream();
		try {
			System.setOut(new PrintStream(out));
			System.setErr(new PrintStream(err));
			ConsoleHandler stdout = ConsoleHandler.toStdout(MESSAGES);
			ConsoleHandler stderr = ConsoleHandler.toStderr(MESSAGES);
			System.setOut(new PrintStream(later));
			System.setErr(new PrintStream(later));
			stdout.handle(signal("to out"));
			stderr.handle(signal("to err"));
		}
		finally {
			System.setOut(previousOut);
			System.setErr(previousErr);
		}
		assertThat(out).hasToString("to out\n");
		assertThat(err).hasToString("to err\n");
		assertThat(later.size()).isZero();
	}

	@Test
	void splitSendsErrorsAndAboveToTheOtherStreamAndKeepsTheOrder() throws Exception {
		List<String> calls = new ArrayList<>();
		ConsoleHandler handler = new ConsoleHandler(MESSAGES, recorder("out", calls), recorder("err", calls));
		handler.handle(List.of(signal("a"), signal("b"), signal(Level.ERROR, "c"), signal(Level.FATAL, "d"),
				signal(Level.of(69), "e")));
		handler.handle(signal(Level.REPORT, "f"));
		assertThat(calls).containsExactly("out a\nb\n", "err c\nd\n", "out e\n", "err f\n");
	}

	@Test
	void splitTakesStandardStreams() throws Exception {
		PrintStream previousOut = System.out;
		PrintStream previousErr = System.err;
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		ByteArrayOutputStream err = new ByteArrayOutputStream();
		try {
			System.setOut(new PrintStream(out));
			System.setErr(new PrintStream(err));
			ConsoleHandler.split(MESSAGES).handle(List.of(signal("a"), signal(Level.ERROR, "b")));
		}
		finally {
			System.setOut(previousOut);
			System.setErr(previousErr);
		}
		assertThat(out).hasToString("a\n");
		assertThat(err).hasToString("b\n");
	}

	@Test
	void splitTellsOfAllThatFailedAndWritesTheRest() {
		List<String> calls = new ArrayList<>();
		OutputStream broken = new OutputStream() {
			@Override
			public void write(int b) throws IOException {
				throw new IOException("broken pipe");
			}
		};
		ConsoleHandler handler = new ConsoleHandler(MESSAGES, recorder("out", calls), broken);
		Signal bad = signal("bad");
		Signal error = signal(Level.ERROR, "e");
		assertThatExceptionOfType(HandlerException.class)
			.isThrownBy(() -> handler.handle(List.of(bad, signal("a"), error, signal("b"))))
			.withMessageContaining("broken pipe")
			.satisfies((ex) -> {
				assertThat(ex.isRetryable()).isTrue();
				assertThat(ex.failed()).containsExactly(bad, error);
			});
		assertThat(calls).containsExactly("out a\n", "out b\n");
		assertThatExceptionOfType(HandlerException.class).isThrownBy(() -> handler.handle(List.of(bad, signal("a"))))
			.satisfies((ex) -> assertThat(ex.isRetryable()).isFalse());
	}

	@Test
	void binaryFormatIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> ConsoleHandler.toStdout(new CborSignalEncoder()))
			.withMessageContaining("binary")
			.withMessageContaining("pretty");
	}

	private static OutputStream recorder(String name, List<String> calls) {
		return new OutputStream() {
			@Override
			public void write(int b) {
				throw new AssertionError();
			}

			@Override
			public void write(byte[] bytes, int offset, int length) {
				calls.add(name + " " + new String(bytes, offset, length, StandardCharsets.UTF_8));
			}
		};
	}

	@Test
	void aSignalThatCannotBeEncodedFailsForGoodAndHarmsNoOther() {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		ConsoleHandler handler = new ConsoleHandler(MESSAGES, out);
		Signal bad = signal("bad");
		assertThatExceptionOfType(HandlerException.class)
			.isThrownBy(() -> handler.handle(List.of(signal("a"), bad, signal("b"))))
			.withMessageContaining("no encoding")
			.satisfies((ex) -> {
				assertThat(ex.isRetryable()).isFalse();
				assertThat(ex.failed()).containsExactly(bad);
			});
		assertThat(out).hasToString("a\nb\n");
	}

	@Test
	void aStreamThatFailsIsARetryableFailure() {
		OutputStream broken = new OutputStream() {
			@Override
			public void write(int b) throws IOException {
				throw new IOException("broken pipe");
			}
		};
		for (OutputStream out : List.of(broken, new PrintStream(broken))) {
			assertThatExceptionOfType(HandlerException.class)
				.isThrownBy(() -> new ConsoleHandler(MESSAGES, out).handle(signal("a")))
				.withMessageContaining("The console can't be written to")
				.satisfies((ex) -> assertThat(ex.isRetryable()).isTrue());
		}
	}

	@Test
	void severalThreadsAtOnceWriteWholeLines() throws Exception {
		ByteArrayOutputStream out = new ByteArrayOutputStream() {
			// Unsynchronised and in two steps, so that only the handler's own lock helps.
			@Override
			public void write(byte[] bytes, int offset, int length) {
				for (int i = offset; i < offset + length; i++) {
					super.write(bytes[i]);
				}
			}
		};
		ConsoleHandler handler = new ConsoleHandler(new JsonSignalEncoder(), out);
		int threads = 8;
		CyclicBarrier start = new CyclicBarrier(threads);
		ExecutorService executor = Executors.newFixedThreadPool(threads);
		try {
			List<Future<?>> results = new ArrayList<>();
			for (int t = 0; t < threads; t++) {
				String message = String.valueOf((char) ('a' + t)).repeat(50);
				results.add(executor.submit(() -> {
					start.await();
					for (int i = 0; i < 100; i++) {
						handler.handle(List.of(signal(message), signal(message)));
					}
					return null;
				}));
			}
			for (Future<?> result : results) {
				result.get(30, TimeUnit.SECONDS);
			}
		}
		finally {
			executor.shutdownNow();
		}
		List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
		assertThat(lines).hasSize(threads * 200)
			.allMatch((line) -> line.matches("\\{\"timestamp\":.*\"msg\":\"(.)\\1{49}\".*}"));
		// The two signals of a batch stand together.
		assertThat(IntStream.range(0, lines.size() / 2)
			.mapToObj((i) -> message(lines.get(2 * i)).equals(message(lines.get(2 * i + 1))))
			.collect(Collectors.toSet())).containsExactly(true);
	}

	private static String message(String line) {
		return line.replaceAll(".*\"msg\":\"([^\"]*)\".*", "$1");
	}

	private static Signal signal(String message) {
		return signal(Level.INFO, message);
	}

	private static Signal signal(Level level, String message) {
		return Signal.builder(level, Kind.LOG, "ns").message(message).build();
	}

}
