package io.telemetry.boot.autoconfigure;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

import io.telemetry.boot.InvalidTelemetryConfigurationException;
import io.telemetry.filter.FilterSettings;
import io.telemetry.filter.NamePattern;
import io.telemetry.filter.NameSelector;
import io.telemetry.filter.PatternMap;
import io.telemetry.filter.SignalPredicate;
import io.telemetry.limit.LimitSettings;
import io.telemetry.limit.RateLimit;
import io.telemetry.pipeline.PipelineSettings;
import io.telemetry.sampling.SamplingSettings;
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

	private static final String RATE_REMEDY = "Use a number from 0 (nothing) to 1 (everything)";

	private static final String RATE_LIMIT_REMEDY = "Use windows such as '5/1m, 100/1h': "
			+ "five in a minute and a hundred in an hour";

	private static final String TWO_PATTERNS_REMEDY = "Remove one of the two patterns or make one more specific";

	private FilterPropertyMapper() {
	}

	/**
	 * The settings of the pipeline.
	 * @param properties the properties of telemetry as a whole
	 * @param filterProperties the properties of what is let through
	 * @return checked settings
	 */
	static PipelineSettings settings(TelemetryProperties properties, TelemetryFilterProperties filterProperties) {
		String prefix = "telemetry.filter";
		return PipelineSettings.DEFAULTS.withEnabled(properties.isEnabled())
			.withFilter(filter(prefix, filterProperties))
			.withSampling(sampling(prefix, filterProperties))
			.withLimits(limits(prefix + ".rate-limits", filterProperties.getRateLimits()))
			.withLocations(properties.getLocations());
	}

	private static SamplingSettings sampling(String prefix, TelemetryFilterProperties properties) {
		SamplingSettings defaults = SamplingSettings.DEFAULTS;
		return new SamplingSettings(sampleRate(prefix + ".sample-rate", properties.getSampleRate(), defaults.rate()),
				byPattern(prefix + ".samples.ns", "a sample rate", properties.getSamples().getNs(),
						FilterPropertyMapper::share),
				byPattern(prefix + ".samples.id", "a sample rate", properties.getSamples().getId(),
						FilterPropertyMapper::share),
				properties.getSampleBy());
	}

	private static LimitSettings limits(String prefix, TelemetryFilterProperties.RateLimits properties) {
		return new LimitSettings(
				byPattern(prefix + ".ns", "a rate limit", properties.getNs(), FilterPropertyMapper::rateLimit),
				byPattern(prefix + ".id", "a rate limit", properties.getId(), FilterPropertyMapper::rateLimit));
	}

	/**
	 * Values by name pattern, of which no two contradict each other.
	 * @param group the name of the properties without their patterns
	 * @param what what the values are
	 * @param texts the properties' values
	 * @param value makes a value of the property's name and value
	 */
	private static <T extends @Nullable Object, V> Map<String, V> byPattern(String group, String what,
			Map<String, T> texts, BiFunction<String, T, V> value) {
		Map<String, V> values = new LinkedHashMap<>();
		texts.forEach((pattern, text) -> {
			String property = group + "[" + pattern + "]";
			checkPattern(property, pattern);
			values.put(pattern, value.apply(property, text));
		});
		try {
			PatternMap.of(what, values);
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidTelemetryConfigurationException(group, texts, String.valueOf(ex.getMessage()),
					TWO_PATTERNS_REMEDY, ex);
		}
		return values;
	}

	private static FilterSettings filter(String prefix, TelemetryFilterProperties properties) {
		Map<String, Level> levels = byPattern(prefix + ".levels", "a level", properties.getLevels(),
				FilterPropertyMapper::level);
		Map<Kind, Level> kindLevels = new LinkedHashMap<>();
		properties.getKindLevels()
			.forEach((kind, level) -> kindLevels.put(kind, level(prefix + ".kind-levels." + kind, level)));
		FilterSettings settings = FilterSettings.DEFAULTS
			.withMinLevel(level(prefix + ".min-level", properties.getMinLevel()))
			.withLevels(levels)
			.withKindLevels(kindLevels)
			.withWhen(when(prefix + ".when", properties.getWhen(), FilterSettings.DEFAULTS.when()));
		return names(prefix, settings, properties.getNs(), properties.getId(), properties.getKind());
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

	/**
	 * A selection of names with the patterns that properties ask for.
	 * @param prefix what the properties' names begin with
	 * @param selector what holds where properties are silent
	 * @param properties the properties
	 * @return a changed selection
	 */
	public static NameSelector selector(String prefix, NameSelector selector, NamePatternsProperties properties) {
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
		return (rate != null) ? share(property, rate) : silent;
	}

	private static double share(String property, @Nullable Double rate) {
		if (rate == null || !(rate >= 0 && rate <= 1)) {
			throw new InvalidTelemetryConfigurationException(property, rate,
					(rate != null) ? "it is not a share" : "it is empty", RATE_REMEDY);
		}
		return rate;
	}

	/**
	 * A rate limit.
	 * @param property the property's name
	 * @param limit the property's value
	 * @return the limit
	 */
	public static RateLimit rateLimit(String property, String limit) {
		try {
			return RateLimit.parse(limit);
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidTelemetryConfigurationException(property, limit, String.valueOf(ex.getMessage()),
					RATE_LIMIT_REMEDY, ex);
		}
	}

}
