package io.telemetry.boot;

import java.util.Map;

/**
 * Adds what a feature has to tell to the overview of the Actuator endpoint
 * {@code telemetry}. Beans of this type are called in their order, for every request; of
 * two that use the same key the first one counts.
 */
@FunctionalInterface
public interface TelemetryOverviewContributor {

	/**
	 * What the feature has to tell now.
	 * @return entries of the overview: camelCase keys, and values that are text, numbers,
	 * booleans, or maps and lists of them; times as ISO-8601 text
	 */
	Map<String, ?> contribute();

}
