package io.telemetry.boot.channel.limit;

import java.time.Duration;

import io.telemetry.boot.InvalidSettingException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class OverloadTests {

	private static final Duration TWO_SECONDS = Duration.ofSeconds(2);

	private double pressure;

	private double random;

	private final Overload overload = new Overload(() -> this.pressure, 0.9, TWO_SECONDS, () -> this.random);

	@Test
	void batchesAreTakenUpToTheThresholdOnly() {
		this.pressure = 0.9;
		assertThat(this.overload.ask()).isZero();
		this.pressure = Math.nextUp(0.9);
		assertThat(this.overload.ask()).isEqualTo(2000);
		this.pressure = 1;
		assertThat(this.overload.ask()).isEqualTo(2000);
		this.pressure = 0;
		assertThat(this.overload.ask()).isZero();
	}

	@Test
	void nobodyIsHeldBackWhereQueuesMayBeFull() {
		assertThat(new Overload(() -> 1, 1, TWO_SECONDS).ask()).isZero();
	}

	@Test
	void clientsAreSpreadOverHalfTheTimeAgain() {
		this.pressure = 1;
		this.random = 0.5;
		assertThat(this.overload.ask()).isEqualTo(2500);
		this.random = Math.nextDown(1.0);
		assertThat(this.overload.ask()).isEqualTo(3000);
		Overload own = new Overload(() -> 1, 0.9, TWO_SECONDS);
		for (int i = 0; i < 1_000; i++) {
			assertThat(own.ask()).isBetween(2000L, 3000L);
		}
	}

	@ParameterizedTest
	@ValueSource(doubles = { 0, -0.1, 1.1, Double.NaN, Double.POSITIVE_INFINITY })
	void thresholdOutOfRangeIsRefused(double threshold) {
		assertThatExceptionOfType(InvalidSettingException.class)
			.isThrownBy(() -> new Overload(() -> 0, threshold, TWO_SECONDS))
			.withMessage("overload.pressure must be above 0 and at most 1, but is '" + threshold + "'");
	}

	@ParameterizedTest
	@ValueSource(strings = { "PT0S", "PT-1S", "PT0.0001S", "PT1H0.001S" })
	void timeToComeAgainOutOfRangeIsRefused(Duration retryAfter) {
		assertThatExceptionOfType(InvalidSettingException.class)
			.isThrownBy(() -> new Overload(() -> 0, 0.9, retryAfter))
			.withMessage("overload.retry-after must be from a millisecond to an hour, but is '" + retryAfter + "'");
	}

}
