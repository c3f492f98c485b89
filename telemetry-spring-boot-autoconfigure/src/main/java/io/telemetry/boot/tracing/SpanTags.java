package io.telemetry.boot.tracing;

import java.util.Map;

import io.micrometer.tracing.Span;
import org.jspecify.annotations.Nullable;

/**
 * Attributes of a piece of work as tags of a span.
 */
final class SpanTags {

	/** Exporters send them away, and some refuse a span that is too large. */
	private static final int MAX_LENGTH = 1000;

	private SpanTags() {
	}

	/**
	 * Writes attributes. Their values are cut where they are long, and left out where
	 * they are {@code null}.
	 */
	static void write(Map<String, ? extends @Nullable Object> attributes, Span span) {
		attributes.forEach((name, value) -> {
			if (value != null) {
				write(name, value, span);
			}
		});
	}

	private static void write(String name, Object value, Span span) {
		if (value instanceof Boolean flag) {
			span.tag(name, (boolean) flag);
		}
		else if (value instanceof Double || value instanceof Float) {
			span.tag(name, ((Number) value).doubleValue());
		}
		else if (value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte) {
			span.tag(name, ((Number) value).longValue());
		}
		else {
			span.tag(name, textOf(value));
		}
	}

	private static String textOf(Object value) {
		try {
			String text = String.valueOf(value.toString());
			return (text.length() > MAX_LENGTH) ? text.substring(0, MAX_LENGTH) : text;
		}
		catch (RuntimeException | StackOverflowError ex) {
			// One tag is not to keep the others out.
			return "(toString threw " + ex.getClass().getName() + ")";
		}
	}

}
