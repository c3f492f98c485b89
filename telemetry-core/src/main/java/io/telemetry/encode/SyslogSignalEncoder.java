package io.telemetry.encode;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;

import io.telemetry.signal.ErrorData;
import io.telemetry.signal.Level;
import io.telemetry.signal.Location;
import io.telemetry.signal.Measurement;
import io.telemetry.signal.Run;
import io.telemetry.signal.ServiceIdentity;
import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;

/**
 * A signal as a syslog message of RFC 5424, without the frame that a stream sets around
 * it.
 * <p>
 * The header has facility and severity, the time with microseconds, the host, the
 * application, the process id, and the signal's id as MSGID. Structured data has up to
 * four elements: {@code signal} (level, kind, ns, uid and what else is known),
 * {@code data}, {@code ctx} and {@code error}, each named with the enterprise id, as in
 * {@code data@32473}. The message is the signal's, or else what its failure says, or else
 * its id. It begins with a byte order mark if it holds anything but ASCII.
 * <p>
 * Severities: trace and debug are debug (7), info is informational (6), report is notice
 * (5), warn is warning (4), error is error (3), fatal is critical (2); a level between
 * two named ones is the lower of them.
 * <p>
 * Text from outside can't add a line, a parameter or an element: control characters,
 * those that turn the direction of writing and halves of surrogate pairs are escaped as
 * {@link PrettySignalEncoder} does, then quotes, backslashes and closing brackets as the
 * RFC asks for. Names lose what the RFC does not allow in them. A signal that would take
 * more than {@link Options#maxSize()} bytes has its values cut (marked with "…"), its
 * last parameters left out (counted in {@code leftOut}) and its message cut; structured
 * data and message each have at least half of the room. Safe for several threads.
 */
public final class SyslogSignalEncoder implements SignalEncoder {

	private static final int NOTICE = 5;

	private static final byte[] BYTE_ORDER_MARK = { (byte) 0xef, (byte) 0xbb, (byte) 0xbf };

	private static final byte[] CUT = Values.CUT.getBytes(StandardCharsets.UTF_8);

	private static final String PROCESS_ID = Long.toString(ProcessHandle.current().pid());

	private final Options options;

	/**
	 * What the last thread used, for the next; a thread that finds none makes a new one.
	 */
	private final AtomicReference<@Nullable Page> spare = new AtomicReference<>();

	/**
	 * An encoder with the default options.
	 */
	public SyslogSignalEncoder() {
		this(Options.DEFAULTS);
	}

	/**
	 * An encoder.
	 * @param options facility, names and size
	 */
	public SyslogSignalEncoder(Options options) {
		this.options = Objects.requireNonNull(options, "options");
	}

	@Override
	public void encode(Signal signal, OutputStream out) throws IOException {
		Page page = this.spare.getAndSet(null);
		page = (page != null) ? page : new Page(this.options);
		page.write(signal);
		page.bytes.writeTo(out);
		this.spare.set(page);
	}

	/**
	 * {@inheritDoc} Below {@value Options#MIN_SIZE} bytes nothing can be cut any more.
	 */
	@Override
	public SignalEncoder within(int maxBytes) {
		int size = Math.max(maxBytes, Options.MIN_SIZE);
		return (size < this.options.maxSize()) ? new SyslogSignalEncoder(this.options.withMaxSize(size)) : this;
	}

	/**
	 * The part of a system that a message is about, by the RFC's numbers.
	 */
	public enum Facility {

		/** The kernel. */
		KERN,

		/** Programs of users; what most applications are. */
		USER,

		/** Mail. */
		MAIL,

		/** System daemons. */
		DAEMON,

		/** Security and authorization. */
		AUTH,

		/** The syslog system itself. */
		SYSLOG,

		/** Printers. */
		LPR,

		/** Network news. */
		NEWS,

		/** UUCP. */
		UUCP,

		/** Scheduled jobs. */
		CRON,

		/** Security and authorization, not for everybody's eyes. */
		AUTHPRIV,

		/** File transfer. */
		FTP,

		/** Network time. */
		NTP,

		/** Audit. */
		AUDIT,

		/** Alerts. */
		ALERT,

		/** The clock. */
		CLOCK,

		/** For local use. */
		LOCAL0,

		/** For local use. */
		LOCAL1,

		/** For local use. */
		LOCAL2,

		/** For local use. */
		LOCAL3,

		/** For local use. */
		LOCAL4,

		/** For local use. */
		LOCAL5,

		/** For local use. */
		LOCAL6,

		/** For local use. */
		LOCAL7

	}

	/**
	 * How messages are made. Made of {@link #DEFAULTS} and the {@code with} methods, so
	 * that options may be added.
	 *
	 * @param facility what the messages are about
	 * @param appName the application's name, or {@code null} for the service's
	 * @param enterpriseId the private enterprise number that the elements of structured
	 * data are named with, digits and dots
	 * @param maxSize bytes that a message may take, from {@value #MIN_SIZE} on
	 */
	public record Options(Facility facility, @Nullable String appName, String enterpriseId, int maxSize) {

		/** What every receiver takes (RFC 5426). */
		public static final int MIN_SIZE = 480;

		/** Before the defaults, which are checked too. */
		private static final Pattern ENTERPRISE_ID = Pattern.compile("[0-9]+(\\.[0-9]+)*");

		/**
		 * As a user's program, with the enterprise number that is reserved for examples,
		 * in up to 8,192 bytes, which receivers should take and rsyslog does.
		 */
		public static final Options DEFAULTS = new Options(Facility.USER, null, "32473", 8192);

		/** An element's name has 32 characters, of which "signal@" takes seven. */
		private static final int MAX_ENTERPRISE_ID = 25;

		/**
		 * Checks the options.
		 * @throws IllegalArgumentException if one is not allowed; the message names it
		 */
		public Options {
			Objects.requireNonNull(facility, "facility");
			if (enterpriseId.length() > MAX_ENTERPRISE_ID || !ENTERPRISE_ID.matcher(enterpriseId).matches()) {
				throw new IllegalArgumentException("enterpriseId must be a number such as 32473, or numbers with dots "
						+ "between them, of at most " + MAX_ENTERPRISE_ID + " characters, not '" + enterpriseId + "'");
			}
			if (maxSize < MIN_SIZE) {
				throw new IllegalArgumentException(
						"maxSize must be at least " + MIN_SIZE + " bytes, which every receiver takes, not " + maxSize);
			}
		}

		/**
		 * A copy with another facility.
		 * @param facility what the messages are about
		 * @return the copy
		 */
		public Options withFacility(Facility facility) {
			return new Options(facility, this.appName, this.enterpriseId, this.maxSize);
		}

		/**
		 * A copy with another name of the application.
		 * @param appName the name, or {@code null} for the service's
		 * @return the copy
		 */
		public Options withAppName(@Nullable String appName) {
			return new Options(this.facility, appName, this.enterpriseId, this.maxSize);
		}

		/**
		 * A copy with another enterprise id.
		 * @param enterpriseId the private enterprise number, digits and dots
		 * @return the copy
		 */
		public Options withEnterpriseId(String enterpriseId) {
			return new Options(this.facility, this.appName, enterpriseId, this.maxSize);
		}

		/**
		 * A copy with another size.
		 * @param maxSize bytes that a message may take
		 * @return the copy
		 */
		public Options withMaxSize(int maxSize) {
			return new Options(this.facility, this.appName, this.enterpriseId, maxSize);
		}

	}

	/**
	 * One message as it is being written.
	 */
	private static final class Page {

		private static final int MAX_HOST = 255;

		private static final int MAX_APP_NAME = 48;

		private static final int MAX_PROCESS_ID = 128;

		private static final int MAX_MESSAGE_ID = 32;

		private static final int MAX_NAME = 32;

		/** Room that is kept to say how many parameters had none. */
		private static final int LEFT_OUT = " leftOut=\"2147483647\"".length();

		private final Options options;

		private final JsonOutput output = new JsonOutput();

		private final ByteArrayOutput bytes = new ByteArrayOutput();

		private final ByteArrayOutput message = new ByteArrayOutput();

		/** Where structured data has to end. */
		private int limit;

		private boolean open;

		private boolean begun;

		private int leftOut;

		Page(Options options) {
			this.options = options;
		}

		void write(Signal signal) {
			this.bytes.reset();
			this.leftOut = 0;
			this.begun = false;
			ErrorData error = Values.error(signal);
			header(signal);
			message(signal, error);
			int room = this.options.maxSize() - this.bytes.size();
			int wanted = (this.message.size() > 0) ? 1 + BYTE_ORDER_MARK.length + this.message.size() : 0;
			this.limit = this.bytes.size() + Math.max(room / 2, room - wanted) - LEFT_OUT;
			structuredData(signal, error);
			if (this.message.size() > 0) {
				this.bytes.write(' ');
				appendMessage();
			}
		}

		private void header(Signal signal) {
			ServiceIdentity service = signal.service();
			ascii("<" + (this.options.facility().ordinal() * 8 + severity(signal.level())) + ">1 ");
			String time = this.output.timestamps().format(signal.timestamp().truncatedTo(ChronoUnit.MICROS));
			// A year of more than four digits, or before the year 0, begins with a sign.
			ascii(Character.isDigit(time.charAt(0)) ? time : "-");
			this.bytes.write(' ');
			headerField(service.host(), MAX_HOST);
			headerField((this.options.appName() != null) ? this.options.appName() : service.name(), MAX_APP_NAME);
			headerField(PROCESS_ID, MAX_PROCESS_ID);
			headerField(signal.id(), MAX_MESSAGE_ID);
		}

		private static int severity(Level level) {
			if (level.isAtLeast(Level.REPORT)) {
				return NOTICE;
			}
			if (level.isAtLeast(Level.FATAL)) {
				return 2;
			}
			if (level.isAtLeast(Level.ERROR)) {
				return 3;
			}
			if (level.isAtLeast(Level.WARN)) {
				return 4;
			}
			return level.isAtLeast(Level.INFO) ? 6 : 7;
		}

		private void headerField(@Nullable String text, int maxLength) {
			if (text == null || text.isEmpty()) {
				this.bytes.write('-');
			}
			else {
				printable(text, maxLength, "");
			}
			this.bytes.write(' ');
		}

		/**
		 * Appends a text of printable ASCII; what is none is written as an underscore.
		 */
		private void printable(String text, int maxLength, String disallowed) {
			int length = Math.min(text.length(), maxLength);
			for (int i = 0; i < length; i++) {
				char ch = text.charAt(i);
				this.bytes.write((ch > ' ' && ch < 0x7f && disallowed.indexOf(ch) < 0) ? ch : '_');
			}
		}

		private void ascii(String text) {
			for (int i = 0; i < text.length(); i++) {
				this.bytes.write(text.charAt(i));
			}
		}

		private void message(Signal signal, @Nullable ErrorData error) {
			this.message.reset();
			String text = signal.message();
			if (text == null && error != null) {
				text = describe(error);
			}
			if (text == null) {
				text = signal.id();
			}
			if (text != null) {
				escape(text, false, this.message, this.options.maxSize());
			}
		}

		/**
		 * Appends the message, cut to what room is left.
		 */
		private void appendMessage() {
			int room = this.options.maxSize() - this.bytes.size();
			boolean tooLong = this.message.size() + BYTE_ORDER_MARK.length > room;
			boolean ascii = isAscii(this.message);
			if (ascii && this.message.size() <= room) {
				append(this.message.array(), this.message.size());
				return;
			}
			append(BYTE_ORDER_MARK, BYTE_ORDER_MARK.length);
			if (tooLong) {
				append(this.message.array(), wholeCharacters(room - BYTE_ORDER_MARK.length - CUT.length));
				append(CUT, CUT.length);
			}
			else {
				append(this.message.array(), this.message.size());
			}
		}

		/**
		 * How many bytes of the message can be had without cutting a character in two.
		 */
		private int wholeCharacters(int length) {
			int end = Math.max(0, length);
			while (end > 0 && (this.message.array()[end] & 0xc0) == 0x80) {
				end--;
			}
			return end;
		}

		private static boolean isAscii(ByteArrayOutput text) {
			for (int i = 0; i < text.size(); i++) {
				if (text.array()[i] < 0) {
					return false;
				}
			}
			return true;
		}

		private void append(byte[] source, int length) {
			this.bytes.write(source, 0, length);
		}

		private void structuredData(Signal signal, @Nullable ErrorData error) {
			start("signal");
			parameter("level", signal.level());
			parameter("kind", signal.kind());
			parameter("id", signal.id());
			parameter("ns", signal.namespace());
			parameter("uid", signal.uid());
			Run run = signal.run();
			if (run != null) {
				parameter("traceId", run.traceId());
				parameter("spanId", run.spanId());
				parameter("parentId", run.parentId());
				parameter("rootId", run.rootId());
				parameter("runMs", (run.duration() != null) ? JsonOutput.millisText(run.duration()) : null);
				parameter("result", run.result());
			}
			measurement(signal.measurement());
			if (signal.sampleRate() < 1) {
				parameter("sampleRate", signal.sampleRate());
			}
			if (signal.suppressed() > 0) {
				parameter("suppressed", signal.suppressed());
			}
			parameter("thread", signal.threadName());
			location(signal.location());
			parameter("version", signal.service().version());
			parameter("environment", signal.service().environment());
			parameter("instance", signal.service().instance());
			end();
			fields("data", signal.data());
			fields("ctx", signal.context());
			if (error != null) {
				error(error, Values.fingerprint(signal, error));
			}
			if (!this.begun) {
				this.bytes.write('-');
			}
			else if (this.leftOut > 0) {
				// Into the last element; its bracket makes room and comes back.
				this.bytes.truncate(this.bytes.size() - 1);
				ascii(" leftOut=\"" + this.leftOut + "\"]");
			}
		}

		private void measurement(@Nullable Measurement measurement) {
			if (measurement != null) {
				parameter("value", measurement.value());
				parameter("unit", measurement.unit());
				parameter("tags", measurement.tags().isEmpty() ? null : measurement.tags());
			}
		}

		private void location(@Nullable Location location) {
			if (location != null) {
				parameter("class", location.className());
				parameter("method", location.method());
				parameter("file", location.file());
				parameter("line", (location.line() > 0) ? location.line() : null);
			}
		}

		private void fields(String element, Map<?, ?> fields) {
			if (fields.isEmpty()) {
				return;
			}
			start(element);
			int written = 0;
			for (Map.Entry<?, ?> field : fields.entrySet()) {
				if (written == Values.MAX_ELEMENTS || this.bytes.size() >= this.limit) {
					this.leftOut += fields.size() - written;
					break;
				}
				Object value = field.getValue();
				parameter(Values.name(field.getKey()), (value != null) ? value : "null");
				written++;
			}
			end();
		}

		private void error(ErrorData error, String fingerprint) {
			start("error");
			parameter("type", error.type());
			parameter("message", error.message());
			parameter("fingerprint", fingerprint);
			ErrorData cause = error.cause();
			for (int i = 0; i < ErrorData.MAX_DEPTH && cause != null; i++) {
				// The RFC allows a name more than once.
				parameter("cause", describe(cause));
				cause = cause.cause();
			}
			parameter("stack", error.stack());
			end();
		}

		private static String describe(ErrorData error) {
			String message = error.message();
			return (message == null || message.isEmpty()) ? error.type() : error.type() + ": " + Values.cut(message);
		}

		private void start(String element) {
			int length = "[@]".length() + element.length() + this.options.enterpriseId().length();
			this.open = this.bytes.size() + length <= this.limit;
			if (this.open) {
				this.begun = true;
				ascii("[" + element + "@" + this.options.enterpriseId());
			}
		}

		private void end() {
			if (this.open) {
				this.bytes.write(']');
				this.open = false;
			}
		}

		private void parameter(String name, @Nullable Object value) {
			if (value == null || "".equals(value)) {
				return;
			}
			int before = this.bytes.size();
			int nameLength = Math.max(1, Math.min(name.length(), MAX_NAME));
			int end = this.limit - 1;
			if (!this.open || before + nameLength + " =\"\"".length() + CUT.length > end) {
				this.leftOut++;
				return;
			}
			this.bytes.write(' ');
			printable(name.isEmpty() ? "_" : name, MAX_NAME, "=]\"");
			ascii("=\"");
			escape(text(value), true, this.bytes, end - 1);
			this.bytes.write('"');
		}

		private String text(Object value) {
			Object plain = Values.plain(value);
			if (plain instanceof Values.Members || plain instanceof Values.Elements || plain instanceof ErrorData) {
				this.output.reset();
				this.output.value(value);
				return this.output.bytes().toString(StandardCharsets.UTF_8);
			}
			return String.valueOf(plain);
		}

		/**
		 * Appends a text so that it stays on its line and in its place.
		 * @param source the text
		 * @param quoted whether it stands between quotes
		 * @param target where it goes
		 * @param end what the target's size must not exceed; there is room for the mark
		 */
		private static void escape(String source, boolean quoted, ByteArrayOutput target, int end) {
			int cut = target.size();
			for (int i = 0; i < source.length(); i++) {
				int character = source.codePointAt(i);
				if (character > 0xffff) {
					i++;
				}
				escape(character, quoted, target);
				if (target.size() > end) {
					target.truncate(cut);
					target.write(CUT, 0, CUT.length);
					return;
				}
				if (target.size() + CUT.length <= end) {
					cut = target.size();
				}
			}
		}

		private static void escape(int character, boolean quoted, ByteArrayOutput target) {
			if (character == '\n' || character == '\r' || character == '\t') {
				put('\\', quoted, target);
				target.write((character == '\n') ? 'n' : (character == '\r') ? 'r' : 't');
			}
			else if (character <= Character.MAX_VALUE && HarmfulCharacters.contain((char) character)) {
				put('\\', quoted, target);
				target.write('u');
				for (int shift = 12; shift >= 0; shift -= 4) {
					target.write(Character.forDigit((character >> shift) & 0xf, 16));
				}
			}
			else {
				put(character, quoted, target);
			}
		}

		private static void put(int character, boolean quoted, ByteArrayOutput target) {
			if (quoted && (character == '"' || character == '\\' || character == ']')) {
				target.write('\\');
			}
			if (character < 0x80) {
				target.write(character);
			}
			else if (character < 0x800) {
				target.write(0xc0 | character >> 6);
				target.write(0x80 | character & 0x3f);
			}
			else if (character < 0x10000) {
				target.write(0xe0 | character >> 12);
				target.write(0x80 | character >> 6 & 0x3f);
				target.write(0x80 | character & 0x3f);
			}
			else {
				target.write(0xf0 | character >> 18);
				target.write(0x80 | character >> 12 & 0x3f);
				target.write(0x80 | character >> 6 & 0x3f);
				target.write(0x80 | character & 0x3f);
			}
		}

	}

}
