package io.telemetry.boot.metrics;

import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleConsumer;
import java.util.function.Supplier;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.telemetry.boot.InvalidSettingException;
import io.telemetry.metric.Meter;
import io.telemetry.metric.MeterSink;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of an application as Micrometer's meters: counters, gauges, distribution
 * summaries, and timers where the unit is one of time. Safe for several threads.
 * <p>
 * Meters of one name have the same type, unit and tags: some registries, Prometheus
 * first, leave others out. What contradicts the first meter of its name goes nowhere, and
 * so does what is over the bounds. The first such value of a name throws, which whoever
 * records it reports; all are counted by {@value #DROPPED}.
 */
public final class MicrometerMeterSink implements MeterSink {

	/** Series that one name can have. */
	public static final int MAX_SERIES = 1000;

	/** Names that there can be. */
	public static final int MAX_NAMES = 1000;

	/** The counter of values that went nowhere, with the tag {@code reason}. */
	public static final String DROPPED = "telemetry.meters.dropped";

	private final Supplier<@Nullable MeterRegistry> source;

	private final String prefix;

	/** By name; never removed from, as Micrometer's meters are not. */
	private final Map<String, Family> families = new ConcurrentHashMap<>();

	private final Map<Reason, LongAdder> dropped = new ConcurrentHashMap<>();

	private final Refusal tooManyNames;

	private volatile @Nullable MeterRegistry registry;

	/**
	 * A sink.
	 * @param source finds the registry, asked until it gives one: there may be none yet
	 * while an application starts
	 * @param prefix what meter names begin with, without the dot that follows it, or an
	 * empty text for nothing
	 * @throws InvalidSettingException if the prefix is no name
	 */
	public MicrometerMeterSink(Supplier<@Nullable MeterRegistry> source, String prefix) {
		this.source = Objects.requireNonNull(source, "source");
		if (!prefix.matches("([A-Za-z][A-Za-z0-9_-]*(\\.[A-Za-z0-9_-]+)*)?")) {
			throw new InvalidSettingException("prefix", prefix,
					"must be letters, digits, '-' and '_', begin with a letter and have dots only in between");
		}
		this.prefix = prefix.isEmpty() ? "" : prefix + ".";
		this.tooManyNames = new Refusal(this, (meter) -> "There are " + MAX_NAMES
				+ " meter names already; further ones, of which '" + meter.name() + "' is the first, go nowhere");
	}

	/**
	 * Makes a meter known, or finds it. Throws nothing: what there is to complain of, the
	 * first value is told.
	 */
	@Override
	public DoubleConsumer bind(Meter meter) {
		Family family = this.families.get(meter.name());
		if (family == null) {
			// Several threads may get past this at once, which makes a few names more.
			if (this.families.size() >= MAX_NAMES) {
				return this.tooManyNames.of(meter);
			}
			family = this.families.computeIfAbsent(meter.name(), (name) -> new Family(this, meter));
		}
		return family.bind(meter);
	}

	/**
	 * The registry.
	 * @return the registry, or {@code null} while there is none
	 */
	@Nullable MeterRegistry registry() {
		MeterRegistry known = this.registry;
		if (known == null) {
			known = this.source.get();
			if (known != null) {
				MeterRegistry found = known;
				this.registry = found;
				this.dropped.forEach((reason, count) -> register(found, reason, count));
			}
		}
		return known;
	}

	String nameOf(Meter meter) {
		return this.prefix + meter.name();
	}

	/**
	 * Counts a value that goes nowhere.
	 */
	void drop(Reason reason) {
		LongAdder count = this.dropped.get(reason);
		if (count == null) {
			count = this.dropped.computeIfAbsent(reason, (key) -> new LongAdder());
			MeterRegistry known = this.registry;
			if (known != null) {
				register(known, reason, count);
			}
		}
		count.increment();
	}

	/** Registering what is registered finds it. */
	private static void register(MeterRegistry registry, Reason reason, LongAdder count) {
		FunctionCounter.builder(DROPPED, count, LongAdder::doubleValue)
			.description("Values of meters that went nowhere")
			.tag("reason", reason.text)
			.register(registry);
	}

	/**
	 * Why a value goes nowhere.
	 */
	enum Reason {

		/** Its meter was refused. */
		REFUSED,

		/** Micrometer's timers and summaries take none below zero. */
		NEGATIVE,

		/** There was no registry yet. */
		UNAVAILABLE;

		private final String text = name().toLowerCase(Locale.ROOT);

	}

}
