package io.telemetry.boot.metrics;

import java.util.Locale;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * Units of time, by the names that they have in meters.
 */
final class TimeUnits {

	private TimeUnits() {
	}

	/**
	 * The unit of a name: its symbol, or the plural in any case.
	 * @return the unit, or {@code null} if the name is none of a unit of time
	 */
	static @Nullable TimeUnit of(@Nullable String name) {
		return (name != null) ? switch (name.toLowerCase(Locale.ROOT)) {
			case "ns", "nanoseconds" -> TimeUnit.NANOSECONDS;
			case "us", "µs", "microseconds" -> TimeUnit.MICROSECONDS;
			case "ms", "milliseconds" -> TimeUnit.MILLISECONDS;
			case "s", "seconds" -> TimeUnit.SECONDS;
			case "min", "minutes" -> TimeUnit.MINUTES;
			case "h", "hours" -> TimeUnit.HOURS;
			default -> null;
		} : null;
	}

}
