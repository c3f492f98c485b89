package io.telemetry.boot.channel.caller;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

import io.telemetry.limit.RateLimit;
import io.telemetry.limit.RateLimiter;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the browser behind a {@code User-Agent} header. Remembers the
 * {@value #CACHED} headers that came last. Reading one that is not remembered takes some
 * milliseconds, so of those only {@value #NEW_HEADERS} are read: a client that sends
 * another header each time gets no description, and keeps no processor busy. Safe for
 * several threads.
 */
public final class UserAgents {

	/** Says nothing about anybody. */
	public static final UserAgents NONE = new UserAgents(null);

	static final int MAX_LENGTH = 512;

	private static final int CACHED = 256;

	private static final String NEW_HEADERS = "20/1s";

	private static final int MAX_VALUE_LENGTH = 64;

	private final @Nullable UserAgentParser parser;

	/** Guarded by itself. */
	private final Map<String, Map<String, String>> cache = new LinkedHashMap<>(16, 0.75f, true) {

		private static final long serialVersionUID = 1L;

		@Override
		protected boolean removeEldestEntry(Map.Entry<String, Map<String, String>> eldest) {
			return size() > CACHED;
		}

	};

	private final RateLimiter newHeaders;

	private final LongAdder limited = new LongAdder();

	/**
	 * Browsers as a parser knows them.
	 * @param parser what reads the headers; {@code null} for none
	 */
	public UserAgents(@Nullable UserAgentParser parser) {
		this(parser, System::nanoTime);
	}

	UserAgents(@Nullable UserAgentParser parser, LongSupplier nanoTime) {
		this.parser = parser;
		this.newHeaders = new RateLimiter(RateLimit.parse(NEW_HEADERS), nanoTime);
	}

	/**
	 * What is known of a browser.
	 * @param header what it sent, if anything; of a long one only the beginning is read
	 * @return some of {@code browser}, {@code browserVersion}, {@code os},
	 * {@code osVersion} and {@code device}, short and printable; immutable. Nothing where
	 * too many new headers come
	 */
	public Map<String, String> describe(@Nullable String header) {
		if (this.parser == null || header == null || header.isEmpty()) {
			return Map.of();
		}
		String readable = printable(header, MAX_LENGTH);
		synchronized (this.cache) {
			Map<String, String> known = this.cache.get(readable);
			if (known != null) {
				return known;
			}
		}
		if (this.newHeaders.ask() == RateLimiter.LIMITED) {
			this.limited.increment();
			return Map.of();
		}
		Map<String, String> made = new LinkedHashMap<>();
		this.parser.parse(readable).forEach((key, value) -> made.put(key, printable(value, MAX_VALUE_LENGTH)));
		Map<String, String> description = Map.copyOf(made);
		synchronized (this.cache) {
			this.cache.put(readable, description);
		}
		return description;
	}

	/**
	 * How many headers were not read because too many new ones came.
	 * @return a number that only grows
	 */
	public long limited() {
		return this.limited.sum();
	}

	int cached() {
		synchronized (this.cache) {
			return this.cache.size();
		}
	}

	private static String printable(String text, int most) {
		StringBuilder result = new StringBuilder(Math.min(text.length(), most));
		for (int i = 0; i < text.length() && i < most; i++) {
			char c = text.charAt(i);
			result.append((c >= ' ' && c <= '~') ? c : '?');
		}
		return result.toString();
	}

}
