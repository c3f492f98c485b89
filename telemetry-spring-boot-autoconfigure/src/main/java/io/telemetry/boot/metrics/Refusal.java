package io.telemetry.boot.metrics;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.DoubleConsumer;
import java.util.function.Function;

import io.telemetry.boot.metrics.MicrometerMeterSink.Reason;
import io.telemetry.metric.Meter;

/**
 * Where the values of refused meters go: nowhere. The first of all is told why.
 */
final class Refusal {

	private final MicrometerMeterSink sink;

	private final Function<Meter, String> why;

	private final AtomicBoolean told = new AtomicBoolean();

	/**
	 * A refusal.
	 * @param sink counts the values
	 * @param why says what is wrong with the first meter that was refused
	 */
	Refusal(MicrometerMeterSink sink, Function<Meter, String> why) {
		this.sink = sink;
		this.why = why;
	}

	DoubleConsumer of(Meter meter) {
		return (value) -> {
			this.sink.drop(Reason.REFUSED);
			if (!this.told.get() && this.told.compareAndSet(false, true)) {
				throw new IllegalArgumentException(this.why.apply(meter));
			}
		};
	}

}
