package io.telemetry.context;

import java.util.Map;

/**
 * Fields that belong to the context of a signal and are kept elsewhere, such as in a
 * logging library's MDC.
 */
@FunctionalInterface
public interface ContextSource {

	/**
	 * The fields as they are now. Called for each signal that is let through, on the
	 * thread that makes it, so it has to be cheap; whoever calls contains what it throws.
	 * @return the fields, not changed afterwards; an empty map where there are none
	 */
	Map<String, ?> read();

}
