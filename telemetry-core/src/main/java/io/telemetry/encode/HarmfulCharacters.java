package io.telemetry.encode;

/**
 * Characters that are escaped in every text format, whatever the format itself asks for:
 * those that move a terminal's cursor or change its state, that some readers take for a
 * line end, that turn the direction of writing, and halves of surrogate pairs, which
 * UTF-8 can't hold.
 */
final class HarmfulCharacters {

	private static final char[] HEX = "0123456789abcdef".toCharArray();

	private HarmfulCharacters() {
	}

	/**
	 * Whether one character is to be escaped. A whole surrogate pair is not to be asked
	 * for.
	 */
	static boolean contain(char ch) {
		if (ch < 0x2028) {
			return ch < ' ' || (ch >= 0x7f && ch <= 0x9f);
		}
		// U+2028 and U+2029, line ends to some, stand right before the overrides.
		return ch <= 0x202e || (ch >= 0x2066 && ch <= 0x2069) || Character.isSurrogate(ch);
	}

	/**
	 * Whether a pair that is no harm begins at a place in a text.
	 */
	static boolean isPair(String text, int index) {
		return Character.isHighSurrogate(text.charAt(index)) && index + 1 < text.length()
				&& Character.isLowSurrogate(text.charAt(index + 1));
	}

	/**
	 * Appends a text so that it stays on its line and in its place: what is harmful as
	 * {@code \n}, {@code \r}, {@code \t} or {@code \}{@code uXXXX}.
	 * @param text the text
	 * @param quoted whether quotes and backslashes are escaped too
	 * @param target where it goes
	 */
	static void escape(String text, boolean quoted, StringBuilder target) {
		for (int i = 0; i < text.length(); i++) {
			char ch = text.charAt(i);
			if (isPair(text, i)) {
				target.append(ch).append(text.charAt(++i));
			}
			else if (contain(ch)) {
				escape(ch, target);
			}
			else {
				if (quoted && (ch == '"' || ch == '\\')) {
					target.append('\\');
				}
				target.append(ch);
			}
		}
	}

	private static void escape(char ch, StringBuilder target) {
		switch (ch) {
			case '\n' -> target.append("\\n");
			case '\r' -> target.append("\\r");
			case '\t' -> target.append("\\t");
			default -> {
				target.append("\\u");
				for (int shift = 12; shift >= 0; shift -= 4) {
					target.append(HEX[(ch >> shift) & 0xf]);
				}
			}
		}
	}

}
