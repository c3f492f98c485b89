package io.telemetry.boot.channel;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.Principal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.server.WebFilter;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * On WebFlux and a real Netty, which tells of every buffer that is not released.
 */
class ReactiveHttpRoadTests extends HttpRoadTests {

	private static ResourceLeakDetector.Level level;

	@BeforeAll
	static void watch() {
		level = ResourceLeakDetector.getLevel();
		ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
	}

	@AfterAll
	static void everyBufferWasReleased(CapturedOutput output) {
		try {
			// One on purpose: once it is told of, all others would have been
			leak();
			Patience.await().until(() -> {
				System.gc();
				PooledByteBufAllocator.DEFAULT.directBuffer(16).release();
				return output.getOut().contains("Hint: on purpose");
			});
			assertThat(output.getOut().split("LEAK: ", -1)).hasSize(2);
		}
		finally {
			ResourceLeakDetector.setLevel(level);
		}
	}

	private static void leak() {
		ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer(16);
		buffer.touch("on purpose");
	}

	@Override
	String type() {
		return "reactive";
	}

	@Override
	Class<?> logIn() {
		return LoggedIn.class;
	}

	@Override
	String workers() {
		return "boundedElastic";
	}

	@Test
	void webSocketIsSaidNotToBeThere() throws Exception {
		assertThat(RawHandshake.send(this.server.port(), "")).startsWith("HTTP/1.1 501");
		HttpResponse<String> response = this.server.get("/chsk");
		assertThat(response.statusCode()).isEqualTo(501);
		assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
		assertThat(response.body()).contains("\"status\":501", "servlet container", "POST /chsk/batch");
		assertThat(this.server.get("/chsk/config").body()).contains("\"webSocket\":false");
	}

	@Test
	void startSaysThatThereIsNoWebSocket() {
		try (ChannelServer started = ChannelServer.start("spring.main.web-application-type=reactive")) {
			assertThat(started.signals().awaitWithId("channel/server-started", 1).get(0).data())
				.containsEntry("webSocket", false);
		}
	}

	@Test
	void clientsThatGoInTheMiddleLeaveNothing() throws Exception {
		long before = this.server.stats().unfinished();
		byte[] piece = ("{\"batch\":\"" + "x".repeat(20_000)).getBytes(StandardCharsets.US_ASCII);
		for (int i = 0; i < 30; i++) {
			try (RawPost post = RawPost.open(this.server.port(), "Content-Length: 400000")) {
				for (int pieces = 0; pieces < i % 7; pieces++) {
					post.write(piece);
				}
			}
		}
		Patience.await().until(() -> this.server.stats().unfinished() == before + 30);
	}

	@Configuration(proxyBeanMethods = false)
	static class LoggedIn {

		@Bean
		WebFilter loggedIn() {
			Principal bob = () -> "bob";
			return (exchange, chain) -> chain.filter(exchange.mutate().principal(Mono.just(bob)).build());
		}

	}

}
