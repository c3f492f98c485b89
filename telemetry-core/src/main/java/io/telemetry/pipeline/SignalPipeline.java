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
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

import io.telemetry.filter.Refusal;
import io.telemetry.filter.SignalFilter;
import io.telemetry.handler.HandlerFault;
import io.telemetry.handler.HandlerFaultListener;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.handler.SignalHandler;
import io.telemetry.pipeline.State.Route;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
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

	/** Private, so that nobody outside can hold it. */
	private final Object monitor = new Object();

	private final ServiceIdentity service;

	private final InstantSource clock;

	private final HandlerFaultListener faults;

	private final OutcomeRecorder recorder = new OutcomeRecorder();

	private final Map<String, HandlerEntry> handlers = new LinkedHashMap<>();

	private LiveSettings<PipelineSettings> settings;

	private @Nullable ScheduledThreadPoolExecutor timer;

	private volatile State state;

	private SignalPipeline(Builder builder) {
		this.service = builder.service;
		this.clock = builder.clock;
		this.faults = builder.faults;
		this.settings = LiveSettings.of(builder.settings);
		this.state = new State(true, builder.settings, List.of());
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
		return new Gate(this, namespace);
	}

	/**
	 * Sends a signal that a {@link Gate} let through to the handlers, after the
	 * transforms. Never throws what a handler or transform throws.
	 * @param signal the signal
	 */
	public void publish(Signal signal) {
		State current = this.state;
		Signal transformed = transform(signal, current.settings.transforms(), null);
		if (transformed == null) {
			this.recorder.count(Outcome.TRANSFORMED);
			return;
		}
		this.recorder.count(Outcome.DISPATCHED);
		for (Route route : current.routes) {
			if (route.options().enabled()) {
				dispatch(transformed, route);
			}
		}
	}

	private void dispatch(Signal signal, Route route) {
		HandlerEntry entry = route.entry();
		entry.recorder.received();
		if (!route.filter().allows(signal.level(), signal.kind(), signal.namespace(), signal.id())) {
			entry.recorder.count(Outcome.FILTERED);
			return;
		}
		if (!route.sampler().sample()) {
			entry.recorder.count(Outcome.SAMPLED);
			return;
		}
		Signal given = signal;
		double rate = route.sampler().rate();
		if (rate != 1) {
			given = given.toBuilder().sampleRate(signal.sampleRate() * rate).build();
		}
		Signal transformed = transform(given, route.options().transforms(), entry.name);
		if (transformed == null) {
			entry.recorder.count(Outcome.TRANSFORMED);
			return;
		}
		entry.lane.accept(transformed);
	}

	private @Nullable Signal transform(Signal signal, List<SignalTransform> transforms, @Nullable String handler) {
		Signal result = signal;
		for (int i = 0; i < transforms.size(); i++) {
			try {
				Signal next = transforms.get(i).transform(result);
				if (next == null) {
					return null;
				}
				result = next;
			}
			catch (RuntimeException | StackOverflowError ex) {
				report(new HandlerFault(handler, HandlerFault.Type.TRANSFORM, 1, result, ex));
			}
		}
		return result;
	}

	/**
	 * Tells the fault listener of something that went wrong on the way to the handlers.
	 * @param fault what went wrong
	 */
	public void report(HandlerFault fault) {
		try {
			this.faults.onFault(fault);
		}
		catch (RuntimeException | StackOverflowError ex) {
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
			this.handlers.put(name, new HandlerEntry(name, handler, options, this.faults));
			recompile();
		}
	}

	/**
	 * Removes a handler and closes it, which waits at most its drain timeout.
	 * @param name its name
	 * @return whether there was one
	 */
	public boolean removeHandler(String name) {
		HandlerEntry entry;
		synchronized (this.monitor) {
			entry = this.handlers.remove(name);
			if (entry == null) {
				return false;
			}
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
				entry.lane.latency());
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
			State next = new State(this.state.open, changed.effective(), routes());
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
			if (refusal == null && current.sampleRate(namespace) == 0) {
				refusal = new Refusal(Refusal.Step.SAMPLED, "the sample rate of ns '" + namespace + "' is 0");
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
	 */
	@Override
	public void close() {
		List<HandlerEntry> entries;
		synchronized (this.monitor) {
			entries = List.copyOf(this.handlers.values());
			this.state = new State(false, this.settings.effective(), routes());
			if (this.timer != null) {
				this.timer.shutdownNow();
			}
		}
		entries.forEach((entry) -> entry.lane.beginClose());
		entries.forEach((entry) -> entry.lane.close());
	}

	State state() {
		return this.state;
	}

	OutcomeRecorder recorder() {
		return this.recorder;
	}

	private void recompile() {
		this.state = new State(this.state.open, this.settings.effective(), routes());
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

		private InstantSource clock = Clock.systemUTC();

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
		 * Sets the clock that signals are stamped by.
		 * @param clock the clock
		 * @return this builder
		 */
		public Builder clock(InstantSource clock) {
			this.clock = Objects.requireNonNull(clock, "clock");
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
				return new SignalPipeline(this);
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
