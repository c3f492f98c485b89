package io.telemetry.boot.channel.caller;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.Nullable;

/**
 * Reads queries without the container, whose parameters may come from a body too.
 */
final class QueryParameters {

	private QueryParameters() {
	}

	/**
	 * The first value of a parameter, decoded.
	 * @param query what follows the question mark
	 * @param name the parameter
	 * @return its value; {@code null} where there is none that can be decoded
	 */
	static @Nullable String first(@Nullable String query, String name) {
		if (query == null) {
			return null;
		}
		int start = 0;
		while (start <= query.length()) {
			int end = query.indexOf('&', start);
			end = (end < 0) ? query.length() : end;
			int equals = query.indexOf('=', start);
			int nameEnd = (equals < 0 || equals > end) ? end : equals;
			if (name.equals(decode(query.substring(start, nameEnd)))) {
				return (nameEnd < end) ? decode(query.substring(nameEnd + 1, end)) : "";
			}
			start = end + 1;
		}
		return null;
	}

	private static @Nullable String decode(String text) {
		try {
			return URLDecoder.decode(text, StandardCharsets.UTF_8);
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

}
