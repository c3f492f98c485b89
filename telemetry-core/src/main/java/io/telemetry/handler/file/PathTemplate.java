package io.telemetry.handler.file;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * The path of a handler's files, with what stands for a date and a session still open,
 * and the names that files have after they ended. Knows by its name whether a file is one
 * of them.
 * <p>
 * A file that ended has a number added, and the date unless the path has it already:
 * {@code signals.jsonl.2026-11-21.0}, and {@code .gz} when compressed.
 */
final class PathTemplate {

	private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([^}]*)}");

	private static final String DATE = "date";

	private static final String SESSION = "session";

	/** Which ids are names of files as they are, on any file system. */
	private static final Pattern PLAIN_ID = Pattern.compile("[a-z0-9][a-z0-9_-]{0,63}");

	/**
	 * With a dot, which no plain id has, so that nobody chooses an id to get at another's
	 * file.
	 */
	private static final String HASHED = "h.";

	private static final int HASH_BYTES = 16;

	private static final String SESSION_REGEX = "session-(?:" + PLAIN_ID.pattern() + "|h\\.[0-9a-f]{" + (2 * HASH_BYTES)
			+ "})|no-session";

	private static final int MAX_NAME = 64;

	private final String text;

	private final boolean dated;

	private final boolean perSession;

	private final Path root;

	private final Pattern pattern;

	private PathTemplate(String text) {
		this.text = text;
		this.dated = text.contains(placeholder(DATE));
		this.perSession = text.contains(placeholder(SESSION));
		Path root = Path.of(text).getParent();
		while (root != null && PLACEHOLDER.matcher(root.toString()).find()) {
			root = root.getParent();
		}
		this.root = (root != null) ? root : Path.of(text).getRoot();
		String stamp = this.dated ? "" : "\\.(?<stamp>" + TimeSlot.STAMP + ")";
		this.pattern = Pattern
			.compile(regex(text) + "(?<ended>" + stamp + "\\.(?<index>\\d{1,9})(?<gz>\\.gz(?<tmp>\\.tmp)?)?)?");
	}

	/**
	 * The template of a path.
	 * @param path the path
	 * @param names what {@code ${name}} in it stands for, by name
	 * @throws IllegalArgumentException if there is a name in it that is none of them, nor
	 * date or session
	 */
	static PathTemplate of(Path path, Map<String, String> names) {
		String text = PLACEHOLDER.matcher(path.toAbsolutePath().normalize().toString()).replaceAll((match) -> {
			String name = match.group(1);
			if (name.equals(DATE) || name.equals(SESSION)) {
				return Matcher.quoteReplacement(match.group());
			}
			String value = names.get(name);
			if (value == null) {
				throw new IllegalArgumentException(unknown(path, match.group(), names));
			}
			return Matcher.quoteReplacement(fileName(value));
		});
		return new PathTemplate(text);
	}

	private static String unknown(Path path, String placeholder, Map<String, String> names) {
		TreeSet<String> known = new TreeSet<>(names.keySet());
		known.add(DATE);
		known.add(SESSION);
		return "'" + path + "' has " + placeholder + " in it, which nothing is known of: use one of "
				+ String.join(", ", known.stream().map(PathTemplate::placeholder).toList());
	}

	private static String placeholder(String name) {
		return "${" + name + "}";
	}

	private static String fileName(String value) {
		String name = value.replaceAll("[^A-Za-z0-9._-]", "_").replaceAll("^\\.+", "_");
		return name.isEmpty() ? "_" : name.substring(0, Math.min(name.length(), MAX_NAME));
	}

	private static String regex(String text) {
		StringBuilder regex = new StringBuilder();
		Matcher matcher = PLACEHOLDER.matcher(text);
		int end = 0;
		while (matcher.find()) {
			regex.append(Pattern.quote(text.substring(end, matcher.start())));
			String name = matcher.group(1);
			if (regex.indexOf("(?<" + name + ">") >= 0) {
				regex.append("\\k<").append(name).append('>');
			}
			else {
				regex.append("(?<").append(name).append('>');
				regex.append(name.equals(DATE) ? TimeSlot.STAMP : SESSION_REGEX).append(')');
			}
			end = matcher.end();
		}
		return regex.append(Pattern.quote(text.substring(end))).toString();
	}

	boolean isDated() {
		return this.dated;
	}

	boolean isPerSession() {
		return this.perSession;
	}

	/**
	 * The directory below which all files are.
	 */
	Path root() {
		return this.root;
	}

	/**
	 * How many names below the root the files are.
	 */
	int depth() {
		return Path.of(this.text).getNameCount() - this.root.getNameCount();
	}

	/**
	 * The file to write to.
	 * @param stamp the date
	 * @param session the id of the session, or {@code null} for signals without one
	 */
	Path live(String stamp, @Nullable String session) {
		return Path.of(this.text.replace(placeholder(DATE), stamp).replace(placeholder(SESSION), sessionName(session)));
	}

	private static String sessionName(@Nullable String session) {
		if (session == null) {
			return "no-session";
		}
		return "session-" + (PLAIN_ID.matcher(session).matches() ? session : HASHED + hash(session));
	}

	private static String hash(String text) {
		try {
			byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
			return HexFormat.of().formatHex(digest, 0, HASH_BYTES);
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("Every Java has SHA-256", ex);
		}
	}

	/**
	 * The name of a file that ended.
	 * @param live the file
	 * @param stamp its date; not used where the path has it
	 * @param index its number
	 */
	Path ended(Path live, String stamp, int index) {
		return live.resolveSibling(endedPrefix(live, stamp) + index);
	}

	/**
	 * What the names of files that ended begin with, before the number.
	 */
	String endedPrefix(Path live, String stamp) {
		return live.getFileName() + (this.dated ? "." : "." + stamp + ".");
	}

	/**
	 * What a name tells of a file.
	 * @return {@code null} if it is not one of the handler's files
	 */
	@Nullable Found match(Path file) {
		Matcher matcher = this.pattern.matcher(file.toString());
		if (!matcher.matches()) {
			return null;
		}
		Found.State state = Found.State.LIVE;
		if (matcher.group("tmp") != null) {
			state = Found.State.TEMPORARY;
		}
		else if (matcher.group("gz") != null) {
			state = Found.State.COMPRESSED;
		}
		else if (matcher.group("ended") != null) {
			state = Found.State.ENDED;
		}
		String index = matcher.group("index");
		return new Found(file, state, this.dated ? matcher.group(DATE) : "",
				(index != null) ? Integer.parseInt(index) : -1);
	}

	/**
	 * One of the handler's files, by its name.
	 *
	 * @param path the file
	 * @param state what the end of its name says
	 * @param date the date in its path, or an empty text where paths have none
	 * @param index its number, or -1 while it has none
	 */
	record Found(Path path, State state, String date, int index) {

		/**
		 * What becomes of a file, in this order.
		 */
		enum State {

			/** It may be written to. */
			LIVE,

			/** Nobody writes to it any more. */
			ENDED,

			/** It is being compressed, or was when the process died. */
			TEMPORARY,

			/** It is compressed. */
			COMPRESSED

		}

	}

}
