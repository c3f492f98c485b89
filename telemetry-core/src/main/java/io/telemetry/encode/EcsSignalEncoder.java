package io.telemetry.encode;

import java.time.Duration;

import io.telemetry.signal.ErrorData;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Location;
import io.telemetry.signal.Measurement;
import io.telemetry.signal.Run;
import io.telemetry.signal.ServiceIdentity;
import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;

/**
 * A signal as one line of JSON in the Elastic Common Schema, version {@value #VERSION},
 * in UTF-8, without the line end; objects are nested. What the schema has no field for
 * stands in the object {@code telemetry}, a name that the schema does not use: the data
 * and the context among it, as {@link JsonSignalEncoder} writes them. The tags of a
 * measurement are {@code labels}.
 * <p>
 * Names from outside that Elasticsearch would refuse the whole document for (empty, or
 * with nothing before, after or between dots) are written with {@code %20} before them,
 * or {@code %2E} for their dots.
 * <p>
 * Safe for several threads. The destination gets the whole signal in one write or
 * nothing.
 */
public final class EcsSignalEncoder extends StructuredEncoder<JsonOutput> {

	/** The version of the schema that the fields are of. */
	public static final String VERSION = "9.4.0";

	private static final Name TIMESTAMP = new Name("@timestamp");

	private static final Name LOG = new Name("log");

	private static final Name LEVEL = new Name("level");

	private static final Name LOGGER = new Name("logger");

	private static final Name ORIGIN = new Name("origin");

	private static final Name FUNCTION = new Name("function");

	private static final Name FILE = new Name("file");

	private static final Name LINE = new Name("line");

	private static final Name NAME = new Name("name");

	private static final Name MESSAGE = new Name("message");

	private static final Name ECS = new Name("ecs");

	private static final Name VERSION_NAME = new Name("version");

	private static final Name EVENT = new Name("event");

	private static final Name KIND = new Name("kind");

	private static final Name ACTION = new Name("action");

	private static final Name OUTCOME = new Name("outcome");

	private static final Name DURATION = new Name("duration");

	private static final Name SEVERITY = new Name("severity");

	private static final Name ID = new Name("id");

	private static final Name ERROR = new Name("error");

	private static final Name TYPE = new Name("type");

	private static final Name STACK_TRACE = new Name("stack_trace");

	private static final Name LABELS = new Name("labels");

	private static final Name TRACE = new Name("trace");

	private static final Name TRANSACTION = new Name("transaction");

	private static final Name SPAN = new Name("span");

	private static final Name PROCESS = new Name("process");

	private static final Name THREAD = new Name("thread");

	private static final Name HOST = new Name("host");

	private static final Name SERVICE = new Name("service");

	private static final Name ENVIRONMENT = new Name("environment");

	private static final Name NODE = new Name("node");

	private static final Name CLOUD = new Name("cloud");

	private static final Name REGION = new Name("region");

	private static final Name TELEMETRY = new Name("telemetry");

	private static final Name DATA = new Name("data");

	private static final Name CTX = new Name("ctx");

	private static final Name VALUE = new Name("value");

	private static final Name UNIT = new Name("unit");

	private static final Name METRIC = new Name("metric");

	private static final Name RESULT = new Name("result");

	private static final Name FINGERPRINT = new Name("fingerprint");

	private static final Name CLASS = new Name("class");

	private static final Name PARENT_ID = new Name("parentId");

	private static final Name SAMPLE_RATE = new Name("sampleRate");

	private static final Name SUPPRESSED = new Name("suppressed");

	@Override
	JsonOutput newOutput() {
		return new EcsOutput();
	}

	@Override
	void write(Signal signal, JsonOutput output) {
		ErrorData error = Values.error(signal);
		Run run = signal.run();
		output.startObject();
		output.name(TIMESTAMP);
		output.time(signal.timestamp());
		log(signal, output);
		output.text(MESSAGE, isEmpty(signal.message()) ? signal.id() : signal.message());
		object(ECS, VERSION_NAME, VERSION, output);
		event(signal, run, error, output);
		if (error != null) {
			error(error, output);
		}
		Measurement measurement = signal.measurement();
		if (measurement != null) {
			output.fields(LABELS, measurement.tags());
		}
		if (run != null) {
			object(TRACE, ID, run.traceId(), output);
			object(TRANSACTION, ID, run.rootId(), output);
			object(SPAN, ID, run.spanId(), output);
		}
		thread(signal.threadName(), output);
		service(signal.service(), output);
		telemetry(signal, run, error, output);
		output.endObject();
	}

	private static void log(Signal signal, JsonOutput output) {
		output.name(LOG);
		output.startObject();
		output.text(LEVEL, signal.level().toString());
		output.text(LOGGER, signal.namespace());
		Location location = signal.location();
		if (location != null && (!isEmpty(location.method()) || !isEmpty(location.file()))) {
			output.name(ORIGIN);
			output.startObject();
			output.text(FUNCTION, location.method());
			file(location, output);
			output.endObject();
		}
		output.endObject();
	}

	private static void file(Location location, JsonOutput output) {
		if (!isEmpty(location.file())) {
			output.name(FILE);
			output.startObject();
			output.text(NAME, location.file());
			if (location.line() > 0) {
				output.name(LINE);
				output.number(location.line());
			}
			output.endObject();
		}
	}

	private static void event(Signal signal, @Nullable Run run, @Nullable ErrorData error, JsonOutput output) {
		output.name(EVENT);
		output.startObject();
		output.text(KIND, (signal.kind() == Kind.METRIC) ? "metric" : "event");
		output.text(ACTION, signal.id());
		Duration duration = (run != null) ? run.duration() : null;
		if (duration != null) {
			output.text(OUTCOME, (error != null) ? "failure" : "success");
			output.name(DURATION);
			output.number(nanos(duration));
		}
		output.name(SEVERITY);
		output.number(signal.level().value());
		output.name(ID);
		output.uid(signal.uid());
		output.endObject();
	}

	/**
	 * A duration in nanoseconds, the most that a long holds where it is longer.
	 */
	private static long nanos(Duration duration) {
		try {
			return duration.toNanos();
		}
		catch (ArithmeticException ex) {
			return duration.isNegative() ? Long.MIN_VALUE : Long.MAX_VALUE;
		}
	}

	private static void error(ErrorData error, JsonOutput output) {
		output.name(ERROR);
		output.startObject();
		output.text(TYPE, error.type());
		output.text(MESSAGE, error.message());
		if (error.stack() != null || error.cause() != null || !error.suppressed().isEmpty()) {
			StringBuilder trace = new StringBuilder();
			trace(error, "", 0, trace);
			output.text(STACK_TRACE, trace.toString());
		}
		output.endObject();
	}

	/**
	 * A failure with its causes as Java prints it.
	 */
	private static void trace(ErrorData error, String indent, int depth, StringBuilder trace) {
		trace.append(error.type());
		if (error.message() != null && !error.message().isEmpty()) {
			trace.append(": ").append(Values.cut(error.message()));
		}
		if (error.stack() != null) {
			Values.cut(error.stack())
				.lines()
				.forEach((line) -> trace.append('\n').append(indent).append('\t').append(line.strip()));
		}
		if (depth == ErrorData.MAX_DEPTH) {
			return;
		}
		int suppressed = 0;
		for (ErrorData other : error.suppressed()) {
			if (suppressed++ == Output.MAX_SUPPRESSED || trace.length() > Values.MAX_TEXT) {
				break;
			}
			trace.append('\n').append(indent).append("\tSuppressed: ");
			trace(other, indent + '\t', depth + 1, trace);
		}
		if (error.cause() != null && trace.length() <= Values.MAX_TEXT) {
			trace.append('\n').append(indent).append("Caused by: ");
			trace(error.cause(), indent, depth + 1, trace);
		}
	}

	private static void thread(@Nullable String name, JsonOutput output) {
		if (!isEmpty(name)) {
			output.name(PROCESS);
			output.startObject();
			object(THREAD, NAME, name, output);
			output.endObject();
		}
	}

	private static void service(ServiceIdentity service, JsonOutput output) {
		if (output.repeat(service)) {
			return;
		}
		int start = output.size();
		object(HOST, NAME, service.host(), output);
		if (!isEmpty(service.name()) || !isEmpty(service.version()) || !isEmpty(service.environment())
				|| !isEmpty(service.instance())) {
			output.name(SERVICE);
			output.startObject();
			output.text(NAME, service.name());
			output.text(VERSION_NAME, service.version());
			output.text(ENVIRONMENT, service.environment());
			object(NODE, NAME, service.instance(), output);
			output.endObject();
		}
		object(CLOUD, REGION, service.region(), output);
		output.remember(service, start);
	}

	private static void telemetry(Signal signal, @Nullable Run run, @Nullable ErrorData error, JsonOutput output) {
		output.name(TELEMETRY);
		output.startObject();
		output.text(KIND, signal.kind().toString());
		output.fields(DATA, signal.data());
		output.fields(CTX, signal.context());
		Measurement measurement = signal.measurement();
		if (measurement != null) {
			output.name(VALUE);
			output.value(measurement.value());
			output.text(UNIT, measurement.unit());
			output.text(METRIC, (measurement.type() != null) ? measurement.type().toString() : null);
		}
		if (run != null && run.result() != null) {
			output.name(RESULT);
			output.value(run.result());
		}
		if (error != null) {
			output.text(FINGERPRINT, Values.fingerprint(signal, error));
		}
		Location location = signal.location();
		output.text(CLASS, (location != null) ? location.className() : null);
		output.text(PARENT_ID, (run != null) ? run.parentId() : null);
		if (signal.sampleRate() < 1) {
			output.name(SAMPLE_RATE);
			output.number(signal.sampleRate());
		}
		if (signal.suppressed() > 0) {
			output.name(SUPPRESSED);
			output.number(signal.suppressed());
		}
		output.endObject();
	}

	private static void object(Name name, Name field, @Nullable String text, JsonOutput output) {
		if (!isEmpty(text)) {
			output.name(name);
			output.startObject();
			output.text(field, text);
			output.endObject();
		}
	}

	private static boolean isEmpty(@Nullable String text) {
		return text == null || text.isEmpty();
	}

	/**
	 * JSON whose names Elasticsearch takes. Names that differ stay different.
	 */
	private static final class EcsOutput extends JsonOutput {

		@Override
		void name(String name) {
			super.name(acceptable(name));
		}

		private static String acceptable(String name) {
			String escaped = name.contains("%2") ? name.replace("%2", "%252") : name;
			if (escaped.isBlank()) {
				return "%20" + escaped;
			}
			return hasEmptyPart(escaped) ? escaped.replace(".", "%2E") : escaped;
		}

		private static boolean hasEmptyPart(String name) {
			int start = 0;
			for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', start)) {
				if (name.substring(start, dot).isBlank()) {
					return true;
				}
				start = dot + 1;
			}
			return start > 0 && name.substring(start).isBlank();
		}

	}

}
