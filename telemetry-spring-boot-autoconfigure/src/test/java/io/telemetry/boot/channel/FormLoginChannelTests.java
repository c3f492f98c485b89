package io.telemetry.boot.channel;

import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.telemetry.boot.SpringSecurityFilter;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.csrf.CookieCsrfTokenRepository;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Users who are logged in at the application, as the channel sees them.
 */
class FormLoginChannelTests {

	private static final Pattern CSRF = Pattern.compile("\"csrf\":\\{\"header\":\"([^\"]+)\",\"token\":\"([^\"]+)\"}");

	private static ChannelServer server;

	private static Visitor jo;

	private static Visitor ann;

	@BeforeAll
	static void start() throws Exception {
		server = ChannelServer.start(List.of(FormLogin.class), FormLogin.PROPERTY,
				"telemetry.channel.user-id.trust-client=true",
				"telemetry.channel.allowed-origin-patterns=https://partner.example",
				"telemetry.channel.applications.shop.key=shop-key-1",
				"telemetry.channel.applications.shop.allowed-origin-patterns=https://shop.example");
		jo = server.visitor().logIn("jo");
		ann = server.visitor().logIn("ann");
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@BeforeEach
	void forget() {
		server.signals().clear();
	}

	private static String[] token(Visitor visitor, String... headers) throws Exception {
		HttpResponse<String> config = visitor.get("/chsk/config", headers);
		assertThat(config.statusCode()).isEqualTo(200);
		Matcher matcher = CSRF.matcher(config.body());
		assertThat(matcher.find()).as(config.body()).isTrue();
		assertThat(config.headers().allValues("Cache-Control")).containsExactly("no-store");
		return new String[] { matcher.group(1), matcher.group(2) };
	}

	private static StompProbe connect(Visitor visitor, String... headers) throws Exception {
		String[] token = token(visitor);
		String[] all = java.util.Arrays.copyOf(headers, headers.length + 2);
		all[headers.length] = token[0];
		all[headers.length + 1] = token[1];
		return visitor.connect("/chsk", all);
	}

	private static String batch(String id, String session) {
		return "{\"batch\":\"" + id + "\",\"session\":{\"id\":\"" + session
				+ "\"},\"user\":{\"id\":\"mallory\"},\"events\":[{\"type\":\"log\",\"userId\":\"mallory\"}]}";
	}

	private static Map<String, Object> data() {
		Map<String, Object> data = server.signals().awaitWithId("browser/log", 1).get(0).data();
		server.signals().clear();
		return data;
	}

	@Test
	void principalIsTheUserOnBothRoadsWhateverTheClientClaims() throws Exception {
		try (StompProbe client = connect(jo, "session-id", "s-jo", "user-id", "mallory")) {
			assertThat(client.awaitFrame("CONNECTED")).contains("user-id:jo\n").doesNotContain("mallory");
			client.batch(batch("over-stomp", "s-jo"));
			client.awaitAcknowledgement();
			assertThat(data()).containsEntry("userId", "jo").containsEntry("claimedUserId", "mallory");
		}
		assertThat(jo.post("/chsk/batch", batch("by-post", "s-jo"), "user-id", "mallory").statusCode()).isEqualTo(202);
		assertThat(data()).containsEntry("userId", "jo").containsEntry("claimedUserId", "mallory");
	}

	@Test
	void whoIsNotLoggedInIsAnonymousAndNeedsNoToken() throws Exception {
		Visitor stranger = server.visitor();
		HttpResponse<String> config = stranger.get("/chsk/config");
		assertThat(config.body()).doesNotContain("csrf");
		assertThat(config.headers().firstValue("Set-Cookie")).isEmpty();
		try (StompProbe client = stranger.connect("/chsk")) {
			assertThat(client.awaitFrame("CONNECTED")).contains("user-id:anon-");
			client.batch(Batches.batch("anonymous", "{\"type\":\"log\"}"));
			client.awaitAcknowledgement();
			assertThat((String) data().get("userId")).startsWith("anon-");
		}
		assertThat(stranger.post("/chsk/batch", Batches.batch("posted", "{\"type\":\"log\"}")).statusCode())
			.isEqualTo(202);
		assertThat((String) data().get("userId")).startsWith("anon-");
		assertThat(stranger.cookie("JSESSIONID")).isNull();
	}

	@Test
	void connectOfALoggedInUserWithoutTheTokenIsRefusedAndCounted() throws Exception {
		long before = server.stats().framesRefused().get("csrf-token");
		assertThat(jo.refusal("/chsk")).isEqualTo("csrf-token");
		String header = token(jo)[0];
		assertThat(jo.refusal("/chsk", header, "")).isEqualTo("csrf-token");
		assertThat(jo.refusal("/chsk", header, "wrong")).isEqualTo("csrf-token");
		assertThat(jo.refusal("/chsk", header, token(ann)[1])).isEqualTo("csrf-token");
		assertThat(jo.refusal("/chsk", "X-OTHER", token(jo)[1])).isEqualTo("csrf-token");
		// Neither does a token in the address, which a foreign page could have learnt
		assertThat(jo.refusal("/chsk?_csrf=" + token(jo)[1])).isEqualTo("csrf-token");
		assertThat(server.stats().framesRefused()).containsEntry("csrf-token", before + 6);
	}

	@Test
	void tokenOfTheConfigurationOrOfAFormConnects() throws Exception {
		String[] token = token(jo);
		assertThat(token[0]).isEqualTo("X-CSRF-TOKEN");
		jo.connect("/chsk", token).close();
		// As often as the page likes, and another text each time
		jo.connect("/chsk", token).close();
		assertThat(token(jo)[1]).isNotEqualTo(token[1]);
		jo.connect("/chsk", token[0], jo.formToken()).close();
	}

	@Test
	void tokenIsToldToPagesOfTheApplicationOnly() throws Exception {
		String own = "http://localhost:" + server.port();
		token(jo, "Origin", own);
		token(jo, "Sec-Fetch-Site", "same-origin", "Origin", own);
		for (String[] headers : List.of(new String[] { "Origin", "https://partner.example" },
				new String[] { "Origin", "https://evil.example" }, new String[] { "Origin", "null" },
				new String[] { "Sec-Fetch-Site", "cross-site" }, new String[] { "Sec-Fetch-Site", "same-site" })) {
			assertThat(jo.get("/chsk/config", headers).body()).contains("\"enabled\"").doesNotContain("csrf");
		}
		assertThat(jo.get("/chsk/config?key=shop-key-1", "Origin", "https://shop.example").body())
			.doesNotContain("csrf");
	}

	@Test
	void batchNeedsNoTokenAndWhatElseIsPostedNeedsOne() throws Exception {
		assertThat(jo.post("/chsk/batch", batch("without", "s")).statusCode()).isEqualTo(202);
		assertThat(jo.post("/chsk/ticket", "").statusCode()).isEqualTo(200);
		assertThat(jo.get("/orders").statusCode()).isEqualTo(200);
		for (String path : List.of("/orders", "/chsk", "/chsk/config", "/chsk/batch/", "/chsk/batch/x", "/chsk/other",
				"/CHSK/batch", "/chsk;x/../orders", "/orders?/chsk/batch")) {
			assertThat(jo.post(path, "{}").statusCode()).as(path).isIn(400, 403);
		}
		assertThat(jo.post("/orders", "{}", "X-CSRF-TOKEN", jo.formToken()).statusCode()).isEqualTo(200);
		assertThat(server.visitor().get("/orders").statusCode()).isEqualTo(302);
	}

	@Test
	void foreignPageCanNotUseTheSessionToPost() throws Exception {
		assertThat(jo.post("/chsk/batch", batch("forged", "s"), "Origin", "https://evil.example").statusCode())
			.isEqualTo(403);
		assertThat(jo.post("/chsk/ticket", "", "Origin", "https://evil.example").statusCode()).isEqualTo(403);
		assertThat(jo.handshake("/chsk", "Origin", "https://evil.example")).isEqualTo(403);
		assertThat(server.signals().browser()).isEmpty();
	}

	/**
	 * Who knows session and batch of another can neither learn what became of the batch
	 * nor have it taken for a repetition.
	 */
	@Test
	void sameSessionAndBatchOfAnotherUserIsAnotherBatch() throws Exception {
		try (StompProbe spy = connect(ann, "session-id", "known");
				StompProbe victim = connect(jo, "session-id", "known")) {
			spy.batch(Batches.batch("guessed", "{\"type\":\"log\"}"));
			assertThat(spy.awaitAcknowledgement()).contains("\"accepted\":1", "\"duplicate\":false");
			String two = Batches.batch("guessed", "{\"type\":\"log\"}", "{\"type\":\"log\"}");
			victim.batch(two);
			assertThat(victim.awaitAcknowledgement()).contains("\"accepted\":2", "\"duplicate\":false");
			// The same on the other road, and to the victim itself it is one
			assertThat(server.visitor().post("/chsk/batch", Batches.of("known", "guessed", "1")).body())
				.contains("\"accepted\":0", "\"duplicate\":false");
			assertThat(jo.post("/chsk/batch", Batches.of("known", "guessed", "1")).body()).contains("\"accepted\":2",
					"\"duplicate\":true");
			assertThat(spy.frames("MESSAGE")).isEmpty();
		}
		assertThat(server.signals().withId("browser/log")).hasSize(3)
			.extracting((signal) -> signal.uid())
			.doesNotHaveDuplicates();
	}

	@Test
	void rawTokenOfTheCookieConnects() throws Exception {
		try (ChannelServer server = ChannelServer.start(List.of(CookieToken.class),
				SpringSecurityFilter.PROPERTY + "=true")) {
			Visitor visitor = server.visitor().logIn("jo");
			assertThat(visitor.refusal("/chsk")).isEqualTo("csrf-token");
			String[] token = token(visitor);
			assertThat(token[0]).isEqualTo("X-XSRF-TOKEN");
			visitor.connect("/chsk", token).close();
			String raw = visitor.cookie("XSRF-TOKEN");
			assertThat(raw).isNotNull().isNotEqualTo(token[1]);
			visitor.connect("/chsk", "X-XSRF-TOKEN", raw).close();
		}
	}

	@Test
	void noTokenIsAskedForWhereThatIsSwitchedOff() throws Exception {
		try (ChannelServer server = ChannelServer.start(List.of(FormLogin.class), FormLogin.PROPERTY,
				"telemetry.channel.csrf.enabled=false")) {
			Visitor visitor = server.visitor().logIn("jo");
			assertThat(visitor.get("/chsk/config").body()).doesNotContain("csrf");
			visitor.connect("/chsk").close();
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class CookieToken {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http
				.authorizeHttpRequests(
						(requests) -> requests.requestMatchers("/chsk/**").permitAll().anyRequest().authenticated())
				.formLogin(Customizer.withDefaults())
				.csrf((csrf) -> csrf.csrfTokenRepository(CookieCsrfTokenRepository.withHttpOnlyFalse()))
				.build();
		}

		@Bean
		InMemoryUserDetailsManager users() {
			return new InMemoryUserDetailsManager(User.withUsername("jo").password("{noop}jo").build());
		}

	}

}
