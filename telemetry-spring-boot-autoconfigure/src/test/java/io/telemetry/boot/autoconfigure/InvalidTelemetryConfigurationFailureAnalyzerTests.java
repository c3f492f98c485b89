package io.telemetry.boot.autoconfigure;

import io.telemetry.boot.autoconfigure.handler.TelemetryHandlerAutoConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * What an application that fails to start prints.
 */
@ExtendWith(OutputCaptureExtension.class)
class InvalidTelemetryConfigurationFailureAnalyzerTests {

	@Test
	void startFailsWithPropertyValueOriginReasonAndRemedy(CapturedOutput output) {
		SpringApplication application = new SpringApplication(Application.class);
		application.setWebApplicationType(WebApplicationType.NONE);
		assertThatException().isThrownBy(() -> application.run("--telemetry.handlers.log.min-levle=warn").close());
		assertThat(output).contains("Property: telemetry.handlers.log.min-levle")
			.contains("Value: \"warn\"")
			.contains("Origin: \"telemetry.handlers.log.min-levle\" from property source \"commandLineArgs\"")
			.contains("Reason: a handler of type 'log' has no such property")
			.contains("Remove it, or use one of these below 'telemetry.handlers.log'");
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ TelemetryHandlerAutoConfiguration.class, TelemetryAutoConfiguration.class })
	static class Application {

	}

}
