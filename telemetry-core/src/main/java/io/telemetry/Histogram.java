package io.telemetry;

import io.telemetry.metric.Meter;
import io.telemetry.signal.Level;

/**
 * Numbers whose distribution is of interest, such as the sizes of answers. Each value is
 * sent to Micrometer, where that is present, and as a signal at {@link Level#DEBUG},
 * because there may be many. Immutable and safe for several threads; to be kept in a
 * field. Values that make no sense are left out and reported, and nothing is thrown.
 */
public final class Histogram {

	private final MeterRecorder recorder;

	Histogram(MeterRecorder recorder) {
		this.recorder = recorder;
	}

	/**
	 * The same with one more tag.
	 * @param tag its name
	 * @param value its value, of which there should be few
	 * @return another histogram
	 */
	public Histogram tag(String tag, String value) {
		return with(this.recorder.meter().withTag(tag, value));
	}

	/**
	 * The same with a unit.
	 * @param unit the unit of its values, such as {@code bytes}
	 * @return another histogram
	 */
	public Histogram unit(String unit) {
		return with(this.recorder.meter().withUnit(unit));
	}

	/**
	 * The same with a description.
	 * @param description what it tells, for people; the message of its signals
	 * @return another histogram
	 */
	public Histogram description(String description) {
		return with(this.recorder.meter().withDescription(description));
	}

	/**
	 * The same with signals at another level.
	 * @param level how important its signals are
	 * @return another histogram
	 */
	public Histogram level(Level level) {
		return new Histogram(this.recorder.with(level));
	}

	/**
	 * The same with buckets, which Prometheus needs to compute percentiles across
	 * instances.
	 * @param bounds upper bounds, ascending, in the unit of the values
	 * @return another histogram
	 */
	public Histogram buckets(double... bounds) {
		return with(this.recorder.meter().withBuckets(bounds));
	}

	/**
	 * Records a value.
	 * @param value the value
	 */
	public void record(double value) {
		this.recorder.record(value);
	}

	private Histogram with(Meter meter) {
		return new Histogram(this.recorder.with(meter));
	}

}
