package io.telemetry.metric;

import java.util.function.DoubleConsumer;

/**
 * Where numbers go besides the signals, such as Micrometer. Every number arrives, whether
 * or not the signal that tells of it passes the filter.
 */
@FunctionalInterface
public interface MeterSink {

	/** Nowhere. */
	MeterSink NONE = (meter) -> (value) -> {
	};

	/**
	 * Makes a meter known, or finds it. Called once for each counter, gauge or histogram
	 * object; cheap for one that is known.
	 * @param meter what it measures
	 * @return takes its values: what is added to a counter, what a gauge is set to, what
	 * a histogram records; safe for several threads
	 * @throws IllegalArgumentException if the meter contradicts one that is known
	 */
	DoubleConsumer bind(Meter meter);

}
