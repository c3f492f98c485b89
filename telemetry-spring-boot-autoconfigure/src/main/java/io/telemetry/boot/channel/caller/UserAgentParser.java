package io.telemetry.boot.channel.caller;

import java.util.Map;

/**
 * Knows which browser a {@code User-Agent} header stands for. Is called by several
 * threads at once.
 */
@FunctionalInterface
public interface UserAgentParser {

	/**
	 * Reads a header.
	 * @param header at most {@value UserAgents#MAX_LENGTH} printable ASCII characters
	 * @return {@code browser}, {@code browserVersion}, {@code os}, {@code osVersion} and
	 * {@code device}, as far as they are known
	 */
	Map<String, String> parse(String header);

}
