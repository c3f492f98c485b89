package io.telemetry.encode;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.telemetry.signal.ErrorData;
import io.telemetry.signal.Uid;
import org.jspecify.annotations.Nullable;

/**
 * Where the fields of one signal are written, in some format, and how values of any type
 * are written with what the format has. It bounds depth, width and size, ends cycles, and
 * lets no name stand twice, so that formats need not. To be used again and again; not
 * safe for several threads; after anything was thrown its state is lost and it is not to
 * be used again.
 */
abstract class Output {

	/**
	 * About how many bytes one signal may take before the rest of its values is left out.
	 * Depth and width alone don't bound a value that holds the same part many times.
	 */
	static final int MAX_BYTES = 1 << 20;

	/** Failures that happened while one was dealt with, that are written of each. */
	static final int MAX_SUPPRESSED = 16;

	/** Seconds up to which a double holds each nanosecond. */
	private static final long EXACT_SECONDS = 9_000_000;

	private static final Name TYPE = new Name("type");

	private static final Name MESSAGE = new Name("message");

	private static final Name STACK = new Name("stack");

	private static final Name CAUSE = new Name("cause");

	private static final Name SUPPRESSED = new Name("suppressed");

	private static final Name FINGERPRINT = new Name("fingerprint");

	private final TimestampFormat timestamps = new TimestampFormat();

	/** The containers around the value that is being written. */
	private final @Nullable Object[] path = new @Nullable Object[Values.MAX_DEPTH];

	/**
	 * Forgets what was written.
	 */
	abstract void reset();

	/**
	 * What was written since the last reset, whole.
	 */
	abstract ByteArrayOutput bytes();

	/**
	 * About how many bytes were written since the last reset.
	 */
	abstract int size();

	abstract void startObject();

	abstract void endObject();

	abstract void startArray();

	abstract void endArray();

	/**
	 * Begins a field of ours.
	 */
	abstract void name(Name name);

	/**
	 * Begins a field whose name is from outside. It has no half of a surrogate pair.
	 */
	abstract void name(String name);

	/**
	 * Writes a text, which is not too long.
	 */
	abstract void text(String text);

	abstract void number(long number);

	/**
	 * Writes a finite number.
	 */
	abstract void number(double number);

	/**
	 * Writes a finite number.
	 */
	abstract void number(float number);

	abstract void number(BigInteger number);

	abstract void number(BigDecimal number);

	abstract void truth(boolean truth);

	abstract void nothing();

	/**
	 * Writes one of a few words of ours.
	 */
	void word(String word) {
		text(word);
	}

	void time(Instant time) {
		text(this.timestamps.format(time));
	}

	void uid(Uid uid) {
		text(uid.toString());
	}

	/**
	 * Writes a duration in milliseconds.
	 */
	void millis(Duration duration) {
		boolean exact = Math.abs(duration.getSeconds()) < EXACT_SECONDS;
		number(exact ? duration.toNanos() / 1e6 : Double.parseDouble(JsonOutput.millisText(duration)));
	}

	/**
	 * Writes again what was remembered last, if it was of the same thing and this format
	 * can.
	 * @param source whose fields they are; immutable
	 * @return whether it was written
	 */
	boolean repeat(Object source) {
		return false;
	}

	/**
	 * Remembers fields that the next signal is likely to have too.
	 * @param source whose fields they are
	 * @param start the size before the first of them, which is not the first of its
	 * object
	 */
	void remember(Object source, int start) {
	}

	final TimestampFormat timestamps() {
		return this.timestamps;
	}

	/**
	 * Writes a field with a text, unless there is none.
	 */
	final void text(Name name, @Nullable String text) {
		if (text != null && !text.isEmpty()) {
			name(name);
			text(Values.cut(text));
		}
	}

	/**
	 * Writes a field with a map that nobody changes, unless it is empty.
	 */
	final void fields(Name name, Map<?, ?> fields) {
		if (!fields.isEmpty()) {
			name(name);
			fields(fields);
		}
	}

	private void fields(Map<?, ?> fields) {
		startObject();
		int written = 0;
		Set<String> changed = null;
		for (Map.Entry<?, ?> field : fields.entrySet()) {
			if (written == Values.MAX_ELEMENTS || isFull()) {
				changed = (changed != null) ? changed : new HashSet<>();
				leftOutField(free(Values.CUT, fields, changed), fields.size() - written);
				break;
			}
			Object key = field.getKey();
			String name = Values.name(key);
			if (name != key) {
				changed = (changed != null) ? changed : new HashSet<>();
				name = free(name, fields, changed);
			}
			name(name);
			value(field.getValue());
			written++;
		}
		endObject();
	}

	private static String free(String name, Map<?, ?> fields, Set<String> changed) {
		String free = name;
		for (int i = 2; fields.containsKey(free) || !changed.add(free); i++) {
			free = name + "#" + i;
		}
		return free;
	}

	/**
	 * Writes a value of any type.
	 */
	final void value(@Nullable Object value) {
		value(value, 0);
	}

	private void value(@Nullable Object value, int depth) {
		Object plain = Values.plain(value);
		if (plain == null) {
			nothing();
		}
		else if (plain instanceof String text) {
			text(text);
		}
		else if (plain instanceof Boolean truth) {
			truth(truth);
		}
		else if (plain instanceof Number number) {
			number(number);
		}
		else if (plain instanceof ErrorData error) {
			error(error, depth);
		}
		else if (depth == Values.MAX_DEPTH) {
			text("(too deep)");
		}
		else if (isOnPath(value, depth)) {
			text("(cycle)");
		}
		else {
			this.path[depth] = value;
			if (plain instanceof Values.Members members) {
				members(members, depth);
			}
			else {
				elements((Values.Elements) plain, depth);
			}
			this.path[depth] = null;
		}
	}

	private boolean isOnPath(@Nullable Object value, int depth) {
		for (int i = 0; i < depth; i++) {
			if (this.path[i] == value) {
				return true;
			}
		}
		return false;
	}

	private boolean isFull() {
		return size() >= MAX_BYTES;
	}

	private void number(Number number) {
		if (number instanceof Integer || number instanceof Long) {
			number(number.longValue());
		}
		else if (number instanceof Double decimal) {
			number(decimal.doubleValue());
		}
		else if (number instanceof Float decimal) {
			number(decimal.floatValue());
		}
		else if (number instanceof BigInteger integer) {
			number(integer);
		}
		else {
			number((BigDecimal) number);
		}
	}

	private void members(Values.Members members, int depth) {
		startObject();
		List<String> names = members.names();
		int size = names.size();
		long leftOut = members.leftOut();
		for (int i = 0; i < size; i++) {
			if (isFull()) {
				leftOut = (leftOut < 0) ? leftOut : leftOut + size - i;
				break;
			}
			name(names.get(i));
			value(members.values().get(i), depth + 1);
		}
		if (leftOut != 0) {
			String cut = Values.CUT;
			while (names.contains(cut)) {
				cut += Values.CUT;
			}
			leftOutField(cut, leftOut);
		}
		endObject();
	}

	private void leftOutField(String name, long count) {
		name(name);
		text(Values.leftOut(count));
	}

	private void elements(Values.Elements elements, int depth) {
		startArray();
		int size = elements.elements().size();
		long leftOut = elements.leftOut();
		for (int i = 0; i < size; i++) {
			if (isFull()) {
				leftOut = (leftOut < 0) ? leftOut : leftOut + size - i;
				break;
			}
			value(elements.elements().get(i), depth + 1);
		}
		if (leftOut != 0) {
			text(Values.CUT + " " + Values.leftOut(leftOut));
		}
		endArray();
	}

	/**
	 * Writes the failure that a signal tells of, with its causes and its fingerprint;
	 * causes too deep are left out.
	 */
	final void error(ErrorData error, String fingerprint) {
		startObject();
		errorFields(error, 0);
		text(FINGERPRINT, fingerprint);
		endObject();
	}

	private void error(ErrorData error, int depth) {
		startObject();
		errorFields(error, depth);
		endObject();
	}

	private void errorFields(ErrorData error, int depth) {
		text(TYPE, error.type());
		text(MESSAGE, error.message());
		text(STACK, error.stack());
		if (depth < ErrorData.MAX_DEPTH && !isFull()) {
			if (error.cause() != null) {
				name(CAUSE);
				error(error.cause(), depth + 1);
			}
			List<ErrorData> suppressed = error.suppressed();
			if (!suppressed.isEmpty()) {
				name(SUPPRESSED);
				startArray();
				for (int i = 0; i < Math.min(suppressed.size(), MAX_SUPPRESSED) && !isFull(); i++) {
					error(suppressed.get(i), depth + 1);
				}
				endArray();
			}
		}
	}

}
