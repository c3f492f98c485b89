package io.telemetry.boot.metrics;

import java.util.Map;
import java.util.Objects;
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

	/** Ways to contradict that are told of one by one. */
	private static final int MAX_CONTRADICTIONS = 16;

	private final MicrometerMeterSink sink;

	private final Shape shape;

	/** By tags. */
	private final Map<Map<String, String>, Series> series = new ConcurrentHashMap<>();

	private final Map<Shape, Refusal> contradictions = new ConcurrentHashMap<>();

	private final Refusal tooManySeries;

	private final Refusal tooManyContradictions;

	Family(MicrometerMeterSink sink, Meter first) {
		this.sink = sink;
		this.shape = Shape.of(first);
		this.tooManySeries = new Refusal(sink, "The meter '%s' has " + MicrometerMeterSink.MAX_SERIES
				+ " series already; values with other tags go nowhere");
		this.tooManyContradictions = new Refusal(sink,
				"The meter '%s' is used in more than " + MAX_CONTRADICTIONS + " ways that contradict " + this.shape);
	}

	DoubleConsumer bind(Meter meter) {
		Series known = this.series.get(meter.tags());
		if (known != null && this.shape.fits(meter)) {
			return known;
		}
		if (!this.shape.fits(meter)) {
			return refusal(Shape.of(meter)).of(meter);
		}
		// Several threads may get past this at once, which makes a few series more.
		if (this.series.size() >= MicrometerMeterSink.MAX_SERIES) {
			return this.tooManySeries.of(meter);
		}
		return this.series.computeIfAbsent(meter.tags(), (tags) -> new Series(this.sink, meter));
	}

	private Refusal refusal(Shape other) {
		Refusal known = this.contradictions.get(other);
		if (known != null) {
			return known;
		}
		if (this.contradictions.size() >= MAX_CONTRADICTIONS) {
			return this.tooManyContradictions;
		}
		return this.contradictions.computeIfAbsent(other, (key) -> new Refusal(this.sink,
				"The meter '%s' is " + this.shape + " and can't be " + key + " as well"));
	}

	/**
	 * What meters of one name have in common.
	 */
	private record Shape(Measurement.Type type, @Nullable String unit, Set<String> tags) {

		static Shape of(Meter meter) {
			return new Shape(meter.type(), meter.unit(), meter.tags().keySet());
		}

		boolean fits(Meter meter) {
			return this.type == meter.type() && Objects.equals(this.unit, meter.unit())
					&& this.tags.equals(meter.tags().keySet());
		}

		@Override
		public String toString() {
			return "a " + this.type + " with " + ((this.unit != null) ? "the unit " + this.unit : "no unit") + " and "
					+ (this.tags.isEmpty() ? "no tags" : "the tags " + this.tags);
		}

	}

}
