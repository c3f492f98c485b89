package io.telemetry.boot.channel;

import java.util.Locale;

/**
 * Why a whole batch was not taken.
 */
public enum RefusalReason {

	/** Not UTF-8, not JSON, or not a batch. */
	MALFORMED(400, "The body is not a batch"),

	/** From a client that has to prove who it is, or has failed to. */
	UNAUTHORIZED(401, "The client is not authorized"),

	/** From a page of another origin, which is not allowed. */
	FOREIGN_ORIGIN(403, "The page's origin is not allowed"),

	/** More bytes than allowed, before or after decompression. */
	TOO_LARGE(413, "The batch is too large"),

	/** More events than allowed. */
	TOO_MANY_EVENTS(413, "The batch holds too many events"),

	/** A content type or encoding that is not taken. */
	UNSUPPORTED_TYPE(415, "The content type or encoding is not taken"),

	/** More events than the connection, user, address or application may send now. */
	RATE_LIMITED(429, "Too many events in too short a time"),

	/** More is in hand than the server holds at once. */
	OVERLOADED(503, "The server is overloaded"),

	/** The server is about to stop. */
	SHUTTING_DOWN(503, "The server is shutting down");

	private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');

	private final int status;

	private final String title;

	RefusalReason(int status, String title) {
		this.status = status;
		this.title = title;
	}

	/**
	 * The HTTP status that tells of it.
	 * @return a status of 400 or above
	 */
	public int status() {
		return this.status;
	}

	/**
	 * The reason in words.
	 * @return a phrase that never holds what a client sent
	 */
	public String title() {
		return this.title;
	}

	/**
	 * The reason as acknowledgements and counters write it.
	 */
	@Override
	public String toString() {
		return this.text;
	}

}
