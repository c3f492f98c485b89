package io.telemetry.boot.channel;

import java.util.stream.Stream;

/**
 * Those who are connected over a WebSocket. Safe for several threads.
 */
public interface ConnectedClients {

	/**
	 * Those there are.
	 * @return clients behind their CONNECT; may miss one that comes or goes meanwhile
	 */
	Stream<ConnectedClient> all();

	/**
	 * Does work that many clients make long, on a thread of the channel's own, one after
	 * the other; where too much waits for that thread, on the caller's. Not done where
	 * the channel has stopped.
	 * @param work what to do
	 */
	void execute(Runnable work);

}
