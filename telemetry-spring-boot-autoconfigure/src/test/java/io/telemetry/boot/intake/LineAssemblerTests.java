package io.telemetry.boot.intake;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link LineAssembler}.
 */
class LineAssemblerTests {

	private final LineAssembler lines = new LineAssembler(10);

	@Test
	void wholeLineIsALine() {
		assertThat(this.lines.add("abc", true)).containsExactly("abc");
		assertThat(this.lines.end()).isEmpty();
	}

	@Test
	void piecesAreALineWhenItEnds() {
		assertThat(this.lines.add("a", false)).isEmpty();
		assertThat(this.lines.add("b", false)).isEmpty();
		assertThat(this.lines.add("c", true)).containsExactly("abc");
	}

	@Test
	void linesWithinATextAreLinesOfTheirOwn() {
		assertThat(this.lines.add("a\nb\r\nc", false)).containsExactly("a", "b");
		assertThat(this.lines.end()).containsExactly("c");
		assertThat(this.lines.add("d\ne", true)).containsExactly("d", "e");
		assertThat(this.lines.add("f\r", true)).containsExactly("f");
	}

	@Test
	void blankLinesAreLeftOut() {
		assertThat(this.lines.add("", true)).isEmpty();
		assertThat(this.lines.add(" \t", true)).isEmpty();
		assertThat(this.lines.add("a\n\n \nb\n", false)).containsExactly("a", "b");
	}

	@Test
	void longLineIsSeveral() {
		assertThat(this.lines.add("0123456789", true)).containsExactly("0123456789");
		assertThat(this.lines.add("0123456789a", true)).containsExactly("0123456789", "a");
		assertThat(this.lines.add("0123456789".repeat(3), false)).containsExactly("0123456789", "0123456789");
		assertThat(this.lines.end()).containsExactly("0123456789");
	}

	@Test
	void longLineIsNotDividedWithinACharacter() {
		assertThat(this.lines.add("012345678😀b", true)).containsExactly("012345678😀", "b");
	}

	@Test
	void anyPiecesMakeTheLinesOfTheWhole() {
		Random random = new Random(17);
		for (int round = 0; round < 2000; round++) {
			String text = text(random);
			List<String> expected = Arrays.stream(text.split("\r?\n")).filter((line) -> !line.isBlank()).toList();
			LineAssembler assembler = new LineAssembler(1000);
			List<String> actual = new ArrayList<>();
			for (int from = 0; from < text.length();) {
				int to = Math.min(text.length(), from + 1 + random.nextInt(5));
				actual.addAll(assembler.add(text.substring(from, to), false));
				from = to;
			}
			actual.addAll(assembler.end());
			assertThat(actual).as(text).isEqualTo(expected);
		}
	}

	private static String text(Random random) {
		StringBuilder text = new StringBuilder();
		int length = random.nextInt(40);
		for (int i = 0; i < length; i++) {
			text.append(switch (random.nextInt(6)) {
				case 0 -> "\n";
				case 1 -> "\r\n";
				case 2 -> " ";
				default -> String.valueOf((char) ('a' + random.nextInt(26)));
			});
		}
		return text.toString();
	}

}
