package io.telemetry.boot.autoconfigure;

import io.telemetry.Telemetry;
import io.telemetry.boot.autoconfigure.handler.TelemetryHandlerAutoConfiguration;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import org.springframework.test.context.junit.jupiter.SpringJUnitConfig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.then;

/**
 * A test of an application that replaces its {@link Telemetry} by a mock.
 */
@SpringJUnitConfig
@Import(TelemetryMockitoBeanTests.Shop.class)
@ImportAutoConfiguration({ TelemetryHandlerAutoConfiguration.class, TelemetryAutoConfiguration.class })
class TelemetryMockitoBeanTests {

	@MockitoBean
	Telemetry telemetry;

	@Autowired
	Shop shop;

	@Test
	void theMockIsInjectedEverywhere() {
		this.shop.checkOut();
		then(this.telemetry).should().event("shop/checkout");
		assertThat(this.shop.telemetry).isSameAs(this.telemetry);
	}

	static class Shop {

		final Telemetry telemetry;

		Shop(Telemetry telemetry) {
			this.telemetry = telemetry;
		}

		void checkOut() {
			this.telemetry.event("shop/checkout");
		}

	}

}
