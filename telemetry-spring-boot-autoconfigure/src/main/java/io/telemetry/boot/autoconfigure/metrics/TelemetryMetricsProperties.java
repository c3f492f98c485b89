package io.telemetry.boot.autoconfigure.metrics;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Properties of the application's meters. A misspelt one stops the start.
 */
@ConfigurationProperties(prefix = TelemetryMetricsProperties.PREFIX, ignoreUnknownFields = false)
public class TelemetryMetricsProperties {

	static final String PREFIX = "telemetry.metrics";

	/**
	 * Whether counters, gauges, histograms and timings are meters of Micrometer, too.
	 */
	private boolean enabled = true;

	/**
	 * What the names of these meters begin with, before a dot. Empty for nothing.
	 */
	private String prefix = "";

	public boolean isEnabled() {
		return this.enabled;
	}

	public void setEnabled(boolean enabled) {
		this.enabled = enabled;
	}

	public String getPrefix() {
		return this.prefix;
	}

	public void setPrefix(String prefix) {
		this.prefix = prefix;
	}

}
