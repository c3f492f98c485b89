package io.telemetry.boot.channel.fault;

/**
 * Rolling restarts where an acknowledgement means that a batch is on disk.
 */
class DurableRollingRestartTests extends RollingRestartTests {

	DurableRollingRestartTests() {
		super(Acknowledgement.DURABLE);
	}

}
