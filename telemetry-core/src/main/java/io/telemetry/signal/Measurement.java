package io.telemetry.signal;

import java.util.Locale;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * What a metric signal measured.
 *
 * @param type how values of this sort add up, where known
 * @param value the number
 * @param unit its unit, such as {@code ms} or {@code bytes}
 * @param tags what tells series apart; few values each
 */
public record Measurement(@Nullable Type type, double value, @Nullable String unit, Map<String, String> tags) {

	public Measurement {
		tags = Fields.immutable(tags);
	}

	/**
	 * A number of which only the unit is known.
	 * @param value the number
	 * @param unit its unit
	 * @param tags what tells series apart
	 */
	public Measurement(double value, @Nullable String unit, Map<String, String> tags) {
		this(null, value, unit, tags);
	}

	/**
	 * How the values of a metric add up.
	 */
	public enum Type {

		/** Each value is added to a sum that only grows. */
		COUNTER,

		/** Each value replaces the one before. */
		GAUGE,

		/** Values are spread over a range that is of interest as a whole. */
		HISTOGRAM;

		private final String text = name().toLowerCase(Locale.ROOT);

		/**
		 * The name in lower case, as JSON writes it.
		 */
		@Override
		public String toString() {
			return this.text;
		}

	}

}
