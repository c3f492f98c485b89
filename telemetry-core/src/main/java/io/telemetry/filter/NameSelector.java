package io.telemetry.filter;

import java.util.List;

/**
 * Which names are wanted. Disallow beats allow; without allowed patterns everything is
 * allowed that is not disallowed.
 *
 * @param allow patterns of which a name has to match one; empty for no such demand
 * @param disallow patterns of which a name must match none
 * @see NamePattern
 */
public record NameSelector(List<String> allow, List<String> disallow) {

	/** Every name. */
	public static final NameSelector ALL = new NameSelector(List.of(), List.of());

	/**
	 * Checks and copies the patterns.
	 * @throws IllegalArgumentException if a text is no {@link NamePattern}
	 */
	public NameSelector {
		allow = List.copyOf(allow);
		disallow = List.copyOf(disallow);
		allow.forEach(NamePattern::of);
		disallow.forEach(NamePattern::of);
	}

	/**
	 * A copy with other allowed patterns.
	 * @param allow patterns of which a name has to match one
	 * @return the copy
	 */
	public NameSelector withAllow(List<String> allow) {
		return new NameSelector(allow, this.disallow);
	}

	/**
	 * A copy with other disallowed patterns.
	 * @param disallow patterns of which a name must match none
	 * @return the copy
	 */
	public NameSelector withDisallow(List<String> disallow) {
		return new NameSelector(this.allow, disallow);
	}

}
