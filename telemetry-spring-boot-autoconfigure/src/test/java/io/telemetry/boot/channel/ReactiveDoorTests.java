package io.telemetry.boot.channel;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;

import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Who does what on which thread, and what happens when the client goes meanwhile.
 */
class ReactiveDoorTests {

	private final Recorder recorder = new Recorder();

	private final ReactiveDoor door = new ReactiveDoor(this.recorder, Duration.ofSeconds(15));

	private final MockServerWebExchange exchange = MockServerWebExchange
		.from(MockServerHttpRequest.post("/chsk/batch").body("body"));

	@Test
	void headIsLookedAtWhereItCameAndTheBodyIsHandledApart() {
		this.door.handle(this.exchange).block(Duration.ofSeconds(15));
		assertThat(this.recorder.beginner).isEqualTo(Thread.currentThread().getName());
		assertThat(this.recorder.taken).hasToString("body");
		assertThat(this.recorder.ender).startsWith("boundedElastic");
		assertThat(this.exchange.getResponse().getStatusCode().value()).isEqualTo(202);
	}

	@Test
	void whatMayBlockIsDoneApart() {
		this.recorder.mayBlock = true;
		this.door.handle(this.exchange).block(Duration.ofSeconds(15));
		assertThat(this.recorder.beginner).startsWith("boundedElastic");
		assertThat(this.exchange.getResponse().getStatusCode().value()).isEqualTo(202);
	}

	@Test
	void bodyOfAClientThatGoesWhileItsHeadIsLookedAtIsAbandoned() throws Exception {
		this.recorder.mayBlock = true;
		this.recorder.hold = new CountDownLatch(1);
		Disposable client = this.door.handle(this.exchange).subscribe();
		assertThat(this.recorder.begun.await(15, TimeUnit.SECONDS)).isTrue();
		client.dispose();
		this.recorder.hold.countDown();
		Patience.await().until(() -> this.recorder.abandoned.get() == 1);
		assertThat(this.recorder.taken).isEmpty();
	}

	@Test
	void handlingGoesOnUndisturbedWhenTheClientGoes() throws Exception {
		CountDownLatch handling = new CountDownLatch(1);
		this.recorder.hold = handling;
		Disposable client = this.door.handle(this.exchange).subscribe();
		assertThat(this.recorder.ending.await(15, TimeUnit.SECONDS)).isTrue();
		client.dispose();
		handling.countDown();
		Patience.await().until(() -> this.recorder.ended.get() == 1);
		assertThat(this.recorder.interrupted).isFalse();
		assertThat(this.recorder.abandonedBeforeTheEnd).isFalse();
	}

	private static final class Recorder implements HttpResource, HttpIntake {

		private final CountDownLatch begun = new CountDownLatch(1);

		private final CountDownLatch ending = new CountDownLatch(1);

		private final AtomicInteger abandoned = new AtomicInteger();

		private final AtomicInteger ended = new AtomicInteger();

		private final StringBuffer taken = new StringBuffer();

		private volatile boolean mayBlock;

		private volatile @Nullable CountDownLatch hold;

		private volatile @Nullable String beginner;

		private volatile @Nullable String ender;

		private volatile boolean interrupted;

		private volatile boolean over;

		private volatile boolean abandonedBeforeTheEnd;

		@Override
		public boolean mayBlock(HttpCall call) {
			return this.mayBlock;
		}

		@Override
		public HttpReply begin(HttpCall call) {
			this.beginner = Thread.currentThread().getName();
			this.begun.countDown();
			if (this.mayBlock) {
				await();
			}
			return this;
		}

		@Override
		public boolean take(ByteBuffer piece) {
			this.taken.append(StandardCharsets.UTF_8.decode(piece));
			return true;
		}

		@Override
		public Supplier<CompletionStage<HttpAnswer>> end() {
			this.over = true;
			return () -> {
				this.ender = Thread.currentThread().getName();
				this.ending.countDown();
				await();
				this.ended.incrementAndGet();
				return CompletableFuture.completedFuture(HttpAnswer.of(202));
			};
		}

		@Override
		public void abandon() {
			this.abandonedBeforeTheEnd |= !this.over;
			this.abandoned.incrementAndGet();
		}

		private void await() {
			CountDownLatch gate = this.hold;
			if (gate == null) {
				return;
			}
			try {
				gate.await(15, TimeUnit.SECONDS);
			}
			catch (InterruptedException ex) {
				this.interrupted = true;
			}
		}

	}

}
