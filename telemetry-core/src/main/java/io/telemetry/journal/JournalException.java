package io.telemetry.journal;

import java.io.IOException;
import java.nio.file.Path;

import org.jspecify.annotations.Nullable;

/**
 * What a journal could not do, and why. It has no stack trace of its own, because a full
 * journal refuses as often as it is asked; its cause has one.
 */
public final class JournalException extends IOException {

	private static final long serialVersionUID = 1L;

	private final Refused reason;

	JournalException(Refused reason, String message, @Nullable Throwable cause) {
		super(message, cause);
		this.reason = reason;
	}

	static JournalException refused(Path directory, Refused reason, int records, String why,
			@Nullable Throwable cause) {
		return new JournalException(reason, "The journal in '" + directory + "' refused "
				+ ((records == 1) ? "a record" : records + " records") + ": " + why, cause);
	}

	static JournalException closed(Path directory) {
		return new JournalException(Refused.CLOSED, "The journal in '" + directory + "' was closed", null);
	}

	/**
	 * Why it was refused.
	 * @return the reason
	 */
	public Refused reason() {
		return this.reason;
	}

	@Override
	public synchronized Throwable fillInStackTrace() {
		return this;
	}

}
