package io.telemetry.boot.browser;

/**
 * On WebFlux and a real Netty.
 */
class ReactiveBrowserResourcesTests extends BrowserResourcesTests {

	@Override
	String type() {
		return "reactive";
	}

	@Override
	boolean webSocket() {
		return false;
	}

}
