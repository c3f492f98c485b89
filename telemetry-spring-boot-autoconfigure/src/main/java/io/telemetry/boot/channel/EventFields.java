package io.telemetry.boot.channel;

import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

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

	private static final Predicate<Object> TEXT = String.class::isInstance;

	private static final Predicate<Object> NUMBER = Number.class::isInstance;

	private static final Predicate<Object> TRUTH = Boolean.class::isInstance;

	private static final Predicate<Object> OBJECT = Map.class::isInstance;

	private static final Map<String, Predicate<Object>> TYPES = Map.ofEntries(Map.entry("type", TEXT),
			Map.entry("subtype", TEXT), Map.entry("severity", TEXT), Map.entry("level", TEXT),
			Map.entry("message", TEXT), Map.entry("stack", TEXT), Map.entry("url", TEXT), Map.entry("method", TEXT),
			Map.entry("page", TEXT), Map.entry("action", TEXT), Map.entry("elementId", TEXT),
			Map.entry("timestamp", NUMBER), Map.entry("status", NUMBER), Map.entry("durationMs", NUMBER),
			Map.entry("renderMs", NUMBER), Map.entry("cached", TRUTH), Map.entry("context", OBJECT),
			Map.entry("location", OBJECT.and((value) -> fits(value, EventFields::fitsLocation))),
			Map.entry("timing", OBJECT.and((value) -> fits(value, EventFields::fitsTiming))),
			Map.entry("resources", OBJECT.and((value) -> fits(value, EventFields::fitsResources))));

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
		for (Map.Entry<String, @Nullable Object> entry : event.entrySet()) {
			Predicate<Object> type = TYPES.get(entry.getKey());
			Object value = entry.getValue();
			if (type != null && value != null && !type.test(value)) {
				return false;
			}
		}
		return true;
	}

	private static boolean fits(Object object, PartCheck check) {
		for (Map.Entry<?, ?> entry : ((Map<?, ?>) object).entrySet()) {
			Object value = entry.getValue();
			if (value != null && !check.test((String) entry.getKey(), value)) {
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

		boolean test(String name, Object value);

	}

}
