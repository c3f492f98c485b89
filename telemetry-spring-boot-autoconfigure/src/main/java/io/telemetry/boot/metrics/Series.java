package io.telemetry.boot.metrics;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleConsumer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import io.telemetry.boot.metrics.MicrometerMeterSink.Reason;
import io.telemetry.metric.Meter;
import org.jspecify.annotations.Nullable;

/**
 * The values of one meter, which becomes Micrometer's with the first of them.
 */
final class Series implements DoubleConsumer {

	private final MicrometerMeterSink sink;

	private final Meter meter;

	/** Threads that meet set it to the same: the registry knows what it has. */
	private volatile @Nullable DoubleConsumer target;

	/** What a gauge tells. */
	private volatile double latest;

	Series(MicrometerMeterSink sink, Meter meter) {
		this.sink = sink;
		this.meter = meter;
	}

	@Override
	public void accept(double value) {
		DoubleConsumer known = this.target;
		if (known == null) {
			known = register();
		}
		known.accept(value);
	}

	/**
	 * Registers the meter, if there is a registry.
	 * @return takes the value
	 */
	private DoubleConsumer register() {
		MeterRegistry registry = this.sink.registry();
		if (registry == null) {
			return (value) -> this.sink.drop(Reason.UNAVAILABLE);
		}
		DoubleConsumer made;
		try {
			made = register(registry);
		}
		catch (IllegalArgumentException | IllegalStateException ex) {
			made = new Refusal(this.sink, (meter) -> "The meter '" + meter.name() + "' was refused: " + ex.getMessage())
				.of(this.meter);
		}
		this.target = made;
		return made;
	}

	private DoubleConsumer register(MeterRegistry registry) {
		return switch (this.meter.type()) {
			case COUNTER -> counter(registry);
			case GAUGE -> gauge(registry);
			case HISTOGRAM -> {
				TimeUnit unit = TimeUnits.of(this.meter.unit());
				yield (unit != null) ? timer(registry, unit.toNanos(1)) : summary(registry);
			}
		};
	}

	private DoubleConsumer counter(MeterRegistry registry) {
		Counter counter = Counter.builder(name())
			.baseUnit(this.meter.unit())
			.description(this.meter.description())
			.tags(tags())
			.register(registry);
		return counter::increment;
	}

	private DoubleConsumer gauge(MeterRegistry registry) {
		// Strong, as nobody else holds the number.
		Gauge.builder(name(), this, (series) -> series.latest)
			.baseUnit(this.meter.unit())
			.description(this.meter.description())
			.tags(tags())
			.strongReference(true)
			.register(registry);
		return (value) -> this.latest = value;
	}

	private DoubleConsumer timer(MeterRegistry registry, long nanosPerUnit) {
		Timer.Builder builder = Timer.builder(name()).description(this.meter.description()).tags(tags());
		if (!this.meter.buckets().isEmpty()) {
			builder.serviceLevelObjectives(buckets().stream()
				.map((bound) -> Duration.ofNanos(Math.round(bound * nanosPerUnit)))
				.toArray(Duration[]::new));
		}
		Timer timer = builder.register(registry);
		return unlessNegative((value) -> timer.record(Math.round(value * nanosPerUnit), TimeUnit.NANOSECONDS));
	}

	private DoubleConsumer summary(MeterRegistry registry) {
		DistributionSummary.Builder builder = DistributionSummary.builder(name())
			.baseUnit(this.meter.unit())
			.description(this.meter.description())
			.tags(tags());
		if (!this.meter.buckets().isEmpty()) {
			builder.serviceLevelObjectives(buckets().stream().mapToDouble(Double::doubleValue).toArray());
		}
		DistributionSummary summary = builder.register(registry);
		return unlessNegative(summary::record);
	}

	private DoubleConsumer unlessNegative(DoubleConsumer consumer) {
		return (value) -> {
			if (value < 0) {
				this.sink.drop(Reason.NEGATIVE);
			}
			else {
				consumer.accept(value);
			}
		};
	}

	private List<Double> buckets() {
		List<Double> bounds = this.meter.buckets();
		if (bounds.get(0) <= 0) {
			throw new IllegalArgumentException("its buckets must be above 0, not " + bounds);
		}
		return bounds;
	}

	private String name() {
		return this.sink.nameOf(this.meter);
	}

	private List<Tag> tags() {
		return this.meter.tags().entrySet().stream().map((tag) -> Tag.of(tag.getKey(), tag.getValue())).toList();
	}

}
