package io.telemetry.boot.context;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.telemetry.boot.InvalidSettingException;
import io.telemetry.context.ContextSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * Those entries of SLF4J's MDC that are to be part of the context of signals. Safe for
 * several threads; each has an MDC of its own.
 */
public final class MdcContextSource implements ContextSource {

	private final String[] keys;

	/**
	 * A source of listed entries.
	 * @param keys the keys, each one named
	 * @throws InvalidSettingException if a key is blank or there twice
	 */
	public MdcContextSource(List<String> keys) {
		this.keys = MdcKeys.check("mdc.read", keys).toArray(String[]::new);
		if (keys.contains(MdcKeys.ALL)) {
			throw new InvalidSettingException("mdc.read", MdcKeys.ALL,
					"must name each key: what an application puts into its MDC is not for everybody");
		}
	}

	/**
	 * The entries as they are now, in the order of the list. Allocates nothing where none
	 * of them is set.
	 * @return an immutable map
	 */
	@Override
	public Map<String, String> read() {
		Map<String, String> fields = null;
		for (String key : this.keys) {
			String value = MDC.get(key);
			if (value != null) {
				fields = with(fields, key, value);
			}
		}
		return (fields != null) ? Collections.unmodifiableMap(fields) : Map.of();
	}

	private static Map<String, String> with(@Nullable Map<String, String> fields, String key, String value) {
		Map<String, String> map = (fields != null) ? fields : new LinkedHashMap<>();
		map.put(key, value);
		return map;
	}

}
