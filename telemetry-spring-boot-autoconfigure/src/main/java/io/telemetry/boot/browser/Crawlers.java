package io.telemetry.boot.browser;

import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * Known crawlers, by what they say of themselves. They are told here that nothing is
 * wanted of them, so that visitors need not load how one knows them.
 */
final class Crawlers {

	/** Any browser's is shorter, and nobody is to keep a processor busy with one. */
	private static final int MAX_LENGTH = 500;

	/** A maker called Cubot makes telephones. */
	private static final Pattern KNOWN = Pattern.compile("(?:^|[^u])bot\\b|crawl|spider|lighthouse",
			Pattern.CASE_INSENSITIVE);

	private Crawlers() {
	}

	/**
	 * Whether a client is a known crawler.
	 * @param userAgent its {@code User-Agent} header, of which the first
	 * {@value #MAX_LENGTH} characters count; {@code null} where it sent none
	 * @return whether it is one
	 */
	static boolean isKnown(@Nullable String userAgent) {
		return userAgent != null && KNOWN.matcher(userAgent).region(0, Math.min(userAgent.length(), MAX_LENGTH)).find();
	}

}
