package io.telemetry.boot.autoconfigure;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.telemetry.boot.InvalidTelemetryConfigurationException;
import io.telemetry.filter.FilterSettings;
import io.telemetry.filter.NamePattern;
import io.telemetry.filter.NameSelector;
import io.telemetry.filter.SignalFilter;
import io.telemetry.filter.SignalPredicate;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import org.jspecify.annotations.Nullable;

/**
 * Makes filter settings of properties. What makes no sense fails with the property's
 * name, which the core cannot know.
 */
public final class FilterPropertyMapper {

	private static final String LEVEL_REMEDY = "Use trace, debug, info, warn, error, fatal, report or an integer";

	private static final String PATTERN_REMEDY = "Use a name in which '*' stands for anything, such as 'com.acme.*'";

	private static final String WHEN_REMEDY = "Use an expression such as \"level >= warn or data.amount > 100\", "
			+ "or 'always' for every signal";

	private FilterPropertyMapper() {
	}

	/**
	 * The settings of the pipeline.
	 * @param properties the properties
	 * @return checked settings
	 */
	static FilterSettings filter(TelemetryFilterProperties properties) {
		String prefix = "telemetry.filter";
		Map<String, Level> levels = new LinkedHashMap<>();
		properties.getLevels().forEach((pattern, level) -> {
			String property = prefix + ".levels[" + pattern + "]";
			checkPattern(property, pattern);
			levels.put(pattern, level(property, level));
		});
		Map<Kind, Level> kindLevels = new LinkedHashMap<>();
		properties.getKindLevels()
			.forEach((kind, level) -> kindLevels.put(kind, level(prefix + ".kind-levels." + kind, level)));
		FilterSettings settings = FilterSettings.DEFAULTS
			.withMinLevel(level(prefix + ".min-level", properties.getMinLevel()))
			.withLevels(levels)
			.withKindLevels(kindLevels)
			.withWhen(when(prefix + ".when", properties.getWhen(), FilterSettings.DEFAULTS.when()));
		settings = names(prefix, settings, properties.getNs(), properties.getId(), properties.getKind());
		try {
			SignalFilter.of(settings);
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidTelemetryConfigurationException(prefix + ".levels", properties.getLevels(),
					String.valueOf(ex.getMessage()), "Remove one of the two patterns or make one more specific", ex);
		}
		return settings;
	}

	/**
	 * Settings with the names and kinds that properties ask for.
	 * @param prefix what the properties' names begin with
	 * @param settings what holds where properties are silent
	 * @param ns the namespaces
	 * @param id the ids
	 * @param kind the kinds
	 * @return changed settings
	 */
	public static FilterSettings names(String prefix, FilterSettings settings, NamePatternsProperties ns,
			NamePatternsProperties id, KindsProperties kind) {
		FilterSettings result = settings.withNs(selector(prefix + ".ns", settings.ns(), ns))
			.withId(selector(prefix + ".id", settings.id(), id));
		if (kind.getAllow() != null) {
			result = result.withKindAllow(kind.getAllow());
		}
		if (kind.getDisallow() != null) {
			result = result.withKindDisallow(kind.getDisallow());
		}
		return result;
	}

	private static NameSelector selector(String prefix, NameSelector selector, NamePatternsProperties properties) {
		NameSelector result = selector;
		if (properties.getAllow() != null) {
			result = result.withAllow(patterns(prefix + ".allow", properties.getAllow()));
		}
		if (properties.getDisallow() != null) {
			result = result.withDisallow(patterns(prefix + ".disallow", properties.getDisallow()));
		}
		return result;
	}

	private static List<String> patterns(String property, List<String> patterns) {
		patterns.forEach((pattern) -> checkPattern(property, pattern));
		return patterns;
	}

	private static void checkPattern(String property, String pattern) {
		try {
			NamePattern.of(pattern);
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidTelemetryConfigurationException(property, pattern, String.valueOf(ex.getMessage()),
					PATTERN_REMEDY, ex);
		}
	}

	/**
	 * A level.
	 * @param property the property's name
	 * @param level the property's value
	 * @return the level
	 */
	public static Level level(String property, String level) {
		try {
			return Level.parse(level);
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidTelemetryConfigurationException(property, level, String.valueOf(ex.getMessage()),
					LEVEL_REMEDY, ex);
		}
	}

	/**
	 * A predicate.
	 * @param property the property's name
	 * @param expression the property's value
	 * @param silent what holds where the property is not set
	 * @return the predicate
	 */
	public static SignalPredicate when(String property, @Nullable String expression, SignalPredicate silent) {
		if (expression == null) {
			return silent;
		}
		try {
			return SignalPredicate.parse(expression);
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidTelemetryConfigurationException(property, expression, String.valueOf(ex.getMessage()),
					WHEN_REMEDY, ex);
		}
	}

	/**
	 * A sample rate.
	 * @param property the property's name
	 * @param rate the property's value
	 * @param silent what holds where the property is not set
	 * @return the rate
	 */
	public static double sampleRate(String property, @Nullable Double rate, double silent) {
		if (rate == null) {
			return silent;
		}
		if (!(rate >= 0 && rate <= 1)) {
			throw new InvalidTelemetryConfigurationException(property, rate, "it is not a share",
					"Use a number from 0 (nothing) to 1 (everything)");
		}
		return rate;
	}

}
