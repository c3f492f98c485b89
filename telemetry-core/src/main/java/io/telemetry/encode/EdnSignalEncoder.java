package io.telemetry.encode;

/**
 * A signal as one line of EDN in UTF-8, without the line end, with the fields that
 * {@link JsonSignalEncoder} writes. Their names, the level and the kind are keywords and
 * the timestamp is an {@code #inst} (a text where its year has more than four digits);
 * names from outside are strings, however they are made up, so that what is looked for is
 * always found under the same key. Control characters are escaped wherever they stand.
 * <p>
 * Safe for several threads. The destination gets the whole signal in one write or
 * nothing.
 */
public final class EdnSignalEncoder extends StructuredEncoder<EdnOutput> {

	@Override
	EdnOutput newOutput() {
		return new EdnOutput();
	}

}
