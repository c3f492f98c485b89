package io.telemetry.boot.browser;

import io.telemetry.boot.InvalidSettingException;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What the server wants of browser clients. Immutable.
 *
 * @param enabled whether clients collect anything
 * @param sampling shares of events by subtype, from 0 to 1; {@code default} for all
 * others
 * @param session what concerns whole sessions
 * @param collect what is collected of its own accord
 * @param ignore parts of messages: errors and logs whose message contains one of them are
 * left out, beside those that a page itself asks to ignore
 * @param buffer when batches are sent and what is kept until then
 * @param privacy what must not leave the page, or only when the visitor has agreed
 * @param traceOrigins origins beside the page's own whose requests carry
 * {@code traceparent}
 */
public record BrowserSettings(boolean enabled, Map<String, Double> sampling, Session session, Collect collect,
		List<String> ignore, Buffer buffer, Privacy privacy, List<String> traceOrigins) {

	/** Shares of events where none are set. */
	public static final Map<String, Double> DEFAULT_SAMPLING = ordered(
			Map.of("default", 1.0, "page-load", 1.0, "api-call", 0.1, "click", 0.01, "scroll", 0.001));

	/** What is in force where nothing is set. */
	public static final BrowserSettings DEFAULTS = new BrowserSettings(true, DEFAULT_SAMPLING, Session.DEFAULTS,
			Collect.DEFAULTS, List.of(), Buffer.DEFAULTS, Privacy.DEFAULTS, List.of());

	/** Most texts to ignore: each of them is looked for in every message. */
	private static final int MOST_IGNORED = 100;

	private static final int LONGEST_IGNORED = 200;

	public BrowserSettings {
		sampling.forEach((subtype, rate) -> requireRate("sampling." + subtype, rate));
		sampling = ordered(sampling);
		ignore = List.copyOf(ignore);
		requireTexts("ignore", ignore);
		traceOrigins = List.copyOf(traceOrigins);
	}

	private static Map<String, Double> ordered(Map<String, Double> sampling) {
		return Collections.unmodifiableMap(new LinkedHashMap<>(new java.util.TreeMap<>(sampling)));
	}

	private static void requireRate(String setting, double rate) {
		if (!(rate >= 0 && rate <= 1)) {
			throw new InvalidSettingException(setting, rate, "must be from 0 to 1");
		}
	}

	private static void requireTexts(String setting, List<String> texts) {
		if (texts.size() > MOST_IGNORED) {
			throw new InvalidSettingException(setting, texts.size() + " texts",
					"must be at most " + MOST_IGNORED + " texts");
		}
		for (String text : texts) {
			if (text.isBlank()) {
				throw new InvalidSettingException(setting, texts, "must be texts that are not blank");
			}
			if (text.length() > LONGEST_IGNORED) {
				throw new InvalidSettingException(setting, text,
						"must be texts of at most " + LONGEST_IGNORED + " characters");
			}
		}
	}

	private static void requireBetween(String setting, long value, long least, long most) {
		if (value < least || value > most) {
			throw new InvalidSettingException(setting, value, "must be between " + least + " and " + most);
		}
	}

	/**
	 * What concerns whole sessions.
	 *
	 * @param rate share of sessions that are collected at all, from 0 to 1
	 * @param idle time without activity after which a session ends
	 */
	public record Session(double rate, Duration idle) {

		/** What is in force where nothing is set. */
		public static final Session DEFAULTS = new Session(1, Duration.ofMinutes(30));

		public Session {
			requireRate("session.rate", rate);
			requireBetween("session.idle", idle.toMillis(), 1000, Duration.ofDays(7).toMillis());
		}

	}

	/**
	 * What is collected of its own accord.
	 *
	 * @param errors uncaught errors and rejections
	 * @param console warnings and errors on the console
	 * @param network requests of the page
	 * @param performance load times and web vitals
	 * @param interactions clicks and the like
	 * @param navigation changes of the page
	 * @param scroll how far down the page is seen
	 * @param mouse where the pointer is
	 * @param attribution which element and which file are behind a web vital
	 * @param bots whether known crawlers are collected like everybody else
	 */
	public record Collect(boolean errors, boolean console, boolean network, boolean performance, boolean interactions,
			boolean navigation, boolean scroll, boolean mouse, boolean attribution, boolean bots) {

		/** What is in force where nothing is set. */
		public static final Collect DEFAULTS = new Collect(true, true, true, true, true, true, false, false, false,
				false);

	}

	/**
	 * When batches are sent and what is kept until then.
	 *
	 * @param events events after which a batch is sent
	 * @param flush time after which a batch is sent, however few events there are
	 * @param bytes most bytes of one batch; browsers allow 64 KB to pages that go away
	 * @param stored events that are kept while there is no connection
	 */
	public record Buffer(int events, Duration flush, int bytes, int stored) {

		/** What is in force where nothing is set. */
		public static final Buffer DEFAULTS = new Buffer(100, Duration.ofSeconds(5), 60_000, 1000);

		public Buffer {
			requireBetween("buffer.events", events, 1, 1000);
			requireBetween("buffer.flush", flush.toMillis(), 100, 600_000);
			requireBetween("buffer.bytes", bytes, 4000, 60_000);
			requireBetween("buffer.stored", stored, 1, 10_000);
		}

	}

	/**
	 * What must not leave the page, or only when the visitor has agreed. What a page asks
	 * for itself can only add to it.
	 *
	 * @param requireConsent whether nothing is sent, and nothing kept on the visitor's
	 * device, before the page has said that the visitor agrees
	 * @param respectGpc whether Global Privacy Control counts as a refusal
	 * @param respectDnt whether Do Not Track counts as a refusal
	 * @param remove names of fields that are removed beside the client's own, whatever
	 * their case, also where a longer name ends so
	 * @param query names of query parameters that stay in addresses
	 * @param fragment whether the part after {@code #} stays in addresses
	 */
	public record Privacy(boolean requireConsent, boolean respectGpc, boolean respectDnt, List<String> remove,
			List<String> query, boolean fragment) {

		/** What is in force where nothing is set. */
		public static final Privacy DEFAULTS = new Privacy(false, false, false, List.of(), List.of(), false);

		/** Most names of one list: each of them is looked for in every text. */
		private static final int MOST = 50;

		private static final Pattern FIELD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{1,63}");

		private static final Pattern PARAMETER = Pattern.compile("[^\\s&=#?]{1,64}");

		public Privacy {
			remove = List.copyOf(remove);
			query = List.copyOf(query);
			requireNames("privacy.remove", remove, FIELD, "2 to 64 letters, digits, '_' and '-'");
			requireNames("privacy.query", query, PARAMETER, "1 to 64 characters without '&', '=', '#', '?' and spaces");
		}

		private static void requireNames(String setting, List<String> names, Pattern form, String inWords) {
			if (names.size() > MOST) {
				throw new InvalidSettingException(setting, names.size() + " names",
						"must be at most " + MOST + " names");
			}
			for (String name : names) {
				if (!form.matcher(name).matches()) {
					throw new InvalidSettingException(setting, name, "must be a name of " + inWords);
				}
			}
		}

	}

}
