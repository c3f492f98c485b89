package io.telemetry.encode;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * Writes times as ISO-8601 in UTC with six digits after the second, or nine where the
 * nanoseconds need them. Everything up to the second is kept from one signal to the next.
 * Not safe for several threads.
 */
final class TimestampFormat {

	private static final DateTimeFormatter TO_THE_SECOND = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss");

	private long second = Long.MIN_VALUE;

	private String prefix = "";

	private final StringBuilder text = new StringBuilder(32);

	String format(Instant time) {
		if (time.getEpochSecond() != this.second) {
			try {
				LocalDateTime utc = LocalDateTime.ofEpochSecond(time.getEpochSecond(), 0, ZoneOffset.UTC);
				// Only four digits of a year sort and parse everywhere.
				this.prefix = (utc.getYear() >= 0 && utc.getYear() <= 9999) ? TO_THE_SECOND.format(utc) : "";
			}
			catch (DateTimeException ex) {
				this.prefix = "";
			}
			this.second = time.getEpochSecond();
		}
		if (this.prefix.isEmpty()) {
			return time.toString();
		}
		this.text.setLength(0);
		this.text.append(this.prefix).append('.');
		int nanos = time.getNano();
		boolean toTheNano = nanos % 1000 != 0;
		int rest = toTheNano ? nanos : nanos / 1000;
		for (int divisor = toTheNano ? 100_000_000 : 100_000; divisor > 0; divisor /= 10) {
			this.text.append((char) ('0' + rest / divisor % 10));
		}
		return this.text.append('Z').toString();
	}

}
