package io.telemetry.boot.metrics;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleConsumer;

import io.telemetry.metric.Meter;
import io.telemetry.signal.Measurement;
import org.jspecify.annotations.Nullable;

/**
 * The meters of one name.
 */
final class Family {

	private final MicrometerMeterSink sink;

	private final Shape shape;

	/** By tags. */
	private final Map<Map<String, String>, Series> series = new ConcurrentHashMap<>();

	private final Refusal contradiction;

	private final Refusal tooManySeries;

	Family(MicrometerMeterSink sink, Meter first) {
		this.sink = sink;
		this.shape = Shape.of(first);
		this.contradiction = new Refusal(sink, (other) -> "The meter '" + other.name() + "' is " + this.shape
				+ " and can't be " + Shape.of(other) + " as well");
		this.tooManySeries = new Refusal(sink, (other) -> "The meter '" + other.name() + "' has "
				+ MicrometerMeterSink.MAX_SERIES + " series already; values with other tags go nowhere");
	}

	DoubleConsumer bind(Meter meter) {
		if (!this.shape.equals(Shape.of(meter))) {
			return this.contradiction.of(meter);
		}
		Series known = this.series.get(meter.tags());
		if (known != null) {
			return known;
		}
		// Several threads may get past this at once, which makes a few series more.
		if (this.series.size() >= MicrometerMeterSink.MAX_SERIES) {
			return this.tooManySeries.of(meter);
		}
		return this.series.computeIfAbsent(meter.tags(), (tags) -> new Series(this.sink, meter));
	}

	/**
	 * What meters of one name have in common.
	 */
	private record Shape(Measurement.Type type, @Nullable String unit, Set<String> tags) {

		static Shape of(Meter meter) {
			return new Shape(meter.type(), meter.unit(), meter.tags().keySet());
		}

		@Override
		public String toString() {
			return "a " + this.type + " with " + ((this.unit != null) ? "the unit " + this.unit : "no unit") + " and "
					+ (this.tags.isEmpty() ? "no tags" : "the tags " + this.tags);
		}

	}

}
