package io.telemetry.boot.channel.caller;

import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * Says that a client is refused because of who it is or fails to be: {@code unauthorized}
 * on the wire. Has no stack trace: it is an answer, and hostile clients can ask for many.
 */
public final class UnauthorizedException extends Exception {

	private static final long serialVersionUID = 1L;

	private final Reason reason;

	UnauthorizedException(Reason reason, String detail) {
		this(reason, detail, null);
	}

	UnauthorizedException(Reason reason, String detail, @Nullable Throwable cause) {
		super(detail, cause, false, false);
		this.reason = reason;
	}

	/**
	 * Why, for counters. The message says more, for the log; the client is told neither.
	 * @return the reason
	 */
	public Reason reason() {
		return this.reason;
	}

	/**
	 * Why a client is refused.
	 */
	public enum Reason {

		/** Its application key is nobody's. */
		UNKNOWN_APPLICATION,

		/** Its bearer token is not to be believed, or has expired. */
		BAD_TOKEN,

		/** Its ticket is not to be believed, or has expired. */
		BAD_TICKET,

		/** Its ticket was issued for another front end. */
		OTHER_APPLICATION,

		/** It has proved nothing, and has to. */
		NOT_AUTHENTICATED,

		/** Its user has a name that is too long to go on with. */
		BAD_USER_ID,

		/** Who it is can't be said now: the cause is an error of the server. */
		FAILED;

		private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');

		/**
		 * The reason as counters write it.
		 */
		@Override
		public String toString() {
			return this.text;
		}

	}

}
