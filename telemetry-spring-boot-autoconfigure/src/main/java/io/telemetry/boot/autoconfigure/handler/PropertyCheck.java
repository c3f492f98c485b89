package io.telemetry.boot.autoconfigure.handler;

import java.util.function.Supplier;

import io.telemetry.boot.InvalidTelemetryConfigurationException;
import org.jspecify.annotations.Nullable;

/**
 * Tells of what options refuse as the property that they were made of.
 */
final class PropertyCheck {

	private PropertyCheck() {
	}

	/**
	 * Takes a step from a property to options.
	 * @param property the property's full name
	 * @param value its value
	 * @param remedy what to do about it, as a sentence
	 * @param step what may throw an {@link IllegalArgumentException}
	 */
	static <T> T check(String property, @Nullable Object value, String remedy, Supplier<T> step) {
		try {
			return step.get();
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidTelemetryConfigurationException(property, value, String.valueOf(ex.getMessage()), remedy,
					ex);
		}
	}

	/**
	 * The value of a property that has to be set.
	 */
	static <T> T required(String property, @Nullable T value, String remedy) {
		if (value == null) {
			throw new InvalidTelemetryConfigurationException(property, null, "it is missing", remedy);
		}
		return value;
	}

}
