package io.telemetry.boot.channel;

/**
 * A part of the channel that begins and ends with it. Not a Spring life cycle of its own,
 * so that nothing else starts or stops it.
 */
public interface ChannelPart {

	/**
	 * Begins to take clients.
	 */
	void start();

	/**
	 * Takes no more clients, finishes what is in hand and lets go of those there are.
	 */
	void stop();

	/**
	 * Whether it takes WebSockets.
	 * @return whether clients can use one
	 */
	default boolean isWebSocket() {
		return false;
	}

}
