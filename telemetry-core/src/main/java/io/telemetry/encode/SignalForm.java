package io.telemetry.encode;

import java.time.Duration;

import io.telemetry.signal.ErrorData;
import io.telemetry.signal.Level;
import io.telemetry.signal.Location;
import io.telemetry.signal.Measurement;
import io.telemetry.signal.Run;
import io.telemetry.signal.ServiceIdentity;
import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a signal, in their order, as every structured format but ECS has them.
 * What is empty is left out.
 */
final class SignalForm {

	private static final Name TIMESTAMP = new Name("timestamp");

	private static final Name LEVEL = new Name("level");

	private static final Name KIND = new Name("kind");

	private static final Name ID = new Name("id");

	private static final Name NS = new Name("ns");

	private static final Name MSG = new Name("msg");

	private static final Name DATA = new Name("data");

	private static final Name CTX = new Name("ctx");

	private static final Name VALUE = new Name("value");

	private static final Name UNIT = new Name("unit");

	private static final Name TAGS = new Name("tags");

	private static final Name METRIC = new Name("metric");

	private static final Name RESULT = new Name("result");

	private static final Name ERROR = new Name("error");

	private static final Name LOCATION = new Name("location");

	private static final Name CLASS = new Name("class");

	private static final Name METHOD = new Name("method");

	private static final Name FILE = new Name("file");

	private static final Name LINE = new Name("line");

	private static final Name RUN_MS = new Name("runMs");

	private static final Name TRACE_ID = new Name("traceId");

	private static final Name SPAN_ID = new Name("spanId");

	private static final Name PARENT_ID = new Name("parentId");

	private static final Name ROOT_ID = new Name("rootId");

	private static final Name SAMPLE_RATE = new Name("sampleRate");

	private static final Name SUPPRESSED = new Name("suppressed");

	private static final Name UID = new Name("uid");

	private static final Name THREAD = new Name("thread");

	private static final Name HOST = new Name("host");

	private static final Name SERVICE = new Name("service");

	private static final Name NAME = new Name("name");

	private static final Name VERSION = new Name("version");

	private static final Name ENVIRONMENT = new Name("environment");

	private static final Name INSTANCE = new Name("instance");

	private SignalForm() {
	}

	static void write(Signal signal, Output output) {
		output.startObject();
		output.name(TIMESTAMP);
		output.time(signal.timestamp());
		output.name(LEVEL);
		level(signal.level(), output);
		output.name(KIND);
		output.word(signal.kind().toString());
		output.text(ID, signal.id());
		output.text(NS, signal.namespace());
		output.text(MSG, signal.message());
		output.fields(DATA, signal.data());
		output.fields(CTX, signal.context());
		measurement(signal.measurement(), output);
		Run run = signal.run();
		if (run != null && run.result() != null) {
			output.name(RESULT);
			output.value(run.result());
		}
		ErrorData error = Values.error(signal);
		if (error != null) {
			output.name(ERROR);
			output.error(error, Values.fingerprint(signal, error));
		}
		location(signal.location(), output);
		run(run, output);
		if (signal.sampleRate() < 1) {
			output.name(SAMPLE_RATE);
			output.number(signal.sampleRate());
		}
		if (signal.suppressed() > 0) {
			output.name(SUPPRESSED);
			output.number(signal.suppressed());
		}
		output.name(UID);
		output.uid(signal.uid());
		output.text(THREAD, signal.threadName());
		service(signal.service(), output);
		output.endObject();
	}

	private static void level(Level level, Output output) {
		if (level.isNamed()) {
			output.word(level.toString());
		}
		else {
			output.number(level.value());
		}
	}

	private static void measurement(@Nullable Measurement measurement, Output output) {
		if (measurement == null) {
			return;
		}
		output.name(VALUE);
		output.value(measurement.value());
		output.text(UNIT, measurement.unit());
		output.fields(TAGS, measurement.tags());
		if (measurement.type() != null) {
			output.name(METRIC);
			output.word(measurement.type().toString());
		}
	}

	private static void location(@Nullable Location location, Output output) {
		if (location == null) {
			return;
		}
		output.name(LOCATION);
		output.startObject();
		output.text(CLASS, location.className());
		output.text(METHOD, location.method());
		output.text(FILE, location.file());
		if (location.line() > 0) {
			output.name(LINE);
			output.number(location.line());
		}
		output.endObject();
	}

	private static void run(@Nullable Run run, Output output) {
		if (run == null) {
			return;
		}
		Duration duration = run.duration();
		if (duration != null) {
			output.name(RUN_MS);
			output.millis(duration);
		}
		output.text(TRACE_ID, run.traceId());
		output.text(SPAN_ID, run.spanId());
		output.text(PARENT_ID, run.parentId());
		output.text(ROOT_ID, run.rootId());
	}

	private static void service(ServiceIdentity service, Output output) {
		if (output.repeat(service)) {
			return;
		}
		int start = output.size();
		identity(service, output);
		output.remember(service, start);
	}

	private static void identity(ServiceIdentity service, Output output) {
		output.text(HOST, service.host());
		if (isEmpty(service.name()) && isEmpty(service.version()) && isEmpty(service.environment())
				&& isEmpty(service.instance())) {
			return;
		}
		output.name(SERVICE);
		output.startObject();
		output.text(NAME, service.name());
		output.text(VERSION, service.version());
		output.text(ENVIRONMENT, service.environment());
		output.text(INSTANCE, service.instance());
		output.endObject();
	}

	private static boolean isEmpty(@Nullable String text) {
		return text == null || text.isEmpty();
	}

}
