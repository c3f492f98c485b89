package io.telemetry;

import java.util.List;
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

	/**
	 * What stands between an application and a signal that is made from its log event or
	 * from a line that it prints. It is never the place that anybody looks for.
	 */
	private static final List<String> BETWEEN = List.of("io.telemetry.boot.intake.", "ch.qos.logback.", "org.slf4j.",
			"org.apache.commons.logging.", "org.apache.logging.", "java.util.logging.", "java.io.PrintStream",
			"sun.util.logging.", "jdk.internal.logger.");

	private Caller() {
	}

	/**
	 * Where the caller stands.
	 * @return the place, or {@code null} if all of the stack is ours
	 */
	static @Nullable Location location() {
		return WALKER.walk((frames) -> frames.filter((frame) -> isCaller(frame.getDeclaringClass()))
			.findFirst()
			.map((frame) -> Location.of(frame.toStackTraceElement()))
			.orElse(null));
	}

	private static boolean isCaller(Class<?> type) {
		if (OURS.contains(type)) {
			return false;
		}
		String name = type.getName();
		for (String prefix : BETWEEN) {
			if (name.startsWith(prefix)) {
				return false;
			}
		}
		return true;
	}

}
