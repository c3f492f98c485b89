package io.telemetry.boot.channel.fault;

import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Faults of line and server where an acknowledgement means that a batch is on the disk.
 */
class DurableChannelFaultTests extends ChannelFaultTests {

	DurableChannelFaultTests() {
		super(Acknowledgement.DURABLE);
	}

	/**
	 * The journal takes what comes, and whoever wants it on the disk has nothing dropped.
	 */
	@Test
	void clientsGoOnWhileAHandlerStandsStillAndNothingIsLost(@TempDir Path own) throws Exception {
		try (ChildServer stuck = startWithGate(own, "telemetry.handlers.stuck.durable=true",
				"telemetry.handlers.stuck.async.buffer-size=100")) {
			client().withBatches(20, 0).connect(2);
			stuck.holdGate();
			client().keepSending();
			client().awaitAcknowledged(2000);
			assertThat(client().ledger().count("refused overloaded")).isZero();
			assertThat(stuck.stats().get("gate").asLong()).isZero();
			stuck.openGate();
			assertEachOnceAndThroughTheGate(stuck, client().settle());
		}
	}

}
