package io.telemetry.boot.actuate;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.telemetry.encode.JsonSignalEncoder;
import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A signal as maps and lists, in the form that files and streams have. It is encoded and
 * read back, so that the encoder alone knows the form, and what the application's JSON
 * library is given is nothing but maps, lists, text, numbers and booleans.
 */
final class SignalJson {

	private final JsonSignalEncoder encoder = new JsonSignalEncoder();

	private final JsonFactory json = new JsonFactory();

	@Nullable Object write(Signal signal) {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		try {
			this.encoder.encode(signal, bytes);
		}
		catch (IOException ex) {
			throw new UncheckedIOException("An array in memory does not fail", ex);
		}
		try (JsonParser parser = this.json.createParser(ObjectReadContext.empty(), bytes.toByteArray())) {
			parser.nextToken();
			return value(parser);
		}
	}

	/** The encoder bounds how deep values nest. */
	private static @Nullable Object value(JsonParser parser) {
		JsonToken token = parser.currentToken();
		return switch (token) {
			case START_OBJECT -> object(parser);
			case START_ARRAY -> array(parser);
			case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getNumberValue();
			case VALUE_TRUE -> Boolean.TRUE;
			case VALUE_FALSE -> Boolean.FALSE;
			case VALUE_NULL -> null;
			default -> parser.getString();
		};
	}

	private static Map<String, @Nullable Object> object(JsonParser parser) {
		Map<String, @Nullable Object> object = new LinkedHashMap<>();
		while (parser.nextToken() != JsonToken.END_OBJECT) {
			String name = parser.currentName();
			parser.nextToken();
			object.put(name, value(parser));
		}
		return object;
	}

	private static List<@Nullable Object> array(JsonParser parser) {
		List<@Nullable Object> array = new ArrayList<>();
		while (parser.nextToken() != JsonToken.END_ARRAY) {
			array.add(value(parser));
		}
		return array;
	}

}
