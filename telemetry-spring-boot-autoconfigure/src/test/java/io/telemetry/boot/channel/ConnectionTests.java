package io.telemetry.boot.channel;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import org.springframework.web.socket.WebSocketSession;

import static org.assertj.core.api.Assertions.assertThat;
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

	private static Connection connection(Duration heartbeat) {
		return new Connection(null, null, null, null, TestAdmission.assembler(1024),
				new Mailbox(Runnable::run, 1, () -> {
				}), heartbeat, 5);
	}

}
