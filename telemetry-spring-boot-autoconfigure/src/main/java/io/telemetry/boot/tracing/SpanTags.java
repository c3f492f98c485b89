package io.telemetry.boot.tracing;

import java.util.Map;

import io.micrometer.tracing.Span;
import org.jspecify.annotations.Nullable;

/**
 * Attributes of a piece of work as tags of a span. Bounded, because exporters send them
 * away.
 */
final class SpanTags {

	private static final int MAX_TAGS = 128;

	private static final int MAX_LENGTH = 1000;

	private SpanTags() {
	}

	/**
	 * Writes the first attributes, whose values are cut where they are long; those that
	 * are {@code null} are left out.
	 */
	static void write(Map<String, ? extends @Nullable Object> attributes, Span span) {
		int written = 0;
		for (Map.Entry<String, ? extends @Nullable Object> attribute : attributes.entrySet()) {
			Object value = attribute.getValue();
			if (value != null && written < MAX_TAGS) {
				write(attribute.getKey(), value, span);
				written++;
			}
		}
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
