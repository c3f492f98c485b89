package io.telemetry.boot.autoconfigure.intake;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Properties of signals that are made from what is printed to standard output and error.
 * A misspelt one stops the start.
 */
@ConfigurationProperties(prefix = SystemOutIntakeProperties.PREFIX, ignoreUnknownFields = false)
public class SystemOutIntakeProperties {

	static final String PREFIX = "telemetry.intake.system-out";

	/**
	 * Whether lines that are printed to System.out and System.err become signals. They
	 * are printed all the same.
	 */
	private boolean enabled;

	/**
	 * Number of characters of a line. A longer one becomes several signals.
	 */
	private int maxLineLength = 8192;

	public boolean isEnabled() {
		return this.enabled;
	}

	public void setEnabled(boolean enabled) {
		this.enabled = enabled;
	}

	public int getMaxLineLength() {
		return this.maxLineLength;
	}

	public void setMaxLineLength(int maxLineLength) {
		this.maxLineLength = maxLineLength;
	}

}
