package io.telemetry.test;

import java.util.List;

import io.telemetry.Capture;
import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;

/**
 * Where assertions about signals begin, to be imported statically.
 */
public final class SignalAssertions {

	private SignalAssertions() {
	}

	/**
	 * Begins assertions about a signal.
	 * @param signal the signal
	 * @return the assertions
	 */
	public static SignalAssert assertThat(@Nullable Signal signal) {
		return new SignalAssert(signal);
	}

	/**
	 * Begins assertions about what was captured so far.
	 * @param capture the capture
	 * @return the assertions
	 */
	public static SignalsAssert assertThat(Capture capture) {
		return assertThatSignals(capture.signals());
	}

	/**
	 * Begins assertions about signals.
	 * @param signals the signals
	 * @return the assertions
	 */
	public static SignalsAssert assertThatSignals(List<Signal> signals) {
		return new SignalsAssert(signals);
	}

}
