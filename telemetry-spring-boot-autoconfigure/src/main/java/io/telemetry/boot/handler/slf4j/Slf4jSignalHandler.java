package io.telemetry.boot.handler.slf4j;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

import io.telemetry.handler.SignalHandler;
import io.telemetry.signal.ErrorData;
import io.telemetry.signal.Measurement;
import io.telemetry.signal.Run;
import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.Marker;
import org.slf4j.MarkerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Writes signals into the application's own log, under a logger named as the namespace.
 * The line is {@code id message {field=value, …}}; context is told apart from data by
 * names that begin with {@code ctx.}. Data are also SLF4J key-value pairs, and context
 * and trace are in the MDC while the line is written, so structured logging writes both
 * as fields. A field whose name the line has already is {@code data.name} or
 * {@code ctx.name} there.
 * <p>
 * Each line carries {@link #MARKER}. A signal that was made from the log is not written
 * back to it.
 * <p>
 * Whatever a signal holds may come from outside: control characters are escaped and
 * lengths are bounded, so that no signal breaks a line or reaches a terminal. Only the
 * exception of this process is left to the logging system as it is.
 */
public final class Slf4jSignalHandler implements SignalHandler {

	/**
	 * What lines of signals are known by, so that they don't become signals again. It is
	 * SLF4J's one marker of the name {@code TELEMETRY}.
	 */
	public static final Marker MARKER = MarkerFactory.getMarker("TELEMETRY");

	/**
	 * Loggers are never given up by logging systems, and namespaces come from outside.
	 */
	private static final int MAX_LOGGERS = 2000;

	private static final String SHARED_LOGGER = "telemetry";

	private static final String CONTEXT = "ctx";

	private static final int MAX_MESSAGE = 8000;

	private static final int MAX_FIELDS = 4000;

	private static final int MAX_FIELD = 500;

	private static final int MAX_PAIR = 16_000;

	private final Map<String, Logger> loggers = new ConcurrentHashMap<>();

	@Override
	public void handle(Signal signal) {
		if (signal.isLogged()) {
			return;
		}
		Logger logger = logger(signal.namespace());
		Level level = level(signal.level());
		if (!logger.isEnabledForLevel(level)) {
			return;
		}
		Map<String, @Nullable Object> fields = fields(signal, level, logger);
		LoggingEventBuilder event = logger.atLevel(level)
			.addMarker(MARKER)
			.setMessage(text(signal, fields))
			.setCause(signal.throwable());
		try (MdcScope mdc = new MdcScope()) {
			FieldNames names = new FieldNames();
			if (signal.throwable() != null) {
				names.take("error");
			}
			putContext(signal, fields, mdc, names);
			addPairs(fields, event, names);
			event.log();
		}
	}

	/**
	 * Puts context and trace into the MDC. What the application has put there itself
	 * stays as it is, and what data are called is left to them.
	 */
	private static void putContext(Signal signal, Map<String, @Nullable Object> fields, MdcScope mdc,
			FieldNames names) {
		Map<String, String> held = MDC.getCopyOfContextMap();
		if (held != null) {
			held.keySet().forEach(names::take);
		}
		signal.context().forEach((name, value) -> {
			String key = SafeText.of(name, MAX_FIELD);
			String text = SafeText.of(value, MAX_PAIR);
			if (held != null && text.equals(held.get(key))) {
				return;
			}
			String free = (fields.containsKey(name)) ? names.take(CONTEXT + "." + key, CONTEXT)
					: names.take(key, CONTEXT);
			if (free != null) {
				mdc.put(free, text);
			}
		});
		Run run = signal.run();
		if (run != null) {
			putPlace("traceId", run.traceId(), mdc, names);
			putPlace("spanId", run.spanId(), mdc, names);
		}
	}

	private static void putPlace(String name, @Nullable String id, MdcScope mdc, FieldNames names) {
		if (id != null && names.isFree(name)) {
			names.take(name);
			mdc.put(name, SafeText.of(id, MAX_FIELD));
		}
	}

	private static void addPairs(Map<String, @Nullable Object> fields, LoggingEventBuilder event, FieldNames names) {
		fields.forEach((name, value) -> {
			String free = names.take(SafeText.of(name, MAX_FIELD), "data");
			if (free != null) {
				event.addKeyValue(free, safe(value));
			}
		});
	}

	/**
	 * Does nothing: the log belongs to the application.
	 */
	@Override
	public void close() {
	}

	private Logger logger(String namespace) {
		Logger logger = this.loggers.get(namespace);
		if (logger != null) {
			return logger;
		}
		if (this.loggers.size() >= MAX_LOGGERS) {
			return LoggerFactory.getLogger(SHARED_LOGGER);
		}
		return this.loggers.computeIfAbsent(namespace, (name) -> LoggerFactory.getLogger(SafeText.of(name, MAX_FIELD)));
	}

	/**
	 * The highest level of SLF4J that is not above the signal's; above {@code error}
	 * there is none.
	 */
	private static Level level(io.telemetry.signal.Level level) {
		if (level.isAtLeast(io.telemetry.signal.Level.ERROR)) {
			return Level.ERROR;
		}
		if (level.isAtLeast(io.telemetry.signal.Level.WARN)) {
			return Level.WARN;
		}
		if (level.isAtLeast(io.telemetry.signal.Level.INFO)) {
			return Level.INFO;
		}
		return level.isAtLeast(io.telemetry.signal.Level.DEBUG) ? Level.DEBUG : Level.TRACE;
	}

	private static Map<String, @Nullable Object> fields(Signal signal, Level level, Logger logger) {
		Map<String, @Nullable Object> fields = new LinkedHashMap<>();
		if (!level.name().equalsIgnoreCase(signal.level().toString())) {
			fields.put("level", signal.level());
		}
		if (logger.getName().equals(SHARED_LOGGER)) {
			fields.put("ns", signal.namespace());
		}
		signal.data().forEach((name, value) -> {
			// A browser's event has its message in its data, too.
			if (!"message".equals(name) || !Objects.equals(value, signal.message())) {
				fields.put(name, value);
			}
		});
		Measurement measurement = signal.measurement();
		if (measurement != null) {
			fields.put("value", measurement.value());
			putIfPresent(fields, "unit", measurement.unit());
			fields.putAll(measurement.tags());
		}
		Run run = signal.run();
		if (run != null && run.duration() != null) {
			fields.put("runMs", run.duration().toNanos() / 1e6);
		}
		if (signal.throwable() == null && signal.error() != null) {
			putError(fields, signal, signal.error());
		}
		return fields;
	}

	private static void putError(Map<String, @Nullable Object> fields, Signal signal, ErrorData error) {
		fields.put("error.type", error.type());
		if (!Objects.equals(error.message(), signal.message())) {
			putIfPresent(fields, "error.message", error.message());
		}
		if (!Objects.equals(error.stack(), signal.data().get("stack"))) {
			putIfPresent(fields, "error.stack", error.stack());
		}
	}

	private static void putIfPresent(Map<String, @Nullable Object> fields, String name, @Nullable Object value) {
		if (value != null) {
			fields.put(name, value);
		}
	}

	private static String text(Signal signal, Map<String, @Nullable Object> fields) {
		StringBuilder text = new StringBuilder();
		Map<String, @Nullable Object> shown = fields;
		if (!signal.context().isEmpty()) {
			shown = new LinkedHashMap<>(fields);
			for (Map.Entry<String, Object> field : signal.context().entrySet()) {
				shown.put(CONTEXT + "." + field.getKey(), field.getValue());
			}
		}
		if (signal.id() != null) {
			SafeText.append(text, signal.id(), MAX_FIELD);
		}
		if (signal.message() != null) {
			text.append(text.isEmpty() ? "" : " ");
			SafeText.append(text, signal.message(), MAX_MESSAGE);
		}
		if (!shown.isEmpty()) {
			text.append(text.isEmpty() ? "" : " ");
			appendFields(text, shown);
		}
		return text.toString();
	}

	private static void appendFields(StringBuilder text, Map<String, @Nullable Object> fields) {
		int end = text.length() + MAX_FIELDS;
		String separator = "{";
		for (Map.Entry<String, @Nullable Object> field : fields.entrySet()) {
			text.append(separator);
			separator = ", ";
			if (text.length() >= end) {
				text.append('…');
				break;
			}
			SafeText.append(text, field.getKey(), MAX_FIELD);
			text.append('=');
			SafeText.append(text, field.getValue(), MAX_FIELD);
		}
		text.append('}');
	}

	/**
	 * The value for a key-value pair. Layouts print pairs too, so they are no safer than
	 * the message.
	 */
	private static @Nullable Object safe(@Nullable Object value) {
		return (value == null || value instanceof Number || value instanceof Boolean) ? value
				: SafeText.of(value, MAX_PAIR);
	}

}
