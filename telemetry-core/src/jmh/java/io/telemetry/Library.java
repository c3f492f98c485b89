package io.telemetry;

import java.util.function.Supplier;

/**
 * What is compared: a library, and which of its calls.
 */
public enum Library {

	/** {@code log(level, message, data)}. */
	TELEMETRY(TelemetrySender.Constant::new),

	/** {@code log(level, message supplier, data supplier)}. */
	TELEMETRY_SUPPLIERS(TelemetrySender.Suppliers::new),

	/** {@code signal(level)} and its fields one by one. */
	TELEMETRY_FIELDS(TelemetrySender.Fields::new),

	/** Logback, a message with three arguments. */
	LOGBACK(LogbackSender.Arguments::new),

	/** Logback, a message with three key-value pairs. */
	LOGBACK_KEY_VALUES(LogbackSender.KeyValues::new),

	/** Log4j, a message with three arguments. */
	LOG4J(Log4jSender.Arguments::new),

	/** Log4j, a map of three and a message. */
	LOG4J_MAP(Log4jSender.MapMessage::new);

	private final Supplier<Sender> factory;

	Library(Supplier<Sender> factory) {
		this.factory = factory;
	}

	/**
	 * Sets the library up and proves that it is as claimed: one signal has arrived.
	 */
	Sender open() {
		return this.factory.get().verified();
	}

}
