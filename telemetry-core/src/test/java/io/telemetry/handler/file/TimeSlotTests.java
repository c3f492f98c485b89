package io.telemetry.handler.file;

import java.time.Instant;
import java.time.ZoneId;

import io.telemetry.handler.file.FileOptions.Rotation.Interval;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class TimeSlotTests {

	private static final ZoneId OSLO = ZoneId.of("Europe/Oslo");

	private static TimeSlot slot(Interval interval, String time) {
		return TimeSlot.of(interval, OSLO, millis(time));
	}

	private static long millis(String time) {
		return Instant.parse(time).toEpochMilli();
	}

	@Test
	void daysBeginAtMidnightOfTheZone() {
		TimeSlot slot = slot(Interval.DAY, "2026-11-20T23:30:00Z");
		assertThat(slot)
			.isEqualTo(new TimeSlot(millis("2026-11-20T23:00:00Z"), millis("2026-11-21T23:00:00Z"), "2026-11-21"));
	}

	@Test
	void aDayMayHave25Hours() {
		TimeSlot slot = slot(Interval.DAY, "2026-10-25T12:00:00Z");
		assertThat(slot.end() - slot.start()).isEqualTo(25 * 3_600_000);
	}

	@Test
	void theHourThatComesTwiceIsTwoOfOneName() {
		TimeSlot first = slot(Interval.HOUR, "2026-10-25T00:30:00Z");
		TimeSlot second = slot(Interval.HOUR, "2026-10-25T01:30:00Z");
		assertThat(first.stamp()).isEqualTo("2026-10-25-02").isEqualTo(second.stamp());
		assertThat(first.isOver(second.start())).isTrue();
	}

	@ParameterizedTest
	@CsvSource({ "2026-11-20T23:00:00Z, false", "2026-11-21T22:59:59Z, false", "2026-11-21T23:00:00Z, true",
			"2027-11-21T00:00:00Z, true", "2026-11-20T22:59:00Z, false", "2026-11-19T23:00:00Z, false",
			"2026-11-19T22:59:59Z, true", "1970-01-01T00:00:00Z, true" })
	void aDayIsOverWithTheNextOrWhenTheClockWentBackByMoreThanADay(String now, boolean over) {
		assertThat(slot(Interval.DAY, "2026-11-21T12:00:00Z").isOver(millis(now))).isEqualTo(over);
	}

	@Test
	void allTimeIsNeverOver() {
		TimeSlot slot = slot(Interval.NONE, "2026-11-21T12:00:00Z");
		assertThat(slot.isOver(0)).isFalse();
		assertThat(slot.isOver(millis("9999-11-21T12:00:00Z"))).isFalse();
	}

}
