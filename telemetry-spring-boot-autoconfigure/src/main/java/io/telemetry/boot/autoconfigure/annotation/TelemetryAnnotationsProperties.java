package io.telemetry.boot.autoconfigure.annotation;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Properties of annotated methods. A misspelt one stops the start.
 */
@ConfigurationProperties(prefix = TelemetryAnnotationsProperties.PREFIX, ignoreUnknownFields = false)
public class TelemetryAnnotationsProperties {

	static final String PREFIX = "telemetry.annotations";

	/**
	 * Whether the annotations Traced and Measured on methods of beans are heeded.
	 */
	private boolean enabled = true;

	public boolean isEnabled() {
		return this.enabled;
	}

	public void setEnabled(boolean enabled) {
		this.enabled = enabled;
	}

}
