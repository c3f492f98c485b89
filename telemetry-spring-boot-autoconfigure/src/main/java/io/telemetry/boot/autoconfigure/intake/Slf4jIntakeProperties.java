package io.telemetry.boot.autoconfigure.intake;

import io.telemetry.boot.autoconfigure.NamePatternsProperties;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;

/**
 * Properties of signals that are made from the application's log. A misspelt one stops
 * the start.
 */
@ConfigurationProperties(prefix = Slf4jIntakeProperties.PREFIX, ignoreUnknownFields = false)
public class Slf4jIntakeProperties {

	static final String PREFIX = "telemetry.intake.slf4j";

	/**
	 * Whether events of the application's log become signals, from the moment at which
	 * the environment is prepared. The logging system has to be Logback.
	 */
	private boolean enabled;

	/**
	 * Lowest level of log events that become signals, by name or number. Loggers have
	 * levels of their own, which come first.
	 */
	private String minLevel = "trace";

	@NestedConfigurationProperty
	private final NamePatternsProperties loggers = new NamePatternsProperties();

	public boolean isEnabled() {
		return this.enabled;
	}

	public void setEnabled(boolean enabled) {
		this.enabled = enabled;
	}

	public String getMinLevel() {
		return this.minLevel;
	}

	public void setMinLevel(String minLevel) {
		this.minLevel = minLevel;
	}

	public NamePatternsProperties getLoggers() {
		return this.loggers;
	}

}
