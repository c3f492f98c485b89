package io.telemetry.encode;

import java.nio.charset.StandardCharsets;
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

	/** Bytes that a time takes at most. */
	static final int MAX_LENGTH = 48;

	private static final int TO_THE_SECOND = 19;

	private static final DateTimeFormatter FORMATTER = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss");

	private long second = Long.MIN_VALUE;

	private boolean inRange;

	private final byte[] prefix = new byte[TO_THE_SECOND];

	private final byte[] text = new byte[MAX_LENGTH];

	/**
	 * Whether the year has four digits, so that the text sorts and every reader takes it.
	 */
	boolean isInRange(Instant time) {
		if (time.getEpochSecond() != this.second) {
			this.second = time.getEpochSecond();
			this.inRange = false;
			try {
				LocalDateTime utc = LocalDateTime.ofEpochSecond(this.second, 0, ZoneOffset.UTC);
				if (utc.getYear() >= 0 && utc.getYear() <= 9999) {
					byte[] formatted = FORMATTER.format(utc).getBytes(StandardCharsets.US_ASCII);
					System.arraycopy(formatted, 0, this.prefix, 0, TO_THE_SECOND);
					this.inRange = true;
				}
			}
			catch (DateTimeException ex) {
				// Beyond what a local time can hold.
			}
		}
		return this.inRange;
	}

	/**
	 * Writes a time as ASCII.
	 * @param time the time
	 * @param target has room for {@link #MAX_LENGTH} bytes
	 * @param offset where it begins
	 * @return where it ends
	 */
	int format(Instant time, byte[] target, int offset) {
		if (!isInRange(time)) {
			byte[] text = time.toString().getBytes(StandardCharsets.US_ASCII);
			System.arraycopy(text, 0, target, offset, text.length);
			return offset + text.length;
		}
		System.arraycopy(this.prefix, 0, target, offset, TO_THE_SECOND);
		target[offset + TO_THE_SECOND] = '.';
		int nanos = time.getNano();
		boolean toTheNano = nanos % 1000 != 0;
		int rest = toTheNano ? nanos : nanos / 1000;
		int end = offset + TO_THE_SECOND + (toTheNano ? 10 : 7);
		for (int i = end - 1; i > offset + TO_THE_SECOND; i--) {
			target[i] = (byte) ('0' + rest % 10);
			rest /= 10;
		}
		target[end] = 'Z';
		return end + 1;
	}

	String format(Instant time) {
		int length = format(time, this.text, 0);
		return new String(this.text, 0, length, StandardCharsets.US_ASCII);
	}

}
