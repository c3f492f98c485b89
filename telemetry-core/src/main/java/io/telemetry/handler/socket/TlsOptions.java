package io.telemetry.handler.socket;

import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/**
 * How a {@link TcpHandler} speaks TLS. Made by {@link #of} and the {@code with} methods,
 * so that options may be added.
 *
 * @param context asked for each connection, so that renewed certificates are used from
 * the next one on
 * @param verifyHostname whether the peer's certificate has to be for the host that was
 * connected to
 * @param protocols the protocols that may be spoken; empty for the context's defaults
 * @param ciphers the cipher suites that may be used; empty for the context's defaults
 */
public record TlsOptions(Supplier<SSLContext> context, boolean verifyHostname, List<String> protocols,
		List<String> ciphers) {

	/**
	 * Copies the lists.
	 */
	public TlsOptions {
		Objects.requireNonNull(context, "context");
		protocols = List.copyOf(protocols);
		ciphers = List.copyOf(ciphers);
	}

	/**
	 * TLS with the context's defaults, to the host that was connected to and no other.
	 * @param context asked for each connection
	 * @return the options
	 */
	public static TlsOptions of(Supplier<SSLContext> context) {
		return new TlsOptions(context, true, List.of(), List.of());
	}

	/**
	 * A copy that looks at the certificate's host, or does not.
	 * @param verifyHostname whether the peer's certificate has to be for the host that
	 * was connected to
	 * @return the copy
	 */
	public TlsOptions withVerifyHostname(boolean verifyHostname) {
		return new TlsOptions(this.context, verifyHostname, this.protocols, this.ciphers);
	}

	/**
	 * A copy with other protocols and ciphers.
	 * @param protocols the protocols that may be spoken; empty for the context's defaults
	 * @param ciphers the cipher suites that may be used; empty for the context's defaults
	 * @return the copy
	 */
	public TlsOptions withAlgorithms(List<String> protocols, List<String> ciphers) {
		return new TlsOptions(this.context, this.verifyHostname, protocols, ciphers);
	}

	/**
	 * Asks for the context and tries protocols and ciphers on it.
	 * @throws IllegalArgumentException if the context does not know one of them
	 */
	public void check() {
		engine("localhost", 1);
	}

	/**
	 * A new engine for one connection.
	 * @throws IllegalArgumentException if the context does not know a protocol or cipher
	 */
	SSLEngine engine(String host, int port) {
		SSLEngine engine = this.context.get().createSSLEngine(host, port);
		engine.setUseClientMode(true);
		SSLParameters parameters = engine.getSSLParameters();
		if (this.verifyHostname) {
			parameters.setEndpointIdentificationAlgorithm("HTTPS");
		}
		if (!this.protocols.isEmpty()) {
			parameters.setProtocols(this.protocols.toArray(String[]::new));
		}
		if (!this.ciphers.isEmpty()) {
			parameters.setCipherSuites(this.ciphers.toArray(String[]::new));
		}
		engine.setSSLParameters(parameters);
		return engine;
	}

}
