package io.telemetry.pipeline;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

import io.telemetry.context.ContextSource;
import io.telemetry.context.SignalContext;
import io.telemetry.context.Span;
import io.telemetry.context.Tracing;
import io.telemetry.filter.Refusal;
import io.telemetry.filter.SignalFilter;
import io.telemetry.handler.HandlerFault;
import io.telemetry.handler.HandlerFaultListener;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.handler.SignalHandler;
import io.telemetry.limit.LimitSettings;
import io.telemetry.limit.RateLimiter;
import io.telemetry.metric.MeterSink;
import io.telemetry.pipeline.State.Limiters;
import io.telemetry.pipeline.State.Route;
import io.telemetry.sampling.Sampler;
import io.telemetry.sampling.SamplingSettings;
import io.telemetry.signal.Fields;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Run;
import io.telemetry.signal.ServiceIdentity;
import io.telemetry.signal.Signal;
import io.telemetry.stats.Outcome;
import io.telemetry.stats.OutcomeRecorder;
import io.telemetry.stats.OutcomeStats;
import io.telemetry.transform.SignalTransform;
import org.jspecify.annotations.Nullable;

/**
 * Owns what signals go through: the settings, the handlers and their life. One per
 * application. What application code uses is {@link io.telemetry.Telemetry}, a facade
 * over this for one namespace.
 * <p>
 * Safe for several threads. Signals take no lock here; whoever changes settings or
 * handlers takes a private monitor and swaps in one immutable object, so that a change is
 * in force for the next signal of every thread.
 */
public final class SignalPipeline implements AutoCloseable {

	private static final String SESSION_ID = "sessionId";

	/** Private, so that nobody outside can hold it. */
	private final Object monitor = new Object();

	private final ServiceIdentity service;

	private final InstantSource clock;

	private final LongSupplier nanoTime;

	private final HandlerFaultListener faults;

	private final Tracing tracing;

	private final MeterSink meters;

	private final ContextSource[] contextSources;

	private final OutcomeRecorder recorder = new OutcomeRecorder();

	private final Map<String, HandlerEntry> handlers = new LinkedHashMap<>();

	private LiveSettings<PipelineSettings> settings;

	private @Nullable ScheduledThreadPoolExecutor timer;

	private volatile State state;

	private SignalPipeline(Builder builder) {
		this.service = builder.service;
		this.clock = builder.clock;
		this.nanoTime = builder.nanoTime;
		this.faults = builder.faults;
		this.tracing = builder.tracing;
		this.meters = builder.meters;
		this.contextSources = builder.contextSources.toArray(new ContextSource[0]);
		this.settings = LiveSettings.of(builder.settings);
		this.state = new State(true, builder.settings, Limiters.none(builder.nanoTime), List.of(), false);
		builder.handlers.forEach((name, handler) -> addHandler(name, handler.handler(), handler.options()));
	}

	/**
	 * A builder of a pipeline.
	 * @return a new builder
	 */
	public static Builder builder() {
		return new Builder();
	}

	/**
	 * The gate of a namespace. Cheap to make and to drop; keep it where calls are many.
	 * @param namespace the namespace
	 * @return a new gate
	 */
	public Gate gate(String namespace) {
		return new Gate(() -> this, namespace);
	}

	/**
	 * Begins a signal with what is ambient: time, thread, service, context and place in
	 * the trace. To be called on the thread that makes the signal.
	 * @param level the level
	 * @param kind the kind
	 * @param namespace the namespace
	 * @return a builder
	 */
	public Signal.Builder begin(Level level, Kind kind, String namespace) {
		SignalContext context = SignalContext.current();
		Map<String, Object> fields = context.fields();
		if (this.contextSources.length != 0) {
			fields = readSources(fields);
		}
		Signal.Builder builder = Signal.builder(level, kind, namespace)
			.timestamp(this.clock.instant())
			.threadName(Thread.currentThread().getName())
			.service(this.service)
			.context(fields);
		Span span = currentSpan(context);
		return (span != null) ? builder.run(span.place()) : builder;
	}

	private Map<String, Object> readSources(Map<String, Object> fields) {
		Map<String, Object> read = Map.of();
		for (ContextSource source : this.contextSources) {
			try {
				read = Fields.merged(read, source.read());
			}
			catch (Throwable ex) {
				contain(new HandlerFault(null, HandlerFault.Type.SUPPLIER, 1, null, ex), ex, this.recorder);
			}
		}
		// Scopes were opened on purpose, so they are the stronger ones.
		return Fields.merged(read, fields);
	}

	/**
	 * The span that a signal made now, on this thread, belongs to: the inner one of the
	 * tracing system's and the context's. They differ where only one of them came along
	 * to this thread.
	 * @param context the context in force
	 * @return the span, or {@code null} if there is none
	 */
	public @Nullable Span currentSpan(SignalContext context) {
		Span ours = context.span();
		Span theirs = (this.tracing != Tracing.NONE) ? tracedSpan() : null;
		return (theirs == null || (ours != null && ours.isWithin(theirs))) ? ours : theirs;
	}

	private @Nullable Span tracedSpan() {
		try {
			return this.tracing.currentSpan();
		}
		catch (RuntimeException | LinkageError | AssertionError | StackOverflowError ex) {
			report(new HandlerFault(null, HandlerFault.Type.TRACING, 0, null, ex));
			return null;
		}
	}

	/**
	 * Sends a signal that was made elsewhere or before, if the filter lets it through.
	 * @param signal the signal
	 * @return whether it was let through
	 */
	public boolean offer(Signal signal) {
		Admission admission = gate(signal.namespace()).admit(signal.level(), signal.kind(), signal.id());
		if (admission == null) {
			return false;
		}
		boolean asItIs = admission.sampleRate() == 1 && admission.suppressed() == 0;
		admission.publish(asItIs ? signal
				: signal.toBuilder()
					.sampleRate(signal.sampleRate() * admission.sampleRate())
					.suppressed(signal.suppressed() + admission.suppressed())
					.build());
		return true;
	}

	/**
	 * Sends a signal that a {@link Gate} let through on.
	 */
	void publish(Signal signal, Admission admission) {
		Signal settled = settle(signal, admission);
		if (settled == null) {
			return;
		}
		State current = this.state;
		Signal transformed = transform(settled, current.settings.transforms(), null, this.recorder);
		if (transformed == null) {
			this.recorder.count(Outcome.TRANSFORMED);
			return;
		}
		this.recorder.count(Outcome.DISPATCHED);
		if (current.capturing) {
			witness(transformed);
		}
		VirtualMachineError fatal = null;
		for (Route route : current.routes) {
			if (route.options().enabled()) {
				try {
					dispatch(transformed, route, current);
				}
				catch (VirtualMachineError ex) {
					// Of one handler, which must not cost the others the signal.
					fatal = (fatal != null) ? fatal : ex;
				}
			}
		}
		if (fatal != null) {
			throw fatal;
		}
	}

	/**
	 * Asks what could not be asked before the data was there.
	 * @return the signal that goes on, or {@code null} for a refusal, which is counted
	 */
	private @Nullable Signal settle(Signal signal, Admission admission) {
		Signal settled = signal;
		if (admission.predicatePending || admission.samplingPending) {
			State state = admission.plan.compiled.state;
			Outcome refusal = refusal(signal, state, admission);
			if (refusal != null) {
				this.recorder.count(refusal);
				return null;
			}
			long suppressed = admission.plan.askLimits(admission.options);
			if (suppressed == RateLimiter.LIMITED) {
				this.recorder.count(Outcome.LIMITED);
				return null;
			}
			if (suppressed != 0) {
				settled = signal.toBuilder().suppressed(signal.suppressed() + suppressed).build();
			}
		}
		SignalTransform transform = admission.options.transform();
		if (transform != null) {
			settled = transform(settled, transform, null, this.recorder);
			if (settled == null) {
				this.recorder.count(Outcome.TRANSFORMED);
			}
		}
		return settled;
	}

	private @Nullable Outcome refusal(Signal signal, State state, Admission admission) {
		if (admission.predicatePending) {
			Outcome refusal = ask(state.filter, signal, null, this.recorder);
			if (refusal != null) {
				return refusal;
			}
		}
		boolean sampledOut = admission.samplingPending
				&& !Sampler.of(signal.sampleRate()).sample(1, sampleKey(signal, state));
		return sampledOut ? Outcome.SAMPLED : null;
	}

	/**
	 * Asks the filter's predicate.
	 * @return why the signal is refused, or {@code null} if it is not
	 */
	private @Nullable Outcome ask(SignalFilter filter, Signal signal, @Nullable String handler,
			OutcomeRecorder recorder) {
		try {
			return filter.test(signal) ? null : Outcome.FILTERED;
		}
		catch (Throwable ex) {
			contain(new HandlerFault(handler, HandlerFault.Type.PREDICATE, 1, signal, ex), ex, recorder);
			return Outcome.ERRORS;
		}
	}

	private static @Nullable String sampleKey(Signal signal, State state) {
		switch (state.settings.sampling().by()) {
			case TRACE:
				Run run = signal.run();
				return (run != null) ? run.traceId() : null;
			case SESSION:
				Object session = signal.data().get(SESSION_ID);
				session = (session != null) ? session : signal.context().get(SESSION_ID);
				return (session instanceof String text) ? text : null;
			default:
				return null;
		}
	}

	private void witness(Signal signal) {
		Consumer<Signal> witness = SignalContext.current().witness();
		if (witness != null) {
			witness.accept(signal);
		}
	}

	private void dispatch(Signal signal, Route route, State current) {
		HandlerEntry entry = route.entry();
		entry.recorder.received();
		SignalFilter filter = route.filter();
		if (!filter.allows(signal.level(), signal.kind(), signal.namespace(), signal.id())) {
			entry.recorder.count(Outcome.FILTERED);
			return;
		}
		Outcome refusal = ask(filter, signal, entry.name, entry.recorder);
		if (refusal != null) {
			entry.recorder.count(refusal);
			return;
		}
		Signal given = signal;
		double rate = route.sampler().rate();
		if (rate != 1) {
			if (!route.sampler().sample(signal.sampleRate(), sampleKey(signal, current))) {
				entry.recorder.count(Outcome.SAMPLED);
				return;
			}
			given = signal.toBuilder().sampleRate(signal.sampleRate() * rate).build();
		}
		if (route.limiter() != null) {
			long suppressed = route.limiter().ask();
			if (suppressed == RateLimiter.LIMITED) {
				entry.recorder.count(Outcome.LIMITED);
				return;
			}
			if (suppressed != 0) {
				given = given.toBuilder().suppressed(given.suppressed() + suppressed).build();
			}
		}
		Signal transformed = transform(given, route.options().transforms(), entry.name, entry.recorder);
		if (transformed == null) {
			entry.recorder.count(Outcome.TRANSFORMED);
			return;
		}
		entry.lane.accept(transformed);
	}

	private @Nullable Signal transform(Signal signal, List<SignalTransform> transforms, @Nullable String handler,
			OutcomeRecorder recorder) {
		Signal result = signal;
		for (int i = 0; i < transforms.size() && result != null; i++) {
			result = transform(result, transforms.get(i), handler, recorder);
		}
		return result;
	}

	private @Nullable Signal transform(Signal signal, SignalTransform transform, @Nullable String handler,
			OutcomeRecorder recorder) {
		Signal result;
		try {
			result = transform.transform(signal);
		}
		catch (Throwable ex) {
			contain(new HandlerFault(handler, HandlerFault.Type.TRANSFORM, 1, signal, ex), ex, recorder);
			return signal;
		}
		if (result == null || result == signal || result.delivery() == signal.delivery()) {
			return result;
		}
		// Made anew, or of another: it stands for this one, and is kept as this one is.
		return result.toBuilder().delivery(signal.delivery()).build();
	}

	/**
	 * Contains what application code threw, but for errors of the virtual machine: after
	 * these the signal is counted as an error and the caller is told.
	 */
	private void contain(HandlerFault fault, Throwable ex, OutcomeRecorder recorder) {
		report(fault);
		if (isFatal(ex)) {
			recorder.count(Outcome.ERRORS);
			throw (VirtualMachineError) ex;
		}
	}

	/**
	 * Counts an admitted signal that will not come, and throws on what no caller may be
	 * spared.
	 */
	void failed(HandlerFault fault, Throwable ex) {
		this.recorder.count(Outcome.ERRORS);
		report(fault);
		if (isFatal(ex)) {
			throw (VirtualMachineError) ex;
		}
	}

	private static boolean isFatal(Throwable ex) {
		return ex instanceof VirtualMachineError && !(ex instanceof StackOverflowError);
	}

	/**
	 * Tells the fault listener of something that went wrong on the way to the handlers.
	 * Never throws what the listener throws.
	 * @param fault what went wrong
	 */
	public void report(HandlerFault fault) {
		try {
			this.faults.onFault(fault);
		}
		catch (Throwable ex) {
			if (isFatal(ex)) {
				throw ex;
			}
			System.getLogger(SignalPipeline.class.getName())
				.log(System.Logger.Level.ERROR, "The fault listener failed", ex);
		}
	}

	/**
	 * Adds a handler. The pipeline closes it from now on.
	 * @param name its name
	 * @param handler the handler
	 * @param options what it is given and how
	 * @throws IllegalArgumentException if the name is taken or the options contradict
	 * themselves
	 * @throws IllegalStateException if the pipeline is closed
	 */
	public void addHandler(String name, SignalHandler handler, HandlerOptions options) {
		Objects.requireNonNull(handler, "handler");
		// Before any thread is started: a wrong filter leaves nothing behind.
		SignalFilter.of(options.filter());
		synchronized (this.monitor) {
			if (!this.state.open) {
				throw new IllegalStateException("The pipeline is closed");
			}
			if (this.handlers.containsKey(name)) {
				throw new IllegalArgumentException("There is a handler '" + name + "' already");
			}
			this.handlers.put(name, new HandlerEntry(name, handler, options, this.faults, this.nanoTime));
			recompile();
		}
	}

	/**
	 * Removes a handler and closes it, which waits at most its drain timeout.
	 * @param name its name
	 * @return whether there was one
	 * @throws IllegalStateException if the handler itself calls this while it handles a
	 * signal; it stays then
	 */
	public boolean removeHandler(String name) {
		HandlerEntry entry;
		synchronized (this.monitor) {
			entry = this.handlers.get(name);
			if (entry == null) {
				return false;
			}
			if (entry.lane.isWorkingHere()) {
				throw new IllegalStateException("Handler '" + name
						+ "' can't remove itself while it handles a signal: that would wait for its own end");
			}
			this.handlers.remove(name);
			recompile();
		}
		entry.lane.close();
		return true;
	}

	/**
	 * The handlers, in the order in which they were added.
	 * @return a snapshot
	 */
	public List<HandlerView> handlers() {
		synchronized (this.monitor) {
			return this.handlers.values().stream().map(SignalPipeline::view).toList();
		}
	}

	/**
	 * One handler.
	 * @param name its name
	 * @return a snapshot, or {@code null} if there is none
	 */
	public @Nullable HandlerView handler(String name) {
		synchronized (this.monitor) {
			HandlerEntry entry = this.handlers.get(name);
			return (entry != null) ? view(entry) : null;
		}
	}

	private static HandlerView view(HandlerEntry entry) {
		return new HandlerView(entry.name, entry.handler.getClass(), entry.settings.configured(),
				entry.settings.effective(), entry.settings.changed(), entry.recorder.snapshot(), entry.lane.depth(),
				entry.lane.latency(), entry.lane.retries());
	}

	/**
	 * Changes what a handler is given, at once.
	 * @param name its name
	 * @param changes the changes; all or none are made
	 * @param expiresIn after how long the settings before return, or {@code null} for
	 * never
	 * @return whether there is such a handler
	 * @throws IllegalArgumentException if a change makes no sense
	 */
	public boolean changeHandler(String name, List<Change<HandlerOptions>> changes, @Nullable Duration expiresIn) {
		synchronized (this.monitor) {
			HandlerEntry entry = this.handlers.get(name);
			if (entry == null) {
				return false;
			}
			LiveSettings<HandlerOptions> changed = entry.settings.with(changes, expiry(expiresIn));
			Route.of(entry, changed.effective());
			entry.settings = changed;
			recompile();
			scheduleExpiry();
			return true;
		}
	}

	/**
	 * Takes back every live change of a handler.
	 * @param name its name
	 * @return whether there is such a handler
	 */
	public boolean resetHandler(String name) {
		synchronized (this.monitor) {
			HandlerEntry entry = this.handlers.get(name);
			if (entry == null) {
				return false;
			}
			entry.settings = entry.settings.without((setting) -> true);
			recompile();
			return true;
		}
	}

	/**
	 * The settings, configured and in force.
	 * @return a snapshot
	 */
	public PipelineView settings() {
		synchronized (this.monitor) {
			return new PipelineView(this.settings.configured(), this.settings.effective(), this.settings.changed());
		}
	}

	/**
	 * Changes the settings, at once.
	 * @param changes the changes; all or none are made
	 * @param expiresIn after how long the settings before return, or {@code null} for
	 * never
	 * @throws IllegalArgumentException if a change makes no sense
	 */
	public void change(List<Change<PipelineSettings>> changes, @Nullable Duration expiresIn) {
		synchronized (this.monitor) {
			LiveSettings<PipelineSettings> changed = this.settings.with(changes, expiry(expiresIn));
			State next = compile(this.state.open, changed);
			this.settings = changed;
			this.state = next;
			scheduleExpiry();
		}
	}

	/**
	 * Takes back live changes.
	 * @param settings which settings, by the names that {@link Change#setting()} has
	 */
	public void reset(Predicate<String> settings) {
		synchronized (this.monitor) {
			this.settings = this.settings.without(settings);
			recompile();
		}
	}

	/**
	 * Whether anything is let through at all.
	 * @return {@code false} if it is switched off or closed
	 */
	public boolean isEnabled() {
		State current = this.state;
		return current.open && current.settings.enabled();
	}

	/**
	 * How full the fullest queue of a handler is, so that a sender can be held back that
	 * is able to wait: 1 where the next signal below error would wait, or cost itself or
	 * another. Handlers that are switched off do not count, whatever waits there, nor
	 * does one that has taken nothing for ten seconds while its queue was at least half
	 * full: to wait for it could mean to wait for ever, and would cost the others what
	 * they could have. Its drops are counted as always. It counts again when its queue
	 * has fallen to half or as much as the queue holds has gone through.
	 * <p>
	 * Cheap enough for every batch that comes in: reads two numbers per handler, and
	 * takes a lock only of queues that are half full.
	 * @return 0 to 1; 0 where nothing is let through
	 */
	public double pressure() {
		State current = this.state;
		if (!current.open || !current.settings.enabled()) {
			return 0;
		}
		long now = this.nanoTime.getAsLong();
		double highest = 0;
		for (Route route : current.routes) {
			if (route.options().enabled()) {
				highest = Math.max(highest, route.entry().lane.pressure(now));
			}
		}
		return highest;
	}

	/**
	 * Lets everything through: no level, name, kind, predicate, sample rate or rate limit
	 * of the pipeline holds until {@link #reset} takes that back. Handlers keep theirs.
	 */
	public void clearFilters() {
		synchronized (this.monitor) {
			Change<PipelineSettings> everything = new Change<>("filters",
					(settings) -> settings.withFilter(SignalFilter.ALLOW_ALL.settings())
						.withSampling(SamplingSettings.DEFAULTS)
						.withLimits(LimitSettings.NONE));
			// What is changed from now on lies over it, so it has to be the first.
			this.settings = this.settings.without((setting) -> !setting.equals("enabled"))
				.with(List.of(everything), null);
			recompile();
		}
	}

	/**
	 * Goes back to the configured filters: takes back every live change of the pipeline.
	 */
	public void resetFilters() {
		reset((setting) -> true);
	}

	/**
	 * Removes every handler and closes it, each waiting at most its drain timeout.
	 */
	public void clearHandlers() {
		handlers().forEach((handler) -> removeHandler(handler.name()));
	}

	/**
	 * What would become of a signal.
	 * @param level the level
	 * @param kind the kind
	 * @param namespace the namespace
	 * @param id the id
	 * @return which step would refuse it, for the pipeline and for each handler
	 */
	public Explanation explain(Level level, Kind kind, String namespace, @Nullable String id) {
		State current = this.state;
		Refusal refusal;
		if (!current.open || !current.settings.enabled()) {
			refusal = new Refusal(Refusal.Step.DISABLED, current.open ? "telemetry is switched off" : "it is closed");
		}
		else {
			refusal = current.filter.explain(level, kind, namespace, id);
			if (refusal == null && current.sampleRate(namespace, id) == 0) {
				refusal = new Refusal(Refusal.Step.SAMPLED, "the sample rate of ns '" + namespace + "'"
						+ ((id != null) ? " and id '" + id + "'" : "") + " is 0");
			}
		}
		Map<String, @Nullable Refusal> handlers = new LinkedHashMap<>();
		for (Route route : current.routes) {
			handlers.put(route.entry().name, explain(route, level, kind, namespace, id));
		}
		return new Explanation(refusal, handlers);
	}

	private static @Nullable Refusal explain(Route route, Level level, Kind kind, String namespace,
			@Nullable String id) {
		if (!route.options().enabled()) {
			return new Refusal(Refusal.Step.DISABLED, "the handler is switched off");
		}
		Refusal refusal = route.filter().explain(level, kind, namespace, id);
		if (refusal == null && route.sampler().rate() == 0) {
			return new Refusal(Refusal.Step.SAMPLED, "the handler's sample rate is 0");
		}
		return refusal;
	}

	/**
	 * What became of the signals that passed the filter.
	 * @return a snapshot
	 */
	public OutcomeStats stats() {
		return this.recorder.snapshot();
	}

	/**
	 * Who speaks.
	 * @return the application and machine
	 */
	public ServiceIdentity service() {
		return this.service;
	}

	/**
	 * The clock that signals are stamped by.
	 * @return the clock
	 */
	public InstantSource clock() {
		return this.clock;
	}

	/**
	 * The monotonic clock that durations and rate limits are measured by.
	 * @return nanoseconds since some moment
	 */
	public LongSupplier nanoTime() {
		return this.nanoTime;
	}

	/**
	 * The tracing system that spans are shared with.
	 * @return the door to it
	 */
	public Tracing tracing() {
		return this.tracing;
	}

	/**
	 * Where numbers go besides the signals.
	 * @return the sink
	 */
	public MeterSink meters() {
		return this.meters;
	}

	/**
	 * Waits until everything that was published before is handled and written out.
	 * @param timeout how long to wait in all
	 * @return whether all handlers were done in time
	 * @throws InterruptedException if the waiting thread is interrupted
	 */
	public boolean flush(Duration timeout) throws InterruptedException {
		long deadline = System.nanoTime() + timeout.toNanos();
		boolean done = true;
		for (Route route : this.state.routes) {
			done &= route.entry().lane.flush(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
		}
		return done;
	}

	/**
	 * Refuses what comes from now on, drains every handler for at most its drain timeout
	 * and closes it. Handlers drain at the same time. Idempotent.
	 * @throws IllegalStateException if a handler calls this while it handles a signal;
	 * every other handler is closed then
	 */
	@Override
	public void close() {
		List<HandlerEntry> entries;
		synchronized (this.monitor) {
			entries = List.copyOf(this.handlers.values());
			this.state = compile(false, this.settings);
			OpenPipelines.remove(this);
			if (this.timer != null) {
				this.timer.shutdownNow();
			}
		}
		entries.forEach((entry) -> entry.lane.beginClose());
		closeAll(entries);
	}

	private static void closeAll(List<HandlerEntry> entries) {
		Throwable failure = null;
		for (HandlerEntry entry : entries) {
			try {
				entry.lane.close();
			}
			catch (RuntimeException | Error ex) {
				// The one that can't be closed here must not keep the others open.
				failure = (failure != null) ? failure : ex;
			}
		}
		if (failure instanceof Error error) {
			throw error;
		}
		if (failure != null) {
			throw (RuntimeException) failure;
		}
	}

	State state() {
		return this.state;
	}

	OutcomeRecorder recorder() {
		return this.recorder;
	}

	/**
	 * Compiles the state anew, so that every gate looks again at what it decides by.
	 */
	void recompile() {
		synchronized (this.monitor) {
			this.state = compile(this.state.open, this.settings);
		}
	}

	/**
	 * Wants signals for those who capture them, or no longer.
	 */
	void adaptToCaptures() {
		synchronized (this.monitor) {
			if (this.state.capturing != OpenPipelines.isCapturing()) {
				recompile();
			}
		}
	}

	private State compile(boolean open, LiveSettings<PipelineSettings> settings) {
		return new State(open, settings.effective(), this.state.limiters, routes(), OpenPipelines.isCapturing());
	}

	private List<Route> routes() {
		List<Route> routes = new ArrayList<>();
		this.handlers.values().forEach((entry) -> routes.add(Route.of(entry, entry.settings.effective())));
		routes.sort(Comparator.comparingInt((Route route) -> -route.options().priority()));
		return routes;
	}

	private @Nullable Instant expiry(@Nullable Duration expiresIn) {
		if (expiresIn == null) {
			return null;
		}
		if (expiresIn.isNegative() || expiresIn.isZero()) {
			throw new IllegalArgumentException("expiresIn must be above zero, not " + expiresIn);
		}
		return this.clock.instant().plus(expiresIn);
	}

	private void scheduleExpiry() {
		Instant next = this.settings.nextExpiry();
		for (HandlerEntry entry : this.handlers.values()) {
			Instant other = entry.settings.nextExpiry();
			next = (next == null || (other != null && other.isBefore(next))) ? other : next;
		}
		if (next == null || !this.state.open) {
			return;
		}
		if (this.timer == null) {
			this.timer = new ScheduledThreadPoolExecutor(1, (task) -> {
				Thread thread = new Thread(task, "telemetry-expiry");
				thread.setDaemon(true);
				return thread;
			});
			this.timer.setRemoveOnCancelPolicy(true);
		}
		this.timer.getQueue().clear();
		// One millisecond later, so that the clock is past the end and not just before
		// it.
		long delay = Math.max(0, Duration.between(this.clock.instant(), next).toMillis()) + 1;
		this.timer.schedule(this::expire, delay, TimeUnit.MILLISECONDS);
	}

	private void expire() {
		synchronized (this.monitor) {
			Instant now = this.clock.instant();
			this.settings = this.settings.expire(now);
			this.handlers.values().forEach((entry) -> entry.settings = entry.settings.expire(now));
			recompile();
			scheduleExpiry();
		}
	}

	/**
	 * Collects what a pipeline starts with. Not safe for several threads.
	 */
	public static final class Builder {

		private ServiceIdentity service = ServiceIdentity.UNKNOWN;

		private PipelineSettings settings = PipelineSettings.DEFAULTS;

		private InstantSource clock = new AnchoredClock(Clock.systemUTC(), System::nanoTime);

		private LongSupplier nanoTime = System::nanoTime;

		private Tracing tracing = Tracing.NONE;

		private MeterSink meters = MeterSink.NONE;

		private boolean closeAtShutdown;

		private final List<ContextSource> contextSources = new ArrayList<>();

		private HandlerFaultListener faults = new LoggingFaultListener(Duration.ofMinutes(1));

		private final Map<String, Handler> handlers = new LinkedHashMap<>();

		private Builder() {
		}

		/**
		 * Sets who speaks.
		 * @param service the application and machine
		 * @return this builder
		 */
		public Builder service(ServiceIdentity service) {
			this.service = Objects.requireNonNull(service, "service");
			return this;
		}

		/**
		 * Sets what is let through.
		 * @param settings the settings
		 * @return this builder
		 */
		public Builder settings(PipelineSettings settings) {
			this.settings = Objects.requireNonNull(settings, "settings");
			return this;
		}

		/**
		 * Changes what is let through.
		 * @param change makes other settings of those so far
		 * @return this builder
		 */
		public Builder settings(UnaryOperator<PipelineSettings> change) {
			return settings(change.apply(this.settings));
		}

		/**
		 * Sets the clock that signals are stamped by; without it, the system's, whose
		 * steps are seen within ten milliseconds.
		 * @param clock the clock
		 * @return this builder
		 */
		public Builder clock(InstantSource clock) {
			this.clock = Objects.requireNonNull(clock, "clock");
			return this;
		}

		/**
		 * Sets the monotonic clock that durations and rate limits are measured by.
		 * @param nanoTime nanoseconds since some moment
		 * @return this builder
		 */
		public Builder nanoTime(LongSupplier nanoTime) {
			this.nanoTime = Objects.requireNonNull(nanoTime, "nanoTime");
			return this;
		}

		/**
		 * Sets the tracing system that spans are shared with; without it spans are our
		 * own.
		 * @param tracing the door to it
		 * @return this builder
		 */
		public Builder tracing(Tracing tracing) {
			this.tracing = Objects.requireNonNull(tracing, "tracing");
			return this;
		}

		/**
		 * Sets where numbers go besides the signals; without it nowhere.
		 * @param meters the sink
		 * @return this builder
		 */
		public Builder meters(MeterSink meters) {
			this.meters = Objects.requireNonNull(meters, "meters");
			return this;
		}

		/**
		 * Adds a source of context, such as the MDC.
		 * @param source read for every signal that is let through
		 * @return this builder
		 */
		public Builder contextSource(ContextSource source) {
			this.contextSources.add(Objects.requireNonNull(source, "source"));
			return this;
		}

		/**
		 * Closes the pipeline when the Java virtual machine shuts down, so that queues
		 * are drained. One shutdown hook serves all pipelines. Not for where something
		 * else closes it, such as a Spring container.
		 * @return this builder
		 */
		public Builder closeAtShutdown() {
			this.closeAtShutdown = true;
			return this;
		}

		/**
		 * Sets who is told of faults; without it the platform's log is.
		 * @param faults the listener
		 * @return this builder
		 */
		public Builder faultListener(HandlerFaultListener faults) {
			this.faults = Objects.requireNonNull(faults, "faults");
			return this;
		}

		/**
		 * Adds a handler.
		 * @param name its name
		 * @param handler the handler
		 * @param options what it is given and how
		 * @return this builder
		 * @throws IllegalArgumentException if the name is taken
		 */
		public Builder handler(String name, SignalHandler handler, HandlerOptions options) {
			if (this.handlers.putIfAbsent(name, new Handler(handler, options)) != null) {
				throw new IllegalArgumentException("There is a handler '" + name + "' already");
			}
			return this;
		}

		/**
		 * The pipeline.
		 * @return a new pipeline; whoever calls this closes it
		 * @throws IllegalArgumentException if settings contradict themselves; the
		 * handlers are closed then
		 */
		public SignalPipeline build() {
			try {
				// Before any handler is given a thread
				SignalFilter.of(this.settings.filter());
				this.handlers.values().forEach((handler) -> SignalFilter.of(handler.options().filter()));
				SignalPipeline pipeline = new SignalPipeline(this);
				OpenPipelines.add(pipeline, this.closeAtShutdown);
				return pipeline;
			}
			catch (RuntimeException ex) {
				this.handlers.values().forEach((handler) -> close(handler.handler(), ex));
				throw ex;
			}
		}

		private static void close(SignalHandler handler, RuntimeException failure) {
			try {
				handler.close();
			}
			catch (IOException | RuntimeException ex) {
				failure.addSuppressed(ex);
			}
		}

		private record Handler(SignalHandler handler, HandlerOptions options) {
		}

	}

}
