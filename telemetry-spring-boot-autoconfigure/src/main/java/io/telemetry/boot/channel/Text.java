package io.telemetry.boot.channel;

/**
 * Text from outside, made fit for a message or a header: cut, on one line, and without
 * characters that a terminal would obey.
 */
final class Text {

	private Text() {
	}

	/**
	 * The text with every character that is not printable replaced by a question mark.
	 * @param text what somebody sent
	 * @param most most characters that are kept
	 * @return the text itself where nothing had to be changed
	 */
	static String printable(String text, int most) {
		int length = Math.min(text.length(), most);
		StringBuilder result = null;
		for (int i = 0; i < length; i++) {
			if (!isPrintable(text.charAt(i))) {
				result = (result != null) ? result : new StringBuilder(text.substring(0, length));
				result.setCharAt(i, '?');
			}
		}
		if (result != null) {
			return (length < text.length()) ? result.append('…').toString() : result.toString();
		}
		return (length < text.length()) ? text.substring(0, length) + "…" : text;
	}

	private static boolean isPrintable(char c) {
		return switch (Character.getType(c)) {
			// Format characters turn the direction of a line; halves of characters can't
			// be
			// written
			case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR,
					Character.SURROGATE, Character.UNASSIGNED ->
				false;
			default -> true;
		};
	}

}
