package io.telemetry.boot.context;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

import io.telemetry.boot.InvalidSettingException;

/**
 * Lists of names that settings hold.
 */
final class MdcKeys {

	static final String ALL = "*";

	private MdcKeys() {
	}

	/**
	 * The same list, checked.
	 */
	static List<String> check(String setting, List<String> keys) {
		Set<String> seen = new HashSet<>();
		for (int i = 0; i < keys.size(); i++) {
			String key = keys.get(i);
			if (key.isBlank()) {
				throw new InvalidSettingException(setting + "[" + i + "]", key, "must be a name");
			}
			if (!seen.add(key)) {
				throw new InvalidSettingException(setting, key, "must name each key once");
			}
		}
		return keys;
	}

}
