package io.telemetry.handler.socket;

/**
 * Where and how a {@link UdpHandler} sends. Made by {@link #of} and the {@code with}
 * methods, so that options may be added.
 *
 * @param host the receiver's name or address; a name is looked up again every half minute
 * and after a failure
 * @param port the receiver's port
 * @param maxSize bytes that a signal, which is one datagram, may take: from
 * {@value #MIN_SIZE} to {@value #MAX_SIZE}
 */
public record UdpOptions(String host, int port, int maxSize) {

	/** The least that a limit may be: what every receiver of syslog takes. */
	public static final int MIN_SIZE = 480;

	/** What a datagram over IPv4 can hold. */
	public static final int MAX_SIZE = 65_507;

	/**
	 * Checks the options.
	 * @throws IllegalArgumentException if one is not allowed; the message names it
	 */
	public UdpOptions {
		TcpOptions.requireHost(host);
		TcpOptions.requirePort(port);
		if (maxSize < MIN_SIZE || maxSize > MAX_SIZE) {
			throw new IllegalArgumentException(
					"maxSize must be from " + MIN_SIZE + " to " + MAX_SIZE + " bytes, not " + maxSize);
		}
	}

	/**
	 * The defaults for a receiver: signals of up to 8,192 bytes.
	 * @param host the receiver's name or address
	 * @param port the receiver's port
	 * @return the options
	 */
	public static UdpOptions of(String host, int port) {
		return new UdpOptions(host, port, 8192);
	}

	/**
	 * A copy with another limit.
	 * @param maxSize bytes that a signal may take
	 * @return the copy
	 */
	public UdpOptions withMaxSize(int maxSize) {
		return new UdpOptions(this.host, this.port, maxSize);
	}

}
