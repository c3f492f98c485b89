package io.telemetry.boot.channel.caller;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Random;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class CsrfExpectationTests {

	private static final String TOKEN = "4bfd1575-3ad1-4d21-96c7-4ef2d9f86721";

	private final CsrfExpectation expectation = new CsrfExpectation("X-CSRF-TOKEN", TOKEN);

	private static String masked(String token, Random random) {
		byte[] bytes = token.getBytes(StandardCharsets.UTF_8);
		byte[] masked = new byte[2 * bytes.length];
		random.nextBytes(masked);
		for (int i = 0; i < bytes.length; i++) {
			masked[bytes.length + i] = (byte) (masked[i] ^ bytes[i]);
		}
		return Base64.getUrlEncoder().encodeToString(masked);
	}

	@Test
	void tokenIsTakenAsItIsAndMasked() {
		assertThat(this.expectation.isMetBy(TOKEN)).isTrue();
		Random random = new Random(41);
		for (int i = 0; i < 1000; i++) {
			assertThat(this.expectation.isMetBy(masked(TOKEN, random))).isTrue();
		}
	}

	@ParameterizedTest
	@NullSource
	@ValueSource(strings = { "", " ", "4bfd1575-3ad1-4d21-96c7-4ef2d9f86722", "4BFD1575-3AD1-4D21-96C7-4EF2D9F86721",
			"AAAA", "====", "not base64 !", "\u00e9" })
	void anythingElseIsNot(@Nullable String shown) {
		assertThat(this.expectation.isMetBy(shown)).isFalse();
	}

	@Test
	void anotherTokenMaskedIsNot() {
		Random random = new Random(43);
		assertThat(this.expectation.isMetBy(masked(TOKEN.replace('4', '5'), random))).isFalse();
		assertThat(this.expectation.isMetBy(masked(TOKEN + "x", random))).isFalse();
		assertThat(this.expectation.isMetBy(masked(TOKEN, random) + "AAAA")).isFalse();
		assertThat(this.expectation.isMetBy("A".repeat(1_000_000))).isFalse();
		for (int i = 0; i < 1000; i++) {
			byte[] bytes = new byte[random.nextInt(100)];
			random.nextBytes(bytes);
			assertThat(this.expectation.isMetBy(Base64.getUrlEncoder().encodeToString(bytes))).isFalse();
		}
	}

	@Test
	void tokenIsNotTold() {
		assertThat(this.expectation.toString()).contains("X-CSRF-TOKEN").doesNotContain(TOKEN);
	}

}
