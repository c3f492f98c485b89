package io.telemetry.boot.channel.security;

import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.telemetry.boot.SpringSecurityFilter;
import io.telemetry.boot.channel.ChannelServer;
import io.telemetry.boot.channel.caller.CsrfExpectation;
import io.telemetry.boot.channel.caller.CsrfProtection;
import jakarta.servlet.http.HttpServletRequest;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpMethod;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.csrf.CookieCsrfTokenRepository;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Spring Security's CSRF protection and the channel, on a real Tomcat.
 */
class ServletCsrfTests {

	private static final String BASIC = "Basic "
			+ Base64.getEncoder().encodeToString("jo:secret".getBytes(StandardCharsets.UTF_8));

	private static final String BATCH = "{\"batch\":\"b-%d\",\"events\":[{}]}";

	private static final Pattern TOKEN = Pattern.compile("name=\"_csrf\"[^>]*value=\"([^\"]+)\"");

	private int batches;

	private static ChannelServer server(Class<?> configuration, String... properties) {
		List<String> all = new ArrayList<>(List.of(SpringSecurityFilter.PROPERTY + "=true",
				"spring.security.user.name=jo", "spring.security.user.password=secret"));
		all.addAll(List.of(properties));
		return ChannelServer.start(List.of(Pages.class, configuration), all.toArray(String[]::new));
	}

	/**
	 * Whoever sends no browser's headers, but the right password.
	 */
	private int post(ChannelServer server, String path) throws Exception {
		return server
			.send(HttpRequest.newBuilder(server.uri(path))
				.header("Content-Type", "application/json")
				.header("Authorization", BASIC)
				.POST(HttpRequest.BodyPublishers.ofString(BATCH.formatted(this.batches++)))
				.build())
			.statusCode();
	}

	@Test
	void batchOfALoggedInBrowserIsTakenWithoutTokenAndAnythingElseIsNot() throws Exception {
		try (ChannelServer server = server(Nothing.class)) {
			Browser browser = new Browser(server);
			browser.logIn();
			HttpResponse<String> response = browser.send("POST", "/chsk/batch");
			assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
			assertThat(server.signals().awaitWithId("browser/event", 1).get(0).data()).containsEntry("userId", "jo");
			// Behind the protection, whether or not there is anything
			assertThat(browser.send("POST", "/chsk/ticket").statusCode()).isNotEqualTo(403);
			assertThat(browser.send("POST", "/orders").statusCode()).isEqualTo(403);
			assertThat(browser.send("PUT", "/chsk/batch").statusCode()).isEqualTo(403);
			assertThat(browser.send("POST", "/chsk/batch/x").statusCode()).isEqualTo(403);
			assertThat(browser.send("POST", "/chsk").statusCode()).isEqualTo(403);
			assertThat(browser.send("POST", "/orders?_csrf=" + browser.token()).statusCode()).isEqualTo(200);
		}
	}

	@Test
	void whoMayComeStaysTheApplicationsDecision() throws Exception {
		try (ChannelServer server = server(Nothing.class)) {
			assertThat(server.post(BATCH.formatted(1)).statusCode()).isEqualTo(401);
		}
	}

	@Test
	void chainsOfTheApplicationKeepTheirOwnExemptions() throws Exception {
		try (ChannelServer server = server(OwnExemptions.class)) {
			assertThat(post(server, "/chsk/batch")).isEqualTo(202);
			assertThat(post(server, "/orders")).isEqualTo(200);
			assertThat(post(server, "/payments")).isEqualTo(403);
		}
	}

	@Test
	void chainsWithAMatcherOfTheirOwnKeepIt() throws Exception {
		try (ChannelServer server = server(OwnMatcher.class)) {
			assertThat(post(server, "/chsk/batch")).isEqualTo(202);
			assertThat(post(server, "/orders")).isEqualTo(200);
			assertThat(post(server, "/payments")).isEqualTo(403);
		}
	}

	@Test
	void chainWithoutProtectionStaysWithout() throws Exception {
		try (ChannelServer server = server(Disabled.class)) {
			assertThat(post(server, "/chsk/batch")).isEqualTo(202);
			assertThat(post(server, "/orders")).isEqualTo(200);
			assertThat(expect(server, BASIC, "/expect").body()).isEqualTo("nothing");
		}
	}

	@Test
	void everyChainIsExempted() throws Exception {
		try (ChannelServer server = server(TwoChains.class)) {
			assertThat(post(server, "/chsk/batch")).isEqualTo(202);
			assertThat(post(server, "/chsk")).isEqualTo(403);
			assertThat(post(server, "/orders")).isEqualTo(403);
		}
	}

	@Test
	void pathsOfContextServletAndChannelAreFollowed() throws Exception {
		try (ChannelServer server = server(Plain.class, "server.servlet.context-path=/shop",
				"spring.mvc.servlet.path=/api", "telemetry.channel.path=/feedback")) {
			assertThat(post(server, "/shop/api/feedback/batch")).isEqualTo(202);
			assertThat(post(server, "/shop/api/chsk/batch")).isEqualTo(403);
			assertThat(post(server, "/shop/api/orders")).isEqualTo(403);
		}
	}

	@Test
	void tokenIsExpectedOfALoggedInBrowser() throws Exception {
		try (ChannelServer server = server(Nothing.class)) {
			Browser browser = new Browser(server);
			browser.logIn();
			String masked = browser.token();
			assertThat(browser.send("GET", "/expect?shown=" + masked).body()).isEqualTo("X-CSRF-TOKEN: true");
			assertThat(browser.send("GET", "/expect?shown=" + browser.token()).body()).isEqualTo("X-CSRF-TOKEN: true");
			assertThat(browser.send("GET", "/expect?shown=x").body()).isEqualTo("X-CSRF-TOKEN: false");
			assertThat(browser.send("GET", "/expect").body()).isEqualTo("X-CSRF-TOKEN: false");
			Browser other = new Browser(server);
			other.logIn();
			assertThat(other.send("GET", "/expect?shown=" + masked).body()).isEqualTo("X-CSRF-TOKEN: false");
		}
	}

	@Test
	void tokenOfACookieIsExpectedAsItIs() throws Exception {
		try (ChannelServer server = server(CookieToken.class)) {
			assertThat(server.get("/expect?shown=the-token", "Authorization", BASIC, "Cookie", "XSRF-TOKEN=the-token")
				.body()).isEqualTo("X-XSRF-TOKEN: true");
			assertThat(
					server.get("/expect?shown=other", "Authorization", BASIC, "Cookie", "XSRF-TOKEN=the-token").body())
				.isEqualTo("X-XSRF-TOKEN: false");
		}
	}

	@Test
	void nothingIsExpectedOfStrangersAndTheyGetNoSession() throws Exception {
		try (ChannelServer server = server(Open.class)) {
			HttpResponse<String> response = server.get("/expect");
			assertThat(response.body()).isEqualTo("nothing");
			assertThat(response.headers().allValues("Set-Cookie")).isEmpty();
			assertThat(expect(server, BASIC, "/expect").body()).isEqualTo("X-CSRF-TOKEN: false");
		}
	}

	@Test
	void nothingIsExpectedWhereItIsSwitchedOff() {
		try (ChannelServer server = server(Nothing.class, "telemetry.channel.csrf.enabled=false")) {
			assertThat(server.context().getBeanProvider(CsrfProtection.class).stream()).isEmpty();
			assertThat(server.context().getBeanProvider(ServletCsrfExemption.class).stream()).hasSize(1);
		}
	}

	private static HttpResponse<String> expect(ChannelServer server, String authorization, String path)
			throws Exception {
		return server.get(path, "Authorization", authorization);
	}

	/**
	 * Keeps cookies and shows tokens.
	 */
	private static final class Browser {

		private final ChannelServer server;

		private final HttpClient http = HttpClient.newBuilder().cookieHandler(new CookieManager()).build();

		Browser(ChannelServer server) {
			this.server = server;
		}

		String token() throws Exception {
			HttpResponse<String> page = this.http.send(HttpRequest.newBuilder(this.server.uri("/login")).build(),
					HttpResponse.BodyHandlers.ofString());
			Matcher matcher = TOKEN.matcher(page.body());
			assertThat(matcher.find()).as(page.body()).isTrue();
			return matcher.group(1);
		}

		void logIn() throws Exception {
			String form = "username=jo&password=secret&_csrf=" + URLEncoder.encode(token(), StandardCharsets.UTF_8);
			HttpResponse<String> response = this.http.send(HttpRequest.newBuilder(this.server.uri("/login"))
				.header("Content-Type", "application/x-www-form-urlencoded")
				.POST(HttpRequest.BodyPublishers.ofString(form))
				.build(), HttpResponse.BodyHandlers.ofString());
			assertThat(response.headers().firstValue("Location").map(URI::create).map(URI::getQuery)).isEmpty();
		}

		HttpResponse<String> send(String method, String path) throws Exception {
			return this.http.send(HttpRequest.newBuilder(this.server.uri(path))
				.header("Content-Type", "application/json")
				.method(method, HttpRequest.BodyPublishers.ofString(BATCH.formatted(path.length())))
				.build(), HttpResponse.BodyHandlers.ofString());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Pages {

		@Bean
		RouterFunction<ServerResponse> pages(ObjectProvider<CsrfProtection> csrf) {
			return RouterFunctions.route()
				.POST("/orders", (request) -> ServerResponse.ok().build())
				.POST("/payments", (request) -> ServerResponse.ok().build())
				.GET("/expect",
						(request) -> ServerResponse.ok()
							.body(expect(csrf.getIfAvailable(() -> CsrfProtection.NONE), request)))
				.build();
		}

		private static String expect(CsrfProtection csrf, ServerRequest request) {
			HttpServletRequest servletRequest = request.servletRequest();
			CsrfExpectation expectation = csrf.expect(new ServletRequestView(servletRequest));
			return (expectation == null) ? "nothing"
					: expectation.headerName() + ": " + expectation.isMetBy(request.param("shown").orElse(null));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Nothing {

	}

	@Configuration(proxyBeanMethods = false)
	static class Plain {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.httpBasic(Customizer.withDefaults()).build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnExemptions {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.httpBasic(Customizer.withDefaults())
				.csrf((csrf) -> csrf.ignoringRequestMatchers("/orders"))
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnMatcher {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.httpBasic(Customizer.withDefaults())
				.csrf((csrf) -> csrf
					.requireCsrfProtectionMatcher((request) -> HttpMethod.POST.matches(request.getMethod())
							&& !request.getRequestURI().endsWith("/orders")))
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Disabled {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.httpBasic(Customizer.withDefaults()).csrf((csrf) -> csrf.disable()).build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TwoChains {

		@Bean
		@Order(1)
		SecurityFilterChain channel(HttpSecurity http) {
			return http.securityMatcher("/chsk/**").httpBasic(Customizer.withDefaults()).build();
		}

		@Bean
		@Order(2)
		SecurityFilterChain others(HttpSecurity http) {
			return http.httpBasic(Customizer.withDefaults()).build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class CookieToken {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.httpBasic(Customizer.withDefaults())
				.csrf((csrf) -> csrf.csrfTokenRepository(CookieCsrfTokenRepository.withHttpOnlyFalse()))
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Open {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.httpBasic(Customizer.withDefaults())
				.authorizeHttpRequests((requests) -> requests.anyRequest().permitAll())
				.build();
		}

	}

}
