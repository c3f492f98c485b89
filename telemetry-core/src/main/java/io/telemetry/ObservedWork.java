package io.telemetry;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

import io.telemetry.context.Scope;
import io.telemetry.context.SignalContext;
import io.telemetry.context.Span;
import io.telemetry.context.Tracing.StartedSpan;
import io.telemetry.handler.HandlerFault;
import io.telemetry.pipeline.Admission;
import io.telemetry.pipeline.Gate;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Run;
import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;

/**
 * One run of a piece of work, from its beginning to its end, which may be on another
 * thread.
 */
final class ObservedWork implements FollowedWork {

	/** Attributes that one run keeps; further ones are left out. */
	private static final int MAX_ATTRIBUTES = 128;

	private final SignalBuilder builder;

	private final Gate gate;

	/** Guarded by itself, as the work may set attributes on several threads. */
	private final Map<String, @Nullable Object> attributes = new LinkedHashMap<>();

	private SignalContext context = SignalContext.EMPTY;

	/** Its own, where it is a span, else the one that it runs in. */
	private @Nullable Span span;

	private @Nullable StartedSpan started;

	private @Nullable Admission admission;

	private Signal.@Nullable Builder signal;

	private long startNanos;

	private boolean ended;

	ObservedWork(SignalBuilder builder, Gate gate) {
		this.builder = builder;
		this.gate = gate;
	}

	/**
	 * Does the work.
	 */
	<T extends @Nullable Object, X extends Exception> T call(Work<T, X> work) throws X {
		if (!begin()) {
			return work.call();
		}
		Scope scope = this.context.open();
		try {
			T result = work.call();
			return FollowedWork.follow(result, this, () -> new ObservedWork(this.builder, this.gate));
		}
		catch (Throwable ex) {
			end(null, ex);
			throw ex;
		}
		finally {
			scope.close();
			leave();
		}
	}

	/**
	 * Begins a run on the calling thread.
	 * @return {@code false} if the filter refuses it, so that the work is just done
	 */
	@Override
	public boolean begin() {
		if (!this.gate.allows(this.builder.level(), this.builder.kind(), this.builder.id())) {
			return false;
		}
		SignalPipeline pipeline = this.gate.pipeline();
		SignalContext outer = SignalContext.current();
		if (this.builder.kind() == Kind.TRACE) {
			startSpan(pipeline, outer);
		}
		else {
			this.context = outer;
			this.span = pipeline.currentSpan(outer);
		}
		// After the span, because sampling by trace wants to know which one it is.
		this.admission = this.gate.admit(this.builder.level(), this.builder.kind(), this.builder.id(),
				(this.span != null) ? this.builder.options().withTraceId(this.span.traceId()) : this.builder.options());
		if (this.admission != null) {
			this.signal = this.builder.begin(this.admission);
		}
		this.startNanos = pipeline.nanoTime().getAsLong();
		return true;
	}

	private Run run(Duration duration, @Nullable Object result) {
		if (this.span == null) {
			return new Run(null, null, null, null, duration, result);
		}
		Run place = this.span.place();
		return new Run(place.traceId(), place.spanId(), place.parentId(), place.rootId(), duration, result);
	}

	private void startSpan(SignalPipeline pipeline, SignalContext outer) {
		String id = this.builder.id();
		Span parent = pipeline.currentSpan(outer);
		String name = (id != null) ? id : this.gate.namespace();
		trace(() -> this.started = pipeline.tracing().start(name, parent));
		if (this.started != null) {
			this.span = this.started.span();
		}
		else {
			this.span = (parent != null) ? parent.child() : Span.root();
		}
		this.context = outer.withSpan(this.span, this::attribute);
	}

	/** The work goes on whatever the tracing system does. */
	private void trace(Runnable call) {
		try {
			call.run();
		}
		catch (RuntimeException | LinkageError | AssertionError | StackOverflowError ex) {
			this.gate.pipeline().report(new HandlerFault(null, HandlerFault.Type.TRACING, 0, null, ex));
		}
	}

	@Override
	public void leave() {
		StartedSpan started = this.started;
		if (started != null) {
			trace(started::leave);
		}
	}

	@Override
	public SignalContext context() {
		return this.context;
	}

	@Override
	public void attribute(String name, @Nullable Object value) {
		synchronized (this.attributes) {
			if (!this.ended && (this.attributes.size() < MAX_ATTRIBUTES || this.attributes.containsKey(name))) {
				this.attributes.put(name, value);
			}
		}
	}

	@Override
	public void end(@Nullable Object result, @Nullable Throwable failure) {
		Map<String, @Nullable Object> known = Collections.unmodifiableMap(this.attributes);
		synchronized (this.attributes) {
			if (this.ended) {
				return;
			}
			this.ended = true;
		}
		Duration duration = Duration.ofNanos(this.gate.pipeline().nanoTime().getAsLong() - this.startNanos);
		StartedSpan started = this.started;
		if (started != null) {
			trace(() -> started.end(known, failure));
		}
		if (this.admission == null || this.signal == null) {
			return;
		}
		Object kept = this.builder.isWithResult() ? result : null;
		this.signal.run(run(duration, kept));
		if (failure != null) {
			this.signal.throwable(failure);
		}
		if (!known.isEmpty()) {
			this.signal.addData(known);
		}
		SignalBuilder.publish(this.admission, this.signal);
	}

}
