package io.telemetry.encode;

/**
 * A signal as one line of logfmt in UTF-8, without the line end: {@code name=value}, with
 * a space between, and the fields that {@link JsonSignalEncoder} writes. What is nested
 * is written flat, its names joined with dots ({@code data.user.id=7}); lists, and maps
 * and lists without content, as JSON.
 * <p>
 * A value is in double quotes where it is empty or has a space, a quote, a backslash, an
 * equals sign or a character that is escaped. A text {@code null} is in quotes, nothing
 * is not. In a name such characters, which no quotes could hold, are underscores; a name
 * that is taken already gets {@code #2} added.
 * <p>
 * Safe for several threads. The destination gets the whole signal in one write or
 * nothing.
 */
public final class LogfmtSignalEncoder extends StructuredEncoder<LogfmtOutput> {

	@Override
	LogfmtOutput newOutput() {
		return new LogfmtOutput();
	}

}
