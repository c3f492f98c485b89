package io.telemetry.boot.channel.caller;

import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import ua_parser.Client;
import ua_parser.Parser;

/**
 * Reads {@code User-Agent} headers with the expressions of uap-core. Needs
 * {@code com.github.ua-parser:uap-java}. Reads the expressions when it is first asked:
 * that takes some tenths of a second.
 */
public final class UapUserAgentParser implements UserAgentParser {

	private static final String UNKNOWN = "Other";

	@Override
	public Map<String, String> parse(String header) {
		Client client = Expressions.PARSER.parse(header);
		Map<String, String> result = new LinkedHashMap<>();
		if (client.userAgent != null) {
			put(result, "browser", client.userAgent.family);
			put(result, "browserVersion", version(client.userAgent.major, client.userAgent.minor));
		}
		if (client.os != null) {
			put(result, "os", client.os.family);
			put(result, "osVersion", version(client.os.major, client.os.minor));
		}
		if (client.device != null) {
			put(result, "device", client.device.family);
		}
		return result;
	}

	private static void put(Map<String, String> result, String key, @Nullable String value) {
		if (value != null && !value.isBlank() && !value.equals(UNKNOWN)) {
			result.put(key, value);
		}
	}

	private static @Nullable String version(@Nullable String major, @Nullable String minor) {
		return (major == null || minor == null) ? major : major + "." + minor;
	}

	private static final class Expressions {

		static final Parser PARSER = new Parser();

	}

}
