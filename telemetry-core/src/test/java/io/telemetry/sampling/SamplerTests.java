package io.telemetry.sampling;

import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import java.util.stream.Stream;

import io.telemetry.signal.Uid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class SamplerTests {

	@Test
	void chanceBelowTheRatePasses() {
		AtomicReference<Double> chance = new AtomicReference<>(0.0);
		Sampler sampler = Sampler.of(0.25, chance::get);
		assertThat(sampler.sample()).isTrue();
		chance.set(0.2499);
		assertThat(sampler.sample()).isTrue();
		chance.set(0.25);
		assertThat(sampler.sample()).isFalse();
	}

	@Test
	void rateOfNothingAndOfEverythingLeaveNothingToChance() {
		assertThat(Sampler.of(0, () -> 0).sample()).isFalse();
		assertThat(Sampler.of(1, () -> 0.999)).isSameAs(Sampler.ALL);
		assertThat(Sampler.ALL.sample()).isTrue();
	}

	@ParameterizedTest
	@ValueSource(doubles = { -0.1, 1.1, Double.NaN })
	void rateThatIsNoShareIsRefused(double rate) {
		assertThatIllegalArgumentException().isThrownBy(() -> Sampler.of(rate))
			.withMessageContaining("from 0 to 1, not " + rate);
	}

	@Test
	void keyDecidesWhereThereIsOneAndChanceElsewhere() {
		Sampler sampler = Sampler.of(0.5, () -> 0.9);
		for (int i = 0; i < 100; i++) {
			String key = "key" + i;
			assertThat(sampler.sample(1, key)).isEqualTo(Sampler.pointOf(key) < 0.5);
		}
		assertThat(sampler.sample(1, null)).isFalse();
		assertThat(Sampler.of(0.5, () -> 0.1).sample(0.001, null)).isTrue();
		assertThat(Sampler.ALL.sample(0.5, "key")).isTrue();
		assertThat(Sampler.of(0).sample(1, "key")).isFalse();
	}

	@Test
	void samplerBehindAnotherKeepsAPartOfWhatThatKept() {
		Sampler pipeline = Sampler.of(0.5);
		Sampler handler = Sampler.of(0.1);
		int first = 0;
		int both = 0;
		for (int i = 0; i < 100_000; i++) {
			String key = new Uid(i, i).toString();
			boolean kept = pipeline.sample(1, key);
			first += kept ? 1 : 0;
			if (handler.sample(pipeline.rate(), key)) {
				both++;
				assertThat(kept).isTrue();
			}
		}
		assertThat(first).isBetween(49_000, 51_000);
		assertThat(both).isBetween(4_700, 5_300);
	}

	/**
	 * Other processes and later releases have to come to the same.
	 */
	@ParameterizedTest
	@CsvSource({ "'',0.93676944839044", "a,0.5102945176565711", "4bf92f3577b34da6a3ce929d0e0e4736,0.9000390389919163",
			"01ARZ3NDEKTSV4RRFFQ69G5FAV,0.07843351974450108", "Caf\u00e9 \u65e5\ud83d\ude00,0.15808705828678316" })
	void pointOfAKeyNeverChanges(String key, double point) {
		assertThat(Sampler.pointOf(key)).isEqualTo(point);
	}

	/**
	 * Chi-square over 256 buckets: of 255 degrees of freedom, values above 350 come about
	 * once in ten thousand times.
	 */
	@ParameterizedTest
	@MethodSource("keys")
	void keysAreSpreadEvenly(String name, IntFunction<String> keys) {
		int count = 100_000;
		int[] buckets = new int[256];
		for (int i = 0; i < count; i++) {
			buckets[(int) (Sampler.pointOf(keys.apply(i)) * buckets.length)]++;
		}
		double expected = (double) count / buckets.length;
		double chiSquare = Arrays.stream(buckets).mapToDouble((n) -> (n - expected) * (n - expected) / expected).sum();
		assertThat(chiSquare).as(name).isLessThan(350);
	}

	static Stream<Arguments> keys() {
		Random random = new Random(20260101);
		return Stream.of(named("sequential", Integer::toString), named("session-", (i) -> "session-" + i),
				named("padded hex", (i) -> String.format("%032x", i)),
				named("counting at the front", (i) -> i + "-of-a-long-tail-that-is-always-the-same"),
				named("ulid of one millisecond", (i) -> new Uid(0x0197_0000_0000_0000L, i).toString()),
				named("ulid", (i) -> Uid.next(1_767_225_600_000L + i / 10).toString()),
				named("random hex", (i) -> String.format("%016x%016x", random.nextLong(), random.nextLong())),
				named("one character", (i) -> Character.toString(i + 0x10000)));
	}

	private static Arguments named(String name, IntFunction<String> keys) {
		return Arguments.of(name, keys);
	}

	@Test
	void everyTextFormOfWhatDecidesIsParsed() {
		for (SampleBy by : SampleBy.values()) {
			assertThat(SampleBy.parse(" " + by.name() + " ")).isEqualTo(by);
			assertThat(SampleBy.parse(by.toString())).isEqualTo(by);
		}
		assertThat(SampleBy.TRACE).hasToString("trace");
		assertThatIllegalArgumentException().isThrownBy(() -> SampleBy.parse("user"))
			.withMessage("'user' is nothing to sample by: allowed are chance, trace, session");
	}

}
