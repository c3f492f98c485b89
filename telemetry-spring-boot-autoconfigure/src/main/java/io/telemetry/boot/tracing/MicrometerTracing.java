package io.telemetry.boot.tracing;

import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

import io.micrometer.tracing.TraceContext;
import io.micrometer.tracing.Tracer;
import io.telemetry.context.Span;
import io.telemetry.context.Tracing;
import org.jspecify.annotations.Nullable;

/**
 * Micrometer Tracing as the tracing system beside the pipeline: its spans are those of
 * signals, and what the application traces with {@code Telemetry} is exported by it. Safe
 * for several threads.
 */
public final class MicrometerTracing implements Tracing {

	private static final int TRACE_ID_LENGTH = 32;

	private static final String PADDING = "0".repeat(TRACE_ID_LENGTH);

	/** A power of two. */
	private static final int REMEMBERED = 256;

	private final Supplier<@Nullable Tracer> source;

	/**
	 * The spans that were seen last, by a hash of their id: many signals are made inside
	 * one span. Shared by threads, which may overwrite what others put there, and not a
	 * thread-local because threads outlive applications.
	 */
	private final @Nullable Span[] remembered = new Span[REMEMBERED];

	private volatile @Nullable Tracer tracer;

	/**
	 * A door to a tracer.
	 * @param source finds the tracer, asked until it gives one: there may be none yet
	 * while an application starts
	 */
	public MicrometerTracing(Supplier<@Nullable Tracer> source) {
		this.source = Objects.requireNonNull(source, "source");
	}

	@Override
	public @Nullable Span currentSpan() {
		Tracer tracer = tracer();
		TraceContext context = (tracer != null) ? tracer.currentTraceContext().context() : null;
		return (context != null) ? spanOf(context) : null;
	}

	@Override
	public @Nullable StartedSpan start(String name, @Nullable Span parent) {
		Tracer tracer = tracer();
		if (tracer == null) {
			return null;
		}
		io.micrometer.tracing.Span started = begin(tracer, name, parent);
		Span span = spanOf(started.context());
		if (span == null) {
			started.abandon();
			return null;
		}
		return new MicrometerSpan(span.begunIn(parent), started, tracer.withSpan(started));
	}

	private io.micrometer.tracing.Span begin(Tracer tracer, String name, @Nullable Span parent) {
		Span current = currentSpan();
		if (parent == null || (current != null && current.spanId().equals(parent.spanId()))) {
			return tracer.nextSpan().name(name).start();
		}
		TraceContext brought = tracer.traceContextBuilder()
			.traceId(parent.traceId())
			.spanId(parent.spanId())
			.sampled(parent.sampled())
			.build();
		return tracer.spanBuilder().setParent(brought).name(name).start();
	}

	private @Nullable Tracer tracer() {
		Tracer known = this.tracer;
		if (known == null) {
			known = this.source.get();
			this.tracer = known;
		}
		return known;
	}

	/**
	 * A tracer's span as ours.
	 * @return the span, or {@code null} if its ids are none
	 */
	private @Nullable Span spanOf(TraceContext context) {
		String traceId = context.traceId();
		String spanId = context.spanId();
		if (traceId == null || spanId == null) {
			return null;
		}
		boolean sampled = Boolean.TRUE.equals(context.sampled());
		int place = spanId.hashCode() & (REMEMBERED - 1);
		Span known = this.remembered[place];
		if (known != null && known.spanId().equals(spanId) && known.sampled() == sampled
				&& isSame(known.traceId(), traceId)) {
			return known;
		}
		Span span = Span.parse(padded(traceId), spanId, context.parentId(), sampled);
		if (span != null) {
			this.remembered[place] = span;
		}
		return span;
	}

	/** Brave's may have 64 bits. */
	private static boolean isSame(String padded, String traceId) {
		return (traceId.length() == TRACE_ID_LENGTH) ? padded.equals(traceId) : padded.equals(padded(traceId));
	}

	private static String padded(String traceId) {
		int missing = TRACE_ID_LENGTH - traceId.length();
		return (missing > 0) ? PADDING.substring(0, missing) + traceId : traceId;
	}

	/**
	 * A span that runs.
	 */
	private record MicrometerSpan(Span span, io.micrometer.tracing.Span started,
			Tracer.SpanInScope scope) implements StartedSpan {

		@Override
		public void leave() {
			this.scope.close();
		}

		@Override
		public void end(Map<String, Object> attributes, @Nullable Throwable error) {
			try {
				SpanTags.write(attributes, this.started);
				if (error != null) {
					this.started.error(error);
				}
			}
			finally {
				this.started.end();
			}
		}

	}

}
