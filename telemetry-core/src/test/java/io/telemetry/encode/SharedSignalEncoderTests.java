package io.telemetry.encode;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import io.telemetry.handler.file.FileHandler;
import io.telemetry.handler.file.FileOptions;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

class SharedSignalEncoderTests {

	private final AtomicInteger calls = new AtomicInteger();

	private final SignalEncoder json = new JsonSignalEncoder();

	private final SharedSignalEncoder encoder = new SharedSignalEncoder((signal, out) -> {
		this.calls.incrementAndGet();
		this.json.encode(signal, out);
	});

	@Test
	void twoFileHandlersHaveEachSignalEncodedOnceAndWriteTheSame(@TempDir Path directory) throws Exception {
		Path a = directory.resolve("a.jsonl");
		Path b = directory.resolve("b.jsonl");
		List<Signal> signals = List.of(signal("1"), signal("2"), signal("3"));
		try (FileHandler first = new FileHandler(this.encoder.addUser(), FileOptions.of(a));
				FileHandler second = new FileHandler(this.encoder.addUser(), FileOptions.of(b))) {
			first.handle(signals);
			second.handle(signals);
		}
		assertThat(this.calls).hasValue(3);
		assertThat(Files.readString(a)).isEqualTo(Files.readString(b)).contains("\"msg\":\"3\"");
		assertThat(Files.readAllLines(a)).hasSize(3);
	}

	@Test
	void singleUserKeepsNothing() throws IOException {
		Signal signal = signal("1");
		this.encoder.addUser();
		assertThat(encode(signal)).isEqualTo(encode(signal));
		assertThat(this.calls).hasValue(2);
		assertThat(signal.memo()).isNull();
	}

	@Test
	void anotherSignalIsEncodedAnewThoughItIsMadeOfOneThatIsKnown() throws IOException {
		this.encoder.addUser().addUser();
		Signal signal = signal("1");
		encode(signal);
		assertThat(encode(signal.toBuilder().addData(Map.of("b", 2)).build())).contains("\"b\":2");
		assertThat(encode(signal)).doesNotContain("\"b\":2");
		assertThat(this.calls).hasValue(2);
	}

	@Test
	void formsOfTwoFormatsAreNotTakenForEachOther() throws IOException {
		SharedSignalEncoder pretty = new SharedSignalEncoder(new PrettySignalEncoder()).addUser().addUser();
		this.encoder.addUser().addUser();
		Signal signal = signal("1");
		for (int i = 0; i < 2; i++) {
			assertThat(encode(signal)).startsWith("{");
			assertThat(encode(pretty, signal)).contains("INFO  [test] - 1");
		}
	}

	@Test
	void largeFormIsNotKept() throws IOException {
		this.encoder.addUser().addUser();
		Signal large = signal("x".repeat(30_000)).toBuilder()
			.data(Map.of("a", "y".repeat(30_000), "b", "z".repeat(30_000)))
			.build();
		assertThat(encode(large)).hasSizeGreaterThan(SharedSignalEncoder.MAX_KEPT).isEqualTo(encode(large));
		assertThat(this.calls).hasValue(2);
		assertThat(large.memo()).isNull();
	}

	@Test
	void formThatIsWrittenInPiecesIsKeptWhole() throws IOException {
		SharedSignalEncoder pieces = new SharedSignalEncoder((signal, out) -> {
			this.calls.incrementAndGet();
			out.write('<');
			out.write("abc".getBytes(StandardCharsets.UTF_8), 1, 2);
			out.write('>');
		}).addUser().addUser();
		Signal signal = signal("1");
		assertThat(encode(pieces, signal)).isEqualTo("<bc>").isEqualTo(encode(pieces, signal));
		assertThat(this.calls).hasValue(1);
	}

	@Test
	void encoderOrDestinationThatFailsLeavesNothingBehind() throws IOException {
		this.encoder.addUser().addUser();
		Signal signal = signal("1");
		assertThatIOException().isThrownBy(() -> this.encoder.encode(signal, new OutputStream() {

			@Override
			public void write(int b) throws IOException {
				throw new IOException("full");
			}

		}));
		assertThat(signal.memo()).isNull();
		assertThat(encode(signal)).isEqualTo(encode(this.json, signal));
	}

	private String encode(Signal signal) throws IOException {
		return encode(this.encoder, signal);
	}

	private static String encode(SignalEncoder encoder, Signal signal) throws IOException {
		ByteArrayOutput out = new ByteArrayOutput();
		encoder.encode(signal, out);
		return out.toString(StandardCharsets.UTF_8);
	}

	private static Signal signal(String message) {
		return Signal.builder(Level.INFO, Kind.LOG, "test").message(message).data(Map.of("a", 1)).build();
	}

}
