package io.telemetry.boot.channel.caller;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.telemetry.boot.InvalidSettingException;
import org.jspecify.annotations.Nullable;

/**
 * The front ends that may use the channel, by their keys. Immutable.
 */
public final class Applications {

	/** The parameter of the query that holds the key, on all addresses. */
	public static final String PARAMETER = "key";

	/** No front ends but the one without a key. */
	public static final Applications NONE = new Applications(List.of());

	private final Map<String, Application> byKey;

	/**
	 * The given front ends, and the one without a key.
	 * @param applications the front ends
	 * @throws InvalidSettingException if one has no key, or two have the same
	 */
	public Applications(Collection<Application> applications) {
		Map<String, Application> byKey = new LinkedHashMap<>();
		for (Application application : applications) {
			if (application.isDefault()) {
				throw new InvalidSettingException("applications", application.name(), "must have names and keys");
			}
			Application other = byKey.putIfAbsent(application.key(), application);
			if (other != null) {
				throw new InvalidSettingException("applications." + application.name() + ".key", application.key(),
						"must differ from the key of '" + other.name() + "'");
			}
		}
		this.byKey = Map.copyOf(byKey);
	}

	/**
	 * The front end with a key. What it costs does not depend on how many there are.
	 * @param key what the client sent; {@code null} or empty where it sent none
	 * @return the front end, {@link Application#DEFAULT} where there is no key;
	 * {@code null} where nobody has that key
	 */
	public @Nullable Application withKey(@Nullable String key) {
		return (key == null || key.isEmpty()) ? Application.DEFAULT : this.byKey.get(key);
	}

	/**
	 * The front ends that have a key.
	 * @return all, in no particular order
	 */
	public Collection<Application> all() {
		return this.byKey.values();
	}

}
