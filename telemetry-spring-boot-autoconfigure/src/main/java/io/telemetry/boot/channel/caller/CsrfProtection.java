package io.telemetry.boot.channel.caller;

import org.jspecify.annotations.Nullable;

/**
 * Says whether the client of a connection has to show that the page which opened it was
 * made for its user. Browsers send cookies along with every handshake, whoever's page
 * opens it; a page of somebody else can't know the token.
 */
@FunctionalInterface
public interface CsrfProtection {

	/** Asks nothing of anybody. */
	CsrfProtection NONE = (handshake) -> null;

	/**
	 * What the client has to show at CONNECT.
	 * @param handshake the request of the handshake, while it is being handled
	 * @return the token; {@code null} where nothing has to be shown
	 */
	@Nullable CsrfExpectation expect(CallerRequest handshake);

}
