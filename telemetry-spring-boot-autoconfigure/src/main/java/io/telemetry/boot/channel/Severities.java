package io.telemetry.boot.channel;

import java.util.Map;

import io.telemetry.signal.Fields;
import org.jspecify.annotations.Nullable;

/**
 * How severe browser events are that do not tell. It follows from what they are, so
 * clients need not.
 */
final class Severities {

	private static final String SEVERITY = "severity";

	private Severities() {
	}

	/**
	 * The fields of an event, with its severity where it has none and one is known.
	 * @param fields the event's own
	 * @return the same, or a map that can't change of the same and {@code severity}
	 */
	static Map<String, @Nullable Object> known(Map<String, @Nullable Object> fields) {
		if (fields.get(SEVERITY) != null) {
			return fields;
		}
		String severity = of(fields.get("type"), fields.get("subtype"));
		return (severity != null) ? Fields.merged(fields, Map.of(SEVERITY, severity)) : fields;
	}

	private static @Nullable String of(@Nullable Object type, @Nullable Object subtype) {
		if ("error".equals(type)) {
			// Nobody has caught these: something on the page does not work
			return "javascript".equals(subtype) ? "high" : "medium";
		}
		boolean warning = "console".equals(subtype) || "deprecation".equals(subtype) || "intervention".equals(subtype);
		return (warning && "log".equals(type)) ? "low" : null;
	}

}
