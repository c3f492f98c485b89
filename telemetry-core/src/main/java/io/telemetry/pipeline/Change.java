package io.telemetry.pipeline;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

import io.telemetry.filter.FilterSettings;
import io.telemetry.filter.NameSelector;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;

/**
 * A live change of one setting. It lies over the configured value until it expires or is
 * taken back.
 *
 * @param <S> what is changed
 * @param setting the setting's name; a later change of the same name replaces an earlier
 * one
 * @param operator makes the changed copy
 */
public record Change<S>(String setting, UnaryOperator<S> operator) {

	/** Changes of the pipeline. */
	public static final class Pipeline {

		private Pipeline() {
		}

		/**
		 * Switches everything on or off.
		 * @param enabled whether anything is let through
		 * @return the change
		 */
		public static Change<PipelineSettings> enabled(boolean enabled) {
			return new Change<>("enabled", (settings) -> settings.withEnabled(enabled));
		}

		/**
		 * Sets the global minimum level.
		 * @param level the lowest level let through
		 * @return the change
		 */
		public static Change<PipelineSettings> minLevel(Level level) {
			return filter("minLevel", (filter) -> filter.withMinLevel(level));
		}

		/**
		 * Sets the minimum level of namespaces.
		 * @param pattern which namespaces
		 * @param level the lowest level let through
		 * @return the change
		 */
		public static Change<PipelineSettings> minLevel(String pattern, Level level) {
			return filter("minLevel:" + pattern, (filter) -> filter.withLevels(put(filter.levels(), pattern, level)));
		}

		/**
		 * Sets which namespaces are let through.
		 * @param patterns the patterns; none lets all through
		 * @return the change
		 */
		public static Change<PipelineSettings> nsAllow(List<String> patterns) {
			return filter("nsAllow", (filter) -> filter.withNs(new NameSelector(patterns, filter.ns().disallow())));
		}

		/**
		 * Sets which namespaces are refused.
		 * @param patterns the patterns
		 * @return the change
		 */
		public static Change<PipelineSettings> nsDisallow(List<String> patterns) {
			return filter("nsDisallow", (filter) -> filter.withNs(new NameSelector(filter.ns().allow(), patterns)));
		}

		/**
		 * Sets which ids are let through.
		 * @param patterns the patterns; none lets all through
		 * @return the change
		 */
		public static Change<PipelineSettings> idAllow(List<String> patterns) {
			return filter("idAllow", (filter) -> filter.withId(new NameSelector(patterns, filter.id().disallow())));
		}

		/**
		 * Sets which ids are refused.
		 * @param patterns the patterns
		 * @return the change
		 */
		public static Change<PipelineSettings> idDisallow(List<String> patterns) {
			return filter("idDisallow", (filter) -> filter.withId(new NameSelector(filter.id().allow(), patterns)));
		}

		/**
		 * Sets which kinds are let through.
		 * @param kinds the kinds; none lets all through
		 * @return the change
		 */
		public static Change<PipelineSettings> kindAllow(Set<Kind> kinds) {
			return filter("kindAllow", (filter) -> filter.withKindAllow(kinds));
		}

		/**
		 * Sets which kinds are refused.
		 * @param kinds the kinds
		 * @return the change
		 */
		public static Change<PipelineSettings> kindDisallow(Set<Kind> kinds) {
			return filter("kindDisallow", (filter) -> filter.withKindDisallow(kinds));
		}

		/**
		 * Sets the global sample rate.
		 * @param rate the share that goes on, 0 to 1
		 * @return the change
		 */
		public static Change<PipelineSettings> sampleRate(double rate) {
			return new Change<>("sampleRate", (settings) -> settings.withSampleRate(rate));
		}

		/**
		 * Sets the sample rate of namespaces.
		 * @param pattern which namespaces
		 * @param rate the share that goes on, 0 to 1
		 * @return the change
		 */
		public static Change<PipelineSettings> sampleRate(String pattern, double rate) {
			return new Change<>("sampleRate:" + pattern, (settings) -> settings.withSampling(
					settings.sampling().withNamespaces(put(settings.sampling().namespaces(), pattern, rate))));
		}

		private static Change<PipelineSettings> filter(String setting, UnaryOperator<FilterSettings> operator) {
			return new Change<>(setting, (settings) -> settings.withFilter(operator.apply(settings.filter())));
		}

		private static <V> Map<String, V> put(Map<String, V> map, String key, V value) {
			Map<String, V> copy = new LinkedHashMap<>(map);
			copy.put(key, value);
			return copy;
		}

	}

	/** Changes of one handler. */
	public static final class Handler {

		private Handler() {
		}

		/**
		 * Switches the handler on or off.
		 * @param enabled whether the handler is given anything
		 * @return the change
		 */
		public static Change<HandlerOptions> enabled(boolean enabled) {
			return new Change<>("enabled", (options) -> options.withEnabled(enabled));
		}

		/**
		 * Sets the handler's minimum level.
		 * @param level the lowest level it is given
		 * @return the change
		 */
		public static Change<HandlerOptions> minLevel(Level level) {
			return new Change<>("minLevel", (options) -> options.withMinLevel(level));
		}

		/**
		 * Sets the handler's sample rate.
		 * @param rate the share it is given, 0 to 1
		 * @return the change
		 */
		public static Change<HandlerOptions> sampleRate(double rate) {
			return new Change<>("sampleRate", (options) -> options.withSampleRate(rate));
		}

	}

}
