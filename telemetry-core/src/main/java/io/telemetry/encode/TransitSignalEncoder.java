package io.telemetry.encode;

import java.nio.charset.StandardCharsets;
import java.util.Map;

import com.cognitect.transit.TransitFactory;
import org.jspecify.annotations.Nullable;

/**
 * A signal as one line of Transit over JSON in UTF-8, without the line end, with the
 * fields that {@link JsonSignalEncoder} writes. Their names, the level and the kind are
 * keywords; names from outside are strings. The timestamp is a text, since a time of
 * Transit has milliseconds only. Each line is read for itself: Transit's cache begins
 * anew. Control characters are escaped wherever they stand, and half a surrogate pair
 * becomes the replacement character.
 * <p>
 * Needs {@code com.cognitect:transit-java}. Safe for several threads. The destination
 * gets the whole signal in one write or nothing.
 */
public final class TransitSignalEncoder extends StructuredEncoder<TreeOutput> {

	private final TransitFactory.Format format = TransitFactory.Format.JSON;

	@Override
	TreeOutput newOutput() {
		return new TransitOutput(this.format);
	}

	/**
	 * Transit.
	 */
	private static final class TransitOutput extends TreeOutput {

		private final TransitFactory.Format format;

		private final ByteArrayOutput written = new ByteArrayOutput();

		TransitOutput(TransitFactory.Format format) {
			this.format = format;
		}

		@Override
		void name(Name name) {
			super.name(name);
			nameAs(TransitFactory.keyword(name.text()));
		}

		@Override
		void word(String word) {
			add(TransitFactory.keyword(word));
		}

		@Override
		void write(Map<Object, @Nullable Object> signal, ByteArrayOutput target) {
			this.written.reset();
			TransitFactory.<Object>writer(this.format, this.written).write(signal);
			// The library leaves harmful characters in texts, and there are none
			// elsewhere.
			StringBuilder line = new StringBuilder(this.written.size());
			HarmfulCharacters.escape(this.written.toString(StandardCharsets.UTF_8), false, line);
			byte[] bytes = line.toString().getBytes(StandardCharsets.UTF_8);
			target.write(bytes, 0, bytes.length);
		}

	}

}
