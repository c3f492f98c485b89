package io.telemetry.pipeline;

import java.time.Instant;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class LiveSettingsTests {

	private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

	private final LiveSettings<String> configured = LiveSettings.of("c");

	@Test
	void changesOfDifferentSettingsAddUp() {
		LiveSettings<String> live = this.configured.with(List.of(add("x"), add("y")), null);
		assertThat(live.effective()).isEqualTo("cxy");
		assertThat(live.configured()).isEqualTo("c");
		assertThat(this.configured.effective()).isEqualTo("c");
	}

	@Test
	void expiredChangeGivesWayToTheOneBefore() {
		LiveSettings<String> live = this.configured.with(List.of(set("s", "lasting")), null)
			.with(List.of(set("s", "long")), NOW.plusSeconds(60))
			.with(List.of(set("s", "short")), NOW.plusSeconds(10));
		assertThat(live.effective()).isEqualTo("short");
		assertThat(live.nextExpiry()).isEqualTo(NOW.plusSeconds(10));
		live = live.expire(NOW.plusSeconds(10));
		assertThat(live.effective()).isEqualTo("long");
		live = live.expire(NOW.plusSeconds(61));
		assertThat(live.effective()).isEqualTo("lasting");
		assertThat(live.nextExpiry()).isNull();
	}

	@Test
	void lastingChangeEndsEveryEarlierOne() {
		LiveSettings<String> live = this.configured.with(List.of(set("s", "short")), NOW.plusSeconds(10))
			.with(List.of(set("s", "lasting")), null);
		assertThat(live.nextExpiry()).isNull();
		assertThat(live.expire(NOW.plusSeconds(11)).effective()).isEqualTo("lasting");
	}

	@Test
	void changeThatEndsLaterReplacesOnesThatEndEarlier() {
		LiveSettings<String> live = this.configured;
		for (int i = 1; i <= 1000; i++) {
			live = live.with(List.of(set("s", "v" + i)), NOW.plusSeconds(i));
		}
		assertThat(live.effective()).isEqualTo("v1000");
		assertThat(live.expire(NOW.plusSeconds(999)).effective()).isEqualTo("v1000");
		assertThat(live.expire(NOW.plusSeconds(1000)).effective()).isEqualTo("c");
	}

	@Test
	void stackOfTemporaryChangesIsBounded() {
		LiveSettings<String> live = this.configured;
		for (int i = 0; i < 16; i++) {
			live = live.with(List.of(set("s", "v")), NOW.plusSeconds(100 - i));
		}
		LiveSettings<String> full = live;
		assertThatIllegalArgumentException().isThrownBy(() -> full.with(List.of(set("s", "v")), NOW.plusSeconds(1)))
			.withMessageContaining("'s' already has 16 temporary changes");
	}

	@Test
	void changesAreTakenBackBySetting() {
		LiveSettings<String> live = this.configured.with(List.of(add("x"), add("y")), null).without("x"::equals);
		assertThat(live.effective()).isEqualTo("cy");
		assertThat(live.changed()).containsOnlyKeys("y");
	}

	private static Change<String> add(String text) {
		return new Change<>(text, (value) -> value + text);
	}

	private static Change<String> set(String setting, String text) {
		return new Change<>(setting, (value) -> text);
	}

}
