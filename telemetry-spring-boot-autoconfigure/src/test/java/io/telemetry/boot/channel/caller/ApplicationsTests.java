package io.telemetry.boot.channel.caller;

import java.util.List;

import io.telemetry.boot.InvalidSettingException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class ApplicationsTests {

	private static Application application(String name, String key) {
		return new Application(name, key, List.of());
	}

	@Test
	void applicationIsFoundByItsKey() {
		Application shop = application("shop", "shop-key-1");
		Application admin = application("admin", "admin_key-2");
		Applications applications = new Applications(List.of(shop, admin));
		assertThat(applications.withKey("shop-key-1")).isEqualTo(shop);
		assertThat(applications.withKey("admin_key-2")).isEqualTo(admin);
		assertThat(applications.all()).containsExactlyInAnyOrder(shop, admin);
	}

	@Test
	void whereThereIsNoKeyItIsTheDefault() {
		Applications applications = new Applications(List.of(application("shop", "shop-key-1")));
		assertThat(applications.withKey(null)).isSameAs(Application.DEFAULT);
		assertThat(applications.withKey("")).isSameAs(Application.DEFAULT);
		assertThat(Application.DEFAULT.isDefault()).isTrue();
		assertThat(Application.DEFAULT.name()).isEmpty();
	}

	@Test
	void keyOfNobodyIsNobodys() {
		Applications applications = new Applications(List.of(application("shop", "shop-key-1")));
		assertThat(applications.withKey("shop-key-")).isNull();
		assertThat(applications.withKey("SHOP-KEY-1")).isNull();
		assertThat(applications.withKey("x".repeat(1_000_000))).isNull();
		assertThat(Applications.NONE.withKey("shop-key-1")).isNull();
	}

	@Test
	void twoWithOneKeyAreRefused() {
		assertThatExceptionOfType(InvalidSettingException.class)
			.isThrownBy(
					() -> new Applications(List.of(application("shop", "shop-key-1"), application("x", "shop-key-1"))))
			.withMessage("applications.x.key must differ from the key of 'shop', but is 'shop-key-1'");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "short-7", "has space", "with.dots.in.it", "umlaut-\u00e4\u00e4", "slash/slash" })
	void wrongKeyIsRefused(String key) {
		assertThatExceptionOfType(InvalidSettingException.class).isThrownBy(() -> application("shop", key))
			.withMessage("applications.shop.key must have 8 to 128 letters, digits, '_' and '-', but is '" + key + "'");
	}

	@Test
	void keyHasBounds() {
		assertThat(application("shop", "x".repeat(128)).key()).hasSize(128);
		assertThatExceptionOfType(InvalidSettingException.class).isThrownBy(() -> application("shop", "x".repeat(129)));
	}

	@Test
	void wrongNamesAreRefused() {
		for (String name : List.of("", "a\nb", "a b", "x".repeat(65))) {
			assertThatExceptionOfType(InvalidSettingException.class).isThrownBy(() -> application(name, "shop-key-1"))
				.withMessageStartingWith("applications must have names");
		}
		assertThatExceptionOfType(InvalidSettingException.class)
			.isThrownBy(() -> new Applications(List.of(Application.DEFAULT)));
	}

}
