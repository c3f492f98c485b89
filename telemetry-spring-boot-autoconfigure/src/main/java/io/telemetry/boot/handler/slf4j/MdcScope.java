package io.telemetry.boot.handler.slf4j;

import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * Entries of the current thread's MDC that are there for one line only.
 */
final class MdcScope implements AutoCloseable {

	private final Map<String, @Nullable String> before = new LinkedHashMap<>();

	/**
	 * Sets an entry until the scope is closed.
	 */
	void put(String name, String value) {
		String held = MDC.get(name);
		if (!value.equals(held)) {
			this.before.putIfAbsent(name, held);
			MDC.put(name, value);
		}
	}

	@Override
	public void close() {
		this.before.forEach((name, held) -> {
			if (held != null) {
				MDC.put(name, held);
			}
			else {
				MDC.remove(name);
			}
		});
	}

}
