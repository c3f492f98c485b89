package io.telemetry.boot.intake;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

import io.telemetry.Telemetry;
import io.telemetry.signal.Level;
import org.jspecify.annotations.Nullable;

/**
 * Which log events one application wants as signals, and who speaks for each logger. Safe
 * for several threads; asking for a logger that is known allocates nothing.
 */
final class LogRoutes {

	/** Logging systems never give loggers up, but a cache of them may. */
	private static final int MAX_LOGGERS = 10_000;

	/**
	 * What telemetry itself says when a handler fails. As a signal it would go to the
	 * handler that failed.
	 */
	private static final String[] OURS = { "io.telemetry.handlers", "io.telemetry.pipeline.", "io.telemetry.dispatch.",
			"io.telemetry.boot." };

	/** Stands for a logger that is not wanted. */
	private static final Telemetry NONE = Telemetry.global(LogRoutes.class);

	private final int minLevel;

	private final Predicate<String> loggers;

	private volatile Speakers speakers;

	LogRoutes(Telemetry telemetry, Level minLevel, Predicate<String> loggers) {
		this.speakers = new Speakers(telemetry);
		this.minLevel = minLevel.value();
		this.loggers = loggers;
	}

	/**
	 * Sends what comes from now on to the pipeline of a facade.
	 */
	void sendTo(Telemetry telemetry) {
		this.speakers = new Speakers(telemetry);
	}

	/**
	 * Who speaks for a logger at a level.
	 * @return {@code null} if such an event is not wanted
	 */
	@Nullable Telemetry find(String logger, Level level) {
		if (level.value() < this.minLevel) {
			return null;
		}
		Speakers current = this.speakers;
		Telemetry speaker = current.byLogger.get(logger);
		if (speaker == null) {
			speaker = make(logger, current);
		}
		return (speaker != NONE) ? speaker : null;
	}

	private Telemetry make(String logger, Speakers current) {
		Telemetry speaker = (!isOurs(logger) && this.loggers.test(logger)) ? current.telemetry.of(logger) : NONE;
		if (current.byLogger.size() < MAX_LOGGERS) {
			current.byLogger.put(logger, speaker);
		}
		return speaker;
	}

	private static boolean isOurs(String logger) {
		for (String prefix : OURS) {
			if (logger.startsWith(prefix)) {
				return true;
			}
		}
		return false;
	}

	private static final class Speakers {

		final Telemetry telemetry;

		final Map<String, Telemetry> byLogger = new ConcurrentHashMap<>();

		Speakers(Telemetry telemetry) {
			this.telemetry = telemetry;
		}

	}

}
