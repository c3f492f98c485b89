package io.telemetry.boot.channel.fault;

/**
 * Rolling restarts where an acknowledgement means that a batch is in the pipeline.
 */
class ReceivedRollingRestartTests extends RollingRestartTests {

	ReceivedRollingRestartTests() {
		super(Acknowledgement.RECEIVED);
	}

}
