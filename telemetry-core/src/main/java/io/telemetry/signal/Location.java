package io.telemetry.signal;

import org.jspecify.annotations.Nullable;

/**
 * The place in the source that made a signal.
 *
 * @param className the class's binary name
 * @param method the method, where known
 * @param file the source file, where known
 * @param line the line from 1, or 0 where not known
 */
public record Location(String className, @Nullable String method, @Nullable String file, int line) {

	/**
	 * The place that a stack frame names.
	 * @param frame the frame
	 * @return its place
	 */
	public static Location of(StackTraceElement frame) {
		return new Location(frame.getClassName(), frame.getMethodName(), frame.getFileName(),
				Math.max(0, frame.getLineNumber()));
	}

}
