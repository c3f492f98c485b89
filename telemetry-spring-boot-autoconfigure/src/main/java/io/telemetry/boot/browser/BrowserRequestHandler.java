package io.telemetry.boot.browser;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.HttpRequestHandler;
import org.springframework.web.context.request.ServletWebRequest;
import org.springframework.web.cors.CorsConfiguration;

/**
 * Serves the client's files and the settings for it, under names that are known
 * beforehand. Browsers ask each time and mostly hear that nothing has changed. Safe for
 * several threads.
 */
public final class BrowserRequestHandler {

	private static final JsonFactory JSON = JsonFactory.builder().build();

	private final Map<String, ClientFile> files = ClientFile.all();

	private final Supplier<BrowserSettings> settings;

	private final CorsConfiguration origins = new CorsConfiguration();

	/**
	 * A handler of the given settings.
	 * @param settings asked for every request
	 * @param allowedOriginPatterns origins beside the application's own whose pages may
	 * read the settings
	 */
	public BrowserRequestHandler(Supplier<BrowserSettings> settings, List<String> allowedOriginPatterns) {
		this.settings = settings;
		this.origins.setAllowedOriginPatterns(allowedOriginPatterns);
	}

	/**
	 * What is served.
	 * @param path the channel's path
	 * @return handlers by exact address
	 */
	public Map<String, HttpRequestHandler> addresses(String path) {
		Map<String, HttpRequestHandler> addresses = new LinkedHashMap<>();
		this.files.forEach((name, file) -> addresses.put(path + "/" + name,
				(request, response) -> serve(file, request, response)));
		addresses.put(path + "/config", this::config);
		return addresses;
	}

	private static void serve(ClientFile file, HttpServletRequest request, HttpServletResponse response)
			throws IOException {
		if (!isRead(request, response)) {
			return;
		}
		// The same for everybody and without anybody's data; a script tag with an
		// integrity
		// attribute on another origin needs to be told so
		response.setHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, "*");
		response.setHeader("Cross-Origin-Resource-Policy", "cross-origin");
		write(file.contentType(), file.etag(), file.content(), request, response);
	}

	private void config(HttpServletRequest request, HttpServletResponse response) throws IOException {
		if (!isRead(request, response)) {
			return;
		}
		response.addHeader(HttpHeaders.VARY, HttpHeaders.ORIGIN);
		String allowed = this.origins.checkOrigin(request.getHeader(HttpHeaders.ORIGIN));
		if (allowed != null) {
			response.setHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
		}
		byte[] content = json(this.settings.get());
		write(MediaType.APPLICATION_JSON_VALUE,
				"\"" + Integer.toHexString(java.util.Arrays.hashCode(content)) + "-" + content.length + "\"", content,
				request, response);
	}

	private static boolean isRead(HttpServletRequest request, HttpServletResponse response) {
		if (HttpMethod.GET.matches(request.getMethod()) || HttpMethod.HEAD.matches(request.getMethod())) {
			return true;
		}
		response.setHeader(HttpHeaders.ALLOW, "GET,HEAD");
		response.setStatus(HttpMethod.OPTIONS.matches(request.getMethod()) ? HttpStatus.NO_CONTENT.value()
				: HttpStatus.METHOD_NOT_ALLOWED.value());
		return false;
	}

	private static void write(String type, String etag, byte[] content, HttpServletRequest request,
			HttpServletResponse response) throws IOException {
		response.setHeader(HttpHeaders.CACHE_CONTROL, "no-cache");
		response.setHeader("X-Content-Type-Options", "nosniff");
		if (new ServletWebRequest(request, response).checkNotModified(etag)) {
			return;
		}
		response.setContentType(type);
		response.setContentLength(content.length);
		if (!HttpMethod.HEAD.matches(request.getMethod())) {
			response.getOutputStream().write(content);
		}
	}

	private byte[] json(BrowserSettings settings) {
		ByteArrayOutputStream out = new ByteArrayOutputStream(512);
		try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
			json.writeStartObject();
			json.writeBooleanProperty("enabled", settings.enabled());
			json.writeObjectPropertyStart("sampling");
			settings.sampling().forEach(json::writeNumberProperty);
			json.writeEndObject();
			json.writeObjectPropertyStart("session");
			json.writeNumberProperty("rate", settings.session().rate());
			json.writeNumberProperty("idleMs", settings.session().idle().toMillis());
			json.writeEndObject();
			writeCollect(json, settings.collect());
			json.writeObjectPropertyStart("buffer");
			json.writeNumberProperty("events", settings.buffer().events());
			json.writeNumberProperty("flushMs", settings.buffer().flush().toMillis());
			json.writeNumberProperty("bytes", settings.buffer().bytes());
			json.writeNumberProperty("stored", settings.buffer().stored());
			json.writeEndObject();
			// No rules of the server's yet; clients keep to their own
			json.writeObjectPropertyStart("privacy");
			json.writeEndObject();
			json.writeObjectPropertyStart("trace");
			json.writeArrayPropertyStart("origins");
			settings.traceOrigins().forEach(json::writeString);
			json.writeEndArray();
			json.writeEndObject();
			writeIntegrity(json);
			json.writeEndObject();
		}
		return out.toByteArray();
	}

	private static void writeCollect(JsonGenerator json, BrowserSettings.Collect collect) {
		json.writeObjectPropertyStart("collect");
		json.writeBooleanProperty("errors", collect.errors());
		json.writeBooleanProperty("console", collect.console());
		json.writeBooleanProperty("network", collect.network());
		json.writeBooleanProperty("performance", collect.performance());
		json.writeBooleanProperty("interactions", collect.interactions());
		json.writeBooleanProperty("navigation", collect.navigation());
		json.writeEndObject();
	}

	private void writeIntegrity(JsonGenerator json) {
		json.writeObjectPropertyStart("sri");
		for (String name : List.of("client.js", "client.mjs")) {
			ClientFile file = this.files.get(name);
			if (file != null) {
				json.writeStringProperty(name, file.integrity());
			}
		}
		json.writeEndObject();
	}

}
