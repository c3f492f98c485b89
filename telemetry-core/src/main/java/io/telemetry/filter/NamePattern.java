package io.telemetry.filter;

import org.jspecify.annotations.Nullable;

/**
 * A pattern for namespaces and ids. {@code *} stands for anything, also nothing, and may
 * stand anywhere; {@code a.*} does not match {@code a}, {@code a(.*)} matches {@code a}
 * and all below it. A leading colon, as Clojure writes keywords, is left out, because ids
 * are kept without it.
 * <p>
 * Immutable. Matching allocates nothing and never goes back over what it has matched.
 */
public final class NamePattern {

	/** Characters that a pattern may have. */
	public static final int MAX_LENGTH = 256;

	private static final String BELOW = "(.*)";

	private final String text;

	private final Glob glob;

	/** What {@code (.*)} adds to the names that match without it. */
	private final @Nullable Glob below;

	private NamePattern(String text, Glob glob, @Nullable Glob below) {
		this.text = text;
		this.glob = glob;
		this.below = below;
	}

	/**
	 * The pattern of a text; space around it is left out.
	 * @param text the text
	 * @return the pattern
	 * @throws IllegalArgumentException if it is blank, longer than {@value #MAX_LENGTH}
	 * characters or has parentheses other than one {@code (.*)} at its end; the message
	 * names the text and what is allowed
	 */
	public static NamePattern of(String text) {
		String stripped = text.strip();
		String name = stripped.startsWith(":") ? stripped.substring(1) : stripped;
		boolean withBelow = name.endsWith(BELOW);
		String base = withBelow ? name.substring(0, name.length() - BELOW.length()) : name;
		if (base.isBlank() || stripped.length() > MAX_LENGTH || base.indexOf('(') >= 0 || base.indexOf(')') >= 0) {
			throw new IllegalArgumentException("'" + text + "' is not a name pattern: allowed are 1 to " + MAX_LENGTH
					+ " characters, of which '*' stands for anything, and parentheses only as one '(.*)' at the end");
		}
		return new NamePattern(stripped, Glob.of(base), withBelow ? Glob.of(base + ".*") : null);
	}

	/**
	 * Whether a name matches, the whole of it.
	 * @param name a namespace, or an id without leading colon
	 * @return {@code true} if it matches
	 */
	public boolean matches(String name) {
		return this.glob.matches(name) || (this.below != null && this.below.matches(name));
	}

	/**
	 * What every name that matches begins with. Of several patterns that match a name,
	 * the one with the longest such prefix is the most specific.
	 * @return the text before the first {@code *} or {@code (}, without a leading colon
	 */
	public String literalPrefix() {
		return this.glob.prefix();
	}

	/**
	 * Whether some name matches both this pattern and another.
	 * @param other the other pattern
	 * @return {@code true} if there is such a name
	 */
	public boolean overlaps(NamePattern other) {
		return overlaps(this.glob, other) || (this.below != null && overlaps(this.below, other));
	}

	private static boolean overlaps(Glob glob, NamePattern other) {
		return glob.overlaps(other.glob) || (other.below != null && glob.overlaps(other.below));
	}

	/**
	 * Whether every name matches.
	 */
	boolean matchesEverything() {
		return this.glob.isStar();
	}

	/**
	 * The text that the pattern was made of.
	 */
	@Override
	public String toString() {
		return this.text;
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return other instanceof NamePattern pattern && this.text.equals(pattern.text);
	}

	@Override
	public int hashCode() {
		return this.text.hashCode();
	}

}
