package io.telemetry.filter;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.Function;

import io.telemetry.filter.ValueTest.Order;
import io.telemetry.signal.ErrorData;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Location;
import io.telemetry.signal.Measurement;
import io.telemetry.signal.Run;
import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;

/**
 * A field of signals that {@linkplain SignalPredicate predicates} look at, under the name
 * that it has in the JSON form. Immutable.
 * <p>
 * A comparison with a field that is absent, or whose value is of another sort, is false,
 * and its {@linkplain SignalPredicate#negate() negation} is true. Texts never equal
 * numbers. A value whose methods throw makes a comparison false.
 */
public final class SignalField {

	/** Keys that a path into data or context may have. */
	static final int MAX_PATH = 8;

	private static final Map<String, SignalField> FIXED = new LinkedHashMap<>();

	/** The level. */
	public static final SignalField LEVEL = header("level", Type.LEVEL, Signal::level, (level, kind, ns, id) -> level);

	/** The kind. */
	public static final SignalField KIND = header("kind", Type.KIND, Signal::kind, (level, kind, ns, id) -> kind);

	/** The namespace. */
	public static final SignalField NS = header("ns", Type.NAME, Signal::namespace, (level, kind, ns, id) -> ns);

	/** The id. */
	public static final SignalField ID = header("id", Type.OPTIONAL_NAME, Signal::id, (level, kind, ns, id) -> id);

	/** The message. */
	public static final SignalField MESSAGE = fixed("msg", Type.TEXT, Signal::message);

	static {
		fixed("error", Type.PRESENCE, (signal) -> (signal.throwable() != null) ? signal.throwable() : signal.error());
		// Not from the error data, which has to be made of the exception with its stack.
		fixed("error.type", Type.OPTIONAL_NAME, (signal) -> (signal.throwable() != null)
				? signal.throwable().getClass().getName() : error(signal, ErrorData::type));
		fixed("error.message", Type.TEXT, (signal) -> (signal.throwable() != null) ? signal.throwable().getMessage()
				: error(signal, ErrorData::message));
		fixed("value", Type.NUMBER, (signal) -> measurement(signal, Measurement::value));
		fixed("unit", Type.TEXT, (signal) -> measurement(signal, Measurement::unit));
		fixed("result", Type.ANY, (signal) -> run(signal, Run::result));
		fixed("runMs", Type.NUMBER, (signal) -> run(signal, (run) -> millis(run.duration())));
		fixed("traceId", Type.TEXT, (signal) -> run(signal, Run::traceId));
		fixed("spanId", Type.TEXT, (signal) -> run(signal, Run::spanId));
		fixed("parentId", Type.TEXT, (signal) -> run(signal, Run::parentId));
		fixed("rootId", Type.TEXT, (signal) -> run(signal, Run::rootId));
		fixed("location.class", Type.OPTIONAL_NAME, (signal) -> location(signal, Location::className));
		fixed("location.method", Type.TEXT, (signal) -> location(signal, Location::method));
		fixed("location.file", Type.TEXT, (signal) -> location(signal, Location::file));
		fixed("location.line", Type.NUMBER,
				(signal) -> location(signal, (location) -> (location.line() > 0) ? location.line() : null));
		fixed("sampleRate", Type.CERTAIN_NUMBER, Signal::sampleRate);
		fixed("suppressed", Type.CERTAIN_NUMBER, Signal::suppressed);
		fixed("thread", Type.TEXT, Signal::threadName);
		fixed("host", Type.TEXT, (signal) -> signal.service().host());
		fixed("service.name", Type.TEXT, (signal) -> signal.service().name());
		fixed("service.version", Type.TEXT, (signal) -> signal.service().version());
		fixed("service.environment", Type.TEXT, (signal) -> signal.service().environment());
		fixed("service.instance", Type.TEXT, (signal) -> signal.service().instance());
		fixed("service.region", Type.TEXT, (signal) -> signal.service().region());
	}

	private final String text;

	private final Type type;

	private final Function<Signal, @Nullable Object> reader;

	private final @Nullable HeaderReader headerReader;

	private SignalField(String text, Type type, Function<Signal, @Nullable Object> reader,
			@Nullable HeaderReader headerReader) {
		this.text = text;
		this.type = type;
		this.reader = reader;
		this.headerReader = headerReader;
	}

	private static SignalField header(String text, Type type, Function<Signal, @Nullable Object> reader,
			HeaderReader headerReader) {
		SignalField field = new SignalField(text, type, reader, headerReader);
		FIXED.put(text, field);
		return field;
	}

	private static SignalField fixed(String text, Type type, Function<Signal, @Nullable Object> reader) {
		SignalField field = new SignalField(text, type, reader, null);
		FIXED.put(text, field);
		return field;
	}

	private static @Nullable Object error(Signal signal, Function<ErrorData, @Nullable Object> part) {
		return (signal.error() != null) ? part.apply(signal.error()) : null;
	}

	private static @Nullable Object measurement(Signal signal, Function<Measurement, @Nullable Object> part) {
		return (signal.measurement() != null) ? part.apply(signal.measurement()) : null;
	}

	private static @Nullable Object run(Signal signal, Function<Run, @Nullable Object> part) {
		return (signal.run() != null) ? part.apply(signal.run()) : null;
	}

	private static @Nullable Object location(Signal signal, Function<Location, @Nullable Object> part) {
		return (signal.location() != null) ? part.apply(signal.location()) : null;
	}

	private static @Nullable Double millis(@Nullable Duration duration) {
		return (duration != null) ? duration.getSeconds() * 1e3 + duration.getNano() / 1e6 : null;
	}

	/**
	 * The field of a name as expressions write it.
	 * @param name the name, such as {@code error.type} or {@code data.user.id}; a key
	 * with other characters than letters, digits, {@code _}, {@code -}, {@code $} and
	 * {@code @} stands in quotes
	 * @return the field
	 * @throws IllegalArgumentException if there is no such field; the message says which
	 * there are
	 */
	public static SignalField of(String name) {
		return new ExpressionParser(name).field();
	}

	/**
	 * A field of the data. Each key but the last names a map; a key with dots in it is
	 * found as well where the names of several stand in one.
	 * @param path 1 to 8 keys, from the outside in
	 * @return the field
	 */
	public static SignalField data(String... path) {
		return path("data", List.of(path));
	}

	/**
	 * A field of the context.
	 * @param path 1 to 8 keys, from the outside in
	 * @return the field
	 * @see #data
	 */
	public static SignalField context(String... path) {
		return path("ctx", List.of(path));
	}

	/**
	 * The field that the parts of a name stand for.
	 */
	static SignalField of(List<String> parts) {
		SignalField field = FIXED.get(String.join(".", parts));
		if (field != null) {
			return field;
		}
		String root = parts.get(0);
		if (root.equals("data") || root.equals("ctx") || root.equals("tags")) {
			return path(root, parts.subList(1, parts.size()));
		}
		throw new IllegalArgumentException("there is no field '" + String.join(".", parts) + "': allowed are "
				+ String.join(", ", FIXED.keySet()) + ", data.<key>, ctx.<key> and tags.<key>");
	}

	private static SignalField path(String root, List<String> keys) {
		if (keys.isEmpty() || keys.size() > MAX_PATH) {
			throw new IllegalArgumentException("'" + root + "' needs 1 to " + MAX_PATH + " keys, such as " + root
					+ ".user.name, and has " + keys.size());
		}
		StringBuilder text = new StringBuilder(root);
		keys.forEach((key) -> text.append('.').append(isBare(key) ? key : Quotes.literal(key)));
		FieldPath path = new FieldPath(keys);
		return switch (root) {
			case "data" -> new SignalField(text.toString(), Type.ANY, (signal) -> path.find(signal.data()), null);
			case "ctx" -> new SignalField(text.toString(), Type.ANY, (signal) -> path.find(signal.context()), null);
			default -> new SignalField(text.toString(), Type.TEXT, (signal) -> {
				Measurement measurement = signal.measurement();
				return (measurement != null) ? path.find(measurement.tags()) : null;
			}, null);
		};
	}

	private static boolean isBare(String key) {
		return !key.isEmpty() && key.chars().allMatch((character) -> ExpressionParser.isKeyPart((char) character));
	}

	/**
	 * Whether the field is known before there is a signal.
	 */
	boolean isHeader() {
		return this.headerReader != null;
	}

	@Nullable Object read(Signal signal) {
		return Operand.content(this.reader.apply(signal));
	}

	@Nullable Object read(Level level, Kind kind, String namespace, @Nullable String id) {
		return (this.headerReader != null) ? this.headerReader.read(level, kind, namespace, id) : null;
	}

	/**
	 * Whether expressions compare this field with names, in which {@code *} stands for
	 * anything.
	 */
	boolean isName() {
		return this.type == Type.NAME || this.type == Type.OPTIONAL_NAME;
	}

	/**
	 * Whether the words that a value may be are this field's own.
	 */
	boolean takesWords() {
		return this.type == Type.LEVEL || this.type == Type.KIND;
	}

	/**
	 * True where the field has a value. A level may be given by name or number, a kind by
	 * name. Of {@link #NS}, {@link #ID}, {@code error.type} and {@code location.class}
	 * the value is a {@link NamePattern}; elsewhere {@code *} is an ordinary character.
	 * Numbers equal by value, whatever their types.
	 * @param value a {@link Level}, {@link Kind}, {@link CharSequence}, {@link Number},
	 * {@link Boolean} or {@link Enum}
	 * @return the predicate
	 * @throws IllegalArgumentException if the field never has such a value
	 */
	public SignalPredicate isEqualTo(Object value) {
		return isIn(List.of(value));
	}

	/**
	 * True where the field has one of some values.
	 * @param values one or more of what {@link #isEqualTo} takes
	 * @return the predicate
	 * @throws IllegalArgumentException if there is none, or one that the field never has
	 */
	public SignalPredicate isIn(Collection<?> values) {
		check("=");
		if (values.isEmpty()) {
			throw new IllegalArgumentException("'" + this + " in' needs at least one value");
		}
		List<Operand> operands = new ArrayList<>();
		values.forEach((value) -> operands.add(operand(value)));
		return new Comparison(this, new ValueTest.OneOf(List.copyOf(operands)));
	}

	/**
	 * True where the field is a text of some form, the whole of it.
	 * @param pattern the form; {@code *} stands for anything. Where {@link #isEqualTo}
	 * takes a {@link NamePattern} this is the same
	 * @return the predicate
	 * @throws IllegalArgumentException if the field is no text, or the pattern is empty
	 * or longer than {@value NamePattern#MAX_LENGTH} characters
	 */
	public SignalPredicate isLike(String pattern) {
		check("like");
		if (isName()) {
			return isEqualTo(pattern);
		}
		if (pattern.isEmpty() || pattern.length() > NamePattern.MAX_LENGTH) {
			throw new IllegalArgumentException(Quotes.pattern(pattern) + " is not a pattern: allowed are 1 to "
					+ NamePattern.MAX_LENGTH + " characters, of which '*' stands for anything");
		}
		return new Comparison(this, new ValueTest.Like(pattern, Glob.of(pattern)));
	}

	/**
	 * True where the field is a text with some part, in the same case, or a collection
	 * with some element.
	 * @param part a text, or of data and context also a number or truth value
	 * @return the predicate
	 * @throws IllegalArgumentException if the field never has such a part
	 */
	public SignalPredicate contains(Object part) {
		check("contains");
		Operand operand = (isName() && part instanceof CharSequence) ? new Operand.Text(part.toString())
				: operand(part);
		return new Comparison(this, new ValueTest.Contains(operand));
	}

	/**
	 * True where the field has a value.
	 * @return the predicate
	 * @throws IllegalArgumentException if every signal has the field
	 */
	public SignalPredicate isPresent() {
		check("is");
		return new Comparison(this, new ValueTest.Present());
	}

	/**
	 * True where the field has no value.
	 * @return the predicate
	 * @throws IllegalArgumentException if every signal has the field
	 */
	public SignalPredicate isAbsent() {
		return isPresent().negate();
	}

	/**
	 * True where the field is a number, or a level, below another.
	 * @param value the other
	 * @return the predicate
	 * @throws IllegalArgumentException if the field is neither, or the value is not alike
	 */
	public SignalPredicate isLessThan(Object value) {
		return ordered(Order.LESS, value);
	}

	/**
	 * True where the field is a number, or a level, not above another.
	 * @param value the other
	 * @return the predicate
	 * @throws IllegalArgumentException if the field is neither, or the value is not alike
	 */
	public SignalPredicate isAtMost(Object value) {
		return ordered(Order.AT_MOST, value);
	}

	/**
	 * True where the field is a number, or a level, above another.
	 * @param value the other
	 * @return the predicate
	 * @throws IllegalArgumentException if the field is neither, or the value is not alike
	 */
	public SignalPredicate isGreaterThan(Object value) {
		return ordered(Order.GREATER, value);
	}

	/**
	 * True where the field is a number, or a level, not below another.
	 * @param value the other
	 * @return the predicate
	 * @throws IllegalArgumentException if the field is neither, or the value is not alike
	 */
	public SignalPredicate isAtLeast(Object value) {
		return ordered(Order.AT_LEAST, value);
	}

	private SignalPredicate ordered(Order order, Object value) {
		check("<");
		Operand operand = operand(value);
		if (!(operand instanceof Operand.OfLevel || operand instanceof Operand.Num)) {
			throw new IllegalArgumentException(
					operand + " has no order: '" + order.text + "' of " + this + " takes a number");
		}
		return new Comparison(this, new ValueTest.Ordered(order, operand));
	}

	/**
	 * Refuses operators that make no sense.
	 * @param operator one of {@code =}, {@code <}, {@code contains}, {@code like} and
	 * {@code is}
	 * @throws IllegalArgumentException if it is not for this field
	 */
	void check(String operator) {
		if (!this.type.operators.contains(operator)) {
			StringJoiner allowed = new StringJoiner(", ");
			this.type.operators.forEach((other) -> allowed.add(spelled(other)));
			throw new IllegalArgumentException(
					"'" + operator + "' makes no sense of " + this + ": allowed are " + allowed);
		}
	}

	private static String spelled(String operator) {
		return switch (operator) {
			case "=" -> "=, !=, in, not in";
			case "<" -> "<, <=, >, >=";
			case "is" -> "is present, is absent";
			default -> operator;
		};
	}

	private Operand operand(Object value) {
		Operand operand = switch (this.type) {
			case LEVEL -> level(value);
			case KIND -> (value instanceof Kind kind) ? new Operand.OfKind(kind)
					: (value instanceof CharSequence) ? new Operand.OfKind(Kind.parse(value.toString())) : null;
			case NAME, OPTIONAL_NAME ->
				(value instanceof CharSequence) ? new Operand.Names(NamePattern.of(value.toString())) : null;
			case TEXT -> text(value);
			case NUMBER, CERTAIN_NUMBER -> (value instanceof Number number) ? Operand.Num.of(number) : null;
			case ANY -> any(value);
			case PRESENCE -> null;
		};
		if (operand == null) {
			throw new IllegalArgumentException(
					spelled(value) + " is nothing that " + this + " can be: allowed is " + this.type.operands);
		}
		return operand;
	}

	private static String spelled(Object value) {
		if (value instanceof CharSequence) {
			return Quotes.pattern(value.toString());
		}
		return (value instanceof Number || value instanceof Boolean) ? value.toString()
				: "a " + value.getClass().getName();
	}

	private static @Nullable Operand level(Object value) {
		if (value instanceof Level level) {
			return new Operand.OfLevel(level);
		}
		return (value instanceof CharSequence || value instanceof Number)
				? new Operand.OfLevel(Level.parse(value.toString())) : null;
	}

	private static @Nullable Operand text(Object value) {
		if (value instanceof Enum<?>) {
			return new Operand.Text(String.valueOf(Operand.Text.of(value)));
		}
		return (value instanceof CharSequence) ? new Operand.Text(value.toString()) : null;
	}

	private static @Nullable Operand any(Object value) {
		if (value instanceof Number number) {
			return Operand.Num.of(number);
		}
		return (value instanceof Boolean bool) ? new Operand.Bool(bool) : text(value);
	}

	/**
	 * The name as expressions write it.
	 */
	@Override
	public String toString() {
		return this.text;
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return other instanceof SignalField field && this.text.equals(field.text);
	}

	@Override
	public int hashCode() {
		return this.text.hashCode();
	}

	/**
	 * What sort of values a field has.
	 */
	private enum Type {

		LEVEL("a level by name or number", "=", "<"),

		KIND("a kind", "="),

		NAME("a name pattern in quotes", "=", "contains", "like"),

		OPTIONAL_NAME("a name pattern in quotes", "=", "contains", "like", "is"),

		TEXT("a text in quotes", "=", "contains", "like", "is"),

		NUMBER("a number", "=", "<", "is"),

		CERTAIN_NUMBER("a number", "=", "<"),

		ANY("a text in quotes, a number, true or false", "=", "<", "contains", "like", "is"),

		PRESENCE("nothing", "is");

		final String operands;

		final List<String> operators;

		Type(String operands, String... operators) {
			this.operands = operands;
			this.operators = List.of(operators);
		}

	}

	/**
	 * Reads what is known before there is a signal.
	 */
	@FunctionalInterface
	private interface HeaderReader {

		@Nullable Object read(Level level, Kind kind, String namespace, @Nullable String id);

	}

	/**
	 * The way to a value in nested maps.
	 */
	private static final class FieldPath {

		/** By first and last part: the key that they are together. */
		private final String[][] keys;

		FieldPath(List<String> parts) {
			this.keys = new String[parts.size()][];
			for (int from = 0; from < this.keys.length; from++) {
				this.keys[from] = new String[parts.size()];
				Arrays.fill(this.keys[from], "");
				for (int last = from; last < this.keys.length; last++) {
					this.keys[from][last] = String.join(".", parts.subList(from, last + 1));
				}
			}
		}

		@Nullable Object find(Map<?, ?> fields) {
			return find(fields, 0);
		}

		private @Nullable Object find(Map<?, ?> fields, int from) {
			int end = this.keys.length - 1;
			Object found = fields.get(this.keys[from][end]);
			for (int last = end - 1; found == null && last >= from; last--) {
				if (fields.get(this.keys[from][last]) instanceof Map<?, ?> nested) {
					found = find(nested, last + 1);
				}
			}
			return found;
		}

	}

}
