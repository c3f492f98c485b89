package io.telemetry.boot;

import org.jspecify.annotations.Nullable;

/**
 * A property that makes no sense. It stops the application's start, and what it carries
 * is printed as the reason.
 */
public class InvalidTelemetryConfigurationException extends IllegalArgumentException {

	private static final long serialVersionUID = 1L;

	private final String property;

	private final @Nullable String value;

	private final String reason;

	private final String remedy;

	/**
	 * A failure.
	 * @param property the property's full name
	 * @param value its value, or {@code null} where the property is missing
	 * @param reason what is wrong with it, as a sentence
	 * @param remedy what to do about it, as a sentence
	 */
	public InvalidTelemetryConfigurationException(String property, @Nullable Object value, String reason,
			String remedy) {
		this(property, value, reason, remedy, null);
	}

	/**
	 * A failure with a cause.
	 * @param property the property's full name
	 * @param value its value, or {@code null} where the property is missing
	 * @param reason what is wrong with it, as a sentence
	 * @param remedy what to do about it, as a sentence
	 * @param cause what led to it
	 */
	public InvalidTelemetryConfigurationException(String property, @Nullable Object value, String reason, String remedy,
			@Nullable Throwable cause) {
		super("Property '" + property + "'" + ((value != null) ? " with value '" + value + "'" : "") + ": " + reason
				+ ". " + remedy, cause);
		this.property = property;
		this.value = (value != null) ? value.toString() : null;
		this.reason = reason;
		this.remedy = remedy;
	}

	/**
	 * The property.
	 * @return its full name
	 */
	public String getProperty() {
		return this.property;
	}

	/**
	 * The property's value.
	 * @return the value, or {@code null} where the property is missing
	 */
	public @Nullable String getValue() {
		return this.value;
	}

	/**
	 * What is wrong.
	 * @return a sentence without its full stop
	 */
	public String getReason() {
		return this.reason;
	}

	/**
	 * What to do about it.
	 * @return a sentence
	 */
	public String getRemedy() {
		return this.remedy;
	}

}
