package io.telemetry.boot.autoconfigure.handler;

import java.util.Map;

/**
 * Knows the types of the handlers that configuration made.
 */
@FunctionalInterface
public interface ConfiguredHandlerTypes {

	/**
	 * The types. To be asked when the pipeline is there.
	 * @return types by name of the handler
	 */
	Map<String, String> types();

}
