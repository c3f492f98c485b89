package io.telemetry.boot.channel.caller;

/**
 * Says that a ticket is not to be believed. Has no stack trace: it is an answer, and
 * hostile clients can ask for many.
 */
public final class TicketRejectedException extends Exception {

	private static final long serialVersionUID = 1L;

	private final Reason reason;

	TicketRejectedException(Reason reason) {
		super(reason.text, null, false, false);
		this.reason = reason;
	}

	/**
	 * Why.
	 * @return the reason
	 */
	public Reason reason() {
		return this.reason;
	}

	/**
	 * Why a ticket is not to be believed.
	 */
	public enum Reason {

		/** It is longer than any ticket. */
		TOO_LONG("the ticket is too long"),

		/** It has not the form of a ticket. */
		MALFORMED("the ticket is malformed"),

		/** It was changed, or signed with another secret. */
		FORGED("the ticket's signature is not this server's"),

		/** It is genuine, but of a version that is not known here. */
		OTHER_VERSION("the ticket is of another version"),

		/** It is genuine, but its time is over. */
		EXPIRED("the ticket has expired");

		private final String text;

		Reason(String text) {
			this.text = text;
		}

	}

}
