package io.telemetry.filter;

import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.StringJoiner;

import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;

/**
 * Decides which signals pass: {@link FilterSettings}, compiled. Level, kind, namespace
 * and id are asked for first ({@link #allows}), then the predicate: {@link #decide}
 * before there is a signal, {@link #test} with the signal where that left it open.
 * Immutable; asking takes no lock and, but for {@link #test} and {@link #explain},
 * allocates nothing.
 */
public final class SignalFilter {

	private static final Kind[] KINDS = Kind.values();

	/** Lets every signal through, those below {@code trace} too. */
	public static final SignalFilter ALLOW_ALL = of(FilterSettings.DEFAULTS.withMinLevel(Level.of(Integer.MIN_VALUE)));

	private final FilterSettings settings;

	/** By ordinal of the kind. */
	private final boolean[] kinds;

	/** By ordinal of the kind: its own level, else the global one. */
	private final int[] minimums;

	private final PatternMap<Level> levels;

	private final Names namespaces;

	private final Names ids;

	/** Neither namespace nor id makes a difference. */
	private final boolean anyName;

	private final SignalPredicate when;

	private SignalFilter(FilterSettings settings) {
		this.settings = settings;
		this.kinds = new boolean[KINDS.length];
		this.minimums = new int[KINDS.length];
		for (Kind kind : KINDS) {
			this.kinds[kind.ordinal()] = !settings.kindDisallow().contains(kind)
					&& (settings.kindAllow().isEmpty() || settings.kindAllow().contains(kind));
			this.minimums[kind.ordinal()] = settings.kindLevels().getOrDefault(kind, settings.minLevel()).value();
		}
		this.levels = PatternMap.of("a level", settings.levels());
		this.namespaces = new Names("ns", settings.ns());
		this.ids = new Names("id", settings.id());
		this.anyName = this.levels.isEmpty() && this.namespaces.allowEverything() && this.ids.allowEverything();
		this.when = settings.when();
	}

	/**
	 * The filter of some settings.
	 * @param settings what passes
	 * @return the filter
	 * @throws IllegalArgumentException if two namespace patterns with a level have
	 * literal prefixes of the same length and a name may match both, so that nothing
	 * tells which level counts; the message names both and the remedy
	 */
	public static SignalFilter of(FilterSettings settings) {
		return new SignalFilter(Objects.requireNonNull(settings, "settings"));
	}

	/**
	 * What this filter was made of.
	 * @return the settings
	 */
	public FilterSettings settings() {
		return this.settings;
	}

	/**
	 * The lowest level that passes. Ids are not looked at.
	 * @param kind the kind
	 * @param namespace the namespace
	 * @return the {@linkplain Level#value() value} of that level, or
	 * {@link Integer#MAX_VALUE} if the kind or the namespace is refused
	 */
	public int threshold(Kind kind, String namespace) {
		if (!this.kinds[kind.ordinal()] || !this.namespaces.allows(namespace)) {
			return Integer.MAX_VALUE;
		}
		return minimum(kind, namespace);
	}

	private int minimum(Kind kind, String namespace) {
		PatternMap.Entry<Level> level = this.levels.find(namespace);
		return (level != null) ? level.value().value() : this.minimums[kind.ordinal()];
	}

	/**
	 * Whether ids matter.
	 * @return {@code false} if {@link #allowsId} is true of every id and of none
	 */
	public boolean checksIds() {
		return !this.ids.allowEverything();
	}

	/**
	 * Whether an id passes. Of the patterns only {@code *} matches a signal without id.
	 * @param id the id without leading colon, where there is one
	 * @return {@code true} if it passes
	 */
	public boolean allowsId(@Nullable String id) {
		return this.ids.allows(id);
	}

	/**
	 * Whether a signal passes, the predicate aside.
	 * @param level its level
	 * @param kind its kind
	 * @param ns its namespace
	 * @param id its id without leading colon, where there is one
	 * @return {@code true} if it passes
	 */
	public boolean allows(Level level, Kind kind, String ns, @Nullable String id) {
		if (this.anyName) {
			return this.kinds[kind.ordinal()] && level.value() >= this.minimums[kind.ordinal()];
		}
		return this.kinds[kind.ordinal()] && this.namespaces.allows(ns) && level.value() >= minimum(kind, ns)
				&& this.ids.allows(id);
	}

	/**
	 * What the predicate says before there is a signal.
	 * @param level the signal's level
	 * @param kind its kind
	 * @param ns its namespace
	 * @param id its id without leading colon, where there is one
	 * @return {@link Decision#UNKNOWN} if {@link #test} has to be asked once there is the
	 * signal; {@link Decision#YES} where there is no predicate
	 * @throws RuntimeException whatever an application's own predicate throws; whoever
	 * asks contains it
	 */
	public Decision decide(Level level, Kind kind, String ns, @Nullable String id) {
		return (this.when == SignalPredicate.ALWAYS) ? Decision.YES : this.when.decide(level, kind, ns, id);
	}

	/**
	 * What the predicate says of a signal. Not to be asked where {@link #decide} has
	 * decided.
	 * @param signal the signal, with data and context
	 * @return {@code true} if it passes, and where there is no predicate
	 * @throws RuntimeException whatever an application's own predicate throws; whoever
	 * asks contains it
	 */
	public boolean test(Signal signal) {
		return this.when == SignalPredicate.ALWAYS || this.when.test(signal);
	}

	/**
	 * Why a signal would not pass: what is asked first and refuses it. A predicate that
	 * needs the signal's data to decide refuses nothing here.
	 * @param level its level
	 * @param kind its kind
	 * @param ns its namespace
	 * @param id its id without leading colon, where there is one
	 * @return the refusal, or {@code null} if {@link #allows} is true and {@link #decide}
	 * does not say no
	 * @throws RuntimeException whatever an application's own predicate throws
	 */
	public @Nullable Refusal explain(Level level, Kind kind, String ns, @Nullable String id) {
		if (!this.kinds[kind.ordinal()]) {
			return new Refusal(Refusal.Step.KIND, explainKind(kind));
		}
		String namespaceRefusal = this.namespaces.explain(ns);
		if (namespaceRefusal != null) {
			return new Refusal(Refusal.Step.NS, namespaceRefusal);
		}
		if (level.value() < minimum(kind, ns)) {
			return new Refusal(Refusal.Step.LEVEL, explainLevel(level, kind, ns));
		}
		String idRefusal = this.ids.explain(id);
		if (idRefusal != null) {
			return new Refusal(Refusal.Step.ID, idRefusal);
		}
		return (decide(level, kind, ns, id) == Decision.NO)
				? new Refusal(Refusal.Step.WHEN, "such a signal is not one where " + this.when) : null;
	}

	private String explainKind(Kind kind) {
		if (this.settings.kindDisallow().contains(kind)) {
			return "kind '" + kind + "' is disallowed";
		}
		return "kind '" + kind + "' is not among those allowed: " + quoted(this.settings.kindAllow());
	}

	private String explainLevel(Level level, Kind kind, String ns) {
		PatternMap.Entry<Level> byNamespace = this.levels.find(ns);
		if (byNamespace != null) {
			return "level " + level + " is below " + byNamespace.value() + ", the minimum for ns pattern '"
					+ byNamespace.pattern() + "'";
		}
		Level byKind = this.settings.kindLevels().get(kind);
		if (byKind != null) {
			return "level " + level + " is below " + byKind + ", the minimum for kind '" + kind + "'";
		}
		return "level " + level + " is below " + this.settings.minLevel() + ", the minimum";
	}

	private static String quoted(Collection<?> elements) {
		StringJoiner text = new StringJoiner("', '", "'", "'");
		elements.forEach((element) -> text.add(String.valueOf(element)));
		return text.toString();
	}

	@Override
	public String toString() {
		return "SignalFilter[" + this.settings + "]";
	}

	/**
	 * A compiled {@link NameSelector}.
	 */
	private static final class Names {

		private final String what;

		private final NamePattern[] allow;

		private final NamePattern[] disallow;

		Names(String what, NameSelector selector) {
			this.what = what;
			this.allow = compile(selector.allow());
			this.disallow = compile(selector.disallow());
		}

		private static NamePattern[] compile(List<String> texts) {
			return texts.stream().map(NamePattern::of).toArray(NamePattern[]::new);
		}

		boolean allowEverything() {
			return this.disallow.length == 0 && (this.allow.length == 0 || firstMatch(this.allow, null) != null);
		}

		boolean allows(@Nullable String name) {
			return firstMatch(this.disallow, name) == null
					&& (this.allow.length == 0 || firstMatch(this.allow, name) != null);
		}

		@Nullable String explain(@Nullable String name) {
			String subject = (name != null) ? this.what + " '" + name + "'" : "a signal without " + this.what;
			NamePattern disallowedBy = firstMatch(this.disallow, name);
			if (disallowedBy != null) {
				return subject + " is disallowed by pattern '" + disallowedBy + "'";
			}
			if (!allows(name)) {
				return subject + " matches none of the allowed patterns " + quoted(List.of(this.allow));
			}
			return null;
		}

		private static @Nullable NamePattern firstMatch(NamePattern[] patterns, @Nullable String name) {
			for (NamePattern pattern : patterns) {
				if ((name != null) ? pattern.matches(name) : pattern.matchesEverything()) {
					return pattern;
				}
			}
			return null;
		}

	}

}
