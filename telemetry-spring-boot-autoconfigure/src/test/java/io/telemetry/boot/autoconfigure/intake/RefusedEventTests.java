package io.telemetry.boot.autoconfigure.intake;

import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.Appender;
import com.sun.management.ThreadMXBean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an event costs that nobody wants: in a Java virtual machine of its own, as mocks
 * of other tests leave classes behind that allocate.
 */
@Timeout(120)
class RefusedEventTests {

	@Test
	void eventThatNobodyWantsAllocatesNothing() throws Exception {
		String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
		Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
				classPath, Program.class.getName())
			.redirectErrorStream(true)
			.start();
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
		assertThat(output.lines().filter((line) -> line.startsWith("ALLOCATED "))).as(output)
			.hasSize(3)
			// A few hundred bytes in all are those of asking.
			.allSatisfy((line) -> assertThat(Long.parseLong(line.substring(line.lastIndexOf(' ') + 1))).as(line)
				.isLessThan(Program.EVENTS));
		assertThat(output).contains("SIGNALS 1");
	}

	/**
	 * Measures in an application that takes its log in.
	 */
	static final class Program {

		static final int EVENTS = 10_000;

		private Program() {
		}

		public static void main(String[] args) {
			IntakeApplication application = new IntakeApplication();
			try (ConfigurableApplicationContext context = application
				.builder(IntakeApplication.LOG, "telemetry.intake.slf4j.min-level=info",
						"telemetry.intake.slf4j.loggers.disallow=com.acme.noise.*",
						"telemetry.filter.levels.[com.acme.refused.*]=error")
				.run()) {
				Appender<ILoggingEvent> appender = IntakeApplication.appender();
				if (appender == null || !context.isActive()) {
					throw new IllegalStateException("not started");
				}
				for (ILoggingEvent event : List.of(event("com.acme.Shop", Level.DEBUG),
						event("com.acme.noise.Loud", Level.ERROR), event("com.acme.refused.Shop", Level.WARN))) {
					System.out.println("ALLOCATED for " + event.getLoggerName() + " " + measure(appender, event));
				}
				appender.doAppend(event("com.acme.Shop", Level.INFO));
				System.out.println("SIGNALS " + application.signals().size());
			}
		}

		private static long measure(Appender<ILoggingEvent> appender, ILoggingEvent event) {
			ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
			append(appender, event);
			long before = threads.getCurrentThreadAllocatedBytes();
			append(appender, event);
			return threads.getCurrentThreadAllocatedBytes() - before;
		}

		private static void append(Appender<ILoggingEvent> appender, ILoggingEvent event) {
			for (int i = 0; i < EVENTS; i++) {
				appender.doAppend(event);
			}
		}

		private static ILoggingEvent event(String logger, Level level) {
			return new LoggingEvent("", IntakeApplication.logback().getLogger(logger), level, "m", null, null);
		}

	}

}
