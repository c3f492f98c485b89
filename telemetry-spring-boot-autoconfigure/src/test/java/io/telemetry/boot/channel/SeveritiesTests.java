package io.telemetry.boot.channel;

import java.util.LinkedHashMap;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How severe browser events are.
 */
class SeveritiesTests {

	private static Map<String, Object> event(String type, String subtype) {
		Map<String, Object> fields = new LinkedHashMap<>();
		fields.put("type", type);
		fields.put("subtype", subtype);
		fields.put("message", "m");
		return fields;
	}

	@ParameterizedTest
	@CsvSource({ "error, javascript, high", "error, console, medium", "error, network, medium",
			"error, resource, medium", "error, csp, medium", "error, , medium", "error, of-somebody-else, medium",
			"log, console, low", "log, deprecation, low", "log, intervention, low" })
	void severityFollowsFromWhatAnEventIs(String type, String subtype, String severity) {
		Map<String, Object> fields = event(type, subtype);
		assertThat(Severities.known(fields)).containsEntry("severity", severity)
			.containsAllEntriesOf(fields)
			.hasSize(4);
	}

	@ParameterizedTest
	@CsvSource({ "log, ", "log, custom", "metric, web-vital", "metric, console", "analytics, user-action", ", ",
			"other, javascript" })
	void otherEventsHaveNone(String type, String subtype) {
		Map<String, Object> fields = event(type, subtype);
		assertThat(Severities.known(fields)).isSameAs(fields);
	}

	@Test
	void severityOfTheEventStays() {
		Map<String, Object> fields = event("error", "javascript");
		fields.put("severity", "low");
		assertThat(Severities.known(fields)).isSameAs(fields);
		fields.put("severity", null);
		assertThat(Severities.known(fields)).containsEntry("severity", "high").hasSize(4);
	}

}
