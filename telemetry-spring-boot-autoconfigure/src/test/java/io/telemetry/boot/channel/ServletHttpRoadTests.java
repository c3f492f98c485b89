package io.telemetry.boot.channel;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.util.Base64;
import java.util.List;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.telemetry.boot.channel.limit.BytesInHand;
import io.telemetry.boot.SpringSecurityFilter;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import org.junit.jupiter.api.Test;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * On Spring MVC and a real Tomcat.
 */
class ServletHttpRoadTests extends HttpRoadTests {

	@Override
	String type() {
		return "servlet";
	}

	@Override
	Class<?> logIn() {
		return LoggedIn.class;
	}

	@Override
	String workers() {
		return "http-nio";
	}

	@Test
	void bodyThatIsOnItsWayWhenTheServerStopsIsCounted() throws Exception {
		ChannelServer stopping = start(List.of());
		try (stopping; RawPost post = RawPost.open(stopping.port(), "Content-Length: 100")) {
			post.write("{\"batch\":".getBytes(StandardCharsets.US_ASCII));
			BytesInHand inHand = stopping.context().getBean(BytesInHand.class);
			Patience.await().until(() -> inHand.snapshot().used() > 0);
			ChannelStats stats = stopping.context().getBean(ChannelStats.class);
			stopping.close();
			assertThat(stats.snapshot().unfinished()).isOne();
		}
	}

	/**
	 * WebFlux stumbles over them before anybody is asked, and ends the connection.
	 */
	@Test
	void typesThatSpringStumblesOverAreRefused() throws Exception {
		try (ChannelServer server = start(List.of())) {
			for (String type : new String[] { "\"application/json", "application/json;a=\"" }) {
				HttpResponse<String> refusal = server.post(Batches.batch("b"), "Content-Type", type);
				assertThat(refusal.statusCode()).isEqualTo(415);
				assertThat(refusal.body()).contains("unsupported-type");
			}
		}
	}

	@Test
	void filterWithoutAsyncMakesTheThreadWaitButNotForEver() throws Exception {
		assertWaitsInTime(WithoutAsync.class);
	}

	@Test
	void filterWithAStreamOfItsOwnMakesTheThreadWaitButNotForEver() throws Exception {
		assertWaitsInTime(OwnStream.class);
	}

	private void assertWaitsInTime(Class<?> filter) throws Exception {
		try (ChannelServer waiting = start(List.of(filter), IMPATIENT);
				RawPost slow = RawPost.open(waiting.port(), "Transfer-Encoding: chunked");
				RawPost gone = RawPost.open(waiting.port(), "Content-Length: 100")) {
			gone.leave();
			assertThat(slow.dribble().readHead()).startsWith("HTTP/1.1 408").contains("Connection: close");
			slow.leave();
			Patience.await().until(() -> waiting.stats().unfinished() == 2);
			assertThat(waiting.post(Batches.batch("waited", "{}")).statusCode()).isEqualTo(202);
			assertThat(waiting.post("{").statusCode()).isEqualTo(400);
			assertThat(waiting.post("x".repeat(600_000)).statusCode()).isEqualTo(413);
		}
	}

	@Test
	void silenceThatTomcatDoesNotBearEndsTheBodyBeforeItsTime(CapturedOutput output) throws Exception {
		try (ChannelServer impatient = start(List.of(), "server.tomcat.connection-timeout=500ms");
				RawPost post = RawPost.open(impatient.port(), "Content-Length: 100")) {
			post.write("{\"batch\":".getBytes(StandardCharsets.US_ASCII));
			assertThat(post.readHead()).startsWith("HTTP/1.1 408");
			assertThat(post.readToTheEnd()).isTrue();
			assertThat(impatient.stats().unfinished()).isEqualTo(1);
		}
		assertThat(output.getOut()).doesNotContain("ERROR");
	}

	@Test
	void observationsAndSpringSecuritySeeTheAnswer(CapturedOutput output) throws Exception {
		String basic = "Basic " + Base64.getEncoder().encodeToString("jo:secret".getBytes(StandardCharsets.UTF_8));
		try (ChannelServer guarded = start(List.of(), IMPATIENT, SpringSecurityFilter.PROPERTY + "=true",
				"spring.security.user.name=jo", "spring.security.user.password=secret");
				RawPost slow = RawPost.open(guarded.port(), "Transfer-Encoding: chunked", "Authorization: " + basic)) {
			HttpResponse<String> taken = guarded.post(Batches.batch("guarded", "{\"type\":\"log\"}"), "Authorization",
					basic);
			assertThat(taken.statusCode()).isEqualTo(202);
			assertThat(taken.headers().firstValue("X-Frame-Options")).hasValue("DENY");
			assertThat(guarded.signals().awaitWithId("browser/log", 1).get(0).data()).containsEntry("userId", "jo");
			assertThat(slow.dribble().readHead()).startsWith("HTTP/1.1 408").contains("X-Frame-Options: DENY");
			MeterRegistry meters = guarded.context().getBean(MeterRegistry.class);
			// What ends by its time is counted twice by Spring: at that time and at its
			// end
			for (String status : List.of("202", "408")) {
				Patience.await()
					.until(() -> meters.find("http.server.requests")
						.tags("uri", "/chsk/batch", "status", status)
						.timers()
						.stream()
						.mapToLong(Timer::count)
						.sum() >= 1);
			}
			assertThat(meters.get("http.server.requests.active").longTaskTimer().activeTasks()).isZero();
		}
		assertThat(output.getOut()).doesNotContain("ERROR");
	}

	@Configuration(proxyBeanMethods = false)
	static class WithoutAsync {

		@Bean
		FilterRegistrationBean<Filter> withoutAsync() {
			FilterRegistrationBean<Filter> registration = new FilterRegistrationBean<>(
					(request, response, chain) -> chain.doFilter(request, response));
			registration.setAsyncSupported(false);
			return registration;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnStream {

		@Bean
		Filter ownStream() {
			return (request, response, chain) -> {
				ServletInputStream in = request.getInputStream();
				chain.doFilter(new HttpServletRequestWrapper((HttpServletRequest) request) {

					@Override
					public ServletInputStream getInputStream() {
						return new DeafStream(in);
					}

				}, response);
			};
		}

	}

	/**
	 * As many filters write one.
	 */
	private static final class DeafStream extends ServletInputStream {

		private final ServletInputStream in;

		DeafStream(ServletInputStream in) {
			this.in = in;
		}

		@Override
		public int read() throws IOException {
			return this.in.read();
		}

		@Override
		public int read(byte[] bytes, int offset, int length) throws IOException {
			return this.in.read(bytes, offset, length);
		}

		@Override
		public boolean isFinished() {
			return false;
		}

		@Override
		public boolean isReady() {
			return true;
		}

		@Override
		public void setReadListener(ReadListener listener) {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LoggedIn {

		@Bean
		Filter loggedIn() {
			return new Filter() {

				@Override
				public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
						throws IOException, ServletException {
					chain.doFilter(new HttpServletRequestWrapper((HttpServletRequest) request) {

						@Override
						public Principal getUserPrincipal() {
							return () -> "bob";
						}

					}, response);
				}

			};
		}

	}

}
