package io.telemetry.encode;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;

import io.telemetry.signal.Uid;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.io.NumberOutput;

/**
 * JSON, straight as bytes: a generator for all purposes takes several times as long for a
 * signal.
 */
class JsonOutput extends Output {

	/** Characters that are written before room is made for more. */
	private static final int SEGMENT = 512;

	/** Bytes that one character takes at most. */
	private static final int WIDEST = 6;

	/** Bytes that a number takes at most. */
	private static final int MAX_NUMBER = 32;

	private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

	private static final byte[] TRUE = "true".getBytes(StandardCharsets.US_ASCII);

	private static final byte[] FALSE = "false".getBytes(StandardCharsets.US_ASCII);

	private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);

	/**
	 * By ASCII character: 0 for itself, the letter after the backslash, or {@code u}.
	 */
	private static final byte[] ESCAPES = new byte[0x80];

	static {
		for (int ch = 0; ch < ESCAPES.length; ch++) {
			ESCAPES[ch] = (byte) (HarmfulCharacters.contain((char) ch) ? 'u' : 0);
		}
		ESCAPES['\n'] = 'n';
		ESCAPES['\r'] = 'r';
		ESCAPES['\t'] = 't';
		ESCAPES['\b'] = 'b';
		ESCAPES['\f'] = 'f';
		ESCAPES['"'] = '"';
		ESCAPES['\\'] = '\\';
	}

	private final ByteArrayOutput bytes = new ByteArrayOutput();

	private @Nullable Object remembered;

	private byte[] rememberedJson = NULL;

	@Override
	void reset() {
		this.bytes.reset();
	}

	@Override
	ByteArrayOutput bytes() {
		return this.bytes;
	}

	@Override
	int size() {
		return this.bytes.size();
	}

	@Override
	void startObject() {
		separate();
		this.bytes.write('{');
	}

	@Override
	void endObject() {
		this.bytes.write('}');
	}

	@Override
	void startArray() {
		separate();
		this.bytes.write('[');
	}

	@Override
	void endArray() {
		this.bytes.write(']');
	}

	/**
	 * Sets the comma before what stands neither first nor after a name. What was written
	 * last tells: a text ends with a quote, so it is not taken for a bracket or colon.
	 */
	private void separate() {
		int size = this.bytes.size();
		if (size > 0) {
			byte last = this.bytes.array()[size - 1];
			if (last != '{' && last != '[' && last != ':') {
				this.bytes.write(',');
			}
		}
	}

	@Override
	void name(Name name) {
		separate();
		byte[] json = name.json();
		this.bytes.write(json, 0, json.length);
	}

	@Override
	void name(String name) {
		text(name);
		this.bytes.write(':');
	}

	@Override
	void text(String text) {
		separate();
		int length = text.length();
		byte[] target = this.bytes.room(WIDEST * Math.min(length, SEGMENT) + 2);
		int at = this.bytes.size();
		target[at++] = '"';
		int i = 0;
		while (i < length) {
			int end = Math.min(length, i + SEGMENT);
			while (i < end) {
				char ch = text.charAt(i);
				if (ch < 0x80 && ESCAPES[ch] == 0) {
					target[at++] = (byte) ch;
				}
				else if (HarmfulCharacters.isPair(text, i)) {
					at = pair(text.codePointAt(i), target, at);
					i++;
				}
				else {
					at = unusual(ch, target, at);
				}
				i++;
			}
			this.bytes.size(at);
			target = this.bytes.room(WIDEST * Math.min(length - Math.min(i, length), SEGMENT) + 2);
		}
		target[at++] = '"';
		this.bytes.size(at);
	}

	private static int pair(int codePoint, byte[] target, int at) {
		target[at] = (byte) (0xf0 | (codePoint >> 18));
		target[at + 1] = (byte) (0x80 | ((codePoint >> 12) & 0x3f));
		target[at + 2] = (byte) (0x80 | ((codePoint >> 6) & 0x3f));
		target[at + 3] = (byte) (0x80 | (codePoint & 0x3f));
		return at + 4;
	}

	private static int unusual(char ch, byte[] target, int at) {
		if (ch < 0x80 && ESCAPES[ch] != 'u') {
			target[at] = '\\';
			target[at + 1] = ESCAPES[ch];
			return at + 2;
		}
		if (HarmfulCharacters.contain(ch)) {
			target[at] = '\\';
			target[at + 1] = 'u';
			target[at + 2] = HEX[ch >> 12];
			target[at + 3] = HEX[(ch >> 8) & 0xf];
			target[at + 4] = HEX[(ch >> 4) & 0xf];
			target[at + 5] = HEX[ch & 0xf];
			return at + 6;
		}
		if (ch < 0x800) {
			target[at] = (byte) (0xc0 | (ch >> 6));
			target[at + 1] = (byte) (0x80 | (ch & 0x3f));
			return at + 2;
		}
		target[at] = (byte) (0xe0 | (ch >> 12));
		target[at + 1] = (byte) (0x80 | ((ch >> 6) & 0x3f));
		target[at + 2] = (byte) (0x80 | (ch & 0x3f));
		return at + 3;
	}

	@Override
	void number(long number) {
		separate();
		byte[] target = this.bytes.room(MAX_NUMBER);
		this.bytes.size(NumberOutput.outputLong(number, target, this.bytes.size()));
	}

	@Override
	void number(double number) {
		long thousandths = (long) (number * 1000);
		if (thousandths / 1000.0 == number && Math.abs(thousandths) < 1_000_000_000_000L && thousandths != 0) {
			thousandths(thousandths);
		}
		else {
			raw(NumberOutput.toString(number, true));
		}
	}

	/**
	 * Writes a number with few decimals, as most are: fifteen digits or fewer that give
	 * the number again are its shortest form.
	 */
	private void thousandths(long thousandths) {
		separate();
		byte[] target = this.bytes.room(MAX_NUMBER);
		int at = this.bytes.size();
		if (thousandths < 0) {
			target[at++] = '-';
		}
		long positive = Math.abs(thousandths);
		at = NumberOutput.outputLong(positive / 1000, target, at);
		target[at++] = '.';
		int rest = (int) (positive % 1000);
		target[at++] = (byte) ('0' + rest / 100);
		if (rest % 100 != 0) {
			target[at++] = (byte) ('0' + rest / 10 % 10);
			if (rest % 10 != 0) {
				target[at++] = (byte) ('0' + rest % 10);
			}
		}
		this.bytes.size(at);
	}

	@Override
	void number(float number) {
		raw(NumberOutput.toString(number, true));
	}

	@Override
	void number(BigInteger number) {
		raw(number.toString());
	}

	@Override
	void number(BigDecimal number) {
		raw(number.toString());
	}

	@Override
	void millis(Duration duration) {
		raw(millisText(duration));
	}

	/**
	 * A duration in milliseconds, as a decimal without exponent.
	 */
	static String millisText(Duration duration) {
		return BigDecimal.valueOf(duration.getSeconds())
			.movePointRight(3)
			.add(BigDecimal.valueOf(duration.getNano(), 6))
			.stripTrailingZeros()
			.toPlainString();
	}

	@Override
	void truth(boolean truth) {
		raw(truth ? TRUE : FALSE);
	}

	@Override
	void nothing() {
		raw(NULL);
	}

	@Override
	void time(Instant time) {
		separate();
		byte[] target = this.bytes.room(TimestampFormat.MAX_LENGTH + 2);
		int at = this.bytes.size();
		target[at] = '"';
		at = timestamps().format(time, target, at + 1);
		target[at] = '"';
		this.bytes.size(at + 1);
	}

	@Override
	void uid(Uid uid) {
		separate();
		byte[] target = this.bytes.room(Uid.LENGTH + 2);
		int at = this.bytes.size();
		target[at] = '"';
		uid.toAscii(target, at + 1);
		target[at + Uid.LENGTH + 1] = '"';
		this.bytes.size(at + Uid.LENGTH + 2);
	}

	@Override
	boolean repeat(Object source) {
		if (source != this.remembered) {
			return false;
		}
		this.bytes.write(this.rememberedJson, 0, this.rememberedJson.length);
		return true;
	}

	@Override
	void remember(Object source, int start) {
		this.remembered = source;
		this.rememberedJson = Arrays.copyOfRange(this.bytes.array(), start, this.bytes.size());
	}

	private void raw(String ascii) {
		raw(ascii.getBytes(StandardCharsets.US_ASCII));
	}

	private void raw(byte[] ascii) {
		separate();
		this.bytes.write(ascii, 0, ascii.length);
	}

}
