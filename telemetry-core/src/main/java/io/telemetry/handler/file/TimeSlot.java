package io.telemetry.handler.file;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;

import io.telemetry.handler.file.FileOptions.Rotation.Interval;

/**
 * A day or an hour that has a file of its own, or all time where time plays no part.
 *
 * @param start when it begins, in milliseconds since the epoch
 * @param end when the next one begins
 * @param stamp how file names tell it, or an empty text for all time
 */
record TimeSlot(long start, long end, String stamp) {

	/** What stamps look like, as a regular expression: those of days and of hours. */
	static final String STAMP = "\\d{4}-\\d{2}-\\d{2}(?:-\\d{2})?";

	private static final TimeSlot ALL = new TimeSlot(Long.MIN_VALUE / 4, Long.MAX_VALUE / 4, "");

	private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("uuuu-MM-dd");

	private static final DateTimeFormatter HOUR = DateTimeFormatter.ofPattern("uuuu-MM-dd-HH");

	static TimeSlot of(Interval interval, ZoneId zone, long time) {
		ZonedDateTime moment = Instant.ofEpochMilli(time).atZone(zone);
		return switch (interval) {
			case NONE -> ALL;
			case HOUR -> {
				ZonedDateTime start = moment.truncatedTo(ChronoUnit.HOURS);
				yield new TimeSlot(millis(start), millis(start.plusHours(1)), HOUR.format(start));
			}
			case DAY -> {
				LocalDate day = moment.toLocalDate();
				yield new TimeSlot(millis(day.atStartOfDay(zone)), millis(day.plusDays(1).atStartOfDay(zone)),
						DAY.format(day));
			}
		};
	}

	private static long millis(ZonedDateTime moment) {
		return moment.toInstant().toEpochMilli();
	}

	/**
	 * Whether it is another time by now. A clock that was set back a little has not begun
	 * another day: it would end this one twice.
	 */
	boolean isOver(long now) {
		return now >= this.end || now < this.start - (this.end - this.start);
	}

}
