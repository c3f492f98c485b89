package io.telemetry.boot.actuate;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;

/**
 * With a mapper of the application's that writes snake_case, indents and leaves out what
 * is empty, also for Actuator.
 */
@SpringBootTest(classes = TelemetryEndpointsHttpTests.Application.class, webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { "spring.application.name=shop", "management.endpoints.web.exposure.include=*",
				"management.endpoints.access.default=unrestricted", "spring.main.web-application-type=servlet",
				"spring.jackson.property-naming-strategy=SNAKE_CASE",
				"spring.jackson.datatype.datetime.write-dates-as-timestamps=true",
				"management.endpoints.jackson.isolated-json-mapper=false" })
class TelemetryEndpointsSnakeCaseTests extends TelemetryEndpointsHttpTests {

}
