package io.telemetry.boot.channel;

import java.io.ByteArrayOutputStream;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;

/**
 * An answer to a request, whichever server sends it. Immutable as far as an array is.
 *
 * @param status the HTTP status
 * @param headers headers by name, without the length of the body
 * @param body the body; empty for none
 */
public record HttpAnswer(int status, Map<String, String> headers, byte[] body) implements HttpReply {

	private static final JsonFactory JSON = JsonFactory.builder().build();

	private static final byte[] NOTHING = new byte[0];

	public HttpAnswer {
		headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
	}

	/**
	 * An answer without a body.
	 * @param status the HTTP status
	 * @return the answer
	 */
	public static HttpAnswer of(int status) {
		return new HttpAnswer(status, Map.of(), NOTHING);
	}

	/**
	 * An answer with a body.
	 * @param status the HTTP status
	 * @param contentType what the body is
	 * @param body the body
	 * @return the answer
	 */
	public static HttpAnswer of(int status, String contentType, byte[] body) {
		return new HttpAnswer(status, Map.of(HttpHeaders.CONTENT_TYPE, contentType), body);
	}

	/**
	 * An answer that tells of a problem.
	 * @param status the HTTP status
	 * @param title what is wrong, the same each time
	 * @param detail what can be done
	 * @return the answer
	 */
	public static HttpAnswer problem(int status, String title, String detail) {
		ByteArrayOutputStream out = new ByteArrayOutputStream(256);
		try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
			json.writeStartObject();
			json.writeStringProperty("type", "about:blank");
			json.writeStringProperty("title", title);
			json.writeNumberProperty("status", status);
			json.writeStringProperty("detail", detail);
			json.writeEndObject();
		}
		return of(status, MediaType.APPLICATION_PROBLEM_JSON_VALUE, out.toByteArray());
	}

	/**
	 * The answer to a method that an address does not know: what it knows.
	 * @param call the request
	 * @param methods the methods there are, with commas
	 * @return 204 for OPTIONS, else 405
	 */
	public static HttpAnswer only(HttpCall call, String methods) {
		return of(HttpMethod.OPTIONS.matches(call.method()) ? 204 : 405).with(HttpHeaders.ALLOW, methods);
	}

	/**
	 * The same with one header more.
	 * @param name its name
	 * @param value its value
	 * @return a copy
	 */
	public HttpAnswer with(String name, String value) {
		Map<String, String> more = new LinkedHashMap<>(this.headers);
		more.put(name, value);
		return new HttpAnswer(this.status, more, this.body);
	}

}
