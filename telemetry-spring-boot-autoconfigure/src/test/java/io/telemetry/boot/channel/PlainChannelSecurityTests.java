package io.telemetry.boot.channel;

import java.util.List;

/**
 * On an application without Spring Security.
 */
class PlainChannelSecurityTests extends ChannelSecurityTests {

	@Override
	List<Class<?>> configurations() {
		return List.of();
	}

	@Override
	List<String> properties() {
		return List.of();
	}

}
