package io.telemetry.boot.channel;

import java.util.List;

/**
 * On an application with Spring Security.
 */
class FormLoginChannelSecurityTests extends ChannelSecurityTests {

	@Override
	List<Class<?>> configurations() {
		return List.of(FormLogin.class);
	}

	@Override
	List<String> properties() {
		return List.of(FormLogin.PROPERTY);
	}

}
