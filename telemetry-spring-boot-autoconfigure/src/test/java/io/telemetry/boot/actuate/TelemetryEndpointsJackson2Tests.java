package io.telemetry.boot.actuate;

import java.util.List;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import io.telemetry.boot.actuate.TelemetryEndpointsJackson2Tests.Jackson2Configuration;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * With an application that puts Jackson 2 and its snake_case mapper before all other
 * converters.
 */
@SpringBootTest(classes = { TelemetryEndpointsHttpTests.Application.class, Jackson2Configuration.class },
		webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { "spring.application.name=shop", "management.endpoints.web.exposure.include=*",
				"management.endpoints.access.default=unrestricted", "spring.main.web-application-type=servlet" })
class TelemetryEndpointsJackson2Tests extends TelemetryEndpointsHttpTests {

	@Configuration(proxyBeanMethods = false)
	static class Jackson2Configuration implements WebMvcConfigurer {

		// Deprecated, and what applications that stay on Jackson 2 still do.
		@Override
		@SuppressWarnings({ "removal", "deprecation" })
		public void extendMessageConverters(List<HttpMessageConverter<?>> converters) {
			ObjectMapper mapper = new ObjectMapper().setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE);
			converters.add(0, new org.springframework.http.converter.json.MappingJackson2HttpMessageConverter(mapper));
		}

	}

}
