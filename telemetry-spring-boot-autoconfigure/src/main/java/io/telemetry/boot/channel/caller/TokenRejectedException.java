package io.telemetry.boot.channel.caller;

/**
 * Says that a bearer token is not to be believed. Has no stack trace: it is an answer,
 * and hostile clients can ask for many.
 */
public final class TokenRejectedException extends Exception {

	private static final long serialVersionUID = 1L;

	/**
	 * An answer with a reason.
	 * @param reason why, for the log only: the client is not told
	 */
	public TokenRejectedException(String reason) {
		super(reason, null, false, false);
	}

}
