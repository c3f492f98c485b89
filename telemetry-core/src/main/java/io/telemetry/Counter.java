package io.telemetry;

import io.telemetry.metric.Meter;
import io.telemetry.signal.Level;

/**
 * A number that only grows, such as orders placed. Each value is sent to Micrometer,
 * where that is present, and as a signal at {@link Level#DEBUG}, because there may be
 * many. Immutable and safe for several threads; to be kept in a field. Values that make
 * no sense are left out and reported, and nothing is thrown.
 */
public final class Counter {

	private final MeterRecorder recorder;

	Counter(MeterRecorder recorder) {
		this.recorder = recorder;
	}

	/**
	 * The same with one more tag.
	 * @param tag its name
	 * @param value its value, of which there should be few
	 * @return another counter
	 */
	public Counter tag(String tag, String value) {
		return with(this.recorder.meter().withTag(tag, value));
	}

	/**
	 * The same with a unit.
	 * @param unit the unit of its values, such as {@code bytes}
	 * @return another counter
	 */
	public Counter unit(String unit) {
		return with(this.recorder.meter().withUnit(unit));
	}

	/**
	 * The same with a description.
	 * @param description what it tells, for people; the message of its signals
	 * @return another counter
	 */
	public Counter description(String description) {
		return with(this.recorder.meter().withDescription(description));
	}

	/**
	 * The same with signals at another level.
	 * @param level how important its signals are
	 * @return another counter
	 */
	public Counter level(Level level) {
		return new Counter(this.recorder.with(level));
	}

	/**
	 * Adds one.
	 */
	public void increment() {
		add(1);
	}

	/**
	 * Adds a number.
	 * @param amount what is added, 0 or more
	 */
	public void add(double amount) {
		this.recorder.record(amount);
	}

	private Counter with(Meter meter) {
		return new Counter(this.recorder.with(meter));
	}

}
