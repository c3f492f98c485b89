package io.telemetry.filter;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Values by name pattern, compiled: of several patterns that match a name, the one with
 * the longest literal prefix counts. Immutable; asking allocates nothing.
 *
 * @param <V> the values
 */
public final class PatternMap<V> {

	/** Longest literal prefix first, so the first that matches counts. */
	private final List<Entry<V>> entries;

	private PatternMap(List<Entry<V>> entries) {
		this.entries = entries;
	}

	/**
	 * Compiles a map.
	 * @param <V> the values
	 * @param what what the values are, for the message of the exception, such as "a
	 * level"
	 * @param values values by the text of a {@link NamePattern}
	 * @return the compiled map
	 * @throws IllegalArgumentException if a key is no pattern, or if two patterns have
	 * literal prefixes of the same length and a name may match both, so that nothing
	 * tells which counts; the message names both and the remedy
	 */
	public static <V> PatternMap<V> of(String what, Map<String, ? extends V> values) {
		List<Entry<V>> entries = new ArrayList<>(values.size());
		values.forEach((text, value) -> entries.add(new Entry<>(NamePattern.of(text), value)));
		entries.sort(Comparator.comparingInt((Entry<V> entry) -> entry.specificity()).reversed());
		for (int i = 0; i < entries.size(); i++) {
			Entry<V> first = entries.get(i);
			for (int j = i + 1; j < entries.size() && entries.get(j).specificity() == first.specificity(); j++) {
				Entry<V> second = entries.get(j);
				if (first.pattern().overlaps(second.pattern())) {
					throw new IllegalArgumentException("The patterns '" + first.pattern() + "' and '" + second.pattern()
							+ "' both have " + what + ", some names match both, and neither has "
							+ "the longer literal prefix: remove one, or make one more specific");
				}
			}
		}
		return new PatternMap<>(List.copyOf(entries));
	}

	/**
	 * Whether there is nothing to find.
	 * @return {@code true} if no name has a value
	 */
	public boolean isEmpty() {
		return this.entries.isEmpty();
	}

	/**
	 * What counts for a name.
	 * @param name the name, or {@code null} for what has none: only a pattern that
	 * matches everything counts then
	 * @return the value and its pattern, or {@code null} if no pattern matches
	 */
	public @Nullable Entry<V> find(@Nullable String name) {
		for (int i = 0; i < this.entries.size(); i++) {
			Entry<V> entry = this.entries.get(i);
			if ((name != null) ? entry.pattern().matches(name) : entry.pattern().matchesEverything()) {
				return entry;
			}
		}
		return null;
	}

	/**
	 * One pattern and its value.
	 *
	 * @param <V> the value's type
	 * @param pattern the pattern
	 * @param value the value
	 */
	public record Entry<V>(NamePattern pattern, V value) {

		int specificity() {
			return this.pattern.literalPrefix().length();
		}

	}

}
