package io.telemetry.filter;

import java.util.ArrayList;
import java.util.List;

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

	/**
	 * A text in which only {@code *} is special, cut at its stars.
	 */
	private static final class Glob {

		private final String text;

		private final boolean hasStar;

		private final String prefix;

		/** What has to come in this order between prefix and suffix. */
		private final String[] middles;

		private final String suffix;

		private final int leastLength;

		private Glob(String text, String[] middles) {
			int first = text.indexOf('*');
			this.text = text;
			this.hasStar = first >= 0;
			this.prefix = this.hasStar ? text.substring(0, first) : text;
			this.suffix = this.hasStar ? text.substring(text.lastIndexOf('*') + 1) : "";
			this.middles = middles;
			this.leastLength = this.prefix.length() + this.suffix.length();
		}

		static Glob of(String text) {
			List<String> middles = new ArrayList<>();
			int star = text.indexOf('*');
			while (star >= 0) {
				int next = text.indexOf('*', star + 1);
				if (next > star + 1) {
					middles.add(text.substring(star + 1, next));
				}
				star = next;
			}
			return new Glob(text, middles.toArray(String[]::new));
		}

		String prefix() {
			return this.prefix;
		}

		boolean isStar() {
			return this.hasStar && this.leastLength == 0 && this.middles.length == 0;
		}

		boolean matches(String name) {
			if (!this.hasStar) {
				return this.prefix.equals(name);
			}
			if (name.length() < this.leastLength || !name.startsWith(this.prefix) || !name.endsWith(this.suffix)) {
				return false;
			}
			// The leftmost place is the best one for each piece: it leaves the most room.
			int from = this.prefix.length();
			int end = name.length() - this.suffix.length();
			for (String middle : this.middles) {
				int found = name.indexOf(middle, from);
				if (found < 0) {
					return false;
				}
				from = found + middle.length();
				if (from > end) {
					return false;
				}
			}
			return true;
		}

		/**
		 * Walks both texts at once: a star takes one element of the other text, a star
		 * included, or none.
		 */
		boolean overlaps(Glob other) {
			String a = this.text;
			String b = other.text;
			boolean[] after = new boolean[b.length() + 1];
			for (int i = a.length(); i >= 0; i--) {
				boolean[] here = new boolean[b.length() + 1];
				for (int j = b.length(); j >= 0; j--) {
					boolean starA = i < a.length() && a.charAt(i) == '*';
					boolean starB = j < b.length() && b.charAt(j) == '*';
					if (i == a.length() && j == b.length()) {
						here[j] = true;
					}
					else if (starA || starB) {
						here[j] = (i < a.length() && after[j]) || (j < b.length() && here[j + 1]);
					}
					else {
						here[j] = i < a.length() && j < b.length() && a.charAt(i) == b.charAt(j) && after[j + 1];
					}
				}
				after = here;
			}
			return after[0];
		}

	}

}
