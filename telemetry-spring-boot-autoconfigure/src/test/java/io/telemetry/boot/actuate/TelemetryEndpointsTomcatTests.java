package io.telemetry.boot.actuate;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;

/**
 * On Tomcat, with what Boot brings.
 */
@SpringBootTest(classes = TelemetryEndpointsHttpTests.Application.class, webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { "spring.application.name=shop", "management.endpoints.web.exposure.include=*",
				"management.endpoints.access.default=unrestricted", "spring.main.web-application-type=servlet" })
class TelemetryEndpointsTomcatTests extends TelemetryEndpointsHttpTests {

}
