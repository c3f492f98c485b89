package io.telemetry.signal;

import java.util.HexFormat;
import java.util.List;

/**
 * What a failure has in common with others of the same origin, as text and as hash. The
 * text holds, a line each: the type, the shape of the message, up to {@value #MAX_FRAMES}
 * frames from the top, and the types of the causes. What changes from one occurrence or
 * build to the next is left out or stands as {@code #}. The work is bounded: of longer
 * texts only the beginning is looked at, and each character of it a bounded number of
 * times.
 */
final class Fingerprint {

	/** Frames that count. */
	static final int MAX_FRAMES = 5;

	/** Characters of a stack that are searched for frames. */
	static final int MAX_STACK = 16_384;

	/** Characters of one line of a stack that count. */
	static final int MAX_LINE = 1_024;

	/** Characters of a message that are looked at. */
	static final int MAX_MESSAGE = 4_096;

	/** Characters of a message's shape. */
	static final int MAX_SHAPE = 256;

	private static final int MAX_TYPE = 256;

	private static final int MAX_QUOTED = 256;

	private static final int MAX_EMAIL = 254;

	private static final int UUID_LENGTH = 36;

	/** Names that are made at run time: what follows differs from run to run. */
	private static final List<String> GENERATED = List.of("$$Lambda", "SpringCGLIB$$", "ByCGLIB$$", "BySpringCGLIB$$",
			"ByGuice$$", "$HibernateProxy$", "$MockitoMock$", "$ByteBuddy$", "$$_Weld", "$Proxy",
			"GeneratedMethodAccessor", "GeneratedConstructorAccessor", "GeneratedSerializationConstructorAccessor");

	/**
	 * Frames of reflection and method handles: which of them there are depends on how
	 * often a call was made before.
	 */
	private static final List<String> REFLECTION = List.of("java.lang.reflect.", "java.lang.invoke.",
			"jdk.internal.reflect.", "sun.reflect.");

	private Fingerprint() {
	}

	/**
	 * The hash: the upper 64 bits of the SHA-256 of the text in UTF-8.
	 * @param error a failure
	 * @return 16 hexadecimal digits
	 */
	static String of(ErrorData error) {
		return HexFormat.of().toHexDigits(Uid.derivedFrom(text(error)).high());
	}

	static String text(ErrorData error) {
		StringBuilder text = new StringBuilder(512);
		text.append(type(error.type())).append('\n');
		if (error.message() != null) {
			text.append(shape(error.message()));
		}
		text.append('\n');
		if (error.stack() != null) {
			frames(error.stack(), text);
		}
		ErrorData cause = error.cause();
		for (int i = 0; i < ErrorData.MAX_DEPTH && cause != null; i++) {
			text.append("caused by ").append(type(cause.type())).append('\n');
			cause = cause.cause();
		}
		return text.toString();
	}

	private static String type(String type) {
		return javaName(type.substring(0, Math.min(type.length(), MAX_TYPE)).strip());
	}

	// Frames

	private static void frames(String stack, StringBuilder text) {
		// Lines with "at" are frames wherever there are any; only without them is a line
		// with an @ more than a part of a message.
		if (frames(stack, text, true) == 0) {
			frames(stack, text, false);
		}
	}

	private static int frames(String stack, StringBuilder text, boolean at) {
		int found = 0;
		int end = Math.min(stack.length(), MAX_STACK);
		int from = 0;
		String last = "";
		while (from < end && found < MAX_FRAMES) {
			int to = lineEnd(stack, from, end);
			String line = stack.substring(from, Math.min(to, from + MAX_LINE)).strip();
			from = to + 1;
			String frame = "";
			if (at && line.startsWith("at ")) {
				frame = atFrame(line.substring(3).strip());
			}
			else if (!at && isPlaceOfScript(line)) {
				frame = urlFrame(line);
			}
			// A recursion stops at another depth each time.
			if (!frame.isEmpty() && !frame.equals(last)) {
				text.append(frame).append('\n');
				last = frame;
				found++;
			}
		}
		return found;
	}

	private static int lineEnd(String text, int from, int end) {
		int to = from;
		while (to < end && text.charAt(to) != '\n' && text.charAt(to) != '\r') {
			to++;
		}
		return to;
	}

	/**
	 * Java's {@code a.b.C.m(C.java:12)}, or Chrome's {@code fn (url:1:2)} and
	 * {@code url:1:2}.
	 */
	private static String atFrame(String frame) {
		int open = frame.indexOf(" (");
		if (open >= 0) {
			int close = frame.lastIndexOf(')');
			String place = frame.substring(open + 2, Math.max(open + 2, close));
			return function(frame.substring(0, open)) + "@" + script(place);
		}
		int parenthesis = frame.indexOf('(');
		if (parenthesis < 0 && (isPlaceOfScript(frame) || frame.contains("://"))) {
			return "@" + script(frame.startsWith("async ") ? frame.substring("async ".length()) : frame);
		}
		String name = javaName((parenthesis >= 0) ? frame.substring(0, parenthesis) : frame);
		return isReflection(name) ? "" : name;
	}

	private static boolean isReflection(String name) {
		for (String prefix : REFLECTION) {
			if (name.startsWith(prefix)) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Firefox's and Safari's {@code fn@url:1:2}, {@code @url:1:2} and {@code url:1:2}.
	 */
	private static String urlFrame(String frame) {
		int scheme = frame.indexOf("://");
		int at = (scheme >= 0) ? frame.lastIndexOf('@', scheme) : frame.indexOf('@');
		return function(frame.substring(0, Math.max(at, 0))) + "@" + script(frame.substring(at + 1));
	}

	private static boolean isPlaceOfScript(String line) {
		if (line.endsWith("[native code]")) {
			return true;
		}
		int end = withoutPosition(line);
		return end < line.length() && (line.indexOf('@') >= 0 || line.contains("://") || line.startsWith("/"));
	}

	private static String function(String name) {
		String bare = name.strip();
		for (String word : List.of("async ", "async*", "new ")) {
			bare = bare.startsWith(word) ? bare.substring(word.length()) : bare;
		}
		int as = bare.indexOf(" [as ");
		return digitsAsOne((as >= 0) ? bare.substring(0, as) : bare);
	}

	/**
	 * A script without what differs between servers and builds: scheme, host, query,
	 * fragment, line, column, content hashes and numbers.
	 */
	private static String script(String place) {
		String path = place;
		if (path.startsWith("eval at ")) {
			return "eval";
		}
		path = path.substring(0, withoutPosition(path));
		int scheme = path.indexOf("://");
		if (scheme >= 0) {
			int slash = path.indexOf('/', scheme + 3);
			path = (slash >= 0) ? path.substring(slash) : "/";
		}
		path = path.substring(0, endOfPath(path));
		int name = path.lastIndexOf('/') + 1;
		return segments(path.substring(0, name)) + segments(withoutBundlerHash(path.substring(name)));
	}

	private static int endOfPath(String path) {
		for (int i = 0; i < path.length(); i++) {
			if (path.charAt(i) == '?' || path.charAt(i) == '#') {
				return i;
			}
		}
		return path.length();
	}

	/**
	 * Where the line and column begin that a place ends with.
	 */
	private static int withoutPosition(String place) {
		int end = place.length();
		for (int part = 0; part < 2; part++) {
			int i = end;
			while (i > 0 && isDigit(place.charAt(i - 1))) {
				i--;
			}
			if (i == end || i == 0 || place.charAt(i - 1) != ':') {
				break;
			}
			end = i - 1;
		}
		return end;
	}

	/**
	 * Takes the eight characters of base 64 or 32 out of a name that Rollup, Vite or
	 * esbuild put before its ending, as in {@code index-B-k2J9aQ.js}.
	 */
	private static String withoutBundlerHash(String name) {
		int dot = name.lastIndexOf('.');
		if (dot < 10 || (name.charAt(dot - 9) != '-' && name.charAt(dot - 9) != '_')) {
			return name;
		}
		boolean telling = false;
		for (int i = dot - 8; i < dot; i++) {
			char c = name.charAt(i);
			if (!isWord(c) && c != '-') {
				return name;
			}
			telling |= isDigit(c) || (c >= 'A' && c <= 'Z');
		}
		return telling ? name.substring(0, dot - 8) + "#" + name.substring(dot) : name;
	}

	/**
	 * A path whose parts are kept, but for hashes and numbers.
	 */
	private static String segments(String path) {
		StringBuilder result = new StringBuilder(path.length());
		int i = 0;
		while (i < path.length()) {
			int end = i;
			while (end < path.length() && isAlphanumeric(path.charAt(end))) {
				end++;
			}
			if (end == i) {
				result.append(path.charAt(i));
				i++;
			}
			else {
				token(path, i, end, result);
				i = end;
			}
		}
		return result.toString();
	}

	/**
	 * A name of Java's without what is counted or drawn when classes are compiled or
	 * made: class loader and module, hidden classes, lambdas, proxies, numbers after a
	 * dollar sign.
	 */
	private static String javaName(String name) {
		String bare = name.substring(moduleEnd(name));
		StringBuilder result = new StringBuilder(bare.length());
		int i = 0;
		while (i < bare.length()) {
			char c = bare.charAt(i);
			int generated = generatedAt(bare, i);
			if (generated > 0) {
				result.append(bare, i, i + generated);
				i = partEnd(bare, i + generated);
			}
			else if (c == '/') {
				i = partEnd(bare, i);
			}
			else {
				result.append(c);
				i++;
				if (c == '$') {
					i = digitsEnd(bare, i);
				}
			}
		}
		String text = result.toString();
		int proxy = text.indexOf("$Proxy");
		return (proxy > 0 && (text.startsWith("jdk.proxy") || text.startsWith("com.sun.proxy.")))
				? text.substring(proxy) : text;
	}

	/**
	 * Where the name begins in {@code app//a.B} or {@code java.base@17/java.lang.C}: the
	 * slash of a hidden class, {@code a.B/0x0001.m}, is another.
	 */
	private static int moduleEnd(String name) {
		int end = 0;
		for (int i = 0; i < name.length(); i++) {
			if (name.charAt(i) == '/') {
				boolean hidden = i + 1 < name.length() && isDigit(name.charAt(i + 1));
				if (hidden) {
					break;
				}
				end = i + 1;
			}
		}
		return end;
	}

	private static int generatedAt(String name, int index) {
		for (String generated : GENERATED) {
			if (name.startsWith(generated, index)) {
				return generated.length();
			}
		}
		return 0;
	}

	private static int partEnd(String name, int from) {
		int dot = name.indexOf('.', from);
		return (dot >= 0) ? dot : name.length();
	}

	private static int digitsEnd(String text, int from) {
		int end = from;
		while (end < text.length() && isDigit(text.charAt(end))) {
			end++;
		}
		return end;
	}

	private static String digitsAsOne(String text) {
		StringBuilder result = new StringBuilder(text.length());
		int i = 0;
		while (i < text.length()) {
			int end = digitsEnd(text, i);
			if (end > i) {
				result.append('#');
				i = end;
			}
			else {
				result.append(text.charAt(i));
				i++;
			}
		}
		return result.toString();
	}

	// Messages

	/**
	 * A message with {@code #} for what differs from one occurrence to the next: numbers,
	 * hexadecimal digits, UUIDs, what is quoted, e-mail addresses, queries of urls, long
	 * random words; several of them in a row are one.
	 * @param message what a failure says
	 * @return at most {@value #MAX_SHAPE} characters
	 */
	static String shape(String message) {
		StringBuilder shape = new StringBuilder(Math.min(message.length(), MAX_SHAPE) + MAX_QUOTED);
		int end = Math.min(message.length(), MAX_MESSAGE);
		int i = 0;
		while (i < end && shape.length() <= MAX_SHAPE) {
			char c = message.charAt(i);
			if (c <= ' ' || Character.isWhitespace(c)) {
				if (!shape.isEmpty() && shape.charAt(shape.length() - 1) != ' ') {
					shape.append(' ');
				}
				i++;
				continue;
			}
			if (isQuery(message, i, end)) {
				i = queryEnd(message, i, end);
				continue;
			}
			int skipped = variableEnd(message, i, end);
			if (skipped > i) {
				variable(shape);
				i = skipped;
			}
			else if (isAlphanumeric(c)) {
				int wordEnd = wordEnd(message, i, end);
				token(message, i, wordEnd, shape);
				i = wordEnd;
			}
			else {
				shape.append(c);
				i++;
			}
		}
		if (shape.length() > MAX_SHAPE) {
			shape.setLength(MAX_SHAPE);
		}
		return shape.toString().strip();
	}

	/**
	 * The end of what begins here and is variable as a whole, or the same index.
	 */
	private static int variableEnd(String text, int from, int end) {
		if (from > 0 && isAlphanumeric(text.charAt(from - 1))) {
			return from;
		}
		int quoted = quotedEnd(text, from, end);
		if (quoted > from) {
			return quoted;
		}
		if (isUuid(text, from, end)) {
			return from + UUID_LENGTH;
		}
		int email = emailEnd(text, from, end);
		return (email > from) ? email : randomEnd(text, from, end);
	}

	private static boolean isQuery(String text, int from, int end) {
		return text.charAt(from) == '?' && from > 0 && text.charAt(from - 1) > ' ' && from + 1 < end
				&& isWord(text.charAt(from + 1));
	}

	private static int queryEnd(String text, int from, int end) {
		int i = from;
		while (i < end && text.charAt(i) > ' ' && "\"'`<>)]}".indexOf(text.charAt(i)) < 0) {
			i++;
		}
		return i;
	}

	private static int quotedEnd(String text, int from, int end) {
		int kind = "\"'`\u201c\u2018\u00ab".indexOf(text.charAt(from));
		if (kind < 0) {
			return from;
		}
		char closing = "\"'`\u201d\u2019\u00bb".charAt(kind);
		int limit = Math.min(end, from + MAX_QUOTED);
		for (int i = from + 1; i < limit; i++) {
			// Not the apostrophe of a word.
			if (text.charAt(i) == closing && (i + 1 == end || !isAlphanumeric(text.charAt(i + 1)))) {
				return i + 1;
			}
		}
		return from;
	}

	private static boolean isUuid(String text, int from, int end) {
		if (from + UUID_LENGTH > end || (from + UUID_LENGTH < end && isAlphanumeric(text.charAt(from + UUID_LENGTH)))) {
			return false;
		}
		for (int i = 0; i < UUID_LENGTH; i++) {
			char c = text.charAt(from + i);
			boolean hyphen = i == 8 || i == 13 || i == 18 || i == 23;
			if (hyphen ? c != '-' : !isHex(c)) {
				return false;
			}
		}
		return true;
	}

	/**
	 * Only words that nothing of an address comes before are tried, so that each
	 * character is looked at once for the part before the @.
	 */
	private static int emailEnd(String text, int from, int end) {
		if (from > 0 && isLocalPart(text.charAt(from - 1)) || !isLocalPart(text.charAt(from))) {
			return from;
		}
		int limit = Math.min(end, from + MAX_EMAIL);
		int at = from;
		while (at < limit && isLocalPart(text.charAt(at))) {
			at++;
		}
		if (at == limit || text.charAt(at) != '@') {
			return from;
		}
		int i = at + 1;
		int dots = 0;
		while (i < limit && (isWord(text.charAt(i)) || text.charAt(i) == '-'
				|| (text.charAt(i) == '.' && i + 1 < end && isAlphanumeric(text.charAt(i + 1))))) {
			dots += (text.charAt(i) == '.') ? 1 : 0;
			i++;
		}
		return (dots > 0) ? i : from;
	}

	private static boolean isLocalPart(char c) {
		return isWord(c) || c == '.' || c == '-' || c == '+' || c == '%';
	}

	/**
	 * Words of base 64 for urls, tokens and ULIDs: long, of digits and of letters.
	 */
	private static int randomEnd(String text, int from, int end) {
		if (!isAlphanumeric(text.charAt(from)) || (from > 0 && isBase64(text.charAt(from - 1)))) {
			return from;
		}
		int i = from;
		boolean digit = false;
		boolean upper = false;
		boolean lower = false;
		while (i < end && isBase64(text.charAt(i))) {
			char c = text.charAt(i);
			digit |= isDigit(c);
			upper |= c >= 'A' && c <= 'Z';
			lower |= c >= 'a' && c <= 'z';
			i++;
		}
		return (i - from >= 24 && digit && upper && lower) ? i : from;
	}

	private static boolean isBase64(char c) {
		return isWord(c) || c == '-';
	}

	private static int wordEnd(String text, int from, int end) {
		int i = from;
		while (i < end && isAlphanumeric(text.charAt(i))) {
			i++;
		}
		return i;
	}

	/**
	 * Adds a run of letters and digits: whole where it reads like a word, as {@code #}
	 * where it is a number or a hash, and with {@code #} for each number in it else.
	 */
	private static void token(String text, int from, int end, StringBuilder result) {
		int digits = 0;
		boolean hex = true;
		for (int i = from; i < end; i++) {
			char c = text.charAt(i);
			digits += isDigit(c) ? 1 : 0;
			hex &= isHex(c);
		}
		int length = end - from;
		boolean hash = (hex && length >= 6) || length >= 20
				|| (text.charAt(from) == '0' && length > 2 && (text.charAt(from + 1) | 0x20) == 'x');
		boolean afterAt = from > 0 && text.charAt(from - 1) == '@' && hex && length <= 8;
		if ((digits > 0 && (hash || digits == length)) || length >= 64 || afterAt) {
			variable(result);
			return;
		}
		int i = from;
		while (i < end) {
			if (isDigit(text.charAt(i))) {
				variable(result);
				i = Math.min(end, digitsEnd(text, i));
			}
			else {
				result.append(text.charAt(i));
				i++;
			}
		}
	}

	/**
	 * Adds a {@code #}, unless one stands there that only a separator parts from it:
	 * times, addresses, versions and lists are one whatever their length. A sign goes.
	 */
	private static void variable(StringBuilder result) {
		int end = result.length();
		if (end > 0 && result.charAt(end - 1) == '-' && (end == 1 || " (=:,[".indexOf(result.charAt(end - 2)) >= 0)) {
			end--;
			result.setLength(end);
		}
		int before = end;
		if (before > 0 && result.charAt(before - 1) == ' ') {
			before--;
			if (before > 0 && (result.charAt(before - 1) == ',' || result.charAt(before - 1) == ';')) {
				before--;
			}
		}
		else if (before > 0 && ".,:;-+/".indexOf(result.charAt(before - 1)) >= 0) {
			before--;
		}
		if (before > 0 && result.charAt(before - 1) == '#') {
			result.setLength(before);
		}
		else {
			result.append('#');
		}
	}

	private static boolean isDigit(char c) {
		return c >= '0' && c <= '9';
	}

	private static boolean isHex(char c) {
		return isDigit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
	}

	private static boolean isAlphanumeric(char c) {
		return isDigit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c > 0x7f && Character.isLetter(c));
	}

	private static boolean isWord(char c) {
		return isAlphanumeric(c) || c == '_';
	}

}
