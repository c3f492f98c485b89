package io.telemetry.encode;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

import io.telemetry.signal.ErrorData;
import io.telemetry.signal.Level;
import io.telemetry.signal.Measurement;
import io.telemetry.signal.Run;
import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;

/**
 * A signal as text for people, in UTF-8: a line
 * {@code <time> <LEVEL> [<ns>] <id> - <message>}, of which id and message may be missing
 * and the level is as wide as {@code ERROR}, then what else is known, indented, one field
 * a line. Nested values are written as JSON. {@link #coloured()} is the same in colours
 * of ANSI terminals.
 * <p>
 * Lines end with a line feed, the last one without. Every other control character is
 * escaped, and so are the characters that turn the direction of writing, so that text
 * from outside breaks neither a line nor a terminal. Values of any type are written, and
 * cut, as {@link JsonSignalEncoder} does. Safe for several threads.
 */
public final class PrettySignalEncoder implements SignalEncoder {

	private static final String INDENT = "  ";

	/** The levels of more than four letters but {@code report}, which is rare. */
	private static final int LEVEL_WIDTH = 5;

	private final boolean colours;

	/**
	 * What the last thread used, for the next; a thread that finds none makes a new one.
	 */
	private final AtomicReference<@Nullable JsonOutput> spare = new AtomicReference<>();

	/**
	 * An encoder without colours.
	 */
	public PrettySignalEncoder() {
		this(false);
	}

	private PrettySignalEncoder(boolean colours) {
		this.colours = colours;
	}

	@Override
	public SignalEncoder coloured() {
		return this.colours ? this : new PrettySignalEncoder(true);
	}

	@Override
	public void encode(Signal signal, OutputStream out) throws IOException {
		JsonOutput output = this.spare.getAndSet(null);
		if (output == null) {
			output = new JsonOutput();
		}
		Page page = new Page(output, this.colours);
		page.write(signal);
		out.write(page.text.toString().getBytes(StandardCharsets.UTF_8));
		this.spare.set(output);
	}

	/**
	 * One signal as it is being written.
	 */
	private static final class Page {

		private final JsonOutput output;

		private final boolean colours;

		private final StringBuilder text = new StringBuilder(256);

		Page(JsonOutput output, boolean colours) {
			this.output = output;
			this.colours = colours;
		}

		void write(Signal signal) {
			begin(Colour.FAINT);
			this.text.append(this.output.timestamps().format(signal.timestamp()));
			end();
			this.text.append(' ');
			level(signal.level());
			this.text.append(" [");
			begin(Colour.CYAN);
			escaped(signal.namespace());
			end();
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

		private void begin(Colour colour) {
			if (this.colours) {
				this.text.append(colour.code);
			}
		}

		private void end() {
			if (this.colours) {
				this.text.append(Colour.NONE.code);
			}
		}

		private void level(Level level) {
			begin(Colour.of(level));
			String name = level.toString().toUpperCase(Locale.ROOT);
			this.text.append(name);
			end();
			this.text.append(" ".repeat(Math.max(0, LEVEL_WIDTH - name.length())));
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
			name(title, Colour.FAINT);
			this.text.append(':');
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
			name(name, Colour.FAINT);
			this.text.append(": ");
			value(value);
		}

		private void name(String name, Colour colour) {
			begin(colour);
			escaped(name);
			end();
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
				line(indent);
				name(relation, Colour.RED);
				this.text.append(": ");
				escaped(Values.cut(current.type()));
				if (current.message() != null && !current.message().isEmpty()) {
					this.text.append(": ");
					escaped(Values.cut(current.message()));
				}
				if (current.stack() != null) {
					stack(indent + 1, Values.cut(current.stack()));
				}
				for (int j = 0; j < Math.min(current.suppressed().size(), Output.MAX_SUPPRESSED); j++) {
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

		private void escaped(String source) {
			HarmfulCharacters.escape(source, false, this.text);
		}

	}

	/**
	 * What a terminal is told before a part and after it.
	 */
	private enum Colour {

		NONE("0"), FAINT("2"), RED("31"), GREEN("32"), YELLOW("33"), BLUE("34"), MAGENTA("35"), CYAN("36");

		private final String code;

		Colour(String parameter) {
			this.code = "\u001b[" + parameter + "m";
		}

		static Colour of(Level level) {
			if (level.isAtLeast(Level.REPORT)) {
				return MAGENTA;
			}
			if (level.isAtLeast(Level.ERROR)) {
				return RED;
			}
			if (level.isAtLeast(Level.WARN)) {
				return YELLOW;
			}
			return level.isAtLeast(Level.INFO) ? GREEN : BLUE;
		}

	}

}
