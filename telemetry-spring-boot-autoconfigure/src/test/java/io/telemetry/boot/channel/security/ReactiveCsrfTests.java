package io.telemetry.boot.channel.security;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

import io.telemetry.boot.SpringSecurityFilter;
import org.junit.jupiter.api.Test;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.security.web.server.util.matcher.ServerWebExchangeMatchers;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Spring Security's CSRF protection and the channel in a WebFlux application.
 */
class ReactiveCsrfTests {

	private static final String BASIC = "Basic "
			+ Base64.getEncoder().encodeToString("jo:secret".getBytes(StandardCharsets.UTF_8));

	private static ConfigurableApplicationContext start(Class<?> configuration) {
		return new SpringApplicationBuilder(Application.class, configuration).web(WebApplicationType.REACTIVE)
			.properties("server.port=0", "spring.main.banner-mode=off", SpringSecurityFilter.PROPERTY + "=true",
					"spring.security.user.name=jo", "spring.security.user.password=secret")
			.run();
	}

	private static int send(ConfigurableApplicationContext context, String method, String path) throws Exception {
		int port = ((WebServerApplicationContext) context).getWebServer().getPort();
		return HttpClient.newHttpClient()
			.send(HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
				.header("Authorization", BASIC)
				.method(method, HttpRequest.BodyPublishers.noBody())
				.build(), HttpResponse.BodyHandlers.discarding())
			.statusCode();
	}

	@Test
	void postsOfTheChannelAreExemptAndOthersAreNot() throws Exception {
		try (ConfigurableApplicationContext context = start(Nothing.class)) {
			assertThat(send(context, "POST", "/chsk/batch")).isEqualTo(415);
			assertThat(send(context, "POST", "/chsk/ticket")).isEqualTo(200);
			assertThat(send(context, "PUT", "/chsk/batch")).isEqualTo(403);
			assertThat(send(context, "POST", "/orders")).isEqualTo(403);
		}
	}

	@Test
	void chainsWithAMatcherOfTheirOwnKeepIt() throws Exception {
		try (ConfigurableApplicationContext context = start(OwnMatcher.class)) {
			assertThat(send(context, "POST", "/chsk/batch")).isEqualTo(415);
			assertThat(send(context, "PUT", "/chsk/batch")).isEqualTo(405);
			assertThat(send(context, "POST", "/orders")).isEqualTo(403);
		}
	}

	@Test
	void chainWithoutProtectionStaysWithout() throws Exception {
		try (ConfigurableApplicationContext context = start(Disabled.class)) {
			assertThat(send(context, "POST", "/chsk/batch")).isEqualTo(415);
			assertThat(send(context, "POST", "/orders")).isEqualTo(202);
		}
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		RouterFunction<ServerResponse> pages() {
			return RouterFunctions.route()
				.path("/**",
						(builder) -> builder.POST((request) -> ServerResponse.accepted().build())
							.PUT((request) -> ServerResponse.accepted().build()))
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Nothing {

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnMatcher {

		@Bean
		SecurityWebFilterChain chain(ServerHttpSecurity http) {
			return http.httpBasic(Customizer.withDefaults())
				.csrf((csrf) -> csrf.requireCsrfProtectionMatcher(ServerWebExchangeMatchers
					.matchers(ServerWebExchangeMatchers.pathMatchers("/orders", "/chsk/ticket"))))
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Disabled {

		@Bean
		SecurityWebFilterChain chain(ServerHttpSecurity http) {
			return http.httpBasic(Customizer.withDefaults()).csrf((csrf) -> csrf.disable()).build();
		}

	}

}
