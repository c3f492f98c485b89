package io.telemetry.signal;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
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

	/** Above this a hash table finds a field sooner. */
	private static final int MAX_PAIRS = 12;

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
		if (type == Pairs.class || type == Copy.class || type == SMALL || type == LARGE) {
			return (Map<String, V>) fields;
		}
		if (fields.isEmpty()) {
			return Map.of();
		}
		return (fields.size() <= MAX_PAIRS) ? copyOfPairs(fields) : new Copy<>(fields);
	}

	private static <V extends @Nullable Object> Map<String, V> copyOfPairs(Map<String, ? extends V> fields) {
		@Nullable Object[] pairs = new @Nullable Object[2 * fields.size()];
		int length = 0;
		for (Map.Entry<String, ? extends V> field : fields.entrySet()) {
			if (length == pairs.length) {
				// It grew meanwhile.
				pairs = Arrays.copyOf(pairs, 2 * length);
			}
			pairs[length] = field.getKey();
			pairs[length + 1] = field.getValue();
			length += 2;
		}
		return new Pairs<>(pairs, length);
	}

	/**
	 * The fields of two maps.
	 * @param fields the weaker ones, which come first
	 * @param stronger these replace those of the same name
	 * @return a map that can't change
	 */
	public static Map<String, @Nullable Object> merged(Map<String, ? extends @Nullable Object> fields,
			Map<String, ? extends @Nullable Object> stronger) {
		if (stronger.isEmpty()) {
			return immutable(fields);
		}
		if (fields.isEmpty()) {
			return immutable(stronger);
		}
		int size = fields.size() + stronger.size();
		if (size > MAX_PAIRS) {
			Map<String, @Nullable Object> all = new LinkedHashMap<>(fields);
			all.putAll(stronger);
			return new Copy<>(all);
		}
		@Nullable Object[] pairs = new @Nullable Object[2 * size];
		int length = put(fields, pairs, 0);
		return ofPairs(pairs, put(stronger, pairs, length));
	}

	private static int put(Map<String, ? extends @Nullable Object> fields, @Nullable Object[] pairs, int length) {
		int end = length;
		for (Map.Entry<String, ? extends @Nullable Object> field : fields.entrySet()) {
			int i = 0;
			while (i < length && !Objects.equals(field.getKey(), pairs[i])) {
				i += 2;
			}
			i = (i < length) ? i : end;
			pairs[i] = field.getKey();
			pairs[i + 1] = field.getValue();
			end = Math.max(end, i + 2);
		}
		return end;
	}

	/**
	 * A map that can't change, of names and values in turn.
	 * @param pairs the names, each once, and the values; handed over, not to be changed
	 * any more
	 * @param length how many places of the array are taken
	 * @return the map
	 */
	public static Map<String, @Nullable Object> ofPairs(@Nullable Object[] pairs, int length) {
		return (length != 0) ? new Pairs<>(pairs, length) : Map.of();
	}

	/**
	 * Few fields side by side: smaller and faster to make than a hash table, and no
	 * slower to search.
	 */
	private static final class Pairs<V extends @Nullable Object> extends AbstractMap<String, V> {

		private final @Nullable Object[] pairs;

		private final int length;

		Pairs(@Nullable Object[] pairs, int length) {
			this.pairs = pairs;
			this.length = length;
		}

		@Override
		public int size() {
			return this.length / 2;
		}

		@Override
		public @Nullable V get(@Nullable Object name) {
			int i = indexOf(name);
			return (i >= 0) ? value(i) : null;
		}

		@Override
		public boolean containsKey(@Nullable Object name) {
			return indexOf(name) >= 0;
		}

		private int indexOf(@Nullable Object name) {
			for (int i = 0; i < this.length; i += 2) {
				if (Objects.equals(name, this.pairs[i])) {
					return i;
				}
			}
			return -1;
		}

		/** Not checked, as in other maps: a raw map may hold names that are no texts. */
		@SuppressWarnings({ "unchecked", "NullAway", "TypeParameterUnusedInFormals" })
		private <K> K name(int i) {
			return (K) this.pairs[i];
		}

		@SuppressWarnings({ "unchecked", "NullAway" }) // a value, put in as one
		private V value(int i) {
			return (V) this.pairs[i + 1];
		}

		@Override
		@SuppressWarnings("unchecked") // see name
		public void forEach(BiConsumer<? super String, ? super V> action) {
			for (int i = 0; i < this.length; i += 2) {
				((BiConsumer<Object, ? super V>) action).accept(name(i), value(i));
			}
		}

		@Override
		public Set<Map.Entry<String, V>> entrySet() {
			return new AbstractSet<>() {

				@Override
				public int size() {
					return Pairs.this.size();
				}

				@Override
				public Iterator<Map.Entry<String, V>> iterator() {
					return new PairsIterator();
				}

			};
		}

		private final class PairsIterator implements Iterator<Map.Entry<String, V>> {

			private int next;

			@Override
			public boolean hasNext() {
				return this.next < Pairs.this.length;
			}

			@Override
			@SuppressWarnings("unchecked") // see name
			public Map.Entry<String, V> next() {
				if (!hasNext()) {
					throw new NoSuchElementException();
				}
				int i = this.next;
				this.next += 2;
				return (Map.Entry<String, V>) (Map.Entry<?, V>) new SimpleImmutableEntry<>(Pairs.this.<Object>name(i),
						value(i));
			}

		}

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
