package io.telemetry.boot.actuate;

import java.io.IOException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.telemetry.boot.Documentation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * On Tomcat, with what Boot brings.
 */
@SpringBootTest(classes = TelemetryEndpointsHttpTests.Application.class, webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { "spring.application.name=shop", "management.endpoints.web.exposure.include=*",
				"management.endpoints.access.default=unrestricted", "spring.main.web-application-type=servlet" })
class TelemetryEndpointsTomcatTests extends TelemetryEndpointsHttpTests {

	private static final Pattern CURL = Pattern
		.compile("curl -s(?: -X (?<method>\\w+))?(?: -H 'Content-Type: application/json' -d '(?<body>[^']+)')? "
				+ "'?localhost:8080/actuator(?<path>[^'\\s]+)'?");

	static List<String> examples() throws IOException {
		return Documentation.blocks("actuator.md", "sh").stream().flatMap(String::lines).toList();
	}

	@ParameterizedTest
	@MethodSource("examples")
	void exampleOfTheDocumentationWorks(String example) throws Exception {
		Matcher curl = CURL.matcher(example);
		assertThat(curl.matches()).as(example).isTrue();
		String path = curl.group("path");
		if (curl.group("body") != null) {
			post(path, curl.group("body")).isOk();
		}
		else if ("DELETE".equals(curl.group("method"))) {
			delete(path).isOk();
		}
		else {
			get(path).isOk();
		}
	}

	@Test
	void everyEndpointHasAnExample() throws Exception {
		assertThat(String.join("\n", examples())).contains("/telemetry\n", "/telemetryfilters\n", "/telemetryexplain?",
				"/telemetryhandlers\n", "/telemetrysignals\n", "/telemetrychannel\n");
	}

}
