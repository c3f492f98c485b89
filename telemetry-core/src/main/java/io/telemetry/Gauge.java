package io.telemetry;

import io.telemetry.metric.Meter;
import io.telemetry.signal.Level;

/**
 * A number that goes up and down, such as the length of a queue. Each value is sent to
 * Micrometer, where that is present, and as a signal at {@link Level#DEBUG}, because
 * there may be many. Immutable and safe for several threads; to be kept in a field.
 * Values that make no sense are left out and reported, and nothing is thrown.
 */
public final class Gauge {

	private final MeterRecorder recorder;

	Gauge(MeterRecorder recorder) {
		this.recorder = recorder;
	}

	/**
	 * The same with one more tag.
	 * @param tag its name
	 * @param value its value, of which there should be few
	 * @return another gauge
	 */
	public Gauge tag(String tag, String value) {
		return with(this.recorder.meter().withTag(tag, value));
	}

	/**
	 * The same with a unit.
	 * @param unit the unit of its values, such as {@code bytes}
	 * @return another gauge
	 */
	public Gauge unit(String unit) {
		return with(this.recorder.meter().withUnit(unit));
	}

	/**
	 * The same with a description.
	 * @param description what it tells, for people; the message of its signals
	 * @return another gauge
	 */
	public Gauge description(String description) {
		return with(this.recorder.meter().withDescription(description));
	}

	/**
	 * The same with signals at another level.
	 * @param level how important its signals are
	 * @return another gauge
	 */
	public Gauge level(Level level) {
		return new Gauge(this.recorder.with(level));
	}

	/**
	 * Says what the number is now.
	 * @param value the number
	 */
	public void set(double value) {
		this.recorder.record(value);
	}

	private Gauge with(Meter meter) {
		return new Gauge(this.recorder.with(meter));
	}

}
