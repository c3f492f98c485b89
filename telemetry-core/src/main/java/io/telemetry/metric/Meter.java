package io.telemetry.metric;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

import io.telemetry.signal.Measurement;
import org.jspecify.annotations.Nullable;

/**
 * What a meter measures. Equal meters are one series.
 *
 * @param type how its values add up
 * @param name its name, with dots as Micrometer has them, such as {@code shop.orders}
 * @param unit the unit of its values in Micrometer's terms, such as {@code bytes} or
 * {@code ms}
 * @param description what it tells, for people
 * @param tags what tells series apart, by name; few values each
 * @param buckets upper bounds of a histogram's buckets, ascending; empty for none
 */
public record Meter(Measurement.Type type, String name, @Nullable String unit, @Nullable String description,
		Map<String, String> tags, List<Double> buckets) {

	/**
	 * Checks, copies and orders the tags.
	 * @throws IllegalArgumentException if the name is blank, or buckets are not
	 * ascending, or given for anything but a histogram
	 */
	public Meter {
		Objects.requireNonNull(type, "type");
		if (name.isBlank()) {
			throw new IllegalArgumentException("A meter needs a name");
		}
		tags.forEach((key, value) -> {
			Objects.requireNonNull(key, "tag");
			Objects.requireNonNull(value, () -> "value of tag " + key);
		});
		tags = Collections.unmodifiableMap(new TreeMap<>(tags));
		buckets = List.copyOf(buckets);
		if (!buckets.isEmpty() && type != Measurement.Type.HISTOGRAM) {
			throw new IllegalArgumentException("Only a histogram has buckets, '" + name + "' is a " + type);
		}
		for (int i = 0; i < buckets.size(); i++) {
			if (!Double.isFinite(buckets.get(i)) || (i > 0 && buckets.get(i) <= buckets.get(i - 1))) {
				throw new IllegalArgumentException(
						"The buckets of '" + name + "' must be finite and ascending, not " + buckets);
			}
		}
	}

	/**
	 * A meter that has a name only.
	 * @param type how its values add up
	 * @param name its name
	 * @return the meter
	 */
	public static Meter of(Measurement.Type type, String name) {
		return new Meter(type, name, null, null, Map.of(), List.of());
	}

	/**
	 * A copy with a unit.
	 * @param unit the unit of its values
	 * @return the copy
	 */
	public Meter withUnit(String unit) {
		return new Meter(this.type, this.name, unit, this.description, this.tags, this.buckets);
	}

	/**
	 * A copy with a description.
	 * @param description what it tells, for people
	 * @return the copy
	 */
	public Meter withDescription(String description) {
		return new Meter(this.type, this.name, this.unit, description, this.tags, this.buckets);
	}

	/**
	 * A copy with one more tag.
	 * @param tag its name
	 * @param value its value
	 * @return the copy
	 */
	public Meter withTag(String tag, String value) {
		Map<String, String> all = new TreeMap<>(this.tags);
		all.put(tag, value);
		return new Meter(this.type, this.name, this.unit, this.description, all, this.buckets);
	}

	/**
	 * A copy with buckets.
	 * @param bounds upper bounds, ascending
	 * @return the copy
	 */
	public Meter withBuckets(double... bounds) {
		return new Meter(this.type, this.name, this.unit, this.description, this.tags,
				Arrays.stream(bounds).boxed().toList());
	}

}
