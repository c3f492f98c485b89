package io.telemetry.boot.channel.control;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.telemetry.boot.InvalidSettingException;
import io.telemetry.boot.browser.BrowserSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class ClientSettingsChangeTests {

	@SuppressWarnings("unchecked")
	private static ClientSettingsChange parse(String json) {
		return ClientSettingsChange.of(new JsonMapper().readValue(json, Map.class));
	}

	@Test
	void documentOfTheContractChangesWhatItNamesAndNothingElse() {
		BrowserSettings settings = parse(
				"""
						{"enabled":false,"sampling":{"click":0.5,"scroll":0},"session":{"rate":0.1,"idleMs":60000},
						 "collect":{"network":false,"scroll":true,"bots":true},"ignore":["not ours","a, b"],"buffer":{"events":10,"flushMs":1000,"bytes":5000,"stored":20}}""")
			.applyTo(BrowserSettings.DEFAULTS);
		assertThat(settings.enabled()).isFalse();
		assertThat(settings.sampling()).containsEntry("click", 0.5)
			.containsEntry("scroll", 0.0)
			.containsEntry("default", 1.0)
			.hasSize(BrowserSettings.DEFAULT_SAMPLING.size());
		assertThat(settings.session()).isEqualTo(new BrowserSettings.Session(0.1, Duration.ofMinutes(1)));
		assertThat(settings.collect())
			.isEqualTo(new BrowserSettings.Collect(true, true, false, true, true, true, true, false, false, true));
		assertThat(settings.ignore()).containsExactly("not ours", "a, b");
		assertThat(settings.buffer()).isEqualTo(new BrowserSettings.Buffer(10, Duration.ofSeconds(1), 5000, 20));
		assertThat(parse("{}").isEmpty()).isTrue();
		assertThat(parse("{}").applyTo(settings)).isEqualTo(settings);
	}

	@Test
	void documentAndMethodsSayTheSame() {
		ClientSettingsChange change = ClientSettingsChange.NONE.withEnabled(true)
			.withSampling("click", 1)
			.withSessionRate(0.5)
			.withSessionIdle(Duration.ofMinutes(5))
			.withCollect("errors", false)
			.withCollect("mouse", true)
			.withCollect("attribution", true)
			.withIgnore(List.of("not ours"))
			.withBuffer("stored", 5);
		assertThat(ClientSettingsChange.of(change.toMap())).isEqualTo(change).hasSameHashCodeAs(change);
		assertThat(change.toMap()).containsEntry("session", Map.of("rate", 0.5, "idleMs", 300_000L));
	}

	@ParameterizedTest
	@CsvSource(quoteCharacter = '`', delimiter = ';', value = {
			"{\"enable\":true}; enable; must be one of [enabled, sampling, session, collect, ignore, buffer]",
			"{\"enabled\":\"no\"}; enabled; must be true or false", "{\"sampling\":0.5}; sampling; must be an object",
			"{\"sampling\":{\"click\":2}}; sampling.click; must be from 0 to 1",
			"{\"sampling\":{\"click\":\"all\"}}; sampling.click; must be a number",
			"{\"sampling\":{\"click me\":1}}; sampling.click me; must have a subtype",
			"{\"session\":{\"rate\":-1}}; session.rate; must be from 0 to 1",
			"{\"session\":{\"idle\":1}}; session.idle; must be one of rate, idleMs",
			"{\"session\":{\"idleMs\":1}}; session.idle; must be between",
			"{\"collect\":{\"passwords\":true}}; collect.passwords; must be one of errors, console",
			"{\"collect\":{\"errors\":1}}; collect.errors; must be true or false",
			"{\"buffer\":{\"events\":0}}; buffer.events; must be between 1 and 1000",
			"{\"buffer\":{\"bytes\":1e30}}; buffer.bytes; must be a whole number",
			"{\"buffer\":{\"size\":1}}; buffer.size; must be one of events, flushMs, bytes, stored",
			"{\"trace\":{\"origins\":[]}}; trace; must be one of",
			"{\"ignore\":\"noise\"}; ignore; must be a list of texts",
			"{\"ignore\":[1]}; ignore; must be a list of texts", "{\"ignore\":null}; ignore; must be a list of texts",
			"{\"ignore\":[\" \"]}; ignore; must be texts that are not blank", "{\"enabled\":null}; enabled; must be" })
	void whatMakesNoSenseIsRefusedByName(String json, String setting, String reason) {
		assertThatExceptionOfType(InvalidSettingException.class).isThrownBy(() -> parse(json)).satisfies((ex) -> {
			assertThat(ex.setting()).isEqualTo(setting);
			assertThat(ex.reason()).startsWith(reason);
		});
	}

	@Test
	void textsToIgnoreAreBounded() {
		ClientSettingsChange most = ClientSettingsChange.NONE.withIgnore(Collections.nCopies(100, "x".repeat(200)));
		assertThat(most.applyTo(BrowserSettings.DEFAULTS).ignore()).hasSize(100);
		assertThat(most.withIgnore(List.of()).applyTo(BrowserSettings.DEFAULTS).ignore()).isEmpty();
		assertThatExceptionOfType(InvalidSettingException.class)
			.isThrownBy(() -> ClientSettingsChange.NONE.withIgnore(Collections.nCopies(101, "x")))
			.withMessage("ignore must be at most 100 texts, but is '101 texts'");
		assertThatExceptionOfType(InvalidSettingException.class)
			.isThrownBy(() -> ClientSettingsChange.NONE.withIgnore(List.of("x".repeat(201))))
			.withMessageStartingWith("ignore must be texts of at most 200 characters");
	}

	@Test
	void namesOfSubtypesAreBounded() {
		Map<String, Object> sampling = new LinkedHashMap<>();
		for (int i = 0; i < 65; i++) {
			sampling.put("subtype-" + i, 0.5);
		}
		assertThatExceptionOfType(InvalidSettingException.class)
			.isThrownBy(() -> ClientSettingsChange.of(Map.of("sampling", sampling)))
			.withMessageContaining("at most 64");
		assertThat(ClientSettingsChange.COLLECTORS).isEqualTo(List.of("errors", "console", "network", "performance",
				"interactions", "navigation", "scroll", "mouse", "attribution", "bots"));
	}

}
