package io.telemetry.boot.autoconfigure.intake;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A Java virtual machine of its own without SLF4J and Logback, which logs to the JDK.
 */
@Timeout(120)
class WithoutLogbackTests {

	@Test
	void applicationStartsAndSaysThatItsLogIsNotTakenIn() throws Exception {
		String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
		String withoutLogback = Arrays.stream(classPath.split(File.pathSeparator))
			.filter((entry) -> !Path.of(entry).getFileName().toString().matches("(logback-|log4j-|.*slf4j-).*"))
			.collect(Collectors.joining(File.pathSeparator));
		Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
				withoutLogback, Program.class.getName())
			.redirectErrorStream(true)
			.start();
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
		assertThat(process.exitValue()).as(output).isZero();
		assertThat(output).contains("started")
			.contains("telemetry.intake.slf4j.enabled is set, but the logging system is not Logback: "
					+ "log events do not become signals");
	}

	/**
	 * An application that wants its log taken in.
	 */
	static final class Program {

		private Program() {
		}

		public static void main(String[] args) {
			try (ConfigurableApplicationContext context = new SpringApplicationBuilder(
					IntakeApplication.Configured.class)
				.properties("spring.main.web-application-type=none", IntakeApplication.LOG)
				.run()) {
				System.out.println(context.isActive() ? "started" : "not started");
			}
		}

	}

}
