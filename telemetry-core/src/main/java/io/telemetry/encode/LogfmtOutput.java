package io.telemetry.encode;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * Logfmt as text. Objects become prefixes of names; a list is written as JSON, by an
 * output of its own that gets everything from the list's start to its end.
 */
final class LogfmtOutput extends TextOutput {

	private final JsonOutput json = new JsonOutput();

	/** Lists that are open, and objects in them. */
	private int jsonDepth;

	private final StringBuilder name = new StringBuilder(64);

	/** For each object that is open, how much of the name is that of the object. */
	private int[] prefixes = new int[Values.MAX_DEPTH];

	/** For each object that is open, how much was written before it. */
	private int[] starts = new int[Values.MAX_DEPTH];

	private int depth;

	private final Set<String> taken = new HashSet<>();

	@Override
	void reset() {
		super.reset();
		this.json.reset();
		this.jsonDepth = 0;
		this.name.setLength(0);
		this.depth = 0;
		this.taken.clear();
	}

	@Override
	int size() {
		return super.size() + this.json.size();
	}

	@Override
	void startObject() {
		if (this.jsonDepth > 0) {
			this.jsonDepth++;
			this.json.startObject();
			return;
		}
		if (this.depth == this.prefixes.length) {
			this.prefixes = Arrays.copyOf(this.prefixes, 2 * this.depth);
			this.starts = Arrays.copyOf(this.starts, 2 * this.depth);
		}
		this.prefixes[this.depth] = this.name.length();
		this.starts[this.depth] = text().length();
		this.depth++;
	}

	@Override
	void endObject() {
		if (this.jsonDepth > 0) {
			this.json.endObject();
			endJson();
			return;
		}
		this.depth--;
		if (this.depth > 0) {
			this.name.setLength(this.prefixes[this.depth]);
			if (text().length() == this.starts[this.depth]) {
				bare("{}");
			}
		}
	}

	@Override
	void startArray() {
		this.jsonDepth++;
		this.json.startArray();
	}

	@Override
	void endArray() {
		this.json.endArray();
		endJson();
	}

	private void endJson() {
		this.jsonDepth--;
		if (this.jsonDepth == 0) {
			String list = this.json.bytes().toString(StandardCharsets.UTF_8);
			this.json.reset();
			text(list);
		}
	}

	@Override
	void name(Name name) {
		if (this.jsonDepth > 0) {
			this.json.name(name);
		}
		else {
			field(name.text());
		}
	}

	@Override
	void name(String name) {
		if (this.jsonDepth > 0) {
			this.json.name(name);
		}
		else {
			field(name);
		}
	}

	private void field(String field) {
		int prefix = this.prefixes[this.depth - 1];
		this.name.setLength(prefix);
		if (prefix > 0) {
			this.name.append('.');
		}
		for (int i = 0; i < field.length(); i++) {
			char ch = field.charAt(i);
			if (HarmfulCharacters.isPair(field, i)) {
				this.name.append(ch).append(field.charAt(++i));
			}
			else {
				this.name.append(needsQuotes(ch) ? '_' : ch);
			}
		}
		if (field.isEmpty()) {
			this.name.append('_');
		}
	}

	private static boolean needsQuotes(char ch) {
		return ch == ' ' || ch == '=' || ch == '"' || ch == '\\' || HarmfulCharacters.contain(ch);
	}

	private static boolean needsQuotes(String text) {
		for (int i = 0; i < text.length(); i++) {
			if (HarmfulCharacters.isPair(text, i)) {
				i++;
			}
			else if (needsQuotes(text.charAt(i))) {
				return true;
			}
		}
		return text.isEmpty() || text.equals("null");
	}

	/**
	 * Writes the name. Only here, because what turns out to be an object has none of its
	 * own.
	 */
	private void writeName() {
		if (!text().isEmpty()) {
			text().append(' ');
		}
		String wanted = this.name.toString();
		String free = wanted;
		for (int i = 2; !this.taken.add(free); i++) {
			free = wanted + "#" + i;
		}
		text().append(free).append('=');
	}

	@Override
	void text(String text) {
		if (this.jsonDepth > 0) {
			this.json.text(text);
			return;
		}
		writeName();
		if (needsQuotes(text)) {
			text().append('"');
			HarmfulCharacters.escape(text, true, text());
			text().append('"');
		}
		else {
			text().append(text);
		}
	}

	@Override
	void bare(String text) {
		writeName();
		text().append(text);
	}

	@Override
	void number(long number) {
		if (this.jsonDepth > 0) {
			this.json.number(number);
		}
		else {
			super.number(number);
		}
	}

	@Override
	void number(double number) {
		if (this.jsonDepth > 0) {
			this.json.number(number);
		}
		else {
			super.number(number);
		}
	}

	@Override
	void number(float number) {
		if (this.jsonDepth > 0) {
			this.json.number(number);
		}
		else {
			super.number(number);
		}
	}

	@Override
	void number(BigInteger number) {
		if (this.jsonDepth > 0) {
			this.json.number(number);
		}
		else {
			super.number(number);
		}
	}

	@Override
	void number(BigDecimal number) {
		if (this.jsonDepth > 0) {
			this.json.number(number);
		}
		else {
			bare(number.toString());
		}
	}

	@Override
	void millis(Duration duration) {
		bare(JsonOutput.millisText(duration));
	}

	@Override
	void truth(boolean truth) {
		if (this.jsonDepth > 0) {
			this.json.truth(truth);
		}
		else {
			super.truth(truth);
		}
	}

	@Override
	void nothing() {
		if (this.jsonDepth > 0) {
			this.json.nothing();
		}
		else {
			bare("null");
		}
	}

}
