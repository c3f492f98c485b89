package io.telemetry.boot.browser;

/**
 * On Spring MVC and a real Tomcat.
 */
class ServletBrowserResourcesTests extends BrowserResourcesTests {

	@Override
	String type() {
		return "servlet";
	}

	@Override
	boolean webSocket() {
		return true;
	}

}
