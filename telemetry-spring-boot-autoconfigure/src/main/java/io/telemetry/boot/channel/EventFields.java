package io.telemetry.boot.channel;

import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * The names and types of event fields: older names become those of the contract, and
 * fields that have a meaning are checked for their type.
 */
final class EventFields {

	private static final Map<String, String> ALIASES = Map.ofEntries(Map.entry("dns-lookup", "dnsMs"),
			Map.entry("tcp-connect", "connectMs"), Map.entry("tls-handshake", "tlsMs"),
			Map.entry("server-response", "responseMs"), Map.entry("dom-content-loaded", "domContentLoadedMs"),
			Map.entry("fully-loaded", "loadMs"), Map.entry("total-size-kb", "totalKb"),
			Map.entry("status-code", "status"), Map.entry("response-time-ms", "durationMs"),
			Map.entry("render-time-ms", "renderMs"));

	/** Objects in which names are translated as they are at the top. */
	private static final Set<String> TRANSLATED = Set.of("timing", "resources", "location");

	private EventFields() {
	}

	/**
	 * Whether the names in an object of this name are translated.
	 */
	static boolean isTranslated(String name) {
		return TRANSLATED.contains(name);
	}

	/**
	 * The contract's name for a name from a client. A name that needs no translation is
	 * returned as it is and costs a scan.
	 */
	static String translate(String name) {
		int length = name.length();
		boolean question = length > 1 && name.charAt(length - 1) == '?';
		if (!question && name.indexOf('-') < 0) {
			return name;
		}
		String plain = question ? name.substring(0, length - 1) : name;
		String alias = ALIASES.get(plain);
		return (alias != null) ? alias : camelCase(plain);
	}

	private static String camelCase(String name) {
		StringBuilder result = new StringBuilder(name.length());
		boolean upper = false;
		for (int i = 0; i < name.length(); i++) {
			char c = name.charAt(i);
			if (c == '-' && !result.isEmpty()) {
				upper = true;
			}
			else {
				result.append(upper ? Character.toUpperCase(c) : c);
				upper = false;
			}
		}
		return result.toString();
	}

	/**
	 * Whether every field that has a meaning holds a value of its type. {@code null}
	 * stands for an absent field.
	 */
	static boolean fit(Map<String, @Nullable Object> event) {
		for (Map.Entry<String, @Nullable Object> field : event.entrySet()) {
			Object value = field.getValue();
			if (value != null && !fits(field.getKey(), value)) {
				return false;
			}
		}
		return true;
	}

	private static boolean fits(String name, Object value) {
		return switch (name) {
			case "type", "subtype", "severity", "level", "message", "stack", "url", "method", "page", "action",
					"elementId" ->
				value instanceof String;
			case "timestamp", "status", "durationMs", "renderMs" -> value instanceof Number;
			case "cached" -> value instanceof Boolean;
			case "context" -> value instanceof Map;
			case "location" -> value instanceof Map<?, ?> location && fit(location, EventFields::fitsLocation);
			case "timing" -> value instanceof Map<?, ?> timing && fit(timing, EventFields::fitsTiming);
			case "resources" -> value instanceof Map<?, ?> resources && fit(resources, EventFields::fitsResources);
			default -> true;
		};
	}

	private static boolean fit(Map<?, ?> part, PartCheck check) {
		for (Map.Entry<?, ?> field : part.entrySet()) {
			Object value = field.getValue();
			if (value != null && !check.fits((String) field.getKey(), value)) {
				return false;
			}
		}
		return true;
	}

	private static boolean fitsLocation(String name, Object value) {
		return switch (name) {
			case "url" -> value instanceof String;
			case "line", "column" -> value instanceof Number;
			default -> true;
		};
	}

	private static boolean fitsTiming(String name, Object value) {
		return switch (name) {
			case "dnsMs", "connectMs", "tlsMs", "responseMs", "domContentLoadedMs", "loadMs" -> value instanceof Number;
			default -> true;
		};
	}

	private static boolean fitsResources(String name, Object value) {
		return switch (name) {
			case "count", "totalKb" -> value instanceof Number;
			default -> true;
		};
	}

	@FunctionalInterface
	private interface PartCheck {

		boolean fits(String name, Object value);

	}

}
