package io.telemetry.filter;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.telemetry.signal.Level;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class FilterSettingsTests {

	@Test
	void collectionsAreCopiedInTheirOrder() {
		Map<String, Level> levels = new LinkedHashMap<>();
		levels.put("z", Level.INFO);
		levels.put("a", Level.WARN);
		levels.put("m", Level.DEBUG);
		FilterSettings settings = FilterSettings.DEFAULTS.withLevels(levels);
		levels.clear();
		assertThat(settings.levels().keySet()).containsExactly("z", "a", "m");
		assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> settings.levels().clear());

		List<String> allow = new ArrayList<>(List.of("a"));
		NameSelector selector = NameSelector.ALL.withAllow(allow);
		allow.add("b");
		assertThat(selector.allow()).containsExactly("a");
	}

	@Test
	void aTextThatIsNoPatternIsRefusedAtOnce() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> FilterSettings.DEFAULTS.withLevels(Map.of("a(b", Level.INFO)))
			.withMessageContaining("'a(b'");
		assertThatIllegalArgumentException().isThrownBy(() -> new NameSelector(List.of(" "), List.of()));
		assertThatIllegalArgumentException().isThrownBy(() -> new NameSelector(List.of(), List.of("(.*)")));
	}

	@Test
	void equalSettingsAreEqual() {
		assertThat(FilterSettings.DEFAULTS.withMinLevel(Level.WARN).withMinLevel(Level.TRACE))
			.isEqualTo(FilterSettings.DEFAULTS);
	}

}
