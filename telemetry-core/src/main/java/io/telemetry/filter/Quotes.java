package io.telemetry.filter;

/**
 * Texts as expressions write them, in single quotes. Whatever could break a line or turn
 * the direction of reading is escaped, because expressions go to logs.
 */
final class Quotes {

	private Quotes() {
	}

	/**
	 * A text that stands for itself.
	 */
	static String literal(String text) {
		return quoted(text, true);
	}

	/**
	 * A text in which {@code *} stands for anything.
	 */
	static String pattern(String text) {
		return quoted(text, false);
	}

	/**
	 * A text without quotes.
	 */
	static String visible(String text) {
		StringBuilder visible = new StringBuilder(text.length());
		for (int i = 0; i < text.length(); i++) {
			append(visible, text.charAt(i));
		}
		return visible.toString();
	}

	private static String quoted(String text, boolean escapeStars) {
		StringBuilder quoted = new StringBuilder(text.length() + 2).append('\'');
		for (int i = 0; i < text.length(); i++) {
			char character = text.charAt(i);
			if (character == '\'' || character == '\\' || (character == '*' && escapeStars)) {
				quoted.append('\\');
			}
			append(quoted, character);
		}
		return quoted.append('\'').toString();
	}

	private static void append(StringBuilder text, char character) {
		switch (Character.getType(character)) {
			case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
				text.append(String.format("\\u%04x", (int) character));
			default -> text.append(character);
		}
	}

}
