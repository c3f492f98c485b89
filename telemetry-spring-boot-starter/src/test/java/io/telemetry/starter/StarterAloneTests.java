package io.telemetry.starter;

import java.util.Map;

import io.telemetry.Telemetry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application whose only dependency is the starter, with no property set.
 */
@ExtendWith(OutputCaptureExtension.class)
class StarterAloneTests {

	@Test
	void signalsAppearInTheLogAndNothingIsComplainedOf(CapturedOutput output) {
		SpringApplication.run(Application.class).close();
		assertThat(output.toString().lines()).anySatisfy((line) -> assertThat(line).contains(" INFO ")
			.contains("StarterAloneTests$Greeter")
			.endsWith(": app/greeted {who=world}"));
		assertThat(output).doesNotContain(" WARN ").doesNotContain(" ERROR ");
	}

	@Test
	void signalsMadeAtShutdownAppearToo(CapturedOutput output) {
		SpringApplication.run(Application.class).close();
		assertThat(output).contains("app/farewell");
	}

	@Test
	void theStarterBringsNoServerAndNoJsonDatabind() {
		try (ConfigurableApplicationContext context = SpringApplication.run(Application.class)) {
			ClassLoader classLoader = context.getClassLoader();
			assertThat(ClassUtils.isPresent("org.apache.catalina.startup.Tomcat", classLoader)).isFalse();
			assertThat(ClassUtils.isPresent("tools.jackson.databind.ObjectMapper", classLoader)).isFalse();
			assertThat(ClassUtils.isPresent("org.springframework.boot.actuate.endpoint.EndpointId", classLoader))
				.isFalse();
		}
	}

	@SpringBootApplication
	@Import(Greeter.class)
	static class Application {

	}

	static class Greeter implements CommandLineRunner, AutoCloseable {

		private final Telemetry telemetry;

		Greeter(Telemetry telemetry) {
			this.telemetry = telemetry;
		}

		@Override
		public void run(String... args) {
			this.telemetry.event("app/greeted", Map.of("who", "world"));
		}

		@Override
		public void close() {
			this.telemetry.event("app/farewell");
		}

	}

}
