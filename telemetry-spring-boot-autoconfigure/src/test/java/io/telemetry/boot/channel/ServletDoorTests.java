package io.telemetry.boot.channel;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.web.servlet.handler.SimpleUrlHandlerMapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * What becomes of a body when something of the server's own fails.
 */
class ServletDoorTests {

	private static final Recorder RECORDER = new Recorder();

	private static ChannelServer server;

	@BeforeAll
	static void start() {
		server = ChannelServer.start(List.of(Recorded.class));
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@BeforeEach
	void forget() {
		RECORDER.failure = "";
		RECORDER.abandoned.set(0);
		RECORDER.ended.set(0);
		RECORDER.taken.setLength(0);
	}

	@Test
	void bodyIsTakenOnceAndEndedOnce() throws Exception {
		assertThat(post("body").statusCode()).isEqualTo(202);
		assertThat(RECORDER.taken).hasToString("body");
		assertThat(RECORDER.ended).hasValue(1);
		assertThat(RECORDER.abandoned).hasValue(0);
	}

	@Test
	void emptyBodyIsEnded() throws Exception {
		assertThat(post("").statusCode()).isEqualTo(202);
		assertThat(RECORDER.ended).hasValue(1);
		assertThat(RECORDER.abandoned).hasValue(0);
	}

	@Test
	void restOfABodyThatIsNotWantedIsNotRead() throws Exception {
		RECORDER.failure = "enough";
		assertThat(post("body").statusCode()).isEqualTo(202);
		assertThat(RECORDER.ended).hasValue(1);
		assertThat(RECORDER.abandoned).hasValue(0);
	}

	@ParameterizedTest
	@ValueSource(strings = { "take", "end", "rest" })
	void failureIsAnsweredWith500ToldAndGivesTheBodyBack(String where) throws Exception {
		RECORDER.failure = where;
		LogWatch log = new LogWatch();
		assertThat(post("body").statusCode()).isEqualTo(500);
		log.close();
		assertThat(log.lines()).anyMatch((line) -> line.contains("IllegalStateException: broken on purpose"));
		Patience.await().until(() -> RECORDER.abandoned.get() + RECORDER.ended.get() == 1);
		assertThat(RECORDER.ended).hasValue(where.equals("rest") ? 1 : 0);
		RECORDER.failure = "";
		assertThat(post("body").statusCode()).isEqualTo(202);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void requestOfATestIsReadWhereItIs(boolean async) throws Exception {
		MockHttpServletResponse response = new MockHttpServletResponse();
		new ServletDoor(RECORDER, Duration.ofSeconds(15)).handleRequest(request(async), response);
		assertThat(response.getStatus()).isEqualTo(202);
		assertThat(RECORDER.taken).hasToString("body");
		assertThat(RECORDER.ended).hasValue(1);
		assertThat(RECORDER.abandoned).hasValue(0);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void failureOfATestIsThrownAndGivesTheBodyBack(boolean async) {
		RECORDER.failure = "take";
		assertThatIllegalStateException().isThrownBy(() -> new ServletDoor(RECORDER, Duration.ofSeconds(15))
			.handleRequest(request(async), new MockHttpServletResponse()));
		assertThat(RECORDER.abandoned).hasValue(1);
		assertThat(RECORDER.ended).hasValue(0);
	}

	private static MockHttpServletRequest request(boolean async) {
		MockHttpServletRequest request = new MockHttpServletRequest("POST", "/recorded");
		request.setAsyncSupported(async);
		request.setContent("body".getBytes(StandardCharsets.UTF_8));
		return request;
	}

	private static HttpResponse<String> post(String body) throws Exception {
		return server.send(HttpRequest.newBuilder(server.uri("/recorded"))
			.POST(HttpRequest.BodyPublishers.ofString(body))
			.build());
	}

	@Configuration(proxyBeanMethods = false)
	static class Recorded {

		@Bean
		SimpleUrlHandlerMapping recordedMapping() {
			return new SimpleUrlHandlerMapping(ServletDoor.to(Map.of("/recorded", RECORDER), Duration.ofSeconds(15)),
					-1);
		}

	}

	private static final class Recorder implements HttpResource, HttpIntake {

		private final AtomicInteger abandoned = new AtomicInteger();

		private final AtomicInteger ended = new AtomicInteger();

		private final StringBuffer taken = new StringBuffer();

		private volatile String failure = "";

		@Override
		public HttpReply begin(HttpCall call) {
			return this;
		}

		@Override
		public boolean take(ByteBuffer piece) {
			failIf("take");
			this.taken.append(StandardCharsets.UTF_8.decode(piece));
			return !this.failure.equals("enough");
		}

		@Override
		public Supplier<CompletionStage<HttpAnswer>> end() {
			failIf("end");
			this.ended.incrementAndGet();
			return () -> {
				failIf("rest");
				return CompletableFuture.completedFuture(HttpAnswer.of(202));
			};
		}

		@Override
		public void abandon() {
			if (this.ended.get() == 0) {
				this.abandoned.incrementAndGet();
			}
		}

		private void failIf(String where) {
			if (this.failure.equals(where)) {
				throw new IllegalStateException("broken on purpose");
			}
		}

	}

}
