package io.telemetry.boot.autoconfigure.intake;

import java.util.List;
import java.util.function.Predicate;

import io.telemetry.boot.InvalidTelemetryConfigurationException;
import io.telemetry.boot.autoconfigure.FilterPropertyMapper;
import io.telemetry.boot.intake.ApplicationIntake;
import io.telemetry.filter.NamePattern;
import io.telemetry.filter.NameSelector;
import io.telemetry.signal.Level;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.event.ApplicationContextInitializedEvent;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.context.event.ApplicationFailedEvent;
import org.springframework.boot.context.event.SpringApplicationEvent;
import org.springframework.boot.context.logging.LoggingApplicationListener;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Begins to take in the log as soon as the environment is prepared, right after Boot has
 * set the logging system up, and standard output once the banner is printed.
 * <p>
 * The context's bean factory holds what has begun, for {@link IntakeAutoConfiguration} to
 * lead to the pipeline and to close. An application that fails before it has beans closes
 * it here.
 */
class IntakeApplicationListener implements ApplicationListener<SpringApplicationEvent>, Ordered {

	static final String BEAN_NAME = "telemetryEarlyIntake";

	private @Nullable EarlyIntake intake;

	@Override
	public int getOrder() {
		return LoggingApplicationListener.DEFAULT_ORDER + 1;
	}

	@Override
	public void onApplicationEvent(SpringApplicationEvent event) {
		if (event instanceof ApplicationEnvironmentPreparedEvent prepared) {
			environmentPrepared(prepared.getEnvironment());
		}
		else if (event instanceof ApplicationContextInitializedEvent initialized) {
			contextInitialized(initialized.getApplicationContext());
		}
		else if (event instanceof ApplicationFailedEvent failed) {
			failed(failed.getApplicationContext());
		}
	}

	private void environmentPrepared(ConfigurableEnvironment environment) {
		this.intake = null;
		Slf4jIntakeProperties properties = Binder.get(environment)
			.bindOrCreate(Slf4jIntakeProperties.PREFIX, Slf4jIntakeProperties.class);
		if (!properties.isEnabled() || !isTelemetryEnabled(environment)) {
			return;
		}
		Level minLevel = FilterPropertyMapper.level(Slf4jIntakeProperties.PREFIX + ".min-level",
				properties.getMinLevel());
		NameSelector loggers = FilterPropertyMapper.selector(Slf4jIntakeProperties.PREFIX + ".loggers",
				NameSelector.ALL, properties.getLoggers());
		if (!intake().takeLog(minLevel, matching(loggers))) {
			LogFactory.getLog(IntakeApplicationListener.class)
				.warn(Slf4jIntakeProperties.PREFIX + ".enabled is set, but the logging system is not Logback: "
						+ "log events do not become signals");
		}
	}

	private void contextInitialized(ConfigurableApplicationContext context) {
		ConfigurableEnvironment environment = context.getEnvironment();
		SystemOutIntakeProperties properties = Binder.get(environment)
			.bindOrCreate(SystemOutIntakeProperties.PREFIX, SystemOutIntakeProperties.class);
		if (properties.isEnabled() && isTelemetryEnabled(environment)) {
			if (properties.getMaxLineLength() < 1) {
				throw new InvalidTelemetryConfigurationException(SystemOutIntakeProperties.PREFIX + ".max-line-length",
						properties.getMaxLineLength(), "a line can't be that short", "Use a number above zero");
			}
			intake().takeSystemOut(properties.getMaxLineLength());
		}
		if (this.intake != null) {
			context.getBeanFactory().registerSingleton(BEAN_NAME, this.intake);
		}
	}

	/**
	 * A context that is still active closes it later: what is logged of the failure until
	 * then is heard.
	 */
	private void failed(@Nullable ConfigurableApplicationContext context) {
		if (this.intake != null && (context == null || !context.isActive())) {
			this.intake.close();
		}
	}

	private ApplicationIntake intake() {
		EarlyIntake current = this.intake;
		if (current == null) {
			current = new EarlyIntake();
			this.intake = current;
		}
		return current.intake();
	}

	private static boolean isTelemetryEnabled(ConfigurableEnvironment environment) {
		return environment.getProperty("telemetry.enabled", Boolean.class, true);
	}

	private static Predicate<String> matching(NameSelector names) {
		List<NamePattern> allow = names.allow().stream().map(NamePattern::of).toList();
		List<NamePattern> disallow = names.disallow().stream().map(NamePattern::of).toList();
		return (name) -> (allow.isEmpty() || allow.stream().anyMatch((pattern) -> pattern.matches(name)))
				&& disallow.stream().noneMatch((pattern) -> pattern.matches(name));
	}

}
