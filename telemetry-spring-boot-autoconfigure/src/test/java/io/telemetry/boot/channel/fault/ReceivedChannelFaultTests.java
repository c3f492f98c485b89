package io.telemetry.boot.channel.fault;

import java.nio.file.Path;

import io.telemetry.boot.channel.Patience;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Faults of line and server where an acknowledgement means that a batch is in the
 * pipeline.
 */
class ReceivedChannelFaultTests extends ChannelFaultTests {

	ReceivedChannelFaultTests() {
		super(Acknowledgement.RECEIVED);
	}

	@Test
	void clientsAreHeldBackWhileAHandlerStandsStillAndNothingIsLost(@TempDir Path own) throws Exception {
		try (ChildServer stuck = startWithGate(own, "telemetry.handlers.stuck.async.buffer-size=500",
				"telemetry.channel.overload.pressure=0.5")) {
			client().withBatches(20, 0).connect(2);
			stuck.holdGate();
			client().keepSending();
			Patience.await().until(() -> client().ledger().count("refused overloaded") >= 4);
			assertThat(stuck.stats().get("gate").asLong()).isZero();
			stuck.openGate();
			client().awaitAcknowledged(500);
			assertEachOnceAndThroughTheGate(stuck, client().settle());
		}
	}

}
