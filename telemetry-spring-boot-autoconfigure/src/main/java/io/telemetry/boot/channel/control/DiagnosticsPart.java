package io.telemetry.boot.channel.control;

import java.util.Locale;

/**
 * A part of what a client tells of itself.
 */
public enum DiagnosticsPart {

	/** Browser, language, viewport, time zone. */
	ENVIRONMENT,

	/** What the client keeps, and what it has dropped. */
	BUFFER,

	/** How long page and server took. */
	TIMINGS,

	/** The last errors of page and client. */
	ERRORS;

	@Override
	public String toString() {
		return name().toLowerCase(Locale.ROOT);
	}

}
