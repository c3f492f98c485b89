package io.telemetry.limit;

import java.time.Duration;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class RateLimitTests {

	@Test
	void propertyFormGivesWindowsByRisingPeriod() {
		RateLimit limit = RateLimit.parse(" 100/1h,5 / 1 m ");
		assertThat(limit.windows()).containsExactly(new RateLimit.Window(5, Duration.ofMinutes(1)),
				new RateLimit.Window(100, Duration.ofHours(1)));
		assertThat(limit).isEqualTo(RateLimit.of(5, Duration.ofMinutes(1)).and(100, Duration.ofHours(1)));
		assertThat(limit).hasToString("5/1m, 100/1h");
	}

	@ParameterizedTest
	@CsvSource({ "1/1ms,1/1ms", "1/1000ms,1/1s", "1/1500ms,1/1500ms", "1/60s,1/1m", "1/90s,1/90s", "1/90m,1/90m",
			"1/24h,1/1d", "1/36h,1/36h", "10000000/365d,10000000/365d", "007/01m,7/1m" })
	void textIsTheShortestThatMeansTheSame(String given, String text) {
		assertThat(RateLimit.parse(given)).hasToString(text);
		assertThat(RateLimit.parse(text)).isEqualTo(RateLimit.parse(given));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '"',
			value = { "\"\" | write at least one window, such as 5/1m, 100/1h",
					"5/1m, | between two commas, or before or after one, is nothing",
					"5 | '5' is not a window; write signals, a slash and a period, such as 5/1m",
					"/1m | number of signals of '/1m' must be a whole number from 1 to 10000000, not ''",
					"0/1m | number of signals of '0/1m' must be a whole number from 1 to 10000000, not '0'",
					"-5/1m | not '-5'", "5.5/1m | not '5.5'", "10000001/1m | not '10000001'",
					"99999999999999999999/1m | not '99999999999999999999'", "\u0665/1m | not '\u0665'",
					"5/1 | the period '1' of '5/1' has no unit; write a number and one of ms, s, m, h, d, such as 1m",
					"5/ | the period '' of '5/' has no unit",
					"5/m | the period of '5/m' must be a whole number from 1 to 525600",
					"5/0s | the period of '5/0s' must be a whole number", "5/-1s | does not end in a unit",
					"5/1M | the period '1M' of '5/1M' does not end in a unit", "5/1m/2 | does not end in a unit",
					"5/366d | the period of '5/366d' must be a whole number from 1 to 365, not '366'",
					"5/99999999999999999999ms | not '99999999999999999999'",
					"5/1m, 6/60s | 5/1m and 6/1m have the same period: keep the one that is meant",
					"1/1s,1/2s,1/3s,1/4s,1/5s,1/6s,1/7s,1/8s,1/9s | at most 8 windows, not 9" })
	void textThatIsNoLimitIsRefusedWithTheReason(String text, String reason) {
		assertThatIllegalArgumentException().isThrownBy(() -> RateLimit.parse(text))
			.withMessageStartingWith("'" + text + "' is not a rate limit: ")
			.withMessageContaining(reason);
	}

	@Test
	void windowThatCanNeverHoldBackIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> RateLimit.parse("10/1m, 5/1h"))
			.withMessageContaining(
					"10/1m never holds anything back beside 5/1h: leave it out, or let it pass fewer than 10");
		assertThatIllegalArgumentException().isThrownBy(() -> RateLimit.parse("5/1m, 310/1h"))
			.withMessageContaining(
					"310/1h never holds anything back beside 5/1m: leave it out, or let it pass fewer than 310");
	}

	/**
	 * What a check by rates alone would refuse: five at the end of one hour and five at
	 * the beginning of the next are stopped by the minute.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "5/1m, 5/1h", "9/1m, 5/1h", "5/1m, 304/1h", "1/1s, 1/1m" })
	void windowThatHoldsBackOnlyWhereOthersMeetIsKept(String text) {
		assertThat(RateLimit.parse(text)).hasToString(text);
	}

	@Test
	void valuesOutOfRangeAreRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> new RateLimit(List.of()))
			.withMessageContaining("at least one window");
		assertThatIllegalArgumentException().isThrownBy(() -> RateLimit.of(0, Duration.ofSeconds(1)))
			.withMessageContaining("not 0");
		assertThatIllegalArgumentException().isThrownBy(() -> RateLimit.of(1, Duration.ZERO))
			.withMessageContaining("above zero, not PT0S");
		assertThatIllegalArgumentException().isThrownBy(() -> RateLimit.of(1, Duration.ofSeconds(Long.MAX_VALUE)))
			.withMessageContaining("at most 365d");
		assertThatIllegalArgumentException().isThrownBy(() -> RateLimit.of(1, Duration.ofNanos(1_500_000)))
			.withMessageContaining("whole milliseconds, not PT0.0015S");
	}

	@Test
	void anyTextGivesALimitThatRoundTripsOrIsRefused() {
		Random random = new Random(20260101);
		String[] numbers = { "5", "12", "100", "7", "60", "0", "-1", "", "x", "99999999999999999999" };
		String[] slashes = { "/", "/", "/", " / ", "", "//" };
		String[] units = { "ms", "s", "m", "h", "d", " m", "", "M", "\u0665" };
		int parsed = 0;
		for (int i = 0; i < 5_000; i++) {
			StringBuilder text = new StringBuilder();
			for (int j = random.nextInt(3); j >= 0; j--) {
				for (String[] part : List.of(numbers, slashes, numbers, units)) {
					text.append(part[random.nextInt(part.length)]);
				}
				text.append((j > 0) ? "," : "");
			}
			RateLimit limit;
			try {
				limit = RateLimit.parse(text.toString());
			}
			catch (IllegalArgumentException ex) {
				assertThat(ex).hasMessageContaining("is not a rate limit: ");
				continue;
			}
			parsed++;
			assertThat(RateLimit.parse(limit.toString())).isEqualTo(limit);
		}
		assertThat(parsed).isGreaterThan(30);
	}

}
