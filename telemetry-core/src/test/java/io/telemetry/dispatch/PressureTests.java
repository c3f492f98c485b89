package io.telemetry.dispatch;

import java.util.Random;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class PressureTests {

	private static final long ALMOST = Pressure.STANDSTILL - 1;

	private final Pressure pressure = new Pressure(100);

	private long now = Long.MAX_VALUE - 5;

	@Test
	void isTheShareOfTheQueueThatIsTaken() {
		assertThat(after(0, 0, 0)).isZero();
		assertThat(after(0, 25, 0)).isEqualTo(0.25);
		assertThat(after(0, 90, 0)).isEqualTo(0.9);
		assertThat(after(0, 110, 0)).isOne();
	}

	@Test
	void queueOfAHandlerThatStandsStillDoesNotCount() {
		assertThat(after(0, 100, 7)).isOne();
		assertThat(after(ALMOST, 100, 7)).isOne();
		assertThat(after(1, 100, 7)).isZero();
		assertThat(after(1, 100, 7)).isZero();
	}

	@Test
	void handlerThatIsOnlySlowCountsForEver() {
		for (int i = 0; i < 1_000; i++) {
			assertThat(after(ALMOST, 100, i)).isOne();
		}
	}

	@Test
	void longTimeWithoutSignalsIsNoStandstill() {
		after(0, 60, 10);
		after(0, 10, 60);
		assertThat(after(Pressure.STANDSTILL * 100, 100, 60)).isOne();
		assertThat(after(ALMOST, 100, 60)).isOne();
	}

	@Test
	void queueThatFellToHalfCountsAgain() {
		after(0, 100, 0);
		assertThat(after(Pressure.STANDSTILL, 100, 0)).isZero();
		assertThat(after(1, 100, 50)).isZero();
		assertThat(after(1, 49, 51)).isEqualTo(0.49);
		assertThat(after(1, 100, 51)).isOne();
	}

	@Test
	void handlerThatTookAQueuesWorthCountsAgain() {
		after(0, 100, 0);
		assertThat(after(Pressure.STANDSTILL, 100, 0)).isZero();
		assertThat(after(1, 100, 99)).isZero();
		assertThat(after(1, 100, 100)).isOne();
		assertThat(after(ALMOST, 100, 100)).isOne();
		assertThat(after(1, 100, 100)).isZero();
	}

	@Test
	void handlerThatTimesOutEveryHalfMinuteHoldsNobodyBackForLong() {
		long refused = 0;
		for (int second = 0; second < 3_000; second++) {
			refused += (after(Pressure.STANDSTILL / 10, 100, second / 30 * 10) > 0) ? 1 : 0;
		}
		assertThat(refused).isLessThan(3_000 / 20);
	}

	@Test
	void staysBetweenZeroAndOneWhateverHappens() {
		Random random = new Random(42);
		long taken = 0;
		for (int i = 0; i < 100_000; i++) {
			taken += random.nextInt(20);
			assertThat(after(random.nextLong(Pressure.STANDSTILL * 2), random.nextInt(130), taken)).isBetween(0.0, 1.0);
		}
	}

	private double after(long nanos, int waiting, long taken) {
		this.now += nanos;
		return this.pressure.of(waiting, taken, this.now);
	}

}
