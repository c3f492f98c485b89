package io.telemetry.encode;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

import io.telemetry.signal.ErrorData;
import io.telemetry.signal.Measurement;
import io.telemetry.signal.Run;
import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;

/**
 * A signal as text for people, in UTF-8: a line
 * {@code <time> <LEVEL> [<ns>] <id> - <message>}, of which id and message may be missing,
 * then what else is known, indented, one field a line. Nested values are written as JSON.
 * <p>
 * Lines end with a line feed, the last one without. Every other control character is
 * escaped, and so are the characters that turn the direction of writing, so that text
 * from outside breaks neither a line nor a terminal. Values of any type are written, and
 * cut, as {@link JsonSignalEncoder} does. Safe for several threads.
 */
public final class PrettySignalEncoder implements SignalEncoder {

	private static final String INDENT = "  ";

	/** Failures that happened while one was dealt with, that are written of each. */
	private static final int MAX_SUPPRESSED = 16;

	/**
	 * What the last thread used, for the next; a thread that finds none makes a new one.
	 */
	private final AtomicReference<@Nullable JsonOutput> spare = new AtomicReference<>();

	@Override
	public void encode(Signal signal, OutputStream out) throws IOException {
		JsonOutput output = this.spare.getAndSet(null);
		if (output == null) {
			output = new JsonOutput();
		}
		Page page = new Page(output);
		page.write(signal);
		out.write(page.text.toString().getBytes(StandardCharsets.UTF_8));
		this.spare.set(output);
	}

	/**
	 * One signal as it is being written.
	 */
	private static final class Page {

		private final JsonOutput output;

		private final StringBuilder text = new StringBuilder(256);

		Page(JsonOutput output) {
			this.output = output;
		}

		void write(Signal signal) {
			this.text.append(this.output.timestamps().format(signal.timestamp()))
				.append(' ')
				.append(signal.level().toString().toUpperCase(Locale.ROOT))
				.append(" [");
			escaped(signal.namespace());
			this.text.append(']');
			if (signal.id() != null) {
				this.text.append(' ');
				escaped(signal.id());
			}
			if (signal.message() != null) {
				this.text.append(" - ");
				escaped(signal.message());
			}
			fields("data", signal.data());
			fields("ctx", signal.context());
			measurement(signal.measurement());
			run(signal.run());
			if (signal.sampleRate() < 1) {
				field(1, "sampleRate", signal.sampleRate());
			}
			if (signal.suppressed() > 0) {
				field(1, "suppressed", signal.suppressed());
			}
			ErrorData error = Values.error(signal);
			if (error != null) {
				error(1, "error", error);
			}
		}

		private void line(int indent) {
			this.text.append('\n');
			for (int i = 0; i < indent; i++) {
				this.text.append(INDENT);
			}
		}

		private void fields(String title, Map<?, ?> fields) {
			if (fields.isEmpty()) {
				return;
			}
			line(1);
			this.text.append(title).append(':');
			int written = 0;
			for (Map.Entry<?, ?> field : fields.entrySet()) {
				if (written == Values.MAX_ELEMENTS || this.text.length() >= JsonOutput.MAX_BYTES) {
					field(2, Values.CUT, Values.leftOut(fields.size() - written));
					return;
				}
				field(2, Values.name(field.getKey()), field.getValue());
				written++;
			}
		}

		private void field(int indent, String name, @Nullable Object value) {
			line(indent);
			escaped(name);
			this.text.append(": ");
			value(value);
		}

		private void value(@Nullable Object value) {
			Object plain = Values.plain(value);
			if (plain instanceof Values.Members || plain instanceof Values.Elements || plain instanceof ErrorData) {
				this.output.reset();
				this.output.value(value);
				escaped(this.output.bytes().toString(StandardCharsets.UTF_8));
			}
			else {
				escaped(String.valueOf(plain));
			}
		}

		private void measurement(@Nullable Measurement measurement) {
			if (measurement == null) {
				return;
			}
			field(1, "value", measurement.value());
			if (measurement.unit() != null && !measurement.unit().isEmpty()) {
				this.text.append(' ');
				escaped(measurement.unit());
			}
			if (!measurement.tags().isEmpty()) {
				field(1, "tags", measurement.tags());
			}
		}

		private void run(@Nullable Run run) {
			if (run == null) {
				return;
			}
			if (run.result() != null) {
				field(1, "result", run.result());
			}
			if (run.duration() != null) {
				field(1, "runMs", JsonOutput.millisText(run.duration()));
			}
			text("traceId", run.traceId());
			text("spanId", run.spanId());
			text("parentId", run.parentId());
			text("rootId", run.rootId());
		}

		private void text(String name, @Nullable String value) {
			if (value != null && !value.isEmpty()) {
				field(1, name, value);
			}
		}

		/**
		 * A failure and its stack, then its causes at the same indent, since a chain of
		 * them reads from top to bottom, and what was suppressed further in.
		 */
		private void error(int indent, String title, ErrorData error) {
			ErrorData current = error;
			String relation = title;
			for (int i = 0; i <= ErrorData.MAX_DEPTH && current != null; i++) {
				field(indent, relation, current.type());
				if (current.message() != null && !current.message().isEmpty()) {
					this.text.append(": ");
					escaped(Values.cut(current.message()));
				}
				if (current.stack() != null) {
					stack(indent + 1, Values.cut(current.stack()));
				}
				for (int j = 0; j < Math.min(current.suppressed().size(), MAX_SUPPRESSED); j++) {
					if (indent > ErrorData.MAX_DEPTH || this.text.length() >= JsonOutput.MAX_BYTES) {
						break;
					}
					error(indent + 1, "suppressed", current.suppressed().get(j));
				}
				current = (this.text.length() < JsonOutput.MAX_BYTES) ? current.cause() : null;
				relation = "caused by";
			}
		}

		private void stack(int indent, String stack) {
			stack.lines().forEach((frame) -> {
				line(indent);
				escaped(frame.strip());
			});
		}

		/**
		 * Appends a text so that it stays on its line and in its place.
		 */
		private void escaped(String source) {
			for (int i = 0; i < source.length(); i++) {
				char ch = source.charAt(i);
				if (ch == '\n') {
					this.text.append("\\n");
				}
				else if (ch == '\r') {
					this.text.append("\\r");
				}
				else if (ch == '\t') {
					this.text.append("\\t");
				}
				else if (Character.isHighSurrogate(ch) && i + 1 < source.length()
						&& Character.isLowSurrogate(source.charAt(i + 1))) {
					this.text.append(ch).append(source.charAt(++i));
				}
				else if (Character.isISOControl(ch) || Character.isSurrogate(ch) || changesDirection(ch)) {
					this.text.append("\\u");
					for (int shift = 12; shift >= 0; shift -= 4) {
						this.text.append(Character.forDigit((ch >> shift) & 0xf, 16));
					}
				}
				else {
					this.text.append(ch);
				}
			}
		}

		private static boolean changesDirection(char ch) {
			// U+2028 and U+2029, line ends to some, stand right before the overrides.
			return (ch >= 0x2028 && ch <= 0x202e) || (ch >= 0x2066 && ch <= 0x2069);
		}

	}

}
