package io.telemetry.encode;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * A format whose library wants to know how large a map or list is before it is written,
 * or takes whole values only: the signal as maps and lists first, then as bytes. Half a
 * surrogate pair becomes the replacement character.
 */
abstract class TreeOutput extends Output {

	private final ByteArrayOutput bytes = new ByteArrayOutput();

	/** The containers that are open, the innermost first. */
	private final Deque<Object> open = new ArrayDeque<>();

	private @Nullable Object name;

	private @Nullable Map<Object, @Nullable Object> root;

	private int size;

	/**
	 * Writes the signal.
	 */
	abstract void write(Map<Object, @Nullable Object> signal, ByteArrayOutput target);

	@Override
	void reset() {
		this.open.clear();
		this.name = null;
		this.root = null;
		this.size = 0;
	}

	@Override
	ByteArrayOutput bytes() {
		this.bytes.reset();
		if (this.root != null) {
			write(this.root, this.bytes);
		}
		return this.bytes;
	}

	@Override
	int size() {
		return this.size;
	}

	@Override
	void startObject() {
		Map<Object, @Nullable Object> object = new LinkedHashMap<>();
		if (this.root == null) {
			this.root = object;
		}
		else {
			add(object);
		}
		this.open.push(object);
	}

	@Override
	void endObject() {
		this.open.pop();
	}

	@Override
	void startArray() {
		List<@Nullable Object> array = new ArrayList<>();
		add(array);
		this.open.push(array);
	}

	@Override
	void endArray() {
		this.open.pop();
	}

	@Override
	void name(Name name) {
		this.name = name.text();
		this.size += name.text().length();
	}

	@Override
	void name(String name) {
		this.name = name;
		this.size += name.length();
	}

	/**
	 * Takes another object than a text for the name of a field.
	 */
	final void nameAs(Object name) {
		this.name = name;
	}

	@SuppressWarnings("unchecked") // what is pushed is one of the two
	final void add(@Nullable Object value) {
		this.size += 8;
		Object container = this.open.element();
		if (container instanceof Map<?, ?> map) {
			Object name = this.name;
			if (name == null) {
				throw new IllegalStateException("A value in an object without a name");
			}
			((Map<Object, @Nullable Object>) map).put(name, value);
		}
		else {
			((List<@Nullable Object>) container).add(value);
		}
	}

	@Override
	void text(String text) {
		this.size += text.length();
		add(Values.withoutLoneSurrogates(text));
	}

	@Override
	void number(long number) {
		add(number);
	}

	@Override
	void number(double number) {
		add(number);
	}

	@Override
	void number(float number) {
		add(number);
	}

	@Override
	void number(BigInteger number) {
		add(number);
	}

	@Override
	void number(BigDecimal number) {
		add(number);
	}

	@Override
	void truth(boolean truth) {
		add(truth);
	}

	@Override
	void nothing() {
		add(null);
	}

}
