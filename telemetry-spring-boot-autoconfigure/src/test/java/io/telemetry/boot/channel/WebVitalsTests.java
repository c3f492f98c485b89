package io.telemetry.boot.channel;

import java.util.LinkedHashMap;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How good web vitals are.
 */
class WebVitalsTests {

	private static Map<String, Object> vital(String name, Object value) {
		Map<String, Object> fields = new LinkedHashMap<>();
		fields.put("type", "metric");
		fields.put("subtype", "web-vital");
		fields.put("metricName", name);
		fields.put("value", value);
		return fields;
	}

	private static void assertUnrated(Map<String, Object> fields) {
		assertThat(WebVitals.rated(fields)).isSameAs(fields);
	}

	@ParameterizedTest
	@CsvSource({ "TTFB, 800, 1800", "FCP, 1800, 3000", "LCP, 2500, 4000", "INP, 200, 500", "CLS, 0.1, 0.25" })
	void borderBelongsToTheBetterRating(String name, double good, double poor) {
		assertThat(WebVitals.rated(vital(name, 0L))).containsEntry("rating", "good");
		assertThat(WebVitals.rated(vital(name, good))).containsEntry("rating", "good");
		assertThat(WebVitals.rated(vital(name, good + 0.0001))).containsEntry("rating", "needs-improvement");
		assertThat(WebVitals.rated(vital(name, poor))).containsEntry("rating", "needs-improvement");
		assertThat(WebVitals.rated(vital(name, poor + 0.0001))).containsEntry("rating", "poor");
		assertThat(WebVitals.rated(vital(name, 100_000L))).containsEntry("rating", "poor")
			.containsAllEntriesOf(vital(name, 100_000L))
			.hasSize(5);
	}

	@Test
	void ratingOfTheEventStays() {
		for (Object rating : new Object[] { "good", "other", 1 }) {
			Map<String, Object> fields = vital("LCP", 9000);
			fields.put("rating", rating);
			assertUnrated(fields);
		}
		Map<String, Object> fields = vital("LCP", 9000);
		fields.put("rating", null);
		assertThat(WebVitals.rated(fields)).containsEntry("rating", "poor").hasSize(5);
	}

	@ParameterizedTest
	@ValueSource(strings = { "FID", "lcp", "", "constructor" })
	void unknownMetricHasNone(String name) {
		assertUnrated(vital(name, 1));
	}

	@Test
	void withoutNameOrNumberThereIsNone() {
		assertUnrated(vital(null, 1));
		assertUnrated(vital("LCP", null));
		assertUnrated(vital("LCP", "9000"));
		assertUnrated(Map.of("type", "metric", "subtype", "web-vital"));
		assertUnrated(Map.of());
	}

	@Test
	void othersHaveNone() {
		for (String name : new String[] { "type", "subtype" }) {
			Map<String, Object> fields = vital("LCP", 9000);
			fields.put(name, "log");
			assertUnrated(fields);
		}
	}

}
