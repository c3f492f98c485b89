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

	/** As {@link #TELEMETRY}, without a context scope. */
	TELEMETRY_NO_CONTEXT(TelemetrySender.WithoutContext::new),

	/** As {@link #TELEMETRY}, inside a span. */
	TELEMETRY_SPAN(TelemetrySender.InSpan::new),

	/** As {@link #TELEMETRY}, with two keys of the MDC. */
	TELEMETRY_MDC(TelemetrySender.WithMdc::new),

	/** As {@link #TELEMETRY}, with the place in the source. */
	TELEMETRY_LOCATION(TelemetrySender.WithLocation::new),

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
