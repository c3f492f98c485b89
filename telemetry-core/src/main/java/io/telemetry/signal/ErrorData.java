package io.telemetry.signal;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * A failure as data: what every output writes of an exception, and what a browser's error
 * becomes. Causes and suppressed failures are themselves failures; their nesting is
 * bounded and cycles end it.
 *
 * @param type the class of the failure, such as {@code java.io.IOException} or
 * {@code TypeError}
 * @param message the failure's own words, where it has any
 * @param stack the stack, one frame a line, where known
 * @param cause what led to it
 * @param suppressed failures that happened while it was dealt with
 */
public record ErrorData(String type, @Nullable String message, @Nullable String stack, @Nullable ErrorData cause,
		List<ErrorData> suppressed) {

	/** Depth of causes and suppressed failures that are kept. */
	public static final int MAX_DEPTH = 16;

	/** Frames that are kept of each stack. */
	public static final int MAX_FRAMES = 256;

	private static final int MAX_SUPPRESSED = 16;

	public ErrorData {
		suppressed = List.copyOf(suppressed);
	}

	/**
	 * A failure without a cause.
	 * @param type the class of the failure
	 * @param message the failure's own words
	 * @param stack the stack
	 * @return the failure
	 */
	public static ErrorData of(String type, @Nullable String message, @Nullable String stack) {
		return new ErrorData(type, message, stack, null, List.of());
	}

	/**
	 * An exception as data. An exception whose own methods throw costs no more than the
	 * part they were to give.
	 * @param throwable the exception
	 * @return the failure
	 */
	public static ErrorData of(Throwable throwable) {
		return of(throwable, Collections.newSetFromMap(new IdentityHashMap<>()), 0);
	}

	/**
	 * What this failure has in common with others of the same origin: a hash of its type,
	 * the shape of its message, the top frames of its stack, and the types of its causes.
	 * Numbers, ids, quoted texts, line numbers and names made by compilers, bundlers and
	 * proxies have no part in it, so it outlives releases as long as the methods and
	 * scripts keep their names. It is worked out at each call, in bounded time whatever
	 * the texts; {@link Signal#fingerprint()} remembers it.
	 * @return 16 hexadecimal digits
	 */
	public String fingerprint() {
		return Fingerprint.of(this);
	}

	private static ErrorData of(Throwable throwable, Set<Throwable> seen, int depth) {
		seen.add(throwable);
		ErrorData cause = null;
		List<ErrorData> suppressed = new ArrayList<>();
		if (depth < MAX_DEPTH) {
			Throwable next = causeOf(throwable);
			if (next != null && !seen.contains(next)) {
				cause = of(next, seen, depth + 1);
			}
			for (Throwable other : throwable.getSuppressed()) {
				if (suppressed.size() < MAX_SUPPRESSED && !seen.contains(other)) {
					suppressed.add(of(other, seen, depth + 1));
				}
			}
		}
		return new ErrorData(throwable.getClass().getName(), messageOf(throwable), stackOf(throwable), cause,
				suppressed);
	}

	private static @Nullable Throwable causeOf(Throwable throwable) {
		try {
			return throwable.getCause();
		}
		catch (Throwable ex) {
			throwIfFatal(ex);
			return null;
		}
	}

	private static @Nullable String messageOf(Throwable throwable) {
		try {
			return throwable.getMessage();
		}
		catch (Throwable ex) {
			throwIfFatal(ex);
			return "(getMessage threw " + ex.getClass().getName() + ")";
		}
	}

	private static void throwIfFatal(Throwable ex) {
		if (ex instanceof VirtualMachineError fatal && !(ex instanceof StackOverflowError)) {
			throw fatal;
		}
	}

	private static @Nullable String stackOf(Throwable throwable) {
		StackTraceElement[] frames;
		try {
			frames = throwable.getStackTrace();
		}
		catch (Throwable ex) {
			throwIfFatal(ex);
			return null;
		}
		if (frames.length == 0) {
			return null;
		}
		StringWriter text = new StringWriter();
		PrintWriter lines = new PrintWriter(text);
		for (int i = 0; i < Math.min(frames.length, MAX_FRAMES); i++) {
			lines.print((i == 0) ? "at " : "\nat ");
			lines.print(frames[i]);
		}
		if (frames.length > MAX_FRAMES) {
			lines.print("\n... " + (frames.length - MAX_FRAMES) + " more");
		}
		return text.toString();
	}

}
