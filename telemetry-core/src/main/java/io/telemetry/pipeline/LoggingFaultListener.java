package io.telemetry.pipeline;

import java.time.Duration;
import java.util.Arrays;

import io.telemetry.handler.HandlerFault;
import io.telemetry.handler.HandlerFaultListener;
import io.telemetry.limit.KeyedRateLimiter;
import io.telemetry.limit.RateLimit;
import io.telemetry.limit.RateLimiter;

/**
 * Tells the platform's log of faults: the first of a handler and type whole, then one
 * line per interval with the number held back.
 */
public final class LoggingFaultListener implements HandlerFaultListener {

	private static final System.Logger LOGGER = System.getLogger("io.telemetry.handlers");

	private static final int MAX_HANDLERS = 256;

	/** Stands for the pipeline itself; no handler has an empty name. */
	private static final String PIPELINE = "";

	/** By the type's ordinal, each by handler. */
	private final KeyedRateLimiter[] limits;

	private final Duration interval;

	/**
	 * A listener.
	 * @param interval the time between two lines of the same handler and type, in whole
	 * milliseconds
	 */
	public LoggingFaultListener(Duration interval) {
		this.interval = interval;
		RateLimit limit = RateLimit.of(1, interval);
		this.limits = Arrays.stream(HandlerFault.Type.values())
			.map((type) -> new KeyedRateLimiter(limit, MAX_HANDLERS))
			.toArray(KeyedRateLimiter[]::new);
	}

	@Override
	public void onFault(HandlerFault fault) {
		long heldBack = this.limits[fault.type().ordinal()].ask((fault.handler() != null) ? fault.handler() : PIPELINE);
		if (heldBack == RateLimiter.LIMITED) {
			return;
		}
		String what = "Telemetry " + ((fault.handler() != null) ? "handler '" + fault.handler() + "'" : "pipeline")
				+ " " + fault.type().words() + ((fault.signals() > 0) ? " " + fault.signals() + " signal(s)" : "");
		if (heldBack == 0) {
			LOGGER.log(System.Logger.Level.WARNING, what + "; further occurrences are counted and reported once every "
					+ this.interval.toSeconds() + " s", fault.cause());
		}
		else {
			LOGGER.log(System.Logger.Level.WARNING,
					what + ", and " + heldBack + " more time(s) since the last report: " + fault.cause());
		}
	}

}
