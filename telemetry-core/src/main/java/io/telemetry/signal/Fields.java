package io.telemetry.signal;

import java.util.AbstractMap;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

import org.jspecify.annotations.Nullable;

/**
 * Field maps that nobody can change any more. Unlike {@link Map#copyOf} order and null
 * values are kept, because people read the output.
 */
public final class Fields {

	private static final Class<?> SMALL = Map.of("k", "v").getClass();

	private static final Class<?> LARGE = Map.of().getClass();

	private Fields() {
	}

	/**
	 * A map that can't change.
	 * @param <V> what the fields are
	 * @param fields the fields
	 * @return the same map where it can't change, else a copy of it
	 */
	@SuppressWarnings("unchecked")
	public static <V extends @Nullable Object> Map<String, V> immutable(Map<String, ? extends V> fields) {
		Class<?> type = fields.getClass();
		if (type == Copy.class || type == SMALL || type == LARGE) {
			return (Map<String, V>) fields;
		}
		return fields.isEmpty() ? Map.of() : new Copy<>(fields);
	}

	/**
	 * A copy that is known again as one, so that what is handed on is not copied again.
	 */
	private static final class Copy<V extends @Nullable Object> extends AbstractMap<String, V> {

		private final Map<String, V> fields;

		Copy(Map<String, ? extends V> fields) {
			this.fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
		}

		@Override
		public int size() {
			return this.fields.size();
		}

		@Override
		public @Nullable V get(@Nullable Object name) {
			return this.fields.get(name);
		}

		@Override
		public boolean containsKey(@Nullable Object name) {
			return this.fields.containsKey(name);
		}

		@Override
		public Set<Map.Entry<String, V>> entrySet() {
			return this.fields.entrySet();
		}

		@Override
		public void forEach(BiConsumer<? super String, ? super V> action) {
			this.fields.forEach(action);
		}

	}

}
