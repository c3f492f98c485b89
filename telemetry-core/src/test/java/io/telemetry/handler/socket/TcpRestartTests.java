package io.telemetry.handler.socket;

import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

import io.telemetry.handler.HandlerOptions;
import io.telemetry.handler.Overflow;
import io.telemetry.handler.QueueOptions;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.stats.Outcome;
import io.telemetry.stats.OutcomeStats;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A peer that is restarted while signals are made: what was made is what arrived and what
 * was counted.
 */
@Timeout(120)
class TcpRestartTests {

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	private static final QueueOptions QUEUE = QueueOptions.DEFAULTS.withCapacity(100_000)
		.withBatches(50, Duration.ofMillis(1));

	private final List<String> received = new ArrayList<>();

	private int sent;

	@Test
	void orderlyRestartsUnderLoadLoseAndRepeatNothing() throws Exception {
		TcpPeer peer = TcpPeer.start();
		SignalPipeline pipeline = pipeline(peer.port(), QUEUE, ReconnectOptions.DEFAULTS);
		for (int round = 0; round < 5; round++) {
			offer(pipeline, 2_000);
			this.received.add(peer.nextLine());
			AtomicBoolean over = new AtomicBoolean();
			// Until the end is seen, which is looked for when there is something to send.
			Thread load = new Thread(() -> {
				do {
					offer(pipeline, 100);
					LockSupport.parkNanos(100_000);
				}
				while (!over.get());
			});
			load.start();
			peer.finish();
			over.set(true);
			load.join();
			this.received.addAll(peer.otherLines());
			offer(pipeline, 2_000);
			peer = TcpPeer.start(peer.port());
		}
		pipeline.close();
		peer.finish();
		this.received.addAll(peer.otherLines());
		OutcomeStats stats = stats(pipeline);
		assertThat(stats.count(Outcome.HANDLED)).isEqualTo(this.sent);
		assertThat(this.received)
			.containsExactlyElementsOf(IntStream.range(0, this.sent).mapToObj(String::valueOf).toList());
	}

	@Test
	void whatFindsNoRoomWhileThePeerIsAwayIsCounted() throws Exception {
		TcpPeer peer = TcpPeer.start();
		SignalPipeline pipeline = pipeline(peer.port(),
				QueueOptions.DEFAULTS.withCapacity(100).withBatches(10, Duration.ofMillis(1)),
				ReconnectOptions.DEFAULTS);
		offer(pipeline, 1);
		this.received.add(peer.nextLine());
		peer.close();
		offer(pipeline, 5_000);
		peer = TcpPeer.start(peer.port());
		pipeline.close();
		peer.finish();
		this.received.addAll(peer.otherLines());
		OutcomeStats stats = stats(pipeline);
		assertThat(stats.count(Outcome.DROPPED_OVERFLOW)).isGreaterThan(4_000);
		assertThat(stats.count(Outcome.ERRORS)).isZero();
		assertThat(this.received).doesNotHaveDuplicates()
			.hasSize((int) (this.sent - stats.count(Outcome.DROPPED_OVERFLOW)));
	}

	@Test
	void batchesThatWaitedInVainAreCountedAsErrors() throws Exception {
		TcpPeer peer = TcpPeer.start();
		SignalPipeline pipeline = pipeline(peer.port(), QUEUE, ReconnectOptions.DEFAULTS.withMaxWait(Duration.ZERO));
		offer(pipeline, 1);
		this.received.add(peer.nextLine());
		peer.close();
		offer(pipeline, 500);
		pipeline.flush(PATIENCE);
		assertThat(stats(pipeline).count(Outcome.ERRORS)).isEqualTo(500);
		TcpPeer next = TcpPeer.start(peer.port());
		Awaitility.await().atMost(PATIENCE).until(() -> {
			offer(pipeline, 1);
			pipeline.flush(PATIENCE);
			return !next.otherLines().isEmpty();
		});
		pipeline.close();
		next.finish();
		this.received.addAll(next.otherLines());
		OutcomeStats stats = stats(pipeline);
		assertThat(stats.count(Outcome.HANDLED)).isEqualTo(this.received.size());
		assertThat(stats.count(Outcome.HANDLED) + stats.count(Outcome.ERRORS)).isEqualTo(this.sent);
	}

	@Test
	void peerThatDiesUnderLoadCostsNoMoreThanWhatWasOnItsWay() throws Exception {
		TcpPeer peer = TcpPeer.start();
		SignalPipeline pipeline = pipeline(peer.port(), QUEUE, ReconnectOptions.DEFAULTS);
		for (int round = 0; round < 5; round++) {
			offer(pipeline, 1_000);
			this.received.add(peer.nextLine());
			// Closing with something unread resets the connection.
			peer.close();
			this.received.addAll(peer.otherLines());
			peer = TcpPeer.start(peer.port());
			offer(pipeline, 1_000);
			pipeline.flush(PATIENCE);
		}
		offer(pipeline, 10);
		pipeline.close();
		peer.finish();
		this.received.addAll(peer.otherLines());
		OutcomeStats stats = stats(pipeline);
		assertThat(stats.inFlight()).isZero();
		assertThat(stats.count(Outcome.HANDLED)).isEqualTo(this.sent);
		// What came after the last death is whole, and nothing came that was not made.
		assertThat(this.received)
			.containsSequence(IntStream.range(this.sent - 10, this.sent).mapToObj(String::valueOf).toList());
		Set<String> made = new HashSet<>(IntStream.range(0, this.sent).mapToObj(String::valueOf).toList());
		// A line may be torn where its connection ended; its start is a smaller number.
		assertThat(made).containsAll(this.received);
	}

	@Test
	void closingDoesNotWaitForAPeerThatNeverReadsLongerThanItMay() throws Exception {
		CountDownLatch over = new CountDownLatch(1);
		CountDownLatch reached = new CountDownLatch(1);
		ServerSocket server = new ServerSocket();
		server.setReceiveBufferSize(4096);
		try (TcpPeer peer = TcpPeer.start(TcpPeer.bound(server, 0), (socket, lines) -> {
			socket.getInputStream().read();
			reached.countDown();
			try {
				over.await();
			}
			catch (InterruptedException ex) {
				throw new IOException(ex);
			}
		})) {
			TcpOptions options = TcpOptions.of("127.0.0.1", peer.port()).withWriteTimeout(Duration.ofHours(1));
			SignalPipeline pipeline = SignalPipeline.builder()
				.handler("tcp", new TcpHandler(TcpHandlerTests.MESSAGES, options),
						HandlerOptions.DEFAULTS.withQueue(QueueOptions.DEFAULTS.withBatches(1, Duration.ZERO)
							.withDrainTimeout(Duration.ofMillis(200))))
				.build();
			pipeline.offer(TcpHandlerTests.signal("x".repeat(24 << 20)));
			pipeline.offer(TcpHandlerTests.signal("waits"));
			reached.await();
			pipeline.close();
			over.countDown();
			OutcomeStats stats = stats(pipeline);
			assertThat(stats.count(Outcome.INTERRUPTED)).isOne();
			assertThat(stats.count(Outcome.DROPPED_CLOSED)).isOne();
			Awaitility.await()
				.atMost(PATIENCE)
				.until(() -> Thread.getAllStackTraces()
					.keySet()
					.stream()
					.noneMatch((thread) -> thread.getName().startsWith("telemetry-tcp-")));
		}
	}

	private static SignalPipeline pipeline(int port, QueueOptions queue, ReconnectOptions reconnect) {
		TcpOptions options = TcpOptions.of("127.0.0.1", port)
			.withReconnect(reconnect.withDelays(Duration.ofMillis(1), Duration.ofMillis(20)));
		return SignalPipeline.builder()
			.handler("tcp", new TcpHandler(TcpHandlerTests.MESSAGES, options),
					HandlerOptions.DEFAULTS
						.withQueue(queue.withOverflow(new Overflow.DropNewest()).withDrainTimeout(PATIENCE)))
			.faultListener((fault) -> {
			})
			.build();
	}

	private void offer(SignalPipeline pipeline, int signals) {
		for (int i = 0; i < signals; i++) {
			pipeline.offer(TcpHandlerTests.signal(String.valueOf(this.sent++)));
		}
	}

	private static OutcomeStats stats(SignalPipeline pipeline) {
		return pipeline.handler("tcp").stats();
	}

}
