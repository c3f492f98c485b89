package io.telemetry.handler;

import io.telemetry.encode.SignalEncoder;

/**
 * What configuration says of one handler.
 */
public interface HandlerSpec {

	/**
	 * The handler's name.
	 * @return its key in the configuration
	 */
	String name();

	/**
	 * The full name of a setting in the group that has the type's name, for messages.
	 * @param setting its name in the group, such as {@code path}
	 * @return the name under which configuration knows it
	 */
	String property(String setting);

	/**
	 * The group of settings that has the type's name.
	 * @param type a record or a class with setters
	 * @param <T> the same
	 * @return the settings, with their defaults where configuration is silent
	 */
	<T> T settings(Class<T> type);

	/**
	 * The encoder of the format that configuration names.
	 * @param defaultFormat the format where configuration names none
	 * @return the encoder
	 * @throws IllegalArgumentException if there is no such format; the message names
	 * those that there are
	 */
	SignalEncoder encoder(String defaultFormat);

}
