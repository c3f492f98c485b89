package io.telemetry.boot.recent;

import java.util.Locale;
import java.util.Map;

import io.telemetry.filter.NamePattern;
import io.telemetry.signal.ErrorData;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;

/**
 * Which recent signals are wanted. What is {@code null} is not asked for.
 *
 * @param limit how many at most
 * @param level the lowest level
 * @param ns which namespaces
 * @param id which ids
 * @param session the {@code sessionId} in the data
 * @param text what message, id, data or error contain, in any case
 */
public record RecentSignalsQuery(int limit, @Nullable Level level, @Nullable NamePattern ns, @Nullable NamePattern id,
		@Nullable String session, @Nullable String text) {

	/** The last hundred. */
	public static final RecentSignalsQuery DEFAULTS = new RecentSignalsQuery(100, null, null, null, null, null);

	public RecentSignalsQuery {
		if (limit < 1) {
			throw new IllegalArgumentException("limit must be at least 1, not " + limit);
		}
	}

	/**
	 * Whether a signal is wanted.
	 * @param signal the signal
	 * @return {@code true} if it is, the limit aside
	 */
	public boolean matches(Signal signal) {
		return (this.level == null || signal.level().isAtLeast(this.level))
				&& (this.ns == null || this.ns.matches(signal.namespace()))
				&& (this.id == null || (signal.id() != null && this.id.matches(signal.id())))
				&& (this.session == null || this.session.equals(signal.data().get("sessionId")))
				&& (this.text == null || containsText(signal, this.text.toLowerCase(Locale.ROOT)));
	}

	private static boolean containsText(Signal signal, String text) {
		ErrorData error = signal.error();
		return contains(signal.message(), text) || contains(signal.id(), text) || contains(signal.data(), text)
				|| (error != null && (contains(error.type(), text) || contains(error.message(), text)));
	}

	private static boolean contains(Map<String, Object> data, String text) {
		return data.values().stream().anyMatch((value) -> contains(value, text));
	}

	private static boolean contains(@Nullable Object value, String text) {
		if (value == null) {
			return false;
		}
		try {
			return value.toString().toLowerCase(Locale.ROOT).contains(text);
		}
		catch (RuntimeException | StackOverflowError ex) {
			// A value whose text can't be had contains nothing that could be asked for.
			return false;
		}
	}

}
