package io.telemetry.transform;

import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;

/**
 * A step that changes, replaces or drops a signal on its way. Called on the thread that
 * made the signal.
 */
@FunctionalInterface
public interface SignalTransform {

	/**
	 * Transforms one signal. A transform that throws is counted and the signal goes on as
	 * it was.
	 * @param signal the signal
	 * @return the same, another one, or {@code null} to drop it
	 */
	@Nullable Signal transform(Signal signal);

}
