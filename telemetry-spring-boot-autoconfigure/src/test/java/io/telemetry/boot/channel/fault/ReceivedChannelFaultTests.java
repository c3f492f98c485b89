package io.telemetry.boot.channel.fault;

/**
 * Faults of line and server where an acknowledgement means that a batch is in the
 * pipeline.
 */
class ReceivedChannelFaultTests extends ChannelFaultTests {

	ReceivedChannelFaultTests() {
		super(Acknowledgement.RECEIVED);
	}

}
