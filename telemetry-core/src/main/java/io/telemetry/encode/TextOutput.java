package io.telemetry.encode;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/**
 * A format that is put together as text.
 */
abstract class TextOutput extends Output {

	/** What is kept for the next signal; a rare long one must not stay for ever. */
	private static final int KEPT = 1 << 18;

	private final ByteArrayOutput bytes = new ByteArrayOutput();

	private StringBuilder text = new StringBuilder(512);

	@Override
	void reset() {
		this.bytes.reset();
		this.text.setLength(0);
		if (this.text.capacity() > KEPT) {
			this.text = new StringBuilder(512);
		}
	}

	@Override
	ByteArrayOutput bytes() {
		this.bytes.reset();
		byte[] encoded = this.text.toString().getBytes(StandardCharsets.UTF_8);
		this.bytes.write(encoded, 0, encoded.length);
		return this.bytes;
	}

	@Override
	int size() {
		return this.text.length();
	}

	/**
	 * The text as it is being written.
	 */
	final StringBuilder text() {
		return this.text;
	}

	/**
	 * Writes what needs no quotes.
	 */
	abstract void bare(String text);

	@Override
	void number(long number) {
		bare(Long.toString(number));
	}

	@Override
	void number(double number) {
		bare(Double.toString(number));
	}

	@Override
	void number(float number) {
		bare(Float.toString(number));
	}

	@Override
	void number(BigInteger number) {
		bare(number.toString());
	}

	@Override
	void truth(boolean truth) {
		bare(Boolean.toString(truth));
	}

}
