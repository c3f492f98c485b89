package io.telemetry.boot.channel.control;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Set;
import java.util.function.Consumer;

import io.telemetry.boot.browser.SettingsInForce;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Writes control messages, with a factory that no application setting reaches.
 */
final class ControlMessages {

	private static final JsonFactory JSON = JsonFactory.builder().build();

	private ControlMessages() {
	}

	static byte[] config(SettingsInForce settings) {
		return message("config", (json) -> {
			json.writeObjectPropertyStart("config");
			settings.writeTo(json);
			json.writeEndObject();
		});
	}

	static byte[] flush() {
		return message("flush", (json) -> {
		});
	}

	static byte[] reconnect(Duration within) {
		return message("reconnect", (json) -> json.writeNumberProperty("withinMs", within.toMillis()));
	}

	static byte[] diagnose(String requestId, Set<DiagnosticsPart> what) {
		return message("diagnose", (json) -> {
			json.writeStringProperty("requestId", requestId);
			json.writeArrayPropertyStart("what");
			what.forEach((part) -> json.writeString(part.toString()));
			json.writeEndArray();
		});
	}

	private static byte[] message(String type, Consumer<JsonGenerator> content) {
		ByteArrayOutputStream out = new ByteArrayOutputStream(512);
		try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
			json.writeStartObject();
			json.writeStringProperty("type", type);
			content.accept(json);
			json.writeEndObject();
		}
		return out.toByteArray();
	}

}
