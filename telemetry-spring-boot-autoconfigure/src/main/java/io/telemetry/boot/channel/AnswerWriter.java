package io.telemetry.boot.channel;

import java.io.ByteArrayOutputStream;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Writes answers as JSON, with a factory that no application setting reaches. Safe for
 * several threads.
 */
final class AnswerWriter {

	private static final JsonFactory FACTORY = JsonFactory.builder().build();

	private AnswerWriter() {
	}

	/**
	 * An answer as an acknowledgement.
	 */
	static byte[] acknowledgement(Answer answer) {
		ByteArrayOutputStream out = new ByteArrayOutputStream(128);
		try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
			json.writeStartObject();
			writeText(json, "batch", answer.batch());
			if (answer instanceof Answer.Accepted accepted) {
				json.writeStringProperty("status", "accepted");
				json.writeNumberProperty("accepted", accepted.accepted());
				json.writeArrayPropertyStart("rejected");
				for (Rejection rejection : accepted.rejected()) {
					json.writeStartObject();
					json.writeNumberProperty("index", rejection.index());
					json.writeStringProperty("reason", rejection.reason().toString());
					json.writeEndObject();
				}
				json.writeEndArray();
				json.writeBooleanProperty("duplicate", accepted.duplicate());
			}
			else if (answer instanceof Answer.Refused refused) {
				json.writeStringProperty("status", "refused");
				writeRefusal(json, refused);
			}
			json.writeEndObject();
		}
		return out.toByteArray();
	}

	/**
	 * A refusal as problem details.
	 */
	static byte[] problem(Answer.Refused refused) {
		ByteArrayOutputStream out = new ByteArrayOutputStream(128);
		try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
			json.writeStartObject();
			json.writeStringProperty("type", "about:blank");
			json.writeStringProperty("title", refused.reason().title());
			json.writeNumberProperty("status", refused.reason().status());
			writeText(json, "batch", refused.batch());
			writeRefusal(json, refused);
			json.writeEndObject();
		}
		return out.toByteArray();
	}

	private static void writeRefusal(JsonGenerator json, Answer.Refused refused) {
		json.writeStringProperty("reason", refused.reason().toString());
		if (refused.retryAfterMs() > 0) {
			json.writeNumberProperty("retryAfterMs", refused.retryAfterMs());
		}
	}

	private static void writeText(JsonGenerator json, String name, @Nullable String text) {
		if (text != null) {
			json.writeStringProperty(name, text);
		}
		else {
			json.writeNullProperty(name);
		}
	}

}
