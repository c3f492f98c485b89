package io.telemetry.encode;

import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

import io.telemetry.signal.ErrorData;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import io.telemetry.signal.Uid;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TreeNode;

/**
 * Values of any type as the few that every format can write. This is where foreign code
 * runs ({@code toString}, iterators, accessors of records), so whatever it throws ends
 * here: the value becomes a text that says so.
 */
final class Values {

	/** Characters that are written of a text. */
	static final int MAX_TEXT = 32_768;

	/** Elements that are written of a collection, fields of a map. */
	static final int MAX_ELEMENTS = 1_024;

	/** Containers within containers that are written. */
	static final int MAX_DEPTH = 16;

	/** Marks what was cut. */
	static final String CUT = "…";

	/** Digits, of a number and of zeros after it, that every reader takes. */
	private static final int MAX_DIGITS = 500;

	private static final ClassValue<Component[]> COMPONENTS = new ClassValue<>() {

		@Override
		protected Component[] computeValue(Class<?> type) {
			return components(type);
		}

	};

	private Values() {
	}

	/**
	 * The elements of an array or collection, not yet made plain themselves.
	 *
	 * @param elements what is to be written
	 * @param leftOut how many more there are; below 0 for some
	 */
	record Elements(List<@Nullable Object> elements, long leftOut) {
	}

	/**
	 * The fields of a map or record, not yet made plain themselves.
	 *
	 * @param names the names, each once
	 * @param values the values, in the same order
	 * @param leftOut how many more there are; below 0 for some
	 */
	record Members(List<String> names, List<@Nullable Object> values, long leftOut) {
	}

	/**
	 * Makes a value plain, one level deep.
	 * @param value any value
	 * @return {@code null}, {@link String}, {@link Boolean}, {@link Integer},
	 * {@link Long}, a finite {@link Double} or {@link Float}, {@link BigInteger},
	 * {@link BigDecimal}, {@link ErrorData}, {@link Elements} or {@link Members}
	 */
	static @Nullable Object plain(@Nullable Object value) {
		if (value == null || value instanceof Boolean || value instanceof Integer || value instanceof Long) {
			return value;
		}
		if (value instanceof String text) {
			return cut(text);
		}
		try {
			return convert(value);
		}
		catch (VirtualMachineError ex) {
			if (ex instanceof StackOverflowError) {
				return unwritable(value);
			}
			throw ex;
		}
		catch (Throwable ex) {
			return unwritable(value);
		}
	}

	/**
	 * The failure that a signal tells of. The methods of an exception are foreign code
	 * too.
	 */
	static @Nullable ErrorData error(Signal signal) {
		try {
			return signal.error();
		}
		catch (VirtualMachineError ex) {
			if (ex instanceof StackOverflowError) {
				return ErrorData.of(unwritable(signal.throwable()), null, null);
			}
			throw ex;
		}
		catch (Throwable ex) {
			return ErrorData.of(unwritable(signal.throwable()), null, null);
		}
	}

	/**
	 * The fingerprint of the failure that a signal tells of; of what is written instead
	 * where the signal can't tell.
	 */
	static String fingerprint(Signal signal, ErrorData error) {
		String fingerprint = (error == error(signal)) ? signal.fingerprint() : null;
		return (fingerprint != null) ? fingerprint : error.fingerprint();
	}

	/**
	 * The name that a map's key stands for. Half a surrogate pair, which many readers of
	 * JSON accept in a value but not in a name, becomes the replacement character.
	 */
	static String name(@Nullable Object key) {
		if (key instanceof String text) {
			return withoutLoneSurrogates(cut(text));
		}
		if (key instanceof Enum<?> constant) {
			return constant.name();
		}
		return withoutLoneSurrogates((plain(key) instanceof String text) ? text : text(key));
	}

	static String withoutLoneSurrogates(String text) {
		StringBuilder repaired = null;
		for (int i = 0; i < text.length(); i++) {
			if (!Character.isSurrogate(text.charAt(i))) {
				continue;
			}
			if (Character.isSupplementaryCodePoint(text.codePointAt(i))) {
				i++;
				continue;
			}
			repaired = (repaired != null) ? repaired : new StringBuilder(text);
			repaired.setCharAt(i, '\ufffd');
		}
		return (repaired != null) ? repaired.toString() : text;
	}

	private static String text(@Nullable Object value) {
		try {
			return cut(String.valueOf(value));
		}
		catch (VirtualMachineError ex) {
			if (ex instanceof StackOverflowError) {
				return unwritable(value);
			}
			throw ex;
		}
		catch (Throwable ex) {
			return unwritable(value);
		}
	}

	static String leftOut(long count) {
		return ((count > 0) ? count + " more" : "more") + " left out";
	}

	static String cut(String text) {
		if (text.length() <= MAX_TEXT) {
			return text;
		}
		int end = Character.isHighSurrogate(text.charAt(MAX_TEXT - 1)) ? MAX_TEXT - 1 : MAX_TEXT;
		return text.substring(0, end) + CUT;
	}

	private static String unwritable(@Nullable Object value) {
		return "(unwritable: " + ((value != null) ? value.getClass().getName() : "null") + ")";
	}

	private static @Nullable Object convert(Object value) throws Exception {
		if (value instanceof Number number) {
			return number(number);
		}
		if (value instanceof Kind || value instanceof Level || value instanceof Uid || value instanceof Path) {
			return cut(value.toString());
		}
		if (value instanceof Enum<?> constant) {
			return constant.name();
		}
		if (value instanceof CharSequence) {
			return cut(String.valueOf(value));
		}
		if (value instanceof ErrorData) {
			return value;
		}
		if (value instanceof Throwable throwable) {
			return ErrorData.of(throwable);
		}
		if (value.getClass() == Date.class) {
			return Instant.ofEpochMilli(((Date) value).getTime()).toString();
		}
		Object content = content(value);
		if (content != value) {
			return plain(content);
		}
		if (value instanceof TreeNode node) {
			return tree(node);
		}
		if (value instanceof Map<?, ?> map) {
			return members(map);
		}
		if (value instanceof Iterable<?> iterable) {
			return elements(iterable);
		}
		if (value instanceof byte[] bytes) {
			return base64(bytes);
		}
		if (value.getClass().isArray()) {
			return array(value);
		}
		if (value instanceof Record && COMPONENTS.get(value.getClass()).length > 0) {
			return members(COMPONENTS.get(value.getClass()), value);
		}
		return cut(String.valueOf(value));
	}

	/**
	 * What an optional holds; anything else is its own content.
	 */
	private static @Nullable Object content(Object value) {
		if (value instanceof Optional<?> optional) {
			return optional.isPresent() ? optional.get() : null;
		}
		if (value instanceof OptionalInt optional) {
			return optional.isPresent() ? optional.getAsInt() : null;
		}
		if (value instanceof OptionalLong optional) {
			return optional.isPresent() ? optional.getAsLong() : null;
		}
		if (value instanceof OptionalDouble optional) {
			return optional.isPresent() ? optional.getAsDouble() : null;
		}
		return value;
	}

	private static Object number(Number number) {
		if (number instanceof Double || number instanceof Float) {
			return Double.isFinite(number.doubleValue()) ? number : number.toString();
		}
		if (number instanceof Short || number instanceof Byte || number instanceof AtomicInteger) {
			return number.intValue();
		}
		if (number instanceof AtomicLong || number instanceof LongAdder) {
			return number.longValue();
		}
		if (number.getClass() == BigDecimal.class) {
			return isReadable((BigDecimal) number) ? number : cut(number.toString());
		}
		if (number.getClass() == BigInteger.class) {
			return (((BigInteger) number).bitLength() <= 3 * MAX_DIGITS) ? number : cut(number.toString());
		}
		String text = String.valueOf(number);
		try {
			BigDecimal decimal = (text.length() <= MAX_DIGITS) ? new BigDecimal(text) : null;
			return (decimal != null && isReadable(decimal)) ? decimal : cut(text);
		}
		catch (NumberFormatException ex) {
			return cut(text);
		}
	}

	private static boolean isReadable(BigDecimal number) {
		return number.precision() <= MAX_DIGITS && Math.abs((long) number.scale()) <= MAX_DIGITS;
	}

	private static String base64(byte[] bytes) {
		int most = MAX_TEXT / 4 * 3;
		if (bytes.length <= most) {
			return Base64.getEncoder().encodeToString(bytes);
		}
		return Base64.getEncoder().encodeToString(Arrays.copyOf(bytes, most)) + CUT;
	}

	private static Elements array(Object array) {
		int length = Array.getLength(array);
		int written = Math.min(length, MAX_ELEMENTS);
		List<@Nullable Object> elements = new ArrayList<>(written);
		for (int i = 0; i < written; i++) {
			elements.add(Array.get(array, i));
		}
		return new Elements(elements, length - written);
	}

	private static Elements elements(Iterable<?> iterable) {
		List<@Nullable Object> elements = new ArrayList<>();
		Iterator<?> iterator = iterable.iterator();
		while (iterator.hasNext()) {
			if (elements.size() == MAX_ELEMENTS) {
				return new Elements(elements, leftOutOf((iterable instanceof Collection<?> all) ? all.size() : 0));
			}
			elements.add(iterator.next());
		}
		return new Elements(elements, 0);
	}

	private static Members members(Map<?, ?> map) {
		int size = Math.max(0, Math.min(map.size(), MAX_ELEMENTS));
		List<String> names = new ArrayList<>(size);
		List<@Nullable Object> values = new ArrayList<>(size);
		// Keys that are texts, and stay as they are, differ.
		Set<String> taken = (map instanceof IdentityHashMap) ? new HashSet<>() : null;
		for (Map.Entry<?, ?> entry : map.entrySet()) {
			if (names.size() == MAX_ELEMENTS) {
				return new Members(names, values, leftOutOf(map.size()));
			}
			String text = name(entry.getKey());
			String name = text;
			if (taken == null && text != entry.getKey()) {
				taken = new HashSet<>(names);
			}
			for (int i = 2; taken != null && !taken.add(name); i++) {
				// Two keys with the same text; a name twice is lost by most readers.
				name = text + "#" + i;
			}
			names.add(name);
			values.add(entry.getValue());
		}
		return new Members(names, values, 0);
	}

	private static long leftOutOf(int size) {
		return (size > MAX_ELEMENTS) ? size - MAX_ELEMENTS : -1;
	}

	private static Members members(Component[] components, Object owner) {
		List<String> names = new ArrayList<>(components.length);
		List<@Nullable Object> values = new ArrayList<>(components.length);
		for (Component component : components) {
			names.add(component.name());
			values.add(component.read(owner));
		}
		return new Members(names, values, 0);
	}

	/**
	 * JSON trees are iterable, but their iterators know no names.
	 */
	private static @Nullable Object tree(TreeNode node) {
		if (node.isObject()) {
			List<String> names = new ArrayList<>();
			List<@Nullable Object> values = new ArrayList<>();
			for (String name : node.propertyNames()) {
				if (names.size() == MAX_ELEMENTS) {
					return new Members(names, values, leftOutOf(node.size()));
				}
				names.add(name(name));
				values.add(node.get(name));
			}
			return new Members(names, values, 0);
		}
		if (node.isArray()) {
			int written = Math.min(node.size(), MAX_ELEMENTS);
			List<@Nullable Object> elements = new ArrayList<>(written);
			for (int i = 0; i < written; i++) {
				elements.add(node.get(i));
			}
			return new Elements(elements, node.size() - written);
		}
		try (JsonParser parser = node.traverse(ObjectReadContext.empty())) {
			return switch (parser.nextToken()) {
				case VALUE_NULL -> null;
				case VALUE_TRUE -> true;
				case VALUE_FALSE -> false;
				case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> plain(parser.getNumberValue());
				case VALUE_STRING -> cut(parser.getString());
				default -> cut(String.valueOf(node));
			};
		}
	}

	/**
	 * The components of a record; none where they can't be reached, because its module
	 * keeps them to itself.
	 */
	private static Component[] components(Class<?> type) {
		RecordComponent[] components = type.getRecordComponents();
		if (components == null) {
			return new Component[0];
		}
		Component[] readable = new Component[components.length];
		for (int i = 0; i < components.length; i++) {
			Method accessor = components[i].getAccessor();
			if (!accessor.trySetAccessible()) {
				return new Component[0];
			}
			readable[i] = new Component(components[i].getName(), accessor);
		}
		return readable;
	}

	/**
	 * One component of a record.
	 */
	private record Component(String name, Method accessor) {

		@Nullable Object read(Object owner) {
			try {
				return this.accessor.invoke(owner);
			}
			catch (InvocationTargetException ex) {
				if (ex.getCause() instanceof VirtualMachineError error && !(error instanceof StackOverflowError)) {
					throw error;
				}
				return "(unwritable: " + this.accessor.getReturnType().getName() + ")";
			}
			catch (IllegalAccessException | RuntimeException | StackOverflowError ex) {
				return "(unwritable: " + this.accessor.getReturnType().getName() + ")";
			}
		}

	}

}
