package io.telemetry.sampling;

import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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

}
