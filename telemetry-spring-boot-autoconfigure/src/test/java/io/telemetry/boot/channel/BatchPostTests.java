package io.telemetry.boot.channel;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

import io.telemetry.Telemetry;
import io.telemetry.boot.channel.caller.TokenRejectedException;
import io.telemetry.boot.channel.limit.BytesInHand;
import io.telemetry.pipeline.SignalPipeline;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The HTTP road without a server.
 */
class BatchPostTests {

	private final SignalPipeline pipeline = SignalPipeline.builder().build();

	private final ChannelStats stats = new ChannelStats();

	private final AtomicInteger asked = new AtomicInteger();

	private final BatchPost post = new BatchPost(ChannelSettings.DEFAULTS, new BatchReceiver(ChannelSettings.DEFAULTS,
			new Telemetry(this.pipeline, "test"), this.stats, TestAdmission.verifying((token) -> {
				this.asked.incrementAndGet();
				throw new TokenRejectedException("not this one");
			}), List.of(), null));

	@AfterEach
	void close() {
		this.pipeline.close();
	}

	@Test
	void whatIsWrongInSeveralWaysIsRefusedInOrder() {
		Call worst = new Call("GET", 1_000_000, Map.of("Origin", "https://evil.example", "Authorization", "Bearer x"));
		assertThat(answer(worst).status()).isEqualTo(405);
		Call foreign = new Call("POST", 1_000_000, worst.headers());
		assertThat(answer(foreign).status()).isEqualTo(403);
		// Nobody's token is looked at for a page that may not send
		assertThat(this.asked).hasValue(0);
		Call unknown = new Call("POST", 1_000_000, Map.of("Authorization", "Bearer x"));
		HttpAnswer refusal = answer(unknown);
		assertThat(refusal.status()).isEqualTo(401);
		assertThat(refusal.headers()).containsEntry("Cache-Control", "no-store");
		assertThat(answer(new Call("POST", 1_000_000, Map.of())).status()).isEqualTo(415);
		assertThat(answer(new Call("POST", 1_000_000, Map.of("Content-Type", "text/plain"))).status()).isEqualTo(413);
		assertThat(this.asked).hasValue(1);
	}

	@Test
	void endAndGivingUpAtTheSameMomentCountOnce() throws Exception {
		byte[] body = "{\"batch\":\"b\",\"events\":[]}".getBytes(StandardCharsets.UTF_8);
		for (int round = 0; round < 500; round++) {
			ChannelStats.Snapshot before = this.stats.snapshot();
			HttpIntake intake = (HttpIntake) this.post
				.begin(new Call("POST", -1, Map.of("Content-Type", "text/plain", "Content-Encoding", "gzip")));
			assertThat(intake.take(ByteBuffer.wrap(Batches.gzip(body)))).isTrue();
			CountDownLatch both = new CountDownLatch(2);
			Thread leaving = new Thread(() -> {
				meet(both);
				intake.abandon();
			});
			leaving.start();
			meet(both);
			Supplier<CompletionStage<HttpAnswer>> rest = intake.end();
			leaving.join(TimeUnit.SECONDS.toMillis(15));
			int status = rest.get().toCompletableFuture().join().status();
			ChannelStats.Snapshot after = this.stats.snapshot();
			long unfinished = after.unfinished() - before.unfinished();
			long taken = after.batchesAccepted() + after.duplicates() - before.batchesAccepted() - before.duplicates();
			assertThat(List.of(unfinished, taken)).isIn(List.of(1L, 0L), List.of(0L, 1L));
			assertThat(status).isEqualTo((taken == 1) ? 202 : 400);
		}
	}

	@Test
	void whatIsOnItsWayWhenTheRoadIsClosedIsGivenUp() {
		BytesInHand inHand = new BytesInHand(100 * 1024, 0);
		BatchPost post = new BatchPost(ChannelSettings.DEFAULTS, new BatchReceiver(ChannelSettings.DEFAULTS,
				new Telemetry(this.pipeline, "test"), this.stats, TestAdmission.with(inHand), List.of(), null));
		Call call = new Call("POST", -1, Map.of("Content-Type", "text/plain"));
		HttpIntake ended = (HttpIntake) post.begin(call);
		ended.end().get();
		HttpIntake left = (HttpIntake) post.begin(call);
		left.abandon();
		HttpIntake open = (HttpIntake) post.begin(call);
		ByteBuffer piece = ByteBuffer.wrap("{\"batch\":".getBytes(StandardCharsets.US_ASCII));
		assertThat(open.take(piece)).isTrue();
		assertThat(inHand.snapshot().used()).isPositive();
		post.close();
		assertThat(this.stats.snapshot().unfinished()).isEqualTo(2);
		assertThat(inHand.snapshot().used()).isZero();
		// The container tells nevertheless, or a request was on its way to here
		open.abandon();
		assertThat(((HttpIntake) post.begin(call)).take(piece)).isFalse();
		assertThat(this.stats.snapshot().unfinished()).isEqualTo(3);
	}

	@Test
	void everyWayOutGivesTheRoomBackOnce() throws Exception {
		BytesInHand inHand = new BytesInHand(100 * 1024, 0);
		BatchPost post = new BatchPost(ChannelSettings.DEFAULTS, new BatchReceiver(ChannelSettings.DEFAULTS,
				new Telemetry(this.pipeline, "test"), this.stats, TestAdmission.with(inHand), List.of(), null));
		List<Thread> clients = new ArrayList<>();
		AtomicInteger overloaded = new AtomicInteger();
		AtomicInteger taken = new AtomicInteger();
		for (int i = 0; i < 4; i++) {
			Random random = new Random(i);
			clients.add(new Thread(() -> {
				for (int request = 0; request < 400; request++) {
					int status = post(post, random);
					(status == 503 ? overloaded : taken).addAndGet((status == 503 || status == 202) ? 1 : 0);
				}
			}));
		}
		clients.forEach(Thread::start);
		for (Thread client : clients) {
			client.join(30_000);
		}
		assertThat(inHand.snapshot().used()).isZero();
		assertThat(inHand.snapshot().highest()).isLessThanOrEqualTo(100 * 1024);
		assertThat(inHand.snapshot().refused()).isEqualTo(overloaded.get()).isPositive();
		assertThat(this.stats.snapshot().batchesRefused()).containsEntry("overloaded", (long) overloaded.get());
		assertThat(this.stats.snapshot().batchesAccepted()).isEqualTo(taken.get()).isPositive();
	}

	/**
	 * A body that may be wrong, cut, given up or all of it at once.
	 */
	private static int post(BatchPost post, Random random) {
		String batch = Batches.batch("b" + random.nextLong(),
				"{\"message\":\"" + "m".repeat(random.nextInt(8000)) + "\"}",
				"{\"message\":\"" + "m".repeat(random.nextInt(8000)) + "\"}");
		boolean gzip = random.nextBoolean();
		byte[] plain = batch.getBytes(StandardCharsets.UTF_8);
		byte[] body = gzip ? Batches.gzip(plain) : plain;
		if (random.nextInt(5) == 0) {
			body[random.nextInt(body.length)]++;
		}
		int end = (random.nextInt(5) == 0) ? random.nextInt(body.length) : body.length;
		HttpIntake intake = (HttpIntake) post.begin(new Call("POST", -1,
				Map.of("Content-Type", "text/plain", "Content-Encoding", gzip ? "gzip" : "identity")));
		int piece = 1 + random.nextInt(4000);
		boolean more = true;
		for (int start = 0; start < end && more; start += piece) {
			more = intake.take(ByteBuffer.wrap(body, start, Math.min(piece, end - start)));
			Thread.yield();
		}
		// An overload is to be seen, so that all of them can be counted
		if (more && random.nextInt(4) == 0) {
			intake.abandon();
			intake.abandon();
			return intake.end().get().toCompletableFuture().join().status();
		}
		Supplier<CompletionStage<HttpAnswer>> rest = intake.end();
		intake.abandon();
		return rest.get().toCompletableFuture().join().status();
	}

	private static void meet(CountDownLatch both) {
		both.countDown();
		try {
			both.await(15, TimeUnit.SECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private HttpAnswer answer(HttpCall call) {
		return (HttpAnswer) this.post.begin(call);
	}

	private record Call(String method, long contentLength, Map<String, String> headers) implements HttpCall {

		@Override
		public @Nullable String query() {
			return null;
		}

		@Override
		public List<String> headers(String name) {
			String value = this.headers.get(name);
			return (value != null) ? List.of(value) : List.of();
		}

		@Override
		public String scheme() {
			return "https";
		}

		@Override
		public String host() {
			return "shop.example";
		}

		@Override
		public int port() {
			return -1;
		}

		@Override
		public @Nullable String remoteAddress() {
			return null;
		}

		@Override
		public @Nullable Principal principal() {
			return null;
		}

	}

}
