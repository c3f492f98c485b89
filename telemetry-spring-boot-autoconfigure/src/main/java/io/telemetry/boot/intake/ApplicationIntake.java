package io.telemetry.boot.intake;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

import io.telemetry.Telemetry;
import io.telemetry.signal.Level;

import org.springframework.util.ClassUtils;

/**
 * What one application takes in besides the calls of its {@code Telemetry}, until it is
 * closed. It begins before the application has a pipeline, so who speaks is another one
 * first. What is said once is one signal, also where several applications of a process
 * take it in: the one that came last has it.
 * <p>
 * A signal that was taken in is {@linkplain io.telemetry.signal.Signal#isLogged() logged}
 * already, so the handler {@code log} leaves it out; and a line that this handler writes
 * is not taken in. Either alone ends the circle.
 * <p>
 * Safe for several threads.
 */
public final class ApplicationIntake implements AutoCloseable {

	private final List<Runnable> closers = new ArrayList<>();

	private final List<Consumer<Telemetry>> speakers = new ArrayList<>();

	private Telemetry telemetry;

	/**
	 * An intake that takes nothing in yet.
	 * @param telemetry speaks until the application's pipeline is there, for whatever
	 * namespace
	 */
	public ApplicationIntake(Telemetry telemetry) {
		this.telemetry = telemetry;
	}

	/**
	 * Takes in the events of the application's log, where that is Logback.
	 * @param minLevel the lowest level that is taken in
	 * @param loggers asked once for each logger's name whether it is taken in
	 * @return {@code false} if the log is another one and nothing is taken in
	 */
	public synchronized boolean takeLog(Level minLevel, Predicate<String> loggers) {
		ClassLoader classLoader = ApplicationIntake.class.getClassLoader();
		if (!ClassUtils.isPresent("org.slf4j.LoggerFactory", classLoader)
				|| !ClassUtils.isPresent("ch.qos.logback.classic.LoggerContext", classLoader)
				|| !LogbackIntake.isAvailable()) {
			return false;
		}
		LogRoutes routes = new LogRoutes(this.telemetry, minLevel, loggers);
		LogbackIntake.INSTANCE.open(routes);
		this.closers.add(() -> LogbackIntake.INSTANCE.close(routes));
		this.speakers.add(routes::sendTo);
		return true;
	}

	/**
	 * Takes in the lines that are printed to standard output, at level info, and error,
	 * at level warn.
	 * @param maxLineLength characters of a line; what is longer becomes several
	 */
	public synchronized void takeSystemOut(int maxLineLength) {
		SystemOutIntake.Settings settings = new SystemOutIntake.Settings(this.telemetry, maxLineLength);
		SystemOutIntake.INSTANCE.open(settings);
		this.closers.add(() -> SystemOutIntake.INSTANCE.close(settings));
		this.speakers.add(settings::sendTo);
	}

	/**
	 * Sends what comes from now on to the application's own pipeline.
	 * @param telemetry a facade over that pipeline, for whatever namespace
	 */
	public synchronized void sendTo(Telemetry telemetry) {
		this.telemetry = telemetry;
		this.speakers.forEach((speaker) -> speaker.accept(telemetry));
	}

	/**
	 * Takes in no more. Idempotent.
	 */
	@Override
	public synchronized void close() {
		this.closers.forEach(Runnable::run);
		this.closers.clear();
	}

}
