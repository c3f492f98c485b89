package io.telemetry.boot.actuate;

import org.junit.jupiter.api.Test;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * On WebFlux and Netty.
 */
@SpringBootTest(classes = TelemetryEndpointsHttpTests.Application.class, webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { "spring.application.name=shop", "management.endpoints.web.exposure.include=*",
				"management.endpoints.access.default=unrestricted", "spring.main.web-application-type=reactive" })
class TelemetryEndpointsWebFluxTests extends TelemetryEndpointsHttpTests {

	@Test
	void channelSaysThatItCannotSpeak() throws Exception {
		Answer answer = get("/telemetrychannel").isOk();
		assertThat(answer.at("webSocket")).isEqualTo(false);
		assertThat(answer.at("connections")).isEqualTo(0);
		assertThat(post("/telemetrychannel", "{\"type\":\"diagnose\"}").isOk().at("reached")).isEqualTo(0);
	}

}
