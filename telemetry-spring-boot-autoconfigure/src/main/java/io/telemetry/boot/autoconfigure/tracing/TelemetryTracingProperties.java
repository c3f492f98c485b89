package io.telemetry.boot.autoconfigure.tracing;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Properties of spans. A misspelt one stops the start.
 */
@ConfigurationProperties(prefix = TelemetryTracingProperties.PREFIX, ignoreUnknownFields = false)
public class TelemetryTracingProperties {

	static final String PREFIX = "telemetry.tracing";

	/**
	 * Whether spans are shared with Micrometer Tracing. Without it they are of our own
	 * and in signals only.
	 */
	private boolean enabled = true;

	public boolean isEnabled() {
		return this.enabled;
	}

	public void setEnabled(boolean enabled) {
		this.enabled = enabled;
	}

}
