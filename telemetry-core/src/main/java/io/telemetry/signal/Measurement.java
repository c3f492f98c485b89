package io.telemetry.signal;

import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * What a metric signal measured.
 *
 * @param value the number
 * @param unit its unit, such as {@code ms} or {@code bytes}
 * @param tags what tells series apart; few values each
 */
public record Measurement(double value, @Nullable String unit, Map<String, String> tags) {

	public Measurement {
		tags = Fields.immutable(tags);
	}

}
