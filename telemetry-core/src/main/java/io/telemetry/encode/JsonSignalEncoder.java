package io.telemetry.encode;

import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

import io.telemetry.signal.ErrorData;
import io.telemetry.signal.Level;
import io.telemetry.signal.Location;
import io.telemetry.signal.Measurement;
import io.telemetry.signal.Run;
import io.telemetry.signal.ServiceIdentity;
import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.io.SerializedString;

/**
 * A signal as one line of JSON in UTF-8, without the line end. Control characters are
 * escaped wherever they stand, so that a signal never breaks its line. What is empty is
 * left out.
 * <p>
 * Values of any type are written: numbers and truth values as such (those that are no
 * numbers as text), times as ISO-8601, bytes as base 64, records and maps as objects,
 * arrays and iterables as arrays, exceptions with stack and causes, anything else as its
 * {@code toString}. A value that throws is written as {@code "(unwritable: <class>)"}.
 * Texts are cut at 32,768 characters, collections at 1,024 elements, nesting at 16, and a
 * signal that takes more than about a million bytes leaves out the rest of its values;
 * each cut leaves a mark.
 * <p>
 * Safe for several threads. The destination gets the whole signal in one write or
 * nothing.
 */
public final class JsonSignalEncoder implements SignalEncoder {

	private static final SerializedString TIMESTAMP = new SerializedString("timestamp");

	private static final SerializedString LEVEL = new SerializedString("level");

	private static final SerializedString KIND = new SerializedString("kind");

	private static final SerializedString ID = new SerializedString("id");

	private static final SerializedString NS = new SerializedString("ns");

	private static final SerializedString MSG = new SerializedString("msg");

	private static final SerializedString DATA = new SerializedString("data");

	private static final SerializedString CTX = new SerializedString("ctx");

	private static final SerializedString UID = new SerializedString("uid");

	private static final SerializedString THREAD = new SerializedString("thread");

	private static final SerializedString HOST = new SerializedString("host");

	private static final SerializedString SERVICE = new SerializedString("service");

	/**
	 * What the last thread used, for the next; a thread that finds none makes a new one.
	 */
	private final AtomicReference<@Nullable JsonOutput> spare = new AtomicReference<>();

	@Override
	public void encode(Signal signal, OutputStream out) throws IOException {
		JsonOutput output = this.spare.getAndSet(null);
		if (output == null) {
			output = new JsonOutput();
		}
		output.reset();
		write(signal, output);
		output.bytes().writeTo(out);
		this.spare.set(output);
	}

	private static void write(Signal signal, JsonOutput output) {
		JsonGenerator json = output.json();
		json.writeStartObject();
		output.text(TIMESTAMP, output.timestamps().format(signal.timestamp()));
		level(signal.level(), json);
		output.text(KIND, signal.kind().toString());
		output.text(ID, signal.id());
		output.text(NS, signal.namespace());
		output.text(MSG, signal.message());
		if (!signal.data().isEmpty()) {
			json.writeName(DATA);
			output.fields(signal.data());
		}
		if (!signal.context().isEmpty()) {
			json.writeName(CTX);
			output.fields(signal.context());
		}
		measurement(signal.measurement(), output);
		Run run = signal.run();
		if (run != null && run.result() != null) {
			json.writeName("result");
			output.value(run.result());
		}
		ErrorData error = Values.error(signal);
		if (error != null) {
			json.writeName("error");
			output.error(error, Values.fingerprint(signal, error));
		}
		location(signal.location(), output);
		run(run, output);
		if (signal.sampleRate() < 1) {
			json.writeName("sampleRate");
			json.writeNumber(signal.sampleRate());
		}
		if (signal.suppressed() > 0) {
			json.writeName("suppressed");
			json.writeNumber(signal.suppressed());
		}
		output.text(UID, signal.uid().toString());
		output.text(THREAD, signal.threadName());
		service(signal.service(), output);
		json.writeEndObject();
	}

	private static void level(Level level, JsonGenerator json) {
		json.writeName(LEVEL);
		if (level.isNamed()) {
			json.writeString(level.toString());
		}
		else {
			json.writeNumber(level.value());
		}
	}

	private static void measurement(@Nullable Measurement measurement, JsonOutput output) {
		if (measurement == null) {
			return;
		}
		output.json().writeName("value");
		output.value(measurement.value());
		output.text("unit", measurement.unit());
		if (!measurement.tags().isEmpty()) {
			output.json().writeName("tags");
			output.fields(measurement.tags());
		}
		output.text("metric", (measurement.type() != null) ? measurement.type().toString() : null);
	}

	private static void location(@Nullable Location location, JsonOutput output) {
		if (location == null) {
			return;
		}
		output.json().writeName("location");
		output.json().writeStartObject();
		output.text("class", location.className());
		output.text("method", location.method());
		output.text("file", location.file());
		if (location.line() > 0) {
			output.json().writeName("line");
			output.json().writeNumber(location.line());
		}
		output.json().writeEndObject();
	}

	private static void run(@Nullable Run run, JsonOutput output) {
		if (run == null) {
			return;
		}
		if (run.duration() != null) {
			output.json().writeName("runMs");
			output.json().writeNumber(millis(run.duration()));
		}
		output.text("traceId", run.traceId());
		output.text("spanId", run.spanId());
		output.text("parentId", run.parentId());
		output.text("rootId", run.rootId());
	}

	/**
	 * A duration in milliseconds, as a decimal without exponent.
	 */
	static String millis(Duration duration) {
		return BigDecimal.valueOf(duration.getSeconds())
			.movePointRight(3)
			.add(BigDecimal.valueOf(duration.getNano(), 6))
			.stripTrailingZeros()
			.toPlainString();
	}

	private static void service(ServiceIdentity service, JsonOutput output) {
		output.text(HOST, service.host());
		if (isEmpty(service.name()) && isEmpty(service.version()) && isEmpty(service.environment())
				&& isEmpty(service.instance())) {
			return;
		}
		output.json().writeName(SERVICE);
		output.json().writeStartObject();
		output.text("name", service.name());
		output.text("version", service.version());
		output.text("environment", service.environment());
		output.text("instance", service.instance());
		output.json().writeEndObject();
	}

	private static boolean isEmpty(@Nullable String text) {
		return text == null || text.isEmpty();
	}

}
