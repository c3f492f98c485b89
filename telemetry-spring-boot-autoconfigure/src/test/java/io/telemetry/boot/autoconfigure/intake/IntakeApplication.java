package io.telemetry.boot.autoconfigure.intake;

import java.util.List;
import java.util.function.Consumer;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import io.telemetry.boot.SignalRecorder;
import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;

/**
 * A whole application with telemetry, and what it heard of {@code com.acme}.
 */
class IntakeApplication {

	static final String LOG = "telemetry.intake.slf4j.enabled=true";

	static final String SYSTEM_OUT = "telemetry.intake.system-out.enabled=true";

	final SignalRecorder recorder = new SignalRecorder();

	/**
	 * A builder of the application.
	 */
	SpringApplicationBuilder builder(String... properties) {
		return builder((context) -> {
		}, properties);
	}

	/**
	 * A builder of the application in which something is done or registered before its
	 * beans are made.
	 */
	SpringApplicationBuilder builder(Consumer<GenericApplicationContext> early, String... properties) {
		ApplicationContextInitializer<GenericApplicationContext> initializer = (context) -> {
			context.registerBean("recorder", SignalRecorder.class, () -> this.recorder);
			early.accept(context);
		};
		return new SpringApplicationBuilder(Configured.class)
			.properties("spring.main.banner-mode=off", "spring.main.web-application-type=none",
					"spring.application.name=shop", "telemetry.startup.enabled=false",
					"telemetry.handlers.recorder.async.mode=none", "telemetry.handlers.recorder.min-level=trace",
					"telemetry.handlers.recorder.ns.allow=com.acme(.*),System.*")
			.properties(properties)
			.initializers(initializer);
	}

	/**
	 * What came of {@code com.acme} and of standard output.
	 */
	List<Signal> signals() {
		return this.recorder.signals();
	}

	List<@Nullable String> messages() {
		return signals().stream().map(Signal::message).toList();
	}

	static LoggerContext logback() {
		return (LoggerContext) LoggerFactory.getILoggerFactory();
	}

	static Logger root() {
		return logback().getLogger(Logger.ROOT_LOGGER_NAME);
	}

	/**
	 * The appender that makes signals, if it is there.
	 */
	static @Nullable Appender<ILoggingEvent> appender() {
		return root().getAppender("TELEMETRY");
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Configured {

	}

}
