package io.telemetry.boot.channel;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

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
	}

	/**
	 * A view of those there are; may change while it is read.
	 */
	Collection<Connection> all() {
		return this.connections.values();
	}

}
