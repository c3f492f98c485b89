package io.telemetry.sample;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import io.telemetry.handler.SignalHandler;
import io.telemetry.signal.Signal;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.http.MediaType;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerResponse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The shop behind a login form, in a real Chromium: pages of users who are logged in, of
 * front ends with a key, and both, connect over the WebSocket.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { "spring.autoconfigure.exclude=", "telemetry.channel.applications.desk.key=desk-key-1" })
class ShopAccessTests {

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	@TempDir
	private static Path logs;

	private static Chromium chromium;

	@LocalServerPort
	private int port;

	@Autowired
	private Kept kept;

	private BrowserContext context;

	private Page page;

	private final List<String> sockets = new CopyOnWriteArrayList<>();

	@DynamicPropertySource
	static void fileInTemporaryDirectory(DynamicPropertyRegistry registry) {
		registry.add("telemetry.handlers.file.file.path", () -> logs.resolve("telemetry.jsonl").toString());
	}

	@BeforeAll
	static void launch() {
		chromium = Chromium.launch();
	}

	@AfterAll
	static void quit() {
		if (chromium != null) {
			chromium.close();
		}
	}

	@BeforeEach
	void open() {
		this.context = chromium.browser().newContext();
		this.page = this.context.newPage();
		this.page.setDefaultTimeout(PATIENCE.toMillis());
		this.page.onWebSocket((socket) -> this.sockets.add(socket.url()));
	}

	@AfterEach
	void close() {
		this.context.close();
	}

	private String address(String path) {
		return "http://localhost:" + this.port + path;
	}

	private void logIn() {
		this.page.navigate(address("/"));
		this.page.fill("#username", "jo");
		this.page.fill("#password", "secret");
		this.page.click("button[type=submit]");
		this.page.waitForSelector(".product");
	}

	/**
	 * What the server knows of a message that the page sends over its WebSocket.
	 */
	private Map<String, ?> dataOf(String message) {
		this.page.waitForFunction("window.Telemetry");
		// A batch may leave before the connection is there, by another road
		return await().atMost(PATIENCE).until(() -> {
			this.page.evaluate("(message) => { Telemetry.log('warn', message); return Telemetry.flush(2000); }",
					message);
			return this.kept.signals.stream()
				.filter((signal) -> message.equals(signal.message()) && signal.data().get("connectionId") != null)
				.findFirst()
				.map(Signal::data);
		}, java.util.Optional::isPresent).orElseThrow();
	}

	@Test
	void pageOfALoggedInUserConnectsAsThatUser() {
		logIn();
		assertThat(this.page.evaluate("fetch('/chsk/config').then((answer) => answer.text())").toString())
			.contains("X-CSRF-TOKEN");
		assertThat(dataOf("logged in").get("userId")).isEqualTo("jo");
		assertThat(this.sockets).containsExactly("ws://localhost:" + this.port + "/chsk");
		// The application's own requests are protected as before
		assertThat(this.page.evaluate("fetch('/api/checkout', { method: 'POST' }).then((answer) => answer.status)"))
			.isEqualTo(403);
	}

	@Test
	void pageWithAKeyConnectsAsItsFrontEnd() {
		serve("<script src='/chsk/client.js' data-key='desk-key-1'></script>");
		Map<String, ?> data = dataOf("with a key");
		assertThat(data.get("application")).isEqualTo("desk");
		assertThat((String) data.get("userId")).startsWith("anon-");
		assertThat(this.sockets).containsExactly("ws://localhost:" + this.port + "/chsk?key=desk-key-1");
	}

	@Test
	void moduleOfALoggedInUserTakesKeyAndToken() {
		logIn();
		this.sockets.clear();
		serve("<script type='module'>import * as client from '/chsk/client.mjs';"
				+ "client.init({ key: 'desk-key-1' }); window.Telemetry = client;</script>");
		assertThat(dataOf("module").get("application")).isEqualTo("desk");
		assertThat(dataOf("module").get("userId")).isEqualTo("jo");
		assertThat(this.sockets).contains("ws://localhost:" + this.port + "/chsk?key=desk-key-1");
	}

	@Test
	void pageWithATicketConnectsAsItsUser() {
		logIn();
		String ticket = this.page
			.evaluate("fetch('/chsk/ticket', { method: 'POST' }).then((answer) => answer.json())"
					+ ".then((answer) => answer.ticket)")
			.toString();
		this.context.clearCookies();
		this.sockets.clear();
		serve("<script type='module'>import * as client from '/chsk/client.mjs';" + "client.init({ ticket: () => '"
				+ ticket + "' }); window.Telemetry = client;</script>");
		assertThat(dataOf("ticket").get("userId")).isEqualTo("jo");
	}

	/**
	 * Opens a page of the shop's origin that anybody may see.
	 */
	private void serve(String html) {
		this.kept.page = "<!doctype html>" + html;
		this.page.navigate(address("/elsewhere"));
	}

	/**
	 * Keeps what browsers send.
	 */
	static class Kept implements SignalHandler {

		private final List<Signal> signals = new CopyOnWriteArrayList<>();

		private volatile String page = "";

		@Override
		public void handle(Signal signal) {
			if (signal.namespace().startsWith("browser.")) {
				this.signals.add(signal);
			}
		}

		@Override
		public void close() {
		}

	}

	@TestConfiguration(proxyBeanMethods = false)
	static class Login {

		@Bean
		Kept kept() {
			return new Kept();
		}

		@Bean
		RouterFunction<ServerResponse> elsewhere(Kept kept) {
			return RouterFunctions.route()
				.GET("/elsewhere", (request) -> ServerResponse.ok().contentType(MediaType.TEXT_HTML).body(kept.page))
				.build();
		}

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http
				.authorizeHttpRequests((requests) -> requests.requestMatchers("/chsk/**", "/elsewhere")
					.permitAll()
					.anyRequest()
					.authenticated())
				.formLogin(Customizer.withDefaults())
				.build();
		}

		@Bean
		InMemoryUserDetailsManager users() {
			return new InMemoryUserDetailsManager(User.withUsername("jo").password("{noop}secret").build());
		}

	}

}
