package io.telemetry.encode;

/**
 * A signal as one line of JSON in UTF-8, without the line end. Control characters are
 * escaped wherever they stand, so that a signal never breaks its line. What is empty is
 * left out.
 * <p>
 * Values of any type are written: numbers and truth values as such (those that are no
 * numbers as text), times as ISO-8601, bytes as base 64, records and maps as objects,
 * arrays and iterables as arrays, exceptions with stack and causes, anything else as its
 * {@code toString}. A value that throws is written as {@code "(unwritable: <class>)"}.
 * Texts are cut at 32,768 characters, collections at 1,024 elements, nesting at 16, and a
 * signal that takes more than about a million bytes leaves out the rest of its values;
 * each cut leaves a mark.
 * <p>
 * Safe for several threads. The destination gets the whole signal in one write or
 * nothing.
 */
public final class JsonSignalEncoder extends StructuredEncoder<JsonOutput> {

	@Override
	JsonOutput newOutput() {
		return new JsonOutput();
	}

}
