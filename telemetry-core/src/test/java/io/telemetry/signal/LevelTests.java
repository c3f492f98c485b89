package io.telemetry.signal;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class LevelTests {

	@ParameterizedTest
	@CsvSource({ "trace,10", "debug,20", "info,50", "warn,60", "error,70", "fatal,80", "report,90", "INFO,50", "55,55",
			"-3,-3" })
	void namesAndNumbersAreParsed(String text, int value) {
		assertThat(Level.parse(text).value()).isEqualTo(value);
	}

	@Test
	void textIsReadBack() {
		for (int value = -1; value < 100; value++) {
			Level level = Level.of(value);
			assertThat(Level.parse(level.toString())).isEqualTo(level);
		}
	}

	@Test
	void unknownNameSaysWhatIsAllowed() {
		assertThatIllegalArgumentException().isThrownBy(() -> Level.parse("verbose"))
			.withMessage(
					"'verbose' is not a level: allowed are trace, debug, info, warn, error, fatal, report or an integer");
	}

	@Test
	void onlySevenLevelsAreNamed() {
		assertThat(Level.WARN.isNamed()).isTrue();
		assertThat(Level.of(61).isNamed()).isFalse();
		assertThat(Level.of(61)).hasToString("61");
	}

	@Test
	void levelsBetweenAreOrdered() {
		assertThat(Level.of(65)).isGreaterThan(Level.WARN).isLessThan(Level.ERROR);
		assertThat(Level.of(65).isAtLeast(Level.WARN)).isTrue();
		assertThat(Level.of(65).isAtLeast(Level.ERROR)).isFalse();
	}

	@Test
	void unknownKindSaysWhatIsAllowed() {
		assertThat(Kind.parse("Metric")).isEqualTo(Kind.METRIC);
		assertThatIllegalArgumentException().isThrownBy(() -> Kind.parse("span"))
			.withMessage("'span' is not a kind: allowed are log, event, error, trace, spy, metric, channel, system");
	}

}
