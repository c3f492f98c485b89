package io.telemetry.boot.browser;

import java.io.ByteArrayOutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

import io.telemetry.boot.channel.HttpAnswer;
import io.telemetry.boot.channel.HttpCall;
import io.telemetry.boot.channel.HttpReply;
import io.telemetry.boot.channel.HttpResource;
import io.telemetry.boot.channel.PageOrigins;
import io.telemetry.boot.channel.caller.CsrfExpectation;
import io.telemetry.boot.channel.caller.CsrfProtection;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

import org.springframework.http.ETag;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.web.cors.CorsConfiguration;

/**
 * The client's files and the settings for it, under names that are known beforehand.
 * Browsers ask each time and mostly hear that nothing has changed. Safe for several
 * threads.
 */
public final class BrowserResources {

	private static final JsonFactory JSON = JsonFactory.builder().build();

	private static final String METHODS = "GET,HEAD";

	private final Map<String, ClientFile> files = ClientFile.all();

	private final Function<HttpCall, SettingsInForce> settings;

	private final boolean webSocket;

	private final PageOrigins origins;

	private final CsrfProtection csrf;

	/**
	 * What is served with the given settings.
	 * @param settings asked for every request whose key is known
	 * @param webSocket whether clients can use a WebSocket
	 * @param origins origins beside the application's own whose pages may read the
	 * settings
	 * @param csrf tells which token a page has to bring when it connects
	 */
	public BrowserResources(Function<HttpCall, SettingsInForce> settings, boolean webSocket, PageOrigins origins,
			CsrfProtection csrf) {
		this.settings = settings;
		this.webSocket = webSocket;
		this.origins = origins;
		this.csrf = csrf;
	}

	/**
	 * What is served.
	 * @param path the channel's path
	 * @return what answers, by exact address
	 */
	public Map<String, HttpResource> addresses(String path) {
		Map<String, HttpResource> addresses = new LinkedHashMap<>();
		this.files.forEach((name, file) -> addresses.put(path + "/" + name, (call) -> serve(file, call)));
		addresses.put(path + "/config", new Config());
		return addresses;
	}

	private HttpAnswer serve(ClientFile file, HttpCall call) {
		// The same for everybody and without anybody's data; a script tag with an
		// integrity attribute on another origin needs to be told so
		HttpAnswer answer = read(call, file.contentType(), file.etag(), file::content)
			.with(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, "*")
			.with("Cross-Origin-Resource-Policy", "cross-origin");
		// Instead of a comment, which every visitor would load
		String map = file.name() + ".map";
		return this.files.containsKey(map) ? answer.with("SourceMap", map) : answer;
	}

	private static HttpAnswer read(HttpCall call, String type, String etag, Supplier<byte[]> content) {
		boolean head = HttpMethod.HEAD.matches(call.method());
		if (!head && !HttpMethod.GET.matches(call.method())) {
			return HttpAnswer.only(call, METHODS);
		}
		HttpAnswer answer;
		if (isKnown(call.header(HttpHeaders.IF_NONE_MATCH), etag)) {
			answer = HttpAnswer.of(304);
		}
		else if (head) {
			answer = HttpAnswer.of(200)
				.with(HttpHeaders.CONTENT_TYPE, type)
				.with(HttpHeaders.CONTENT_LENGTH, Integer.toString(content.get().length));
		}
		else {
			answer = HttpAnswer.of(200, type, content.get());
		}
		return answer.with(HttpHeaders.ETAG, etag)
			.with(HttpHeaders.CACHE_CONTROL, "no-cache")
			.with("X-Content-Type-Options", "nosniff");
	}

	private static boolean isKnown(@Nullable String header, String etag) {
		if (header == null) {
			return false;
		}
		ETag ours = ETag.create(etag);
		return ETag.parse(header).stream().anyMatch((tag) -> tag.isWildcard() || tag.compare(ours, false));
	}

	private byte[] json(SettingsInForce settings, @Nullable CsrfExpectation csrf) {
		ByteArrayOutputStream out = new ByteArrayOutputStream(512);
		try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
			json.writeStartObject();
			settings.writeTo(json);
			json.writeBooleanProperty("webSocket", this.webSocket);
			if (csrf != null) {
				json.writeObjectPropertyStart("csrf");
				json.writeStringProperty("header", csrf.headerName());
				json.writeStringProperty("token", csrf.masked());
				json.writeEndObject();
			}
			writeIntegrity(json);
			json.writeEndObject();
		}
		return out.toByteArray();
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

	private final class Config implements HttpResource {

		@Override
		public HttpReply begin(HttpCall call) {
			if (!BrowserResources.this.origins.isKeyKnown(call)) {
				return HttpAnswer.of(401).with(HttpHeaders.CACHE_CONTROL, "no-store");
			}
			// A page of the application's own may know the token: it stands in its forms
			CsrfExpectation expected = PageOrigins.isForeign(call) ? null : BrowserResources.this.csrf.expect(call);
			byte[] content = json(inForce(call), expected);
			String etag = "\"" + Integer.toHexString(java.util.Arrays.hashCode(content)) + "-" + content.length + "\"";
			HttpAnswer answer = read(call, MediaType.APPLICATION_JSON_VALUE, etag, () -> content).with(HttpHeaders.VARY,
					HttpHeaders.ORIGIN + ", " + HttpHeaders.USER_AGENT);
			if (expected != null) {
				answer = answer.with(HttpHeaders.CACHE_CONTROL, "no-store");
			}
			String allowed = BrowserResources.this.origins.allowed(call);
			return (allowed != null) ? answer.with(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, allowed) : answer;
		}

		private SettingsInForce inForce(HttpCall call) {
			SettingsInForce settings = BrowserResources.this.settings.apply(call);
			return (!settings.settings().collect().bots() && Crawlers.isKnown(call.header(HttpHeaders.USER_AGENT)))
					? settings.off() : settings;
		}

		@Override
		public CorsConfiguration cors(HttpCall call) {
			return BrowserResources.this.origins.cors(call);
		}

	}

}
