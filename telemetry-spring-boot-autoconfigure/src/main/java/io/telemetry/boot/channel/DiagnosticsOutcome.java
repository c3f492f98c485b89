package io.telemetry.boot.channel;

/**
 * What became of a client's answer to a request for diagnostics. A text as meters write
 * it.
 */
public enum DiagnosticsOutcome {

	/** It became a signal. */
	ANSWERED("answered"),

	/** Nobody asked this client, or it came too late. */
	NOT_ASKED("not-asked"),

	/** The connection had answered already. */
	REPEATED("repeated"),

	/** It was over the limit. */
	TOO_LARGE("too-large"),

	/** It was no object, or over a limit of events. */
	MALFORMED("malformed"),

	/** There was no room for it. */
	OVERLOADED("overloaded"),

	/** It did not come in time. */
	TIMED_OUT("timed-out");

	private final String text;

	DiagnosticsOutcome(String text) {
		this.text = text;
	}

	@Override
	public String toString() {
		return this.text;
	}

}
