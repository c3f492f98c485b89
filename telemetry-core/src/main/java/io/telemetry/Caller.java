package io.telemetry;

import java.util.Set;

import io.telemetry.signal.Location;
import org.jspecify.annotations.Nullable;

/**
 * The code that called this library. Looking for it takes about a microsecond.
 */
final class Caller {

	private static final StackWalker WALKER = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

	/** By class and not by package, so that nobody's code is taken for ours. */
	private static final Set<Class<?>> OURS = Set.of(Caller.class, Telemetry.class, SignalBuilder.class,
			ObservedWork.class, MeterRecorder.class, Counter.class, Gauge.class, Histogram.class);

	private Caller() {
	}

	/**
	 * Where the caller stands.
	 * @return the place, or {@code null} if all of the stack is ours
	 */
	static @Nullable Location location() {
		return WALKER.walk((frames) -> frames.filter((frame) -> !OURS.contains(frame.getDeclaringClass()))
			.findFirst()
			.map((frame) -> Location.of(frame.toStackTraceElement()))
			.orElse(null));
	}

}
