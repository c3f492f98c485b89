package io.telemetry.boot.channel;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * The open connections. Safe for several threads.
 */
final class ConnectionRegistry {

	private final Map<String, Connection> connections = new ConcurrentHashMap<>();

	void add(Connection connection) {
		this.connections.put(connection.id(), connection);
	}

	@Nullable Connection get(@Nullable String id) {
		return (id != null) ? this.connections.get(id) : null;
	}

	void remove(Connection connection) {
		this.connections.remove(connection.id());
		if (this.connections.isEmpty()) {
			synchronized (this) {
				notifyAll();
			}
		}
	}

	/**
	 * Waits until there is none.
	 * @param deadline until when, by {@link System#nanoTime}
	 * @throws InterruptedException if interrupted
	 */
	synchronized void awaitEmpty(long deadline) throws InterruptedException {
		long left = deadline - System.nanoTime();
		while (!this.connections.isEmpty() && left > 0) {
			TimeUnit.NANOSECONDS.timedWait(this, left);
			left = deadline - System.nanoTime();
		}
	}

	/**
	 * A view of those there are; may change while it is read.
	 */
	Collection<Connection> all() {
		return this.connections.values();
	}

}
