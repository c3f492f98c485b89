package io.telemetry.boot.handler.slf4j;

import org.jspecify.annotations.Nullable;

/**
 * Text that may have come from anywhere, made harmless for a log line and a terminal: no
 * line ends, no escape sequences, no characters that turn the reading direction.
 */
final class SafeText {

	private SafeText() {
	}

	/**
	 * The text of a value.
	 * @param value any value
	 * @param maxLength characters that are kept
	 */
	static String of(@Nullable Object value, int maxLength) {
		StringBuilder text = new StringBuilder();
		append(text, value, maxLength);
		return text.toString();
	}

	/**
	 * Appends the text of a value.
	 * @param target where it goes
	 * @param value any value
	 * @param maxLength characters that are appended at most, an ellipsis aside
	 */
	static void append(StringBuilder target, @Nullable Object value, int maxLength) {
		String text = textOf(value);
		int end = target.length() + maxLength;
		for (int i = 0; i < text.length(); i++) {
			int before = target.length();
			appendCharacter(target, text.charAt(i));
			if (target.length() > end) {
				// An escape is shown whole or not at all, and a surrogate never alone.
				target.setLength(
						(before > 0 && Character.isHighSurrogate(target.charAt(before - 1))) ? before - 1 : before);
				target.append('…');
				return;
			}
		}
	}

	private static String textOf(@Nullable Object value) {
		try {
			return String.valueOf(value);
		}
		catch (RuntimeException | StackOverflowError ex) {
			return "(toString threw " + ex.getClass().getName() + ")";
		}
	}

	private static void appendCharacter(StringBuilder target, char character) {
		switch (character) {
			case '\n' -> target.append("\\n");
			case '\r' -> target.append("\\r");
			case '\t' -> target.append("\\t");
			default -> {
				if (isHarmful(character)) {
					target.append("\\u").append(String.format("%04x", (int) character));
				}
				else {
					target.append(character);
				}
			}
		}
	}

	private static boolean isHarmful(char character) {
		return switch (Character.getType(character)) {
			case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.FORMAT -> true;
			default -> false;
		};
	}

}
