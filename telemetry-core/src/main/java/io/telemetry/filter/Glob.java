package io.telemetry.filter;

import java.util.ArrayList;
import java.util.List;

/**
 * A text in which only {@code *} is special, cut at its stars.
 */
final class Glob {

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

	/**
	 * What every text that matches begins with.
	 */
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
