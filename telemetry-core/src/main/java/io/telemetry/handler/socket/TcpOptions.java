package io.telemetry.handler.socket;

import java.time.Duration;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * Where and how a {@link TcpHandler} sends. Made by {@link #of} and the {@code with}
 * methods, so that options may be added.
 *
 * @param host the peer's name or address; a name is looked up for each connection
 * @param port the peer's port
 * @param framing what tells where a signal ends, or {@code null} for what its form asks
 * for: a line feed, or nothing after forms that tell for themselves
 * @param connectTimeout how long connecting to one address, and the handshake of TLS, may
 * take
 * @param writeTimeout how long the peer may take nothing in before the connection is
 * given up
 * @param reconnect what happens when the peer can't be reached
 * @param tls how TLS is spoken, or {@code null} for plain TCP
 * @param failFast whether the peer has to be there when the handler is made
 */
public record TcpOptions(String host, int port, @Nullable TcpFraming framing, Duration connectTimeout,
		Duration writeTimeout, ReconnectOptions reconnect, @Nullable TlsOptions tls, boolean failFast) {

	/**
	 * Checks the options.
	 * @throws IllegalArgumentException if one is not allowed; the message names it
	 */
	public TcpOptions {
		requireHost(host);
		requirePort(port);
		requirePositive("connectTimeout", connectTimeout);
		requirePositive("writeTimeout", writeTimeout);
		Objects.requireNonNull(reconnect, "reconnect");
	}

	static void requireHost(String host) {
		if (host.isBlank() || host.chars().anyMatch((ch) -> ch <= ' ' || ch == '/')) {
			throw new IllegalArgumentException("host must be a name or an address, not '" + host + "'");
		}
	}

	static void requirePort(int port) {
		if (port < 1 || port > 65_535) {
			throw new IllegalArgumentException("port must be from 1 to 65535, not " + port);
		}
	}

	static void requirePositive(String name, Duration duration) {
		if (duration.isNegative() || duration.isZero()) {
			throw new IllegalArgumentException(name + " must be above zero, not " + duration);
		}
	}

	/**
	 * A peer as messages name it.
	 */
	static String uri(String scheme, String host, int port) {
		boolean bare = host.indexOf(':') >= 0 && !host.startsWith("[");
		return scheme + "://" + (bare ? "[" + host + "]" : host) + ":" + port;
	}

	/**
	 * The defaults for a peer: plain TCP, five seconds to connect, ten to write, and it
	 * may come later.
	 * @param host the peer's name or address
	 * @param port the peer's port
	 * @return the options
	 */
	public static TcpOptions of(String host, int port) {
		return new TcpOptions(host, port, null, Duration.ofSeconds(5), Duration.ofSeconds(10),
				ReconnectOptions.DEFAULTS, null, false);
	}

	/**
	 * A copy with a framing.
	 * @param framing what tells where a signal ends, or {@code null} for what its form
	 * asks for
	 * @return the copy
	 */
	public TcpOptions withFraming(@Nullable TcpFraming framing) {
		return new TcpOptions(this.host, this.port, framing, this.connectTimeout, this.writeTimeout, this.reconnect,
				this.tls, this.failFast);
	}

	/**
	 * A copy with another time to connect.
	 * @param connectTimeout how long connecting may take
	 * @return the copy
	 */
	public TcpOptions withConnectTimeout(Duration connectTimeout) {
		return new TcpOptions(this.host, this.port, this.framing, connectTimeout, this.writeTimeout, this.reconnect,
				this.tls, this.failFast);
	}

	/**
	 * A copy with another time to write.
	 * @param writeTimeout how long the peer may take nothing in
	 * @return the copy
	 */
	public TcpOptions withWriteTimeout(Duration writeTimeout) {
		return new TcpOptions(this.host, this.port, this.framing, this.connectTimeout, writeTimeout, this.reconnect,
				this.tls, this.failFast);
	}

	/**
	 * A copy that tries again otherwise.
	 * @param reconnect what happens when the peer can't be reached
	 * @return the copy
	 */
	public TcpOptions withReconnect(ReconnectOptions reconnect) {
		return new TcpOptions(this.host, this.port, this.framing, this.connectTimeout, this.writeTimeout, reconnect,
				this.tls, this.failFast);
	}

	/**
	 * A copy with TLS or without.
	 * @param tls how TLS is spoken, or {@code null} for plain TCP
	 * @return the copy
	 */
	public TcpOptions withTls(@Nullable TlsOptions tls) {
		return new TcpOptions(this.host, this.port, this.framing, this.connectTimeout, this.writeTimeout,
				this.reconnect, tls, this.failFast);
	}

	/**
	 * A copy that needs its peer at once, or does not.
	 * @param failFast whether the peer has to be there when the handler is made
	 * @return the copy
	 */
	public TcpOptions withFailFast(boolean failFast) {
		return new TcpOptions(this.host, this.port, this.framing, this.connectTimeout, this.writeTimeout,
				this.reconnect, this.tls, failFast);
	}

}
