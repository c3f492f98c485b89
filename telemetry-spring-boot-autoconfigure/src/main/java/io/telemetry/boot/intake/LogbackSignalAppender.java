package io.telemetry.boot.intake;

import java.util.List;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import io.telemetry.SignalBuilder;
import io.telemetry.Telemetry;
import io.telemetry.boot.handler.slf4j.Slf4jSignalHandler;
import io.telemetry.signal.ErrorData;
import io.telemetry.signal.Level;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;

/**
 * Makes a signal of each event, on the thread that logs. Takes no lock, and allocates
 * nothing for an event that nobody wants. Lines that are signals already make none.
 */
final class LogbackSignalAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {

	private final Runnable afterStop;

	private volatile @Nullable LogRoutes routes;

	LogbackSignalAppender(Runnable afterStop) {
		setName("TELEMETRY");
		this.afterStop = afterStop;
	}

	void use(@Nullable LogRoutes routes) {
		this.routes = routes;
	}

	@Override
	public void stop() {
		super.stop();
		this.afterStop.run();
	}

	@Override
	public void doAppend(ILoggingEvent event) {
		// What the superclass adds are filters, of which there are none, and warnings
		// about events that arrive during a reset.
		if (isStarted()) {
			append(event);
		}
	}

	@Override
	protected void append(ILoggingEvent event) {
		LogRoutes routes = this.routes;
		if (routes == null) {
			return;
		}
		Level level = level(event.getLevel());
		Telemetry telemetry = routes.find(event.getLoggerName(), level);
		if (telemetry == null || isSignal(event.getMarkerList())) {
			return;
		}
		SignalBuilder signal = telemetry.signal(level);
		if (!signal.isRefused()) {
			emit(event, signal);
		}
	}

	/**
	 * Whether it is a line of the handler {@code log}. By identity: an application may
	 * have markers of any name, and SLF4J has one of each.
	 */
	private static boolean isSignal(@Nullable List<Marker> markers) {
		if (markers != null) {
			for (int i = 0; i < markers.size(); i++) {
				if (markers.get(i) == Slf4jSignalHandler.MARKER) {
					return true;
				}
			}
		}
		return false;
	}

	private static void emit(ILoggingEvent event, SignalBuilder signal) {
		LogEventFields fields = new LogEventFields(event);
		signal.logged(true)
			.timestamp(event.getInstant())
			.message(event::getFormattedMessage)
			.data(fields::data)
			.context(fields.context());
		IThrowableProxy throwable = event.getThrowableProxy();
		if (throwable instanceof ThrowableProxy proxy) {
			signal.error(proxy.getThrowable());
		}
		else if (throwable != null) {
			signal.error(ErrorData.of(throwable.getClassName(), throwable.getMessage(),
					ThrowableProxyUtil.asString(throwable)));
		}
		signal.emit();
	}

	private static Level level(ch.qos.logback.classic.Level level) {
		return switch (level.toInt()) {
			case ch.qos.logback.classic.Level.ERROR_INT -> Level.ERROR;
			case ch.qos.logback.classic.Level.WARN_INT -> Level.WARN;
			case ch.qos.logback.classic.Level.INFO_INT -> Level.INFO;
			case ch.qos.logback.classic.Level.DEBUG_INT -> Level.DEBUG;
			default -> Level.TRACE;
		};
	}

}
