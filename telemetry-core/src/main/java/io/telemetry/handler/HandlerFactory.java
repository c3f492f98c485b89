package io.telemetry.handler;

/**
 * Makes the handlers of one {@code type} that configuration names.
 */
public interface HandlerFactory {

	/**
	 * The type that configuration names.
	 * @return a word such as {@code file}
	 */
	String type();

	/**
	 * Makes one handler.
	 * @param spec its name and settings
	 * @return a handler of its own; the pipeline closes it
	 * @throws IllegalArgumentException if a setting is wrong; the message names the
	 * setting, its value and what is allowed
	 * @throws Exception if the handler can't be made
	 */
	SignalHandler create(HandlerSpec spec) throws Exception;

	/**
	 * The options that handlers of this type have where configuration is silent.
	 * @return the defaults
	 */
	default HandlerOptions defaults() {
		return HandlerOptions.DEFAULTS;
	}

	/**
	 * Whether handlers of this type work in batches only, so that one without a queue is
	 * refused.
	 * @return {@code true} if there has to be a queue
	 */
	default boolean needsQueue() {
		return false;
	}

}
