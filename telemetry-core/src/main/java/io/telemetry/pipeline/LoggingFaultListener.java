package io.telemetry.pipeline;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.telemetry.handler.HandlerFault;
import io.telemetry.handler.HandlerFaultListener;
import io.telemetry.limit.OncePerInterval;

/**
 * Tells the platform's log of faults: the first of a handler and type whole, then one
 * line per interval with the number held back.
 */
public final class LoggingFaultListener implements HandlerFaultListener {

	private static final System.Logger LOGGER = System.getLogger("io.telemetry.handlers");

	private final Map<String, OncePerInterval> limits = new ConcurrentHashMap<>();

	private final Duration interval;

	/**
	 * A listener.
	 * @param interval the time between two lines of the same handler and type
	 */
	public LoggingFaultListener(Duration interval) {
		this.interval = interval;
	}

	@Override
	public void onFault(HandlerFault fault) {
		String where = (fault.handler() != null) ? "handler '" + fault.handler() + "'" : "pipeline";
		// Handlers have configured names, so the map stays small.
		long heldBack = this.limits
			.computeIfAbsent(fault.type() + " " + where, (key) -> new OncePerInterval(this.interval))
			.ask();
		if (heldBack == OncePerInterval.HELD_BACK) {
			return;
		}
		String what = "Telemetry " + where + " " + fault.type().words()
				+ ((fault.signals() > 0) ? " " + fault.signals() + " signal(s)" : "");
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
