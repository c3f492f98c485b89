package io.telemetry.signal;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Field maps that nobody can change any more. Unlike {@link Map#copyOf} order and null
 * values are kept, because people read the output.
 */
final class Fields {

	private static final Class<?> SMALL = Map.of("k", "v").getClass();

	private static final Class<?> LARGE = Map.of().getClass();

	private Fields() {
	}

	/**
	 * The same map where it can't change, else a copy of it.
	 */
	@SuppressWarnings("unchecked")
	static <V> Map<String, V> immutable(Map<String, ? extends V> fields) {
		if (fields.isEmpty()) {
			return Map.of();
		}
		Class<?> type = fields.getClass();
		if (type == SMALL || type == LARGE) {
			return (Map<String, V>) fields;
		}
		return Collections.unmodifiableMap(new LinkedHashMap<>(fields));
	}

}
