package io.telemetry.encode;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;

import io.telemetry.signal.ErrorData;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.SerializableString;
import tools.jackson.core.io.CharacterEscapes;
import tools.jackson.core.io.SerializedString;
import tools.jackson.core.json.JsonFactory;

/**
 * A JSON generator over a buffer, both to be used again and again, and how values of any
 * type are written with it. Not safe for several threads; after anything was thrown its
 * state is lost and it is not to be used again.
 */
final class JsonOutput {

	/**
	 * About how many bytes one signal may take before the rest of its values is left out.
	 * Depth and width alone don't bound a value that holds the same part many times.
	 */
	static final int MAX_BYTES = 1 << 20;

	/** Failures that happened while one was dealt with, that are written of each. */
	private static final int MAX_SUPPRESSED = 16;

	private static final JsonFactory FACTORY = JsonFactory.builder()
		.rootValueSeparator((SerializableString) null)
		.characterEscapes(new ControlEscapes())
		.build();

	private final ByteArrayOutput bytes = new ByteArrayOutput();

	private final JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), this.bytes);

	private final TimestampFormat timestamps = new TimestampFormat();

	/** The containers around the value that is being written. */
	private final @Nullable Object[] path = new @Nullable Object[Values.MAX_DEPTH];

	/**
	 * The generator.
	 */
	JsonGenerator json() {
		return this.json;
	}

	TimestampFormat timestamps() {
		return this.timestamps;
	}

	/**
	 * Forgets what was written.
	 */
	void reset() {
		this.bytes.reset();
	}

	/**
	 * What was written since the last reset.
	 */
	ByteArrayOutput bytes() {
		this.json.flush();
		return this.bytes;
	}

	/**
	 * Writes a map that nobody changes as an object.
	 */
	void fields(Map<?, ?> fields) {
		this.json.writeStartObject();
		int written = 0;
		for (Map.Entry<?, ?> field : fields.entrySet()) {
			if (written == Values.MAX_ELEMENTS || isFull()) {
				leftOutField(fields.size() - written);
				break;
			}
			this.json.writeName(Values.name(field.getKey()));
			value(field.getValue());
			written++;
		}
		this.json.writeEndObject();
	}

	/**
	 * Writes a value of any type.
	 */
	void value(@Nullable Object value) {
		value(value, 0);
	}

	private void value(@Nullable Object value, int depth) {
		Object plain = Values.plain(value);
		if (plain == null) {
			this.json.writeNull();
		}
		else if (plain instanceof String text) {
			this.json.writeString(text);
		}
		else if (plain instanceof Boolean truth) {
			this.json.writeBoolean(truth);
		}
		else if (plain instanceof Number number) {
			number(number);
		}
		else if (plain instanceof ErrorData error) {
			error(error, depth);
		}
		else if (depth == Values.MAX_DEPTH) {
			this.json.writeString("(too deep)");
		}
		else if (isOnPath(value, depth)) {
			this.json.writeString("(cycle)");
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
		return this.bytes.size() >= MAX_BYTES;
	}

	private void number(Number number) {
		if (number instanceof Integer integer) {
			this.json.writeNumber(integer);
		}
		else if (number instanceof Long integer) {
			this.json.writeNumber(integer);
		}
		else if (number instanceof Double decimal) {
			this.json.writeNumber(decimal);
		}
		else if (number instanceof Float decimal) {
			this.json.writeNumber(decimal);
		}
		else if (number instanceof BigInteger integer) {
			this.json.writeNumber(integer);
		}
		else {
			this.json.writeNumber((BigDecimal) number);
		}
	}

	private void members(Values.Members members, int depth) {
		this.json.writeStartObject();
		int size = members.names().size();
		long leftOut = members.leftOut();
		for (int i = 0; i < size; i++) {
			if (isFull()) {
				leftOut = (leftOut < 0) ? leftOut : leftOut + size - i;
				break;
			}
			this.json.writeName(members.names().get(i));
			value(members.values().get(i), depth + 1);
		}
		if (leftOut != 0) {
			leftOutField(leftOut);
		}
		this.json.writeEndObject();
	}

	private void leftOutField(long count) {
		this.json.writeName(Values.CUT);
		this.json.writeString(Values.leftOut(count));
	}

	private void elements(Values.Elements elements, int depth) {
		this.json.writeStartArray();
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
			this.json.writeString(Values.CUT + " " + Values.leftOut(leftOut));
		}
		this.json.writeEndArray();
	}

	/**
	 * Writes the failure that a signal tells of, with its causes and its fingerprint;
	 * causes too deep are left out.
	 */
	void error(ErrorData error, String fingerprint) {
		this.json.writeStartObject();
		errorFields(error, 0);
		text("fingerprint", fingerprint);
		this.json.writeEndObject();
	}

	private void error(ErrorData error, int depth) {
		this.json.writeStartObject();
		errorFields(error, depth);
		this.json.writeEndObject();
	}

	private void errorFields(ErrorData error, int depth) {
		text("type", error.type());
		text("message", error.message());
		text("stack", error.stack());
		if (depth < ErrorData.MAX_DEPTH && !isFull()) {
			if (error.cause() != null) {
				this.json.writeName("cause");
				error(error.cause(), depth + 1);
			}
			List<ErrorData> suppressed = error.suppressed();
			if (!suppressed.isEmpty()) {
				this.json.writeName("suppressed");
				this.json.writeStartArray();
				for (int i = 0; i < Math.min(suppressed.size(), MAX_SUPPRESSED) && !isFull(); i++) {
					error(suppressed.get(i), depth + 1);
				}
				this.json.writeEndArray();
			}
		}
	}

	/**
	 * Writes a field with a text, unless there is none.
	 */
	void text(String name, @Nullable String text) {
		if (text != null && !text.isEmpty()) {
			this.json.writeName(name);
			this.json.writeString(Values.cut(text));
		}
	}

	/**
	 * Writes a field with a text, unless there is none.
	 */
	void text(SerializedString name, @Nullable String text) {
		if (text != null && !text.isEmpty()) {
			this.json.writeName(name);
			this.json.writeString(Values.cut(text));
		}
	}

	/**
	 * Escapes, beyond what JSON asks for, the characters that move a terminal's cursor or
	 * that some readers take for a line end. Lone surrogates the generator escapes
	 * itself.
	 */
	private static final class ControlEscapes extends CharacterEscapes {

		private static final long serialVersionUID = 1L;

		private static final int[] ASCII = standardAsciiEscapesForJSON();

		private static final SerializedString[] C1 = new SerializedString[0x20];

		private static final SerializedString LINE_SEPARATOR = new SerializedString("\\u2028");

		private static final SerializedString PARAGRAPH_SEPARATOR = new SerializedString("\\u2029");

		static {
			ASCII[0x7f] = ESCAPE_STANDARD;
			for (int i = 0; i < C1.length; i++) {
				C1[i] = new SerializedString(String.format("\\u%04x", 0x80 + i));
			}
		}

		@Override
		public int[] getEscapeCodesForAscii() {
			return ASCII;
		}

		@Override
		public @Nullable SerializableString getEscapeSequence(int ch) {
			if (ch >= 0x80 && ch <= 0x9f) {
				return C1[ch - 0x80];
			}
			return switch (ch) {
				case 0x2028 -> LINE_SEPARATOR;
				case 0x2029 -> PARAGRAPH_SEPARATOR;
				default -> null;
			};
		}

	}

}
