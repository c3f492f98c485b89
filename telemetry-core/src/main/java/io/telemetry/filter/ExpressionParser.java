package io.telemetry.filter;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Reads one expression, by recursive descent with one token ahead. Length and nesting are
 * bounded, so no text makes it run long or deep. Not safe for several threads.
 */
final class ExpressionParser {

	/** Characters of an expression. */
	static final int MAX_LENGTH = 4_096;

	/** Parentheses and {@code not} within each other. */
	static final int MAX_DEPTH = 64;

	private static final String CONDITION = "a condition such as level >= warn, 'not', '(' or 'always'";

	private static final String OPERATOR = "=, !=, <, <=, >, >=, in, not in, contains, like, is present or is absent";

	private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

	private final String text;

	private int position;

	private int depth;

	private Token token;

	/**
	 * A parser.
	 * @param text what to read
	 * @throws IllegalArgumentException if it is too long, or does not begin as an
	 * expression does
	 */
	ExpressionParser(String text) {
		this.text = text;
		if (text.length() > MAX_LENGTH) {
			throw new IllegalArgumentException(
					"an expression has at most " + MAX_LENGTH + " characters, not " + text.length());
		}
		this.token = next();
	}

	/**
	 * All of the text as a predicate.
	 */
	SignalPredicate predicate() {
		if (this.token.type == TokenType.END) {
			throw new IllegalArgumentException("the expression is empty: write 'always' for every signal");
		}
		SignalPredicate predicate = either();
		if (this.token.type != TokenType.END) {
			throw unexpected("'and', 'or' or the end");
		}
		return predicate;
	}

	/**
	 * All of the text as the name of a field.
	 */
	SignalField field() {
		Token name = this.token;
		if (name.type != TokenType.WORD) {
			throw unexpected("a field");
		}
		advance();
		if (this.token.type != TokenType.END) {
			throw unexpected("the end of the field's name");
		}
		return at(name, () -> SignalField.of(name.parts));
	}

	private SignalPredicate either() {
		SignalPredicate result = both();
		while (takeWord("or")) {
			result = result.or(both());
		}
		return result;
	}

	private SignalPredicate both() {
		SignalPredicate result = one();
		while (takeWord("and")) {
			result = result.and(one());
		}
		return result;
	}

	private SignalPredicate one() {
		Token start = this.token;
		if (takeWord("not")) {
			enter(start);
			SignalPredicate operand = one();
			this.depth--;
			return operand.negate();
		}
		if (take("(")) {
			enter(start);
			SignalPredicate inner = either();
			if (!take(")")) {
				throw unexpected("'and', 'or' or ')' for the '(' in column " + start.column());
			}
			this.depth--;
			return inner;
		}
		if (takeWord("always")) {
			return SignalPredicate.ALWAYS;
		}
		return comparison();
	}

	private void enter(Token start) {
		this.depth++;
		if (this.depth > MAX_DEPTH) {
			throw failure(start, "parentheses and 'not' go at most " + MAX_DEPTH + " deep");
		}
	}

	private SignalPredicate comparison() {
		Token name = this.token;
		if (name.type != TokenType.WORD || name.isWord("and") || name.isWord("or") || name.isWord("in")) {
			throw unexpected(CONDITION);
		}
		SignalField field = at(name, () -> SignalField.of(name.parts));
		advance();
		Token operator = this.token;
		if (operator.type == TokenType.OPERATOR) {
			advance();
			return operator(field, operator);
		}
		if (takeWord("is") || operator.isWord("present") || operator.isWord("absent")) {
			return presence(field, operator);
		}
		boolean negated = takeWord("not");
		SignalPredicate predicate = words(field);
		return negated ? predicate.negate() : predicate;
	}

	private SignalPredicate operator(SignalField field, Token operator) {
		boolean equality = operator.text.equals("=") || operator.text.equals("!=");
		allow(field, operator, equality ? "=" : "<");
		Token token = this.token;
		Object operand = operand(field, field.isName());
		return at(token, () -> switch (operator.text) {
			case "=" -> field.isEqualTo(operand);
			case "!=" -> field.isEqualTo(operand).negate();
			case "<" -> field.isLessThan(operand);
			case "<=" -> field.isAtMost(operand);
			case ">" -> field.isGreaterThan(operand);
			default -> field.isAtLeast(operand);
		});
	}

	private SignalPredicate presence(SignalField field, Token start) {
		allow(field, start, "is");
		if (takeWord("present")) {
			return field.isPresent();
		}
		if (takeWord("absent")) {
			return field.isAbsent();
		}
		throw unexpected("'present' or 'absent'");
	}

	private SignalPredicate words(SignalField field) {
		Token operator = this.token;
		if (takeWord("in")) {
			allow(field, operator, "=");
			return in(field);
		}
		if (takeWord("contains")) {
			allow(field, operator, "contains");
			Token token = this.token;
			Object operand = operand(field, false);
			return at(token, () -> field.contains(operand));
		}
		if (takeWord("like")) {
			allow(field, operator, "like");
			Token token = this.token;
			if (token.type != TokenType.TEXT) {
				throw unexpected("a pattern in quotes");
			}
			String pattern = (String) operand(field, true);
			return at(token, () -> field.isLike(pattern));
		}
		throw unexpected(OPERATOR);
	}

	private SignalPredicate in(SignalField field) {
		if (!take("(")) {
			throw unexpected("'(' and a list");
		}
		List<Object> operands = new ArrayList<>();
		do {
			Token token = this.token;
			Object operand = operand(field, field.isName());
			at(token, () -> field.isEqualTo(operand));
			operands.add(operand);
		}
		while (take(","));
		if (!take(")")) {
			throw unexpected("',' or ')'");
		}
		return field.isIn(operands);
	}

	private Object operand(SignalField field, boolean pattern) {
		Token token = this.token;
		Object operand = switch (token.type) {
			case TEXT -> field.takesWords() ? token.text : text(token, pattern);
			case NUMBER -> number(token);
			case WORD -> word(token, field);
			default -> throw unexpected("a text in quotes, a number or another value");
		};
		advance();
		return operand;
	}

	private String text(Token token, boolean pattern) {
		if (pattern && token.escapedStar) {
			throw failure(token, "a pattern can't ask for a '*' itself: every '*' in it stands for anything");
		}
		if (!pattern && token.star) {
			throw failure(token, "'*' stands for itself here: write 'like' before a pattern, or \\* for the character");
		}
		return token.text;
	}

	private BigDecimal number(Token token) {
		try {
			return new BigDecimal(token.text);
		}
		catch (NumberFormatException ex) {
			throw failure(token, "'" + cut(token.text) + "' is not a number");
		}
	}

	private Object word(Token token, SignalField field) {
		if (field.takesWords()) {
			return String.join(".", token.parts);
		}
		if (token.isWord("true")) {
			return true;
		}
		if (token.isWord("false")) {
			return false;
		}
		throw unexpected("a number, true, false or a text in quotes; texts need quotes");
	}

	private boolean take(String symbol) {
		boolean found = this.token.type == TokenType.SYMBOL && this.token.text.equals(symbol);
		if (found) {
			advance();
		}
		return found;
	}

	private boolean takeWord(String word) {
		boolean found = this.token.isWord(word);
		if (found) {
			advance();
		}
		return found;
	}

	private void advance() {
		this.token = next();
	}

	private static <T> T at(Token token, Supplier<T> step) {
		try {
			return step.get();
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException(
					"column " + token.column() + ": " + Quotes.visible(String.valueOf(ex.getMessage())), ex);
		}
	}

	private static void allow(SignalField field, Token token, String operator) {
		at(token, () -> {
			field.check(operator);
			return field;
		});
	}

	private IllegalArgumentException unexpected(String expected) {
		String found = (this.token.type == TokenType.END) ? "the end"
				: cut(this.text.substring(this.token.start, this.token.end));
		return failure(this.token, "found " + found + ", expected " + expected);
	}

	private static IllegalArgumentException failure(Token token, String reason) {
		return failure(token.start, reason);
	}

	private static IllegalArgumentException failure(int start, String reason) {
		return new IllegalArgumentException("column " + (start + 1) + ": " + reason);
	}

	/** As it stands in the expression, on one line. */
	private static String cut(String found) {
		return Quotes.visible((found.length() > 40) ? found.substring(0, 40) + "…" : found);
	}

	private Token next() {
		while (this.position < this.text.length() && Character.isWhitespace(this.text.charAt(this.position))) {
			this.position++;
		}
		int start = this.position;
		if (start == this.text.length()) {
			return new Token(TokenType.END, "", List.of(), false, false, start, start);
		}
		char character = this.text.charAt(start);
		if (character == '\'' || character == '"') {
			return quoted();
		}
		if (isDigit(character) || character == '-' || character == '+') {
			return digits();
		}
		if (Character.isLetter(character) || character == '_') {
			return name();
		}
		if (character == '(' || character == ')' || character == ',') {
			this.position++;
			return token(TokenType.SYMBOL, start);
		}
		if (character == '=' || character == '<' || character == '>' || character == '!') {
			return comparator();
		}
		throw failure(start, "found " + cut(String.valueOf(character))
				+ ", expected a field, a value in quotes, a number, an operator or a parenthesis");
	}

	private Token token(TokenType type, int start) {
		return new Token(type, this.text.substring(start, this.position), List.of(), false, false, start,
				this.position);
	}

	private Token comparator() {
		int start = this.position;
		while (this.position < this.text.length() && "=<>!&|".indexOf(this.text.charAt(this.position)) >= 0) {
			this.position++;
		}
		String found = this.text.substring(start, this.position);
		switch (found) {
			case "=", "!=", "<", "<=", ">", ">=" -> {
				return token(TokenType.OPERATOR, start);
			}
			case "==" -> throw failure(start, "found ==, expected =");
			case "<>" -> throw failure(start, "found <>, expected !=");
			case "!" -> throw failure(start, "found !, expected != or 'not'");
			default -> throw failure(start, "found " + cut(found) + ", expected " + OPERATOR);
		}
	}

	private Token digits() {
		int start = this.position;
		this.position++;
		while (this.position < this.text.length() && isNumberPart(this.position)) {
			this.position++;
		}
		String found = this.text.substring(start, this.position);
		if (!NUMBER.matcher(found).matches()) {
			throw failure(start, "'" + cut(found) + "' is not a number");
		}
		return token(TokenType.NUMBER, start);
	}

	private boolean isNumberPart(int index) {
		char character = this.text.charAt(index);
		if (character == '+' || character == '-') {
			return this.text.charAt(index - 1) == 'e' || this.text.charAt(index - 1) == 'E';
		}
		return isKeyPart(character) || character == '.';
	}

	private Token name() {
		int start = this.position;
		List<String> parts = new ArrayList<>();
		parts.add(bare());
		while (this.position < this.text.length() && this.text.charAt(this.position) == '.') {
			this.position++;
			int part = this.position;
			char first = (part < this.text.length()) ? this.text.charAt(part) : ' ';
			if (first == '\'' || first == '"') {
				parts.add(quoted().text);
			}
			else if (isKeyPart(first)) {
				parts.add(bare());
			}
			else {
				throw failure(part, "after '.' comes a key, or a key in quotes");
			}
		}
		return new Token(TokenType.WORD, this.text.substring(start, this.position), List.copyOf(parts), false, false,
				start, this.position);
	}

	private String bare() {
		int start = this.position;
		while (this.position < this.text.length() && isKeyPart(this.text.charAt(this.position))) {
			this.position++;
		}
		return this.text.substring(start, this.position);
	}

	private Token quoted() {
		int start = this.position;
		char quote = this.text.charAt(start);
		StringBuilder content = new StringBuilder();
		boolean star = false;
		boolean escapedStar = false;
		this.position++;
		while (this.position < this.text.length()) {
			char character = this.text.charAt(this.position++);
			if (character == quote) {
				return new Token(TokenType.TEXT, content.toString(), List.of(), star, escapedStar, start,
						this.position);
			}
			if (character == '\\') {
				char escaped = escaped();
				escapedStar |= escaped == '*';
				content.append(escaped);
			}
			else {
				star |= character == '*';
				content.append(character);
			}
		}
		throw failure(start, "the text that begins here has no closing " + quote);
	}

	private char escaped() {
		int start = this.position - 1;
		char character = (this.position < this.text.length()) ? this.text.charAt(this.position++) : ' ';
		switch (character) {
			case '\\', '\'', '"', '*' -> {
				return character;
			}
			case 'n' -> {
				return '\n';
			}
			case 'r' -> {
				return '\r';
			}
			case 't' -> {
				return '\t';
			}
			case 'u' -> {
				return unicode(start);
			}
			default -> throw failure(start, "after \\ comes one of \\ ' \" * n r t u");
		}
	}

	private char unicode(int start) {
		int code = 0;
		for (int i = 0; i < 4; i++) {
			int digit = (this.position < this.text.length()) ? Character.digit(this.text.charAt(this.position), 16)
					: -1;
			if (digit < 0) {
				throw failure(start, "after \\u come four hexadecimal digits");
			}
			code = code * 16 + digit;
			this.position++;
		}
		return (char) code;
	}

	private static boolean isDigit(char character) {
		return character >= '0' && character <= '9';
	}

	/**
	 * Whether keys may have a character without standing in quotes.
	 */
	static boolean isKeyPart(char character) {
		return Character.isLetterOrDigit(character) || "_$@-".indexOf(character) >= 0;
	}

	private enum TokenType {

		WORD, TEXT, NUMBER, OPERATOR, SYMBOL, END

	}

	/**
	 * A piece of the text.
	 *
	 * @param type what it is
	 * @param text what it says; of a text in quotes what is between them
	 * @param parts of a word, what its dots separate
	 * @param star whether a text has a {@code *}
	 * @param escapedStar whether a text has a {@code *} with a backslash
	 * @param start where it begins
	 * @param end where it has ended
	 */
	private record Token(TokenType type, String text, List<String> parts, boolean star, boolean escapedStar, int start,
			int end) {

		int column() {
			return this.start + 1;
		}

		boolean isWord(String word) {
			return this.type == TokenType.WORD && this.text.equalsIgnoreCase(word);
		}

	}

}
