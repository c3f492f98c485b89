package io.telemetry.limit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * How many signals may pass in which time: one window or several that hold at once, such
 * as {@code 5/1m, 100/1h}. What {@link RateLimiter} and {@link KeyedRateLimiter} keep.
 * <p>
 * Limits that contradict themselves are refused: two windows of one period, and a window
 * that can certainly never hold anything back because another does so first.
 *
 * @param windows the windows, 1 to {@value #MAX_WINDOWS}, kept by rising period
 */
public record RateLimit(List<Window> windows) {

	/** Windows that one limit may have. */
	public static final int MAX_WINDOWS = 8;

	/** Signals that one window may let pass. */
	public static final long MAX_SIGNALS = 10_000_000;

	/** The longest period of a window. */
	public static final Duration MAX_PERIOD = Duration.ofDays(365);

	private static final String EXAMPLE = "5/1m, 100/1h";

	public RateLimit {
		if (windows.isEmpty()) {
			throw new IllegalArgumentException("A rate limit needs at least one window, such as " + EXAMPLE);
		}
		if (windows.size() > MAX_WINDOWS) {
			throw new IllegalArgumentException("A rate limit may have at most " + MAX_WINDOWS + " windows, not "
					+ windows.size() + ": leave some out");
		}
		windows = windows.stream().sorted(Comparator.comparing(Window::period)).toList();
		for (int i = 0; i < windows.size(); i++) {
			for (int j = i + 1; j < windows.size(); j++) {
				check(windows.get(i), windows.get(j));
			}
		}
	}

	/**
	 * A limit of one window.
	 * @param signals how many may pass, 1 to {@value #MAX_SIGNALS}
	 * @param period in which time: whole milliseconds, at most {@link #MAX_PERIOD}
	 * @return the limit
	 * @throws IllegalArgumentException if a value is out of range
	 */
	public static RateLimit of(long signals, Duration period) {
		return new RateLimit(List.of(new Window(signals, period)));
	}

	/**
	 * The limit that a text stands for: windows between commas, each a number of signals,
	 * a slash, and a period as number and unit ({@code ms}, {@code s}, {@code m},
	 * {@code h} or {@code d}).
	 * @param text such as {@code 5/1m, 100/1h}
	 * @return the limit
	 * @throws IllegalArgumentException if the text stands for none; the message says what
	 * is wrong with which part
	 */
	public static RateLimit parse(String text) {
		if (text.isBlank()) {
			throw new IllegalArgumentException(
					"'" + text + "' is not a rate limit: write at least one window, such as " + EXAMPLE);
		}
		List<Window> windows = new ArrayList<>();
		try {
			for (String part : text.split(",", -1)) {
				windows.add(Window.parse(part.trim()));
			}
			return new RateLimit(windows);
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException("'" + text + "' is not a rate limit: " + ex.getMessage(), ex);
		}
	}

	/**
	 * This limit with one window more.
	 * @param signals how many may pass, 1 to {@value #MAX_SIGNALS}
	 * @param period in which time: whole milliseconds, at most {@link #MAX_PERIOD}
	 * @return the limit
	 * @throws IllegalArgumentException if a value is out of range, or the windows
	 * contradict each other
	 */
	public RateLimit and(long signals, Duration period) {
		List<Window> both = new ArrayList<>(this.windows);
		both.add(new Window(signals, period));
		return new RateLimit(both);
	}

	/**
	 * Refuses two windows of which one is certainly without effect. Windows begin with a
	 * signal and not by the clock, so a period meets one window more of the other length
	 * than fits into it; what holds back only there is kept.
	 */
	private static void check(Window shorter, Window longer) {
		long times = longer.period().toMillis() / shorter.period().toMillis();
		if (shorter.period().equals(longer.period())) {
			throw new IllegalArgumentException(
					shorter + " and " + longer + " have the same period: keep the one that is meant");
		}
		if (shorter.signals() >= 2 * longer.signals()) {
			throw new IllegalArgumentException(shorter + " never holds anything back beside " + longer
					+ ": leave it out, or let it pass fewer than " + 2 * longer.signals());
		}
		if (longer.signals() >= (times + 2) * shorter.signals()) {
			throw new IllegalArgumentException(longer + " never holds anything back beside " + shorter
					+ ": leave it out, or let it pass fewer than " + (times + 2) * shorter.signals());
		}
	}

	/**
	 * The limit as properties write it; {@link #parse} gives it back.
	 */
	@Override
	public String toString() {
		return this.windows.stream().map(Window::toString).collect(Collectors.joining(", "));
	}

	/**
	 * One window: so many signals in such a time.
	 *
	 * @param signals how many may pass, 1 to {@value RateLimit#MAX_SIGNALS}
	 * @param period in which time: whole milliseconds, at most
	 * {@link RateLimit#MAX_PERIOD}
	 */
	public record Window(long signals, Duration period) {

		private static final long[] UNIT_MILLIS = { TimeUnit.DAYS.toMillis(1), TimeUnit.HOURS.toMillis(1),
				TimeUnit.MINUTES.toMillis(1), TimeUnit.SECONDS.toMillis(1), 1 };

		private static final String[] UNITS = { "d", "h", "m", "s", "ms" };

		public Window {
			if (signals < 1 || signals > MAX_SIGNALS) {
				throw new IllegalArgumentException(
						"the number of signals must be from 1 to " + MAX_SIGNALS + ", not " + signals);
			}
			if (period.isNegative() || period.isZero()) {
				throw new IllegalArgumentException("the period must be above zero, not " + period);
			}
			if (period.compareTo(MAX_PERIOD) > 0) {
				throw new IllegalArgumentException(
						"the period must be at most " + MAX_PERIOD.toDays() + "d, not " + period);
			}
			if (period.getNano() % 1_000_000 != 0) {
				throw new IllegalArgumentException("the period must be whole milliseconds, not " + period);
			}
		}

		private static Window parse(String text) {
			if (text.isEmpty()) {
				throw new IllegalArgumentException(
						"between two commas, or before or after one, is nothing; write windows as in " + EXAMPLE);
			}
			int slash = text.indexOf('/');
			if (slash < 0) {
				throw new IllegalArgumentException("'" + text
						+ "' is not a window; write signals, a slash and a period, such as 5/1m for five in a minute");
			}
			long signals = number(text, "number of signals", text.substring(0, slash).trim(), MAX_SIGNALS);
			return new Window(signals, period(text, text.substring(slash + 1).trim()));
		}

		private static Duration period(String window, String text) {
			int digits = 0;
			while (digits < text.length() && Character.digit(text.charAt(digits), 10) >= 0) {
				digits++;
			}
			String unit = text.substring(digits).trim();
			for (int i = 0; i < UNITS.length; i++) {
				if (UNITS[i].equals(unit)) {
					long most = MAX_PERIOD.toMillis() / UNIT_MILLIS[i];
					return Duration
						.ofMillis(number(window, "period", text.substring(0, digits), most) * UNIT_MILLIS[i]);
				}
			}
			throw new IllegalArgumentException("the period '" + text + "' of '" + window + "' "
					+ (unit.isEmpty() ? "has no unit" : "does not end in a unit") + "; write a number and one of "
					+ "ms, s, m, h, d, such as 1m");
		}

		private static long number(String window, String what, String text, long most) {
			long value = 0;
			for (int i = 0; i < text.length(); i++) {
				int digit = text.charAt(i) - '0';
				if (digit < 0 || digit > 9) {
					value = 0;
					break;
				}
				value = Math.min(value * 10 + digit, most + 1);
			}
			if (value < 1 || value > most) {
				throw new IllegalArgumentException("the " + what + " of '" + window
						+ "' must be a whole number from 1 to " + most + ", not '" + text + "'");
			}
			return value;
		}

		/**
		 * The window as properties write it, such as {@code 5/1m}.
		 */
		@Override
		public String toString() {
			long millis = this.period.toMillis();
			int unit = 0;
			while (millis % UNIT_MILLIS[unit] != 0) {
				unit++;
			}
			return this.signals + "/" + millis / UNIT_MILLIS[unit] + UNITS[unit];
		}

	}

}
