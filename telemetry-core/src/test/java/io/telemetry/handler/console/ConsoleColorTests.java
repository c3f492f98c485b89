package io.telemetry.handler.console;

import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class ConsoleColorTests {

	@ParameterizedTest
	@CsvSource({ "TERM, xterm-256color, true", "TERM, dumb, false", "WT_SESSION, 1, true", "OTHER, x, false" })
	void terminalThatShowsColoursHasThem(String variable, String value, boolean on) {
		assertThat(ConsoleColor.AUTO.isOn(Map.of(variable, value)::get, () -> true)).isEqualTo(on);
	}

	@Test
	void whatIsNoTerminalHasNone() {
		assertThat(ConsoleColor.AUTO.isOn(Map.of("TERM", "xterm")::get, () -> false)).isFalse();
	}

	@Test
	void noColorIsHonouredUnlessItIsEmpty() {
		assertThat(ConsoleColor.AUTO.isOn(Map.of("TERM", "xterm", "NO_COLOR", "0")::get, () -> true)).isFalse();
		assertThat(ConsoleColor.AUTO.isOn(Map.of("TERM", "xterm", "NO_COLOR", "")::get, () -> true)).isTrue();
	}

	@Test
	void whoSaysAlwaysOrNeverIsNotOverruled() {
		assertThat(ConsoleColor.ALWAYS.isOn(Map.of("NO_COLOR", "1")::get, () -> false)).isTrue();
		assertThat(ConsoleColor.NEVER.isOn(Map.of("TERM", "xterm")::get, () -> true)).isFalse();
	}

}
