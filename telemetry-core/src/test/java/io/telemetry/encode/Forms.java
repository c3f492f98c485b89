package io.telemetry.encode;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.telemetry.signal.Signal;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Encoded signals, and what was read from them in a form in which formats compare: maps
 * with text names, lists, texts, truth values, and numbers as decimals.
 */
final class Forms {

	/** Refuses a name that stands twice. */
	static final JsonMapper MAPPER = JsonMapper.builder()
		.enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
		.enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
		.build();

	private Forms() {
	}

	static byte[] bytes(SignalEncoder encoder, Signal... signals) {
		Lines lines = new Lines(encoder);
		for (Signal signal : signals) {
			lines.add(signal);
		}
		if (lines.failure() != null) {
			throw new AssertionError(lines.failure());
		}
		ByteArrayOutput bytes = lines.bytes();
		return Arrays.copyOf(bytes.array(), bytes.size());
	}

	static String text(SignalEncoder encoder, Signal signal) {
		ByteArrayOutput out = new ByteArrayOutput();
		try {
			encoder.encode(signal, out);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return out.toString(StandardCharsets.UTF_8);
	}

	/**
	 * What JSON says.
	 */
	@SuppressWarnings("unchecked")
	static Map<String, Object> exactJson(Signal signal) {
		return (Map<String, Object>) comparable(MAPPER.readValue(text(new JsonSignalEncoder(), signal), Object.class));
	}

	/**
	 * What is expected of every format.
	 */
	static Map<String, Object> json(Signal signal) {
		Map<String, Object> read = exactJson(signal);
		if (read.get("runMs") instanceof BigDecimal millis) {
			// Only where numbers are texts have they as many digits as they need.
			read.put("runMs", comparable(millis.doubleValue()));
		}
		return read;
	}

	static Object comparable(Object value) {
		if (value instanceof Map<?, ?> map) {
			Map<String, Object> result = new LinkedHashMap<>();
			map.forEach((name, content) -> result.put((String) comparable(name), comparable(content)));
			return result;
		}
		if (value instanceof List<?> list) {
			List<Object> result = new ArrayList<>();
			list.forEach((element) -> result.add(comparable(element)));
			return result;
		}
		if (value instanceof Double || value instanceof Float || value instanceof BigDecimal
				|| value instanceof BigInteger || value instanceof Long || value instanceof Integer) {
			BigDecimal number = new BigDecimal(value.toString());
			return (number.signum() != 0) ? number.stripTrailingZeros() : BigDecimal.ZERO;
		}
		return (value == null || value instanceof Boolean) ? value : String.valueOf(value);
	}

	/**
	 * The same where a format can't hold half a surrogate pair.
	 */
	static Object repaired(Object value) {
		if (value instanceof Map<?, ?> map) {
			Map<Object, Object> result = new LinkedHashMap<>();
			map.forEach((name, content) -> result.put(name, repaired(content)));
			return result;
		}
		if (value instanceof List<?> list) {
			List<Object> result = new ArrayList<>();
			list.forEach((element) -> result.add(repaired(element)));
			return result;
		}
		return (value instanceof String text) ? Values.withoutLoneSurrogates(text) : value;
	}

	static boolean isHarmless(String text) {
		for (int i = 0; i < text.length(); i++) {
			if (HarmfulCharacters.isPair(text, i)) {
				i++;
			}
			else if (HarmfulCharacters.contain(text.charAt(i))) {
				return false;
			}
		}
		return true;
	}

}
