package io.telemetry.context;

import java.util.HexFormat;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;

import io.telemetry.signal.Run;
import org.jspecify.annotations.Nullable;

/**
 * The identity of a piece of work and its place in a trace, as W3C Trace Context has it:
 * ids are lower-case hexadecimal digits and never all zero. Immutable.
 * <p>
 * Ids are random but can be guessed: they name, they do not protect.
 */
public final class Span {

	private static final int TRACE_ID_LENGTH = 32;

	private static final int SPAN_ID_LENGTH = 16;

	/** Version, trace id, parent id and flags with the dashes between them. */
	private static final int TRACEPARENT_LENGTH = 55;

	private static final int SAMPLED = 1;

	/**
	 * Spans around one that it remembers, so that a chain without end fills no memory.
	 */
	private static final int MAX_AROUND = 32;

	private final String traceId;

	private final String spanId;

	private final @Nullable String rootId;

	private final boolean sampled;

	private final Run place;

	/** The span around this one, where it was begun in this process. */
	private final @Nullable Span around;

	private final int depth;

	private Span(String traceId, String spanId, @Nullable String parentId, @Nullable String rootId, boolean sampled,
			@Nullable Span around) {
		this.traceId = traceId;
		this.spanId = spanId;
		this.rootId = rootId;
		this.sampled = sampled;
		this.around = (around != null && around.depth < MAX_AROUND) ? around : null;
		this.depth = (this.around != null) ? this.around.depth + 1 : 0;
		this.place = new Run(traceId, spanId, parentId, rootId, null, null);
	}

	/**
	 * The first span of a new trace.
	 * @return a span with no parent
	 */
	public static Span root() {
		String spanId = id();
		return new Span(id().concat(id()), spanId, null, spanId, true, null);
	}

	/**
	 * A span that was begun elsewhere, by another process or another tracer.
	 * @param traceId 32 lower-case hexadecimal digits
	 * @param spanId 16 lower-case hexadecimal digits
	 * @return a span whose own parent is not known
	 * @throws IllegalArgumentException if an id has another form or is all zero
	 */
	public static Span of(String traceId, String spanId) {
		check("trace id", traceId, TRACE_ID_LENGTH);
		check("span id", spanId, SPAN_ID_LENGTH);
		return new Span(traceId, spanId, null, null, true, null);
	}

	/**
	 * A span that another tracer tells of.
	 * @param traceId 32 lower-case hexadecimal digits
	 * @param spanId 16 lower-case hexadecimal digits
	 * @param parentId the span around it; left out where it is not such an id
	 * @param sampled whether its trace is recorded
	 * @return the span, or {@code null} if its ids have another form or are all zero
	 */
	public static @Nullable Span parse(String traceId, String spanId, @Nullable String parentId, boolean sampled) {
		if (!isId(traceId, TRACE_ID_LENGTH) || !isId(spanId, SPAN_ID_LENGTH)) {
			return null;
		}
		String parent = (parentId != null && isId(parentId, SPAN_ID_LENGTH)) ? parentId : null;
		return new Span(traceId, spanId, parent, null, sampled, null);
	}

	private static boolean isId(String id, int length) {
		return id.length() == length && isId(id, 0, length);
	}

	private static void check(String what, String id, int length) {
		Objects.requireNonNull(id, what);
		if (!isId(id, length)) {
			String shown = (id.length() > TRACE_ID_LENGTH) ? id.substring(0, TRACE_ID_LENGTH) + "…" : id;
			throw new IllegalArgumentException("The " + what + " '" + shown + "' of " + id.length()
					+ " characters is none: it must be " + length + " lower-case hexadecimal digits, not all zero");
		}
	}

	/**
	 * The span that a {@code traceparent} header names. What it says of a version later
	 * than this one is left aside.
	 * @param header the header's value
	 * @return the span, or {@code null} if there is no header or it is not valid
	 */
	public static @Nullable Span parseTraceparent(@Nullable String header) {
		if (header == null || header.length() < TRACEPARENT_LENGTH) {
			return null;
		}
		int version = digits(header, 0);
		int flags = digits(header, TRACEPARENT_LENGTH - 2);
		boolean complete = header.length() == TRACEPARENT_LENGTH
				|| (version > 0 && header.charAt(TRACEPARENT_LENGTH) == '-');
		boolean dashed = header.charAt(2) == '-' && header.charAt(35) == '-' && header.charAt(52) == '-';
		if (version < 0 || version == 0xff || flags < 0 || !complete || !dashed || !isId(header, 3, 35)
				|| !isId(header, 36, 52)) {
			return null;
		}
		return new Span(header.substring(3, 35), header.substring(36, 52), null, null, (flags & SAMPLED) != 0, null);
	}

	/** The value of two digits, negative where they are none. */
	private static int digits(String text, int start) {
		int high = digit(text.charAt(start));
		int low = digit(text.charAt(start + 1));
		return (high < 0 || low < 0) ? -1 : high * 16 + low;
	}

	private static int digit(char character) {
		if (character >= '0' && character <= '9') {
			return character - '0';
		}
		return (character >= 'a' && character <= 'f') ? character - 'a' + 10 : -1;
	}

	private static boolean isId(String text, int start, int end) {
		int bits = 0;
		for (int i = start; i < end; i++) {
			int digit = digit(text.charAt(i));
			if (digit < 0) {
				return false;
			}
			bits |= digit;
		}
		return bits != 0;
	}

	private static String id() {
		long id;
		do {
			id = ThreadLocalRandom.current().nextLong();
		}
		while (id == 0);
		return HexFormat.of().toHexDigits(id);
	}

	/**
	 * A new span inside this one.
	 * @return a span of the same trace whose parent this is
	 */
	public Span child() {
		String childId = id();
		return new Span(this.traceId, childId, this.spanId, (this.rootId != null) ? this.rootId : childId, this.sampled,
				this);
	}

	/**
	 * This span as one that another tracer began in this process.
	 * @param outer the span around it, or {@code null} if it is the outermost
	 * @return a span with the same ids that knows its root and what it is within; what is
	 * of another trace is not around it
	 */
	public Span begunIn(@Nullable Span outer) {
		if (outer == null || !outer.traceId.equals(this.traceId)) {
			return new Span(this.traceId, this.spanId, parentId(), this.spanId, this.sampled, null);
		}
		return new Span(this.traceId, this.spanId, outer.spanId, (outer.rootId != null) ? outer.rootId : this.spanId,
				this.sampled, outer);
	}

	/**
	 * Whether this is another span or was begun inside it, as far as this process knows.
	 * @param other the other span
	 * @return {@code true} if this is the inner one of the two, or the same
	 */
	public boolean isWithin(Span other) {
		Span span = this;
		while (span != null) {
			if (span.spanId.equals(other.spanId) && span.traceId.equals(other.traceId)) {
				return true;
			}
			span = span.around;
		}
		return false;
	}

	/**
	 * The trace.
	 * @return 32 lower-case hexadecimal digits
	 */
	public String traceId() {
		return this.traceId;
	}

	/**
	 * This span.
	 * @return 16 lower-case hexadecimal digits
	 */
	public String spanId() {
		return this.spanId;
	}

	/**
	 * The span around this one.
	 * @return its id, or {@code null} if there is none or it is not known
	 */
	public @Nullable String parentId() {
		return this.place.parentId();
	}

	/**
	 * The outermost span around this one that was begun in this process.
	 * @return its id, which may be this span's own, or {@code null} if this one was begun
	 * elsewhere
	 */
	public @Nullable String rootId() {
		return this.rootId;
	}

	/**
	 * Whether whoever began the trace records it. {@code true} for one begun here.
	 * @return the flag that a {@code traceparent} header carries
	 */
	public boolean sampled() {
		return this.sampled;
	}

	/**
	 * The place of signals that are made inside this span.
	 * @return a run with this span's ids and nothing else, always the same instance
	 */
	public Run place() {
		return this.place;
	}

	/**
	 * This span as whoever is called is told of it.
	 * @return the value of a {@code traceparent} header, 55 characters
	 */
	public String toTraceparent() {
		return "00-" + this.traceId + "-" + this.spanId + (this.sampled ? "-01" : "-00");
	}

	/**
	 * Equal are spans with the same ids.
	 */
	@Override
	public boolean equals(@Nullable Object other) {
		return other instanceof Span span && this.place.equals(span.place) && this.sampled == span.sampled;
	}

	@Override
	public int hashCode() {
		return this.spanId.hashCode();
	}

	@Override
	public String toString() {
		return toTraceparent();
	}

}
