package io.telemetry.boot.channel.control;

/**
 * Something is not done because there is too much of the sort already. The message tells
 * how much is allowed and by which property.
 */
public final class ControlLimitException extends IllegalStateException {

	private static final long serialVersionUID = 1L;

	ControlLimitException(String message) {
		super(message);
	}

}
