package io.telemetry.boot.intake;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggerContextListener;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Logback's events as signals: an appender at the root, which hears every logger whose
 * additivity nobody has switched off.
 * <p>
 * It outlives what takes all other appenders away. {@link LoggerContext#reset()} tells
 * listeners that resist it, so the appender is put back there.
 * {@link LoggerContext#stop()} forgets these, too, but leaves the appender, which is then
 * stopped by the reset that follows, and at that has the listener put back in time.
 */
final class LogbackIntake extends SharedIntake<LogRoutes> {

	static final LogbackIntake INSTANCE = new LogbackIntake();

	private final LogbackSignalAppender appender = new LogbackSignalAppender(this::appenderStopped);

	private final Listener listener = new Listener();

	/** Where the appender is, while it is anywhere. */
	private volatile @Nullable LoggerContext context;

	private LogbackIntake() {
	}

	/**
	 * Whether Logback is what SLF4J speaks to.
	 */
	static boolean isAvailable() {
		return LoggerFactory.getILoggerFactory() instanceof LoggerContext;
	}

	@Override
	void use(@Nullable LogRoutes routes) {
		this.appender.use(routes);
	}

	@Override
	void start() {
		LoggerContext logback = (LoggerContext) LoggerFactory.getILoggerFactory();
		this.context = logback;
		logback.addListener(this.listener);
		attach(logback);
	}

	@Override
	void stop() {
		LoggerContext logback = this.context;
		this.context = null;
		if (logback != null) {
			logback.removeListener(this.listener);
			root(logback).detachAppender(this.appender);
			this.appender.stop();
		}
	}

	private void attach(LoggerContext logback) {
		this.appender.setContext(logback);
		this.appender.start();
		root(logback).addAppender(this.appender);
	}

	private void appenderStopped() {
		LoggerContext logback = this.context;
		if (logback != null && !logback.getCopyOfListenerList().contains(this.listener)) {
			logback.addListener(this.listener);
		}
	}

	private static Logger root(LoggerContext logback) {
		return logback.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
	}

	private final class Listener implements LoggerContextListener {

		@Override
		public boolean isResetResistant() {
			return true;
		}

		@Override
		public void onReset(LoggerContext logback) {
			if (logback == LogbackIntake.this.context) {
				attach(logback);
			}
		}

		@Override
		public void onStart(LoggerContext logback) {
		}

		@Override
		public void onStop(LoggerContext logback) {
		}

		@Override
		public void onLevelChange(Logger logger, Level level) {
		}

	}

}
