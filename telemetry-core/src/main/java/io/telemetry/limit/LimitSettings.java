package io.telemetry.limit;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How many signals go on in a time. Each name that matches a pattern has a budget of its
 * own; of several patterns that match, the one with the longest literal prefix counts.
 *
 * @param namespaces limits by namespace pattern
 * @param ids limits by id pattern; signals without an id have none
 */
public record LimitSettings(Map<String, RateLimit> namespaces, Map<String, RateLimit> ids) {

	/** No limit. */
	public static final LimitSettings NONE = new LimitSettings(Map.of(), Map.of());

	public LimitSettings {
		namespaces = Collections.unmodifiableMap(new LinkedHashMap<>(namespaces));
		ids = Collections.unmodifiableMap(new LinkedHashMap<>(ids));
	}

	/**
	 * A copy with other limits by namespace.
	 * @param namespaces limits by namespace pattern
	 * @return the copy
	 */
	public LimitSettings withNamespaces(Map<String, RateLimit> namespaces) {
		return new LimitSettings(namespaces, this.ids);
	}

	/**
	 * A copy with other limits by id.
	 * @param ids limits by id pattern
	 * @return the copy
	 */
	public LimitSettings withIds(Map<String, RateLimit> ids) {
		return new LimitSettings(this.namespaces, ids);
	}

}
