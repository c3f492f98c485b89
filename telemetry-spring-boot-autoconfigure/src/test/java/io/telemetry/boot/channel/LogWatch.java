package io.telemetry.boot.channel;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is said in the application's log, and which threads die of an exception, from when
 * it is made until it is closed.
 */
final class LogWatch extends AppenderBase<ILoggingEvent> implements AutoCloseable {

	/**
	 * What nobody here can prevent: Spring's file server on a path that leads out of it,
	 * and Tomcat on a ping that meets the server's own close frame.
	 */
	private static final List<String> OTHERS = List.of(".ResourceHandlerUtils: \"Path contains",
			"Http11NioProtocol: Error reading request, ignored <- java.lang.IllegalStateException: "
					+ "Message will not be sent because the WebSocket session has been closed");

	private final List<String> complaints = new CopyOnWriteArrayList<>();

	private final List<String> lines = new CopyOnWriteArrayList<>();

	private final Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();

	LogWatch() {
		root().addAppender(this);
		Thread.setDefaultUncaughtExceptionHandler((thread, ex) -> this.complaints.add(thread + " died of " + ex));
		start();
	}

	private static Logger root() {
		return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
	}

	@Override
	protected void append(ILoggingEvent event) {
		String line = event.getLevel() + " " + event.getLoggerName() + ": " + event.getFormattedMessage();
		if (event.getThrowableProxy() != null) {
			line += " <- " + event.getThrowableProxy().getClassName() + ": " + event.getThrowableProxy().getMessage();
		}
		this.lines.add(line);
		if (event.getLevel().isGreaterOrEqual(Level.WARN) && OTHERS.stream().noneMatch(line::contains)) {
			this.complaints.add(line);
		}
	}

	List<String> lines() {
		return this.lines;
	}

	/**
	 * Nothing that clients do is worth a complaint, and none kills a thread.
	 */
	void assertNoComplaints() {
		assertThat(this.complaints).isEmpty();
	}

	@Override
	public void close() {
		root().detachAppender(this);
		Thread.setDefaultUncaughtExceptionHandler(this.before);
	}

}
