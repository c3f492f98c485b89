package io.telemetry.boot.channel.limit;

import java.util.Map;

import io.telemetry.boot.InvalidSettingException;

/**
 * How many connections clients may hold open.
 *
 * @param most connections in all, 1 to {@value #MOST}
 * @param mostPerAddress connections from one address, 1 to {@value #MOST}
 * @param mostPerApplication connections of all clients of an application, by its name; an
 * application that is not named has no limit of its own
 */
public record ConnectionLimits(int most, int mostPerAddress, Map<String, Integer> mostPerApplication) {

	/** What each limit can be at most. */
	public static final int MOST = 10_000_000;

	/** What is in force where nothing is set. */
	public static final ConnectionLimits DEFAULTS = new ConnectionLimits(20_000, 1_000, Map.of());

	public ConnectionLimits {
		mostPerApplication = Map.copyOf(mostPerApplication);
		check("max-connections", most);
		check("max-connections-per-address", mostPerAddress);
		mostPerApplication.forEach((name, limit) -> check("applications." + name + ".max-connections", limit));
	}

	private static void check(String setting, int value) {
		if (value < 1 || value > MOST) {
			throw new InvalidSettingException(setting, value, "must be between 1 and " + MOST);
		}
	}

}
