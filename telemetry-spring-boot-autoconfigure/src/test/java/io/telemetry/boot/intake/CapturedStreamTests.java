package io.telemetry.boot.intake;

import java.io.ByteArrayOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Consumer;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * {@link CapturedStream}.
 */
class CapturedStreamTests {

	private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

	private final StringBuilder told = new StringBuilder();

	private final CapturedStream stream = new CapturedStream(new PrintStream(this.bytes, true, StandardCharsets.UTF_8),
			(stream, text, ended) -> this.told.append(text).append(ended ? System.lineSeparator() : ""));

	private String written() {
		return this.bytes.toString(StandardCharsets.UTF_8);
	}

	private void assertPrintsAndTells(Consumer<PrintStream> use) {
		ByteArrayOutputStream expected = new ByteArrayOutputStream();
		try (PrintStream plain = new PrintStream(expected, true, StandardCharsets.UTF_8)) {
			use.accept(plain);
		}
		this.bytes.reset();
		this.told.setLength(0);
		use.accept(this.stream);
		assertThat(written()).isNotEmpty()
			.isEqualTo(expected.toString(StandardCharsets.UTF_8))
			.isEqualTo(this.told.toString());
	}

	@Test
	void everyWayToPrintIsPrintedAndTold() {
		assertPrintsAndTells((stream) -> stream.print(true));
		assertPrintsAndTells((stream) -> stream.print('c'));
		assertPrintsAndTells((stream) -> stream.print(1));
		assertPrintsAndTells((stream) -> stream.print(1L));
		assertPrintsAndTells((stream) -> stream.print(1.5f));
		assertPrintsAndTells((stream) -> stream.print(1.5d));
		assertPrintsAndTells((stream) -> stream.print(new char[] { 'a', 'ä' }));
		assertPrintsAndTells((stream) -> stream.print("täxt"));
		assertPrintsAndTells((stream) -> stream.print((String) null));
		assertPrintsAndTells((stream) -> stream.print((Object) null));
		assertPrintsAndTells(PrintStream::println);
		assertPrintsAndTells((stream) -> stream.println(true));
		assertPrintsAndTells((stream) -> stream.println('c'));
		assertPrintsAndTells((stream) -> stream.println(1));
		assertPrintsAndTells((stream) -> stream.println(1L));
		assertPrintsAndTells((stream) -> stream.println(1.5f));
		assertPrintsAndTells((stream) -> stream.println(1.5d));
		assertPrintsAndTells((stream) -> stream.println(new char[] { 'a', 'ä' }));
		assertPrintsAndTells((stream) -> stream.println("täxt"));
		assertPrintsAndTells((stream) -> stream.println((Object) null));
		assertPrintsAndTells((stream) -> stream.printf("%s and %d%n", "a", 2));
		assertPrintsAndTells((stream) -> stream.printf(Locale.GERMANY, "%.1f", 1.5));
		assertPrintsAndTells((stream) -> stream.printf((Locale) null, "%.1f", 1.5));
		assertPrintsAndTells((stream) -> stream.format("%s", "a"));
		assertPrintsAndTells((stream) -> stream.append('c').append("abc").append("abcdef", 1, 3).append(null));
		Exception exception = new IllegalStateException("x");
		assertPrintsAndTells((stream) -> exception.printStackTrace(stream));
	}

	@Test
	void bytesArePrintedAndNotTold() throws Exception {
		this.stream.write('a');
		this.stream.write(new byte[] { 'b' });
		this.stream.write(new byte[] { 'x', 'c', 'x' }, 1, 1);
		this.stream.writeBytes(new byte[] { 'd' });
		PrintWriter writer = new PrintWriter(new OutputStreamWriter(this.stream, StandardCharsets.UTF_8));
		writer.print("e");
		writer.flush();
		assertThat(written()).isEqualTo("abcde");
		assertThat(this.told).isEmpty();
	}

	@Test
	void wrongFormatFailsAsEver() {
		assertThatException().isThrownBy(() -> this.stream.printf("%d", "a"));
		assertThat(this.told).isEmpty();
	}

	@Test
	void stateIsThatOfTheOriginal() {
		assertThat(this.stream.checkError()).isFalse();
		this.stream.close();
		this.stream.print("late");
		assertThat(this.stream.checkError()).isTrue();
		assertThat(written()).isEmpty();
	}

}
