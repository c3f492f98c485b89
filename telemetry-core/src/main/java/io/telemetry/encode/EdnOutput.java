package io.telemetry.encode;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;

/**
 * EDN as text.
 */
final class EdnOutput extends TextOutput {

	@Override
	void startObject() {
		separate();
		text().append('{');
	}

	@Override
	void endObject() {
		text().append('}');
	}

	@Override
	void startArray() {
		separate();
		text().append('[');
	}

	@Override
	void endArray() {
		text().append(']');
	}

	/**
	 * Sets the space before what stands not first. What was written last tells: a text
	 * ends with a quote, so it is not taken for a bracket.
	 */
	private void separate() {
		int length = text().length();
		if (length > 0 && text().charAt(length - 1) != '{' && text().charAt(length - 1) != '[') {
			text().append(' ');
		}
	}

	@Override
	void name(Name name) {
		separate();
		text().append(':').append(name.text());
	}

	@Override
	void name(String name) {
		text(name);
	}

	@Override
	void text(String text) {
		separate();
		text().append('"');
		HarmfulCharacters.escape(text, true, text());
		text().append('"');
	}

	@Override
	void word(String word) {
		bare(":" + word);
	}

	@Override
	void time(Instant time) {
		if (timestamps().isInRange(time)) {
			bare("#inst \"" + timestamps().format(time) + '"');
		}
		else {
			text(timestamps().format(time));
		}
	}

	@Override
	void number(BigInteger number) {
		bare(number + "N");
	}

	@Override
	void number(BigDecimal number) {
		bare(number + "M");
	}

	@Override
	void nothing() {
		bare("nil");
	}

	@Override
	void bare(String text) {
		separate();
		text().append(text);
	}

}
