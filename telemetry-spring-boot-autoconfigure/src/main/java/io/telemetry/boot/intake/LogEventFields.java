package io.telemetry.boot.intake;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.temporal.Temporal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import ch.qos.logback.classic.spi.ILoggingEvent;
import io.telemetry.context.SignalContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.KeyValuePair;

/**
 * What a log event holds besides its message, as fields of a signal.
 */
final class LogEventFields {

	private static final String TEMPLATE = "template";

	private static final String ARGUMENTS = "arguments";

	private static final String MARKERS = "markers";

	/** Set on every event of Spring by what hands Commons Logging on to SLF4J. */
	private static final String BRIDGE_MARKER = "COMMONS-LOGGING";

	private static final int MAX_TEXT = 1000;

	private final ILoggingEvent event;

	LogEventFields(ILoggingEvent event) {
		this.event = event;
	}

	/**
	 * Key-value pairs under their own names; {@code template} and {@code arguments} where
	 * the message has arguments; {@code markers}, the names of all. A pair is stronger
	 * than what has its name by chance.
	 */
	Map<String, @Nullable Object> data() {
		List<KeyValuePair> pairs = this.event.getKeyValuePairs();
		@Nullable Object @Nullable [] arguments = this.event.getArgumentArray();
		List<Marker> markers = this.event.getMarkerList();
		boolean hasPairs = pairs != null && !pairs.isEmpty();
		boolean hasArguments = arguments != null && arguments.length > 0;
		Set<String> markerNames = (markers != null) ? names(markers) : Set.of();
		if (!hasPairs && !hasArguments && markerNames.isEmpty()) {
			return Map.of();
		}
		Map<String, @Nullable Object> data = new LinkedHashMap<>();
		if (hasArguments) {
			data.put(TEMPLATE, this.event.getMessage());
			data.put(ARGUMENTS, values(arguments));
		}
		if (!markerNames.isEmpty()) {
			data.put(MARKERS, List.copyOf(markerNames));
		}
		if (hasPairs) {
			pairs.forEach((pair) -> data.put(String.valueOf(pair.key), pair.value));
		}
		return data;
	}

	/**
	 * The MDC, but for fields that the context in force has already: there they may have
	 * been written from, as texts.
	 */
	Map<String, @Nullable String> context() {
		Map<String, @Nullable String> mdc = this.event.getMDCPropertyMap();
		if (mdc == null || mdc.isEmpty()) {
			return Map.of();
		}
		Map<String, Object> current = SignalContext.current().fields();
		if (current.isEmpty()) {
			return mdc;
		}
		Map<String, @Nullable String> missing = new LinkedHashMap<>(mdc);
		missing.keySet().removeAll(current.keySet());
		return missing;
	}

	private static Set<String> names(List<Marker> markers) {
		Set<String> names = new LinkedHashSet<>();
		addNames(names, markers.iterator());
		names.remove(BRIDGE_MARKER);
		return names;
	}

	private static void addNames(Set<String> names, Iterator<Marker> markers) {
		while (markers.hasNext()) {
			Marker marker = markers.next();
			// A marker that refers back to itself ends here.
			if (names.add(marker.getName()) && marker.hasReferences()) {
				addNames(names, marker.iterator());
			}
		}
	}

	private static List<@Nullable Object> values(@Nullable Object[] arguments) {
		List<@Nullable Object> values = new ArrayList<>(arguments.length);
		for (Object argument : arguments) {
			values.add(value(argument));
		}
		return values;
	}

	/**
	 * The argument itself only where it can't change. Any other object was given to be
	 * printed and not to be kept, for who knows how long.
	 */
	private static @Nullable Object value(@Nullable Object argument) {
		if (argument == null || argument instanceof Boolean || argument instanceof Character
				|| argument instanceof Enum<?> || argument instanceof Temporal || argument instanceof UUID
				|| isPlainNumber(argument)) {
			return argument;
		}
		String text = textOf(argument);
		return (text.length() <= MAX_TEXT) ? text : text.substring(0, MAX_TEXT) + '…';
	}

	private static boolean isPlainNumber(Object value) {
		return value instanceof Integer || value instanceof Long || value instanceof Double || value instanceof Float
				|| value instanceof Short || value instanceof Byte || value instanceof BigDecimal
				|| value instanceof BigInteger;
	}

	private static String textOf(Object value) {
		try {
			return (value instanceof Object[] array) ? Arrays.deepToString(array) : String.valueOf(value);
		}
		catch (RuntimeException | StackOverflowError ex) {
			return "(toString threw " + ex.getClass().getName() + ")";
		}
	}

}
