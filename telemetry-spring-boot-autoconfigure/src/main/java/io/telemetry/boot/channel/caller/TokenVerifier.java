package io.telemetry.boot.channel.caller;

/**
 * Checks the bearer tokens with which clients prove who they are: the value behind
 * {@code Bearer} in the {@code Authorization} header of CONNECT, of a handshake or of a
 * POST. A bean of this type is used; where there is none, tokens are not looked at.
 * <p>
 * Is called by several threads at once, on threads that may wait.
 */
@FunctionalInterface
public interface TokenVerifier {

	/**
	 * Checks a token.
	 * @param token the token: at most {@value Callers#MAX_TOKEN_LENGTH} characters, all
	 * of them such as RFC 6750 allows
	 * @return what it says; it is looked at once more whether it has expired
	 * @throws TokenRejectedException if it is not to be believed. Any other exception
	 * means that it can't be said now; the client is refused too, and it is reported as
	 * an error
	 */
	VerifiedToken verify(String token) throws TokenRejectedException;

}
