package io.telemetry.boot.metrics;

import java.util.Map;
import java.util.function.LongSupplier;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * What durable handlers count, as meters. They only read, and there is a series for each
 * handler from the beginning, at zero.
 */
public final class HandlerMeters implements MeterBinder {

	/** How often a batch was handled again. */
	public static final String RETRIES = "telemetry.handlers.retries";

	private final Map<String, LongSupplier> retries;

	/**
	 * Meters of handlers.
	 * @param retries how often each durable handler was given a batch again, by name
	 */
	public HandlerMeters(Map<String, LongSupplier> retries) {
		this.retries = Map.copyOf(retries);
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		this.retries.forEach((handler, count) ->
		// The function holds the source, too: the registry alone would hold it weakly.
		FunctionCounter.builder(RETRIES, count, (weak) -> count.getAsLong())
			.description("Batches handed to a durable handler again, after a failure that passes")
			.tag("handler", handler)
			.register(registry));
	}

}
