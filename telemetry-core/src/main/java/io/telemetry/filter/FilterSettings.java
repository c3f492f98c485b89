package io.telemetry.filter;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;

/**
 * What a {@link SignalFilter} is made of. Of the levels, the one of a namespace pattern
 * beats the one of the kind, which beats the global one. Collections are copied and keep
 * their order.
 *
 * @param minLevel the lowest level that passes where nothing more specific is said
 * @param levels the lowest level that passes, by namespace pattern; of several that match
 * a namespace the one with the longest literal prefix counts
 * @param kindLevels the lowest level that passes, by kind
 * @param ns the namespaces that pass
 * @param id the ids that pass
 * @param kindAllow the kinds that pass; empty for all
 * @param kindDisallow the kinds that don't pass, even if they are allowed
 * @param when what else has to be true of a signal that passes
 */
public record FilterSettings(Level minLevel, Map<String, Level> levels, Map<Kind, Level> kindLevels, NameSelector ns,
		NameSelector id, Set<Kind> kindAllow, Set<Kind> kindDisallow, SignalPredicate when) {

	/** Everything from {@code trace} on. */
	public static final FilterSettings DEFAULTS = new FilterSettings(Level.TRACE, Map.of(), Map.of(), NameSelector.ALL,
			NameSelector.ALL, Set.of(), Set.of(), SignalPredicate.ALWAYS);

	/**
	 * Checks and copies the settings. That the namespace patterns are free of
	 * contradictions is checked by {@link SignalFilter#of}.
	 * @throws IllegalArgumentException if a key of {@code levels} is no
	 * {@link NamePattern}
	 */
	public FilterSettings {
		Objects.requireNonNull(minLevel, "minLevel");
		Objects.requireNonNull(ns, "ns");
		Objects.requireNonNull(id, "id");
		levels = copy(levels);
		levels.keySet().forEach(NamePattern::of);
		kindLevels = copy(kindLevels);
		kindAllow = copy(kindAllow);
		kindDisallow = copy(kindDisallow);
		Objects.requireNonNull(when, "when");
	}

	private static <K, V> Map<K, V> copy(Map<K, V> map) {
		map.forEach((key, value) -> {
			Objects.requireNonNull(key, "key");
			Objects.requireNonNull(value, () -> "value of " + key);
		});
		return Collections.unmodifiableMap(new LinkedHashMap<>(map));
	}

	private static <E> Set<E> copy(Set<E> set) {
		set.forEach((element) -> Objects.requireNonNull(element, "element"));
		return Collections.unmodifiableSet(new LinkedHashSet<>(set));
	}

	/**
	 * A copy with another global level.
	 * @param minLevel the lowest level that passes where nothing more specific is said
	 * @return the copy
	 */
	public FilterSettings withMinLevel(Level minLevel) {
		return new FilterSettings(minLevel, this.levels, this.kindLevels, this.ns, this.id, this.kindAllow,
				this.kindDisallow, this.when);
	}

	/**
	 * A copy with other levels of namespaces.
	 * @param levels the lowest level that passes, by namespace pattern
	 * @return the copy
	 */
	public FilterSettings withLevels(Map<String, Level> levels) {
		return new FilterSettings(this.minLevel, levels, this.kindLevels, this.ns, this.id, this.kindAllow,
				this.kindDisallow, this.when);
	}

	/**
	 * A copy with other levels of kinds.
	 * @param kindLevels the lowest level that passes, by kind
	 * @return the copy
	 */
	public FilterSettings withKindLevels(Map<Kind, Level> kindLevels) {
		return new FilterSettings(this.minLevel, this.levels, kindLevels, this.ns, this.id, this.kindAllow,
				this.kindDisallow, this.when);
	}

	/**
	 * A copy with other namespaces.
	 * @param ns the namespaces that pass
	 * @return the copy
	 */
	public FilterSettings withNs(NameSelector ns) {
		return new FilterSettings(this.minLevel, this.levels, this.kindLevels, ns, this.id, this.kindAllow,
				this.kindDisallow, this.when);
	}

	/**
	 * A copy with other ids.
	 * @param id the ids that pass
	 * @return the copy
	 */
	public FilterSettings withId(NameSelector id) {
		return new FilterSettings(this.minLevel, this.levels, this.kindLevels, this.ns, id, this.kindAllow,
				this.kindDisallow, this.when);
	}

	/**
	 * A copy with other allowed kinds.
	 * @param kindAllow the kinds that pass; empty for all
	 * @return the copy
	 */
	public FilterSettings withKindAllow(Set<Kind> kindAllow) {
		return new FilterSettings(this.minLevel, this.levels, this.kindLevels, this.ns, this.id, kindAllow,
				this.kindDisallow, this.when);
	}

	/**
	 * A copy with other disallowed kinds.
	 * @param kindDisallow the kinds that don't pass
	 * @return the copy
	 */
	public FilterSettings withKindDisallow(Set<Kind> kindDisallow) {
		return new FilterSettings(this.minLevel, this.levels, this.kindLevels, this.ns, this.id, this.kindAllow,
				kindDisallow, this.when);
	}

	/**
	 * A copy with another predicate.
	 * @param when what else has to be true of a signal that passes;
	 * {@link SignalPredicate#ALWAYS} for no such demand
	 * @return the copy
	 */
	public FilterSettings withWhen(SignalPredicate when) {
		return new FilterSettings(this.minLevel, this.levels, this.kindLevels, this.ns, this.id, this.kindAllow,
				this.kindDisallow, when);
	}

}
