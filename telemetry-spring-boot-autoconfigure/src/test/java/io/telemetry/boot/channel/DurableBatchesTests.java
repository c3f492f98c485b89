package io.telemetry.boot.channel;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import io.telemetry.Telemetry;
import io.telemetry.boot.channel.durable.DurableLog;
import io.telemetry.boot.channel.durable.DurableSettings;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Batches that are kept, without a server, with a clock of the test's.
 */
class DurableBatchesTests {

	private static final Sender SENDER = TestAdmission.stomp(TestAdmission.open(), "c-1", "s-1", null);

	@TempDir
	private Path directory;

	private Instant now = Instant.parse("2026-01-01T12:00:00Z");

	private final CollectedSignals signals = new CollectedSignals();

	private final SignalPipeline pipeline = SignalPipeline.builder()
		.handler("collected", this.signals, HandlerOptions.DEFAULTS.withMinLevel(Level.TRACE).withQueue(null))
		.build();

	private final ChannelStats stats = new ChannelStats();

	@AfterEach
	void close() {
		this.pipeline.close();
	}

	private Server server() throws IOException {
		return server(ChannelSettings.DEFAULTS);
	}

	private Server server(ChannelSettings settings) throws IOException {
		DurableLog log = settings.openLog(new DurableSettings(this.directory, 16 << 20, Duration.ofMillis(5)));
		BatchReceiver receiver = new BatchReceiver(settings, new Telemetry(this.pipeline, "test"), this.stats,
				TestAdmission.open(), List.of(), log, () -> this.now);
		receiver.open();
		return new Server(receiver, log);
	}

	private static boolean isDuplicate(Answer answer) {
		assertThat(answer).isInstanceOf(Answer.Accepted.class);
		return ((Answer.Accepted) answer).duplicate();
	}

	@Test
	void aClockThatWasSetBackForgetsNothing() throws Exception {
		try (Server server = server()) {
			assertThat(isDuplicate(server.send("b-1"))).isFalse();
			this.now = this.now.minus(Duration.ofHours(1));
			assertThat(isDuplicate(server.send("b-1"))).isTrue();
			assertThat(isDuplicate(server.send("b-2"))).isFalse();
		}
		this.now = this.now.minus(Duration.ofHours(1));
		try (Server server = server()) {
			assertThat(isDuplicate(server.send("b-1"))).isTrue();
			assertThat(isDuplicate(server.send("b-2"))).isTrue();
		}
		assertThat(this.signals.browser()).hasSize(2);
	}

	@Test
	void whatIsOlderThanTheMemoryIsForgottenOverARestart() throws Exception {
		this.now = Instant.now();
		try (Server server = server()) {
			assertThat(isDuplicate(server.send("b-1"))).isFalse();
			server.awaitDelivered();
		}
		this.now = Instant.now().plus(ChannelSettings.Memory.DEFAULTS.time()).plusSeconds(60);
		try (Server server = server()) {
			assertThat(isDuplicate(server.send("b-1"))).isFalse();
		}
	}

	@Test
	void ofManyWhoBringABatchAtTheSameTimeOneIsFirstAndAllAreToldWhenItIsOnTheDisk() throws Exception {
		ExecutorService clients = Executors.newFixedThreadPool(8);
		try (Server server = server()) {
			for (int i = 0; i < 100; i++) {
				String id = "b-" + i;
				List<Future<Answer>> answers = new ArrayList<>();
				for (int j = 0; j < 8; j++) {
					answers.add(clients.submit(() -> server.send(id)));
				}
				int first = 0;
				for (Future<Answer> answer : answers) {
					first += isDuplicate(answer.get(10, TimeUnit.SECONDS)) ? 0 : 1;
				}
				assertThat(first).isOne();
			}
			server.awaitDelivered();
		}
		finally {
			clients.shutdownNow();
		}
		assertThat(this.signals.browser()).hasSize(100);
		assertThat(this.stats.snapshot().batchesAccepted()).isEqualTo(100);
		assertThat(this.stats.snapshot().duplicates()).isEqualTo(700);
	}

	@Test
	void aBatchIsRefusedWhenTheLogIsClosedAndIsNotRemembered() throws Exception {
		Server server = server();
		server.log.close();
		assertThat(server.send("b-1")).isInstanceOfSatisfying(Answer.Refused.class, (refused) -> {
			assertThat(refused.reason()).isEqualTo(RefusalReason.OVERLOADED);
			assertThat(refused.retryAfterMs()).isPositive();
		});
		assertThat(this.signals.withId("channel/journal-failed")).singleElement()
			.satisfies((signal) -> assertThat(signal.message()).contains(this.directory.toString()));
		assertThat(this.stats.snapshot().batchesAccepted()).isZero();
		try (Server next = server()) {
			assertThat(isDuplicate(next.send("b-1"))).isFalse();
		}
	}

	@Test
	void whatIsOverLimitsThatAreLowerNowIsGivenUpAndTold() throws Exception {
		try (Server server = server()) {
			server.receiver.rest(Duration.ZERO);
			server.send("b-1", "{},{}");
		}
		ChannelSettings lower = ChannelSettings.DEFAULTS.withLimits(new ChannelSettings.Limits(1024, 1, 8, 64, 64));
		try (Server server = server(lower)) {
			server.awaitDelivered();
			assertThat(server.log.stats().failed()).isOne();
			assertThat(this.signals.awaitWithId("channel/journal-failed", 1)).singleElement()
				.satisfies((signal) -> assertThat(signal.message()).contains("limits"));
			assertThat(isDuplicate(server.send("b-2"))).isFalse();
		}
	}

	private record Server(BatchReceiver receiver, DurableLog log) implements AutoCloseable {

		Answer send(String batch) throws Exception {
			return send(batch, "{}");
		}

		Answer send(String batch, String events) throws Exception {
			return this.receiver.receive(SENDER, Batches.batch(batch, events).getBytes(StandardCharsets.UTF_8))
				.toCompletableFuture()
				.get(10, TimeUnit.SECONDS);
		}

		void awaitDelivered() {
			Patience.await().until(() -> this.log.stats().waiting() == 0);
		}

		@Override
		public void close() throws IOException {
			this.receiver.rest(Duration.ofSeconds(10));
			this.log.close();
		}

	}

}
