package io.telemetry.boot.channel;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;

import org.springframework.web.socket.WebSocketSession;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.mockito.Mockito.mock;

class ConnectionTests {

	private static final long SECOND = 1_000_000_000;

	@Test
	void signOfLifeIsDueOncePerSecondHoweverMuchComes() {
		Connection connection = connection(Duration.ofSeconds(10));
		assertThat(connection.isSignOfLifeDue(5)).isTrue();
		assertThat(connection.isSignOfLifeDue(6)).isFalse();
		assertThat(connection.isSignOfLifeDue(5 + SECOND - 1)).isFalse();
		assertThat(connection.isSignOfLifeDue(5 + SECOND)).isTrue();
	}

	@Test
	void signOfLifeIsDueSeveralTimesWithinAShortHeartbeat() {
		Connection connection = connection(Duration.ofMillis(100));
		assertThat(connection.isSignOfLifeDue(5)).isTrue();
		assertThat(connection.isSignOfLifeDue(5 + SECOND / 40)).isTrue();
	}

	@Test
	void noSignOfLifeIsDueWhereNobodyAsksForOne() {
		assertThat(connection(Duration.ZERO).isSignOfLifeDue(5 + SECOND)).isFalse();
	}

	/**
	 * The next value may be there when the last has just been looked up, and may be asked
	 * for by whoever is at it.
	 */
	@Test
	void latestIsLookedUpAfterEveryCallAndByOneThreadAtATime() throws Exception {
		for (int round = 0; round < 200; round++) {
			Connection connection = connection(Duration.ZERO);
			AtomicInteger value = new AtomicInteger();
			AtomicInteger inside = new AtomicInteger();
			AtomicInteger sent = new AtomicInteger();
			CyclicBarrier together = new CyclicBarrier(4);
			List<Thread> threads = new ArrayList<>();
			for (int i = 0; i < 4; i++) {
				Thread thread = new Thread(() -> {
					await(together);
					for (int j = 0; j < 25; j++) {
						value.incrementAndGet();
						connection.latest(() -> {
							assertThat(inside.incrementAndGet()).isOne();
							sent.set(value.get());
							inside.decrementAndGet();
						});
					}
				});
				thread.start();
				threads.add(thread);
			}
			for (Thread thread : threads) {
				thread.join(10_000);
				assertThat(thread.isAlive()).isFalse();
			}
			assertThat(sent).hasValue(100);
		}
	}

	@Test
	void latestThatFailsIsForgotten() {
		Connection connection = connection(Duration.ZERO);
		assertThatIllegalStateException().isThrownBy(() -> connection.latest(() -> {
			throw new IllegalStateException("on purpose");
		}));
		AtomicInteger sent = new AtomicInteger();
		connection.latest(sent::incrementAndGet);
		assertThat(sent).hasValue(1);
	}

	private static void await(CyclicBarrier barrier) {
		try {
			barrier.await(10, TimeUnit.SECONDS);
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static Connection connection(Duration heartbeat) {
		return new Connection(null, null, null, null, TestAdmission.assembler(1024),
				new Mailbox(Runnable::run, 1, () -> {
				}), heartbeat, 5);
	}

}
