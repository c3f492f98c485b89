package io.telemetry.boot.metrics;

import java.util.Locale;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Units of time, by the names that they have in meters.
 */
final class TimeUnits {

	private static final double MILLISECOND = 1e6;

	private static final double SECOND = 1e9;

	private static final Map<String, Double> NANOS = Map.ofEntries(Map.entry("ns", 1.0), Map.entry("nanos", 1.0),
			Map.entry("nanosecond", 1.0), Map.entry("nanoseconds", 1.0), Map.entry("us", 1e3), Map.entry("µs", 1e3),
			Map.entry("μs", 1e3), Map.entry("micros", 1e3), Map.entry("microsecond", 1e3),
			Map.entry("microseconds", 1e3), Map.entry("ms", MILLISECOND), Map.entry("millis", MILLISECOND),
			Map.entry("millisecond", MILLISECOND), Map.entry("milliseconds", MILLISECOND), Map.entry("s", SECOND),
			Map.entry("sec", SECOND), Map.entry("second", SECOND), Map.entry("seconds", SECOND),
			Map.entry("min", 60 * SECOND), Map.entry("minute", 60 * SECOND), Map.entry("minutes", 60 * SECOND),
			Map.entry("h", 3600 * SECOND), Map.entry("hour", 3600 * SECOND), Map.entry("hours", 3600 * SECOND));

	private TimeUnits() {
	}

	/**
	 * How many nanoseconds a unit has.
	 * @return the number, or {@code null} if it is no unit of time
	 */
	static @Nullable Double nanos(@Nullable String unit) {
		return (unit != null) ? NANOS.get(unit.toLowerCase(Locale.ROOT)) : null;
	}

}
