package io.telemetry.boot.autoconfigure.startup;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Properties of the signals that tell of an application's start and stop. A misspelt one
 * stops the start.
 */
@ConfigurationProperties(prefix = "telemetry.startup", ignoreUnknownFields = false)
public class StartupProperties {

	/**
	 * Whether signals tell that the application started, stops, or failed to start.
	 */
	private boolean enabled = true;

	public boolean isEnabled() {
		return this.enabled;
	}

	public void setEnabled(boolean enabled) {
		this.enabled = enabled;
	}

}
