package io.telemetry.boot.channel;

import java.util.Map;

import io.telemetry.signal.Fields;
import org.jspecify.annotations.Nullable;

/**
 * How good web vitals are. It follows from the value, so clients need not tell it.
 */
final class WebVitals {

	private static final String RATING = "rating";

	/** See https://web.dev/articles/defining-core-web-vitals-thresholds. */
	private static final Map<String, Borders> BORDERS = Map.of("TTFB", new Borders(800, 1800), "FCP",
			new Borders(1800, 3000), "LCP", new Borders(2500, 4000), "INP", new Borders(200, 500), "CLS",
			new Borders(0.1, 0.25));

	private WebVitals() {
	}

	/**
	 * The fields of an event, with its rating where it is a web vital without one.
	 * @param fields the event's own
	 * @return the same, or a map that can't change of the same and {@code rating}
	 */
	static Map<String, @Nullable Object> rated(Map<String, @Nullable Object> fields) {
		if (!"web-vital".equals(fields.get("subtype")) || !"metric".equals(fields.get("type"))
				|| fields.get(RATING) != null) {
			return fields;
		}
		String rating = rating(fields.get("metricName"), fields.get("value"));
		return (rating != null) ? Fields.merged(fields, Map.of(RATING, rating)) : fields;
	}

	private static @Nullable String rating(@Nullable Object name, @Nullable Object value) {
		if (!(name instanceof String metric) || !(value instanceof Number number)) {
			return null;
		}
		Borders borders = BORDERS.get(metric);
		return (borders != null) ? borders.rate(number.doubleValue()) : null;
	}

	/**
	 * Where ratings end.
	 *
	 * @param good the last value that is good
	 * @param poor the last value that is not yet poor
	 */
	private record Borders(double good, double poor) {

		String rate(double value) {
			if (value > this.poor) {
				return "poor";
			}
			return (value > this.good) ? "needs-improvement" : "good";
		}

	}

}
