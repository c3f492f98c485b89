package io.telemetry.boot.actuate;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import io.telemetry.filter.NamePattern;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.convert.DurationStyle;

/**
 * What requests say, read. Operations take text and have it read here: Actuator's own
 * conversion does not tell what would be allowed.
 */
final class Arguments {

	private static final Duration MAX_EXPIRY = Duration.ofDays(365);

	private Arguments() {
	}

	static boolean flag(String parameter, String value) {
		return switch (value.trim().toLowerCase(Locale.ROOT)) {
			case "true" -> true;
			case "false" -> false;
			default -> throw ProblemException.badValue(parameter, value, "true or false");
		};
	}

	static Level level(String parameter, String value) {
		try {
			return Level.parse(value);
		}
		catch (IllegalArgumentException ex) {
			throw ProblemException.badValue(parameter, value,
					"trace, debug, info, warn, error, fatal, report or an integer");
		}
	}

	static Kind kind(String parameter, String value) {
		try {
			return Kind.parse(value);
		}
		catch (IllegalArgumentException ex) {
			throw ProblemException.badValue(parameter, value,
					"one of " + String.join(", ", List.of(Kind.values()).stream().map(Kind::toString).toList()));
		}
	}

	static Set<Kind> kinds(String parameter, String value) {
		Set<Kind> kinds = new LinkedHashSet<>();
		split(value).forEach((kind) -> kinds.add(kind(parameter, kind)));
		return kinds;
	}

	static NamePattern pattern(String parameter, String value) {
		try {
			return NamePattern.of(value);
		}
		catch (IllegalArgumentException ex) {
			throw ProblemException.badValue(parameter, value, "a name of 1 to " + NamePattern.MAX_LENGTH
					+ " characters in which '*' stands for anything and '(.*)' may stand at the end");
		}
	}

	static List<String> patterns(String parameter, String value) {
		List<String> patterns = split(value);
		patterns.forEach((pattern) -> pattern(parameter, pattern));
		return patterns;
	}

	/**
	 * The parts of a comma-separated text; an empty text has none.
	 */
	static List<String> split(String value) {
		List<String> parts = new ArrayList<>();
		for (String part : value.split(",")) {
			if (!part.isBlank()) {
				parts.add(part.strip());
			}
		}
		return parts;
	}

	static double rate(String parameter, String value) {
		try {
			double rate = Double.parseDouble(value);
			if (rate >= 0 && rate <= 1) {
				return rate;
			}
		}
		catch (NumberFormatException ex) {
			// As wrong as a number out of range.
		}
		throw ProblemException.badValue(parameter, value, "a number from 0 to 1");
	}

	static int between(String parameter, String value, int least, int most) {
		try {
			int number = Integer.parseInt(value.trim());
			if (number >= least && number <= most) {
				return number;
			}
		}
		catch (NumberFormatException ex) {
			// As wrong as a number out of range.
		}
		throw ProblemException.badValue(parameter, value, "a whole number from " + least + " to " + most);
	}

	/**
	 * How long a change is to last.
	 * @param value a duration as properties write it, or {@code null} for ever
	 * @param changes whether there is a change
	 */
	static @Nullable Duration expiresIn(@Nullable String value, boolean changes) {
		if (value == null) {
			return null;
		}
		if (!changes) {
			throw ProblemException.contradiction("'expiresIn' says how long a change lasts, and nothing is changed");
		}
		return duration("expiresIn", value, Duration.ofNanos(1), MAX_EXPIRY,
				"a duration above zero and up to " + MAX_EXPIRY.toDays() + "d, such as 10m");
	}

	/**
	 * A duration as properties write it.
	 * @param allowed what is allowed, in words
	 */
	static Duration duration(String parameter, String value, Duration least, Duration most, String allowed) {
		try {
			Duration duration = DurationStyle.detectAndParse(value);
			if (duration.compareTo(least) >= 0 && duration.compareTo(most) <= 0) {
				return duration;
			}
		}
		catch (IllegalArgumentException | ArithmeticException ex) {
			// As wrong as a duration out of range.
		}
		throw ProblemException.badValue(parameter, value, allowed);
	}

	/**
	 * Pairs such as {@code click=0.5,scroll=0}.
	 */
	static Map<String, String> pairs(String parameter, String value, String allowed) {
		Map<String, String> pairs = new LinkedHashMap<>();
		for (String part : split(value)) {
			int sign = part.indexOf('=');
			if (sign <= 0 || pairs.put(part.substring(0, sign).strip(), part.substring(sign + 1).strip()) != null) {
				throw ProblemException.badValue(parameter, value, allowed);
			}
		}
		return pairs;
	}

	/**
	 * The rest of a path as one name.
	 */
	static String name(String[] segments) {
		return String.join("/", segments);
	}

}
