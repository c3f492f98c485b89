package io.telemetry.boot.channel;

import java.net.CookieManager;
import java.net.HttpCookie;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A browser as far as a server can tell: keeps cookies and asks for any address.
 */
final class Visitor {

	private static final Pattern TOKEN = Pattern.compile("name=\"_csrf\"[^>]*value=\"([^\"]+)\"");

	private final ChannelServer server;

	private final CookieManager cookies = new CookieManager();

	private final HttpClient http = HttpClient.newBuilder().cookieHandler(this.cookies).build();

	Visitor(ChannelServer server) {
		this.server = server;
	}

	/**
	 * By the form that Spring Security makes, with the name as password.
	 */
	Visitor logIn(String name) throws Exception {
		String form = "username=" + name + "&password=" + name + "&_csrf="
				+ URLEncoder.encode(formToken(), StandardCharsets.UTF_8);
		HttpResponse<String> response = send("POST", "/login", form, "Content-Type",
				"application/x-www-form-urlencoded");
		assertThat(response.headers().firstValue("Location").map(URI::create).map(URI::getQuery)).isEmpty();
		return this;
	}

	String formToken() throws Exception {
		Matcher matcher = TOKEN.matcher(get("/login").body());
		assertThat(matcher.find()).isTrue();
		return matcher.group(1);
	}

	String cookie(String name) {
		return this.cookies.getCookieStore()
			.getCookies()
			.stream()
			.filter((cookie) -> cookie.getName().equals(name))
			.map(HttpCookie::getValue)
			.findFirst()
			.orElse(null);
	}

	HttpResponse<String> get(String path, String... headers) throws Exception {
		return send("GET", path, "", headers);
	}

	HttpResponse<String> post(String path, String body, String... headers) throws Exception {
		return send("POST", path, body, headers);
	}

	HttpResponse<String> send(String method, String path, String body, String... headers) throws Exception {
		HttpRequest.Builder request = HttpRequest.newBuilder(this.server.uri(path))
			.method(method,
					body.isEmpty() ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
		if (headers.length > 0) {
			request.headers(headers);
		}
		if (!body.isEmpty() && Arrays.stream(headers).noneMatch("Content-Type"::equals)) {
			request.header("Content-Type", "application/json");
		}
		return this.http.send(request.build(), HttpResponse.BodyHandlers.ofString());
	}

	/**
	 * A WebSocket on which nothing has been said.
	 */
	StompProbe open(String path, String... headers) throws Exception {
		return StompProbe.open(this.http, URI.create("ws://localhost:" + this.server.port() + path), headers);
	}

	StompProbe connect(String path, String... connectHeaders) throws Exception {
		StompProbe probe = open(path);
		probe.connect(connectHeaders);
		return probe;
	}

	/**
	 * What a handshake is answered with.
	 */
	int handshake(String path, String... headers) throws Exception {
		try {
			open(path, headers).close();
			return 101;
		}
		catch (ExecutionException ex) {
			if (ex.getCause() instanceof WebSocketHandshakeException refused) {
				return refused.getResponse().statusCode();
			}
			throw ex;
		}
	}

	/**
	 * Opens a connection whose CONNECT is refused.
	 * @return the reason, which the ERROR frame and the close frame give alike
	 */
	String refusal(String path, String... connectHeaders) throws Exception {
		try (StompProbe probe = open(path)) {
			StringBuilder frame = new StringBuilder("CONNECT\naccept-version:1.2\nheart-beat:0,0\n");
			for (int i = 0; i < connectHeaders.length; i += 2) {
				frame.append(connectHeaders[i]).append(':').append(connectHeaders[i + 1]).append('\n');
			}
			probe.text(frame.append("\n\0").toString());
			assertThat(probe.awaitClose()).isEqualTo(1008);
			assertThat(probe.frames("CONNECTED")).isEmpty();
			assertThat(probe.frames("ERROR")).hasSize(1);
			assertThat(probe.frames("ERROR").get(0)).contains("message:" + probe.closeReason() + "\n");
			return probe.closeReason();
		}
	}

}
