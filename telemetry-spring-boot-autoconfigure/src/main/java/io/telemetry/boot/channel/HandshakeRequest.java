package io.telemetry.boot.channel;

import java.net.InetSocketAddress;
import java.security.Principal;
import java.util.List;

import io.telemetry.boot.channel.caller.CallerRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.web.socket.WebSocketSession;

/**
 * The handshake of a connection, as far as it can still be asked when it is over.
 *
 * @param session the connection
 */
record HandshakeRequest(WebSocketSession session) implements CallerRequest {

	@Override
	public @Nullable Principal principal() {
		return this.session.getPrincipal();
	}

	@Override
	public @Nullable String remoteAddress() {
		InetSocketAddress address = this.session.getRemoteAddress();
		return (address != null) ? address.getHostString() : null;
	}

	@Override
	public List<String> headers(String name) {
		return this.session.getHandshakeHeaders().getOrEmpty(name);
	}

	@Override
	public @Nullable String query() {
		return (this.session.getUri() != null) ? this.session.getUri().getRawQuery() : null;
	}

}
