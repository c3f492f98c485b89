package io.telemetry;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import io.telemetry.context.Scope;
import io.telemetry.context.SignalContext;
import io.telemetry.metric.Meter;
import io.telemetry.pipeline.Admission;
import io.telemetry.pipeline.Explanation;
import io.telemetry.pipeline.Gate;
import io.telemetry.pipeline.GlobalPipeline;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Measurement;
import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;

/**
 * Makes signals for one namespace, by custom a class. Stateless and cheap: a facade over
 * the application's {@link SignalPipeline}. Safe for several threads.
 * <p>
 * A signal that the filter refuses costs a comparison and allocates nothing; where
 * building its message or data costs more, give suppliers, which run once, on the calling
 * thread, only for a signal that is let through. No method throws what a supplier,
 * transform or handler throws; what {@linkplain Work work} throws goes on to the caller.
 * <pre>{@code
 * telemetry.log(Level.INFO, "Order placed", Map.of("orderId", id));
 * telemetry.event("shop/checkout");
 * telemetry.error(exception);
 * telemetry.signal(Level.WARN).id("shop/stock-low").data("left", left).emit();
 * }</pre> The names are Telemere's.
 */
public final class Telemetry {

	private static final String MILLISECONDS = "ms";

	private static final double NANOS_PER_MILLISECOND = 1_000_000;

	private final Gate gate;

	/**
	 * A facade over a pipeline.
	 * @param pipeline the pipeline
	 * @param namespace who speaks
	 */
	public Telemetry(SignalPipeline pipeline, String namespace) {
		this(pipeline.gate(Objects.requireNonNull(namespace, "namespace")));
	}

	private Telemetry(Gate gate) {
		this.gate = gate;
	}

	/**
	 * For code that nobody injects anything into: a facade over whatever pipeline the
	 * process has. Signals made before there is one are kept, up to
	 * {@value GlobalPipeline#CAPACITY}, and sent on then. <pre>{@code
	 * private static final Telemetry TELEMETRY = Telemetry.global(PriceDriver.class);
	 * }</pre>
	 * @param type the class that speaks
	 * @return a facade that can be kept in a constant
	 */
	public static Telemetry global(Class<?> type) {
		return new Telemetry(GlobalPipeline.gate(type.getName()));
	}

	/**
	 * The same for another namespace.
	 * @param namespace who speaks
	 * @return another facade
	 */
	public Telemetry of(String namespace) {
		return new Telemetry(this.gate.of(Objects.requireNonNull(namespace, "namespace")));
	}

	/**
	 * The same for a class.
	 * @param type the class that speaks
	 * @return another facade
	 */
	public Telemetry of(Class<?> type) {
		return of(type.getName());
	}

	/**
	 * Who speaks.
	 * @return the namespace
	 */
	public String namespace() {
		return this.gate.namespace();
	}

	/**
	 * The pipeline behind it: filters, handlers, statistics, and its life.
	 * @return the pipeline
	 */
	public SignalPipeline pipeline() {
		return this.gate.pipeline();
	}

	/**
	 * Whether anything is let through at all.
	 * @return {@code false} if telemetry is switched off
	 */
	public boolean isEnabled() {
		return pipeline().isEnabled();
	}

	/**
	 * The lowest level at which a log of this namespace would be let through.
	 * @return the level, or {@code null} if none would be
	 */
	public @Nullable Level minLevel() {
		int threshold = this.gate.threshold(Kind.LOG);
		return (threshold != Integer.MAX_VALUE) ? Level.of(threshold) : null;
	}

	/**
	 * What would become of a signal of this namespace. Nothing is sent.
	 * @param level the level
	 * @param kind the kind
	 * @param id the id
	 * @return which step would refuse it, for the pipeline and for each handler
	 */
	public Explanation explain(Level level, Kind kind, @Nullable String id) {
		return pipeline().explain(level, kind, namespace(), id);
	}

	/**
	 * Whether a log of a level would be let through, sampling, rate limits and what
	 * depends on data aside. Nothing is sent.
	 * @param level the level
	 * @return {@code false} if it would be refused
	 */
	public boolean allowed(Level level) {
		return this.gate.allows(level, Kind.LOG, null);
	}

	/**
	 * Whether a signal would be let through, sampling, rate limits and what depends on
	 * data aside. Nothing is sent.
	 * @param level the level
	 * @param kind the kind
	 * @param id the id
	 * @return {@code false} if it would be refused
	 */
	public boolean allowed(Level level, Kind kind, @Nullable String id) {
		return this.gate.allows(level, kind, id);
	}

	/**
	 * Logs a message at {@link Level#INFO}.
	 * @param message what happened
	 */
	public void log(String message) {
		log(Level.INFO, message);
	}

	/**
	 * Logs a message.
	 * @param level how important it is
	 * @param message what happened
	 */
	public void log(Level level, String message) {
		Admission admission = this.gate.admit(level, Kind.LOG, null);
		if (admission != null) {
			publish(admission, level, Kind.LOG, null, message, Map.of(), null);
		}
	}

	/**
	 * Logs a message with data.
	 * @param level how important it is
	 * @param message what happened
	 * @param data the same in fields
	 */
	public void log(Level level, String message, Map<String, ?> data) {
		Admission admission = this.gate.admit(level, Kind.LOG, null);
		if (admission != null) {
			publish(admission, level, Kind.LOG, null, message, data, null);
		}
	}

	/**
	 * Logs a message that is made only when it is let through.
	 * @param level how important it is
	 * @param message makes what happened
	 */
	public void log(Level level, Supplier<String> message) {
		Admission admission = this.gate.admit(level, Kind.LOG, null);
		if (admission != null) {
			publish(admission, level, Kind.LOG, null, Supplied.message(admission, message), Map.of(), null);
		}
	}

	/**
	 * Logs a message with data, both made only when it is let through.
	 * @param level how important it is
	 * @param message makes what happened
	 * @param data makes the same in fields
	 */
	public void log(Level level, Supplier<String> message, Supplier<? extends Map<String, ?>> data) {
		Admission admission = this.gate.admit(level, Kind.LOG, null);
		if (admission != null) {
			publish(admission, level, Kind.LOG, null, Supplied.message(admission, message),
					Supplied.data(admission, data), null);
		}
	}

	/**
	 * Tells of an event at {@link Level#INFO}.
	 * @param id its name, such as {@code shop/checkout}
	 */
	public void event(String id) {
		event(Level.INFO, id);
	}

	/**
	 * Tells of an event with data at {@link Level#INFO}.
	 * @param id its name
	 * @param data what is known of it
	 */
	public void event(String id, Map<String, ?> data) {
		event(Level.INFO, id, data);
	}

	/**
	 * Tells of an event.
	 * @param level how important it is
	 * @param id its name
	 */
	public void event(Level level, String id) {
		Admission admission = this.gate.admit(level, Kind.EVENT, id);
		if (admission != null) {
			publish(admission, level, Kind.EVENT, id, null, Map.of(), null);
		}
	}

	/**
	 * Tells of an event with data.
	 * @param level how important it is
	 * @param id its name
	 * @param data what is known of it
	 */
	public void event(Level level, String id, Map<String, ?> data) {
		Admission admission = this.gate.admit(level, Kind.EVENT, id);
		if (admission != null) {
			publish(admission, level, Kind.EVENT, id, null, data, null);
		}
	}

	/**
	 * Tells of an exception at {@link Level#ERROR}. For an id or another level:
	 * {@code signal(level, Kind.ERROR).id(…).error(throwable).emit()}.
	 * @param throwable the exception
	 */
	public void error(Throwable throwable) {
		error(throwable, Map.of());
	}

	/**
	 * Tells of an exception with data at {@link Level#ERROR}.
	 * @param throwable the exception
	 * @param data what is known of it
	 */
	public void error(Throwable throwable, Map<String, ?> data) {
		Admission admission = this.gate.admit(Level.ERROR, Kind.ERROR, null);
		if (admission != null) {
			publish(admission, Level.ERROR, Kind.ERROR, null, Supplied.message(admission, () -> throwable.getMessage()),
					data, throwable);
		}
	}

	/**
	 * Tells of a failure that is no exception at {@link Level#ERROR}.
	 * @param message what failed
	 */
	public void error(String message) {
		error(message, Map.of());
	}

	/**
	 * Tells of a failure that is no exception, with data, at {@link Level#ERROR}.
	 * @param message what failed
	 * @param data what is known of it
	 */
	public void error(String message, Map<String, ?> data) {
		Admission admission = this.gate.admit(Level.ERROR, Kind.ERROR, null);
		if (admission != null) {
			publish(admission, Level.ERROR, Kind.ERROR, null, message, data, null);
		}
	}

	/**
	 * Begins a signal of kind {@link Kind#LOG} at {@link Level#INFO} of which every other
	 * field can be set.
	 * @return a builder, to be ended with {@link SignalBuilder#emit()}
	 */
	public SignalBuilder signal() {
		return signal(Level.INFO);
	}

	/**
	 * Begins a signal of kind {@link Kind#LOG} of which every other field can be set.
	 * Where the filter refuses the level for logs, the builder is a shared one that takes
	 * nothing in.
	 * @param level how important it is
	 * @return a builder, to be ended with {@link SignalBuilder#emit()}
	 */
	public SignalBuilder signal(Level level) {
		return signal(level, Kind.LOG);
	}

	/**
	 * Begins a signal of a kind of which every other field can be set. Where the filter
	 * refuses level and kind, the builder is a shared one that takes nothing in.
	 * @param level how important it is
	 * @param kind what sort of thing it is
	 * @return a builder, to be ended with {@link SignalBuilder#emit()}
	 */
	public SignalBuilder signal(Level level, Kind kind) {
		return this.gate.allows(level, kind) ? new SignalBuilder(this.gate, level, kind) : SignalBuilder.REFUSED;
	}

	/**
	 * Does a piece of work as a span and tells of it at {@link Level#INFO}: how long it
	 * took, what it returned or threw. Signals made meanwhile belong to it, on this
	 * thread and wherever the context flows; so do spans inside it. Work that returns a
	 * {@link java.util.concurrent.CompletionStage}, {@code Mono} or {@code Flux} ends
	 * when that does. Work that throws is told of at the same level, with the exception.
	 * The time of the signal is that of the work's beginning. For another level, data or
	 * no result: {@code signal(level, Kind.TRACE).id(…)…observe(work)}.
	 * @param <T> what it returns
	 * @param <X> what it may throw
	 * @param id what is done
	 * @param work the work
	 * @return what the work returned
	 * @throws X what the work threw
	 */
	public <T extends @Nullable Object, X extends Exception> T trace(String id, Work<T, X> work) throws X {
		return signal(Level.INFO, Kind.TRACE).id(id).observe(work);
	}

	/**
	 * Does a piece of work that returns nothing as a span, as
	 * {@link #trace(String, Work)} does.
	 * @param <X> what it may throw
	 * @param id what is done
	 * @param work the work
	 * @throws X what the work threw
	 */
	public <X extends Exception> void trace(String id, Work.Silent<X> work) throws X {
		trace(id, work.asWork());
	}

	/**
	 * Sets an attribute of the innermost span that runs here; it becomes a field of its
	 * data. Does nothing where none runs.
	 * @param name the attribute's name
	 * @param value its value
	 */
	public void attribute(String name, @Nullable Object value) {
		BiConsumer<String, @Nullable Object> attributes = SignalContext.current().attributes();
		if (attributes != null) {
			attributes.accept(name, value);
		}
	}

	/**
	 * Looks at a value as it goes by: makes a signal with it as the
	 * {@linkplain io.telemetry.signal.Run#result() result} and returns it. For an id:
	 * {@code signal(level, Kind.SPY).id(…).observe(work)}.
	 * @param <T> what the value is
	 * @param <X> what making it may throw
	 * @param level how important it is
	 * @param work makes the value
	 * @return the value
	 * @throws X what the work threw, which is told of, too
	 */
	public <T extends @Nullable Object, X extends Exception> T spy(Level level, Work<T, X> work) throws X {
		return signal(level, Kind.SPY).observe(work);
	}

	/**
	 * Does a piece of work and tells of the exception that it throws, at
	 * {@link Level#ERROR}.
	 * @param <T> what it returns
	 * @param <X> what it may throw
	 * @param work the work
	 * @return what the work returned
	 * @throws X what the work threw
	 */
	public <T extends @Nullable Object, X extends Exception> T catchToError(Work<T, X> work) throws X {
		try {
			return work.call();
		}
		catch (Throwable ex) {
			error(ex);
			throw ex;
		}
	}

	/**
	 * Does a piece of work and, where it throws an exception, tells of that at
	 * {@link Level#ERROR} and goes on with a fallback. An {@link Error} is told of and
	 * thrown.
	 * @param <T> what it returns
	 * @param work the work
	 * @param fallback what to return instead
	 * @return what the work returned, or the fallback
	 */
	public <T extends @Nullable Object> T catchToError(Work<T, ?> work, T fallback) {
		try {
			return work.call();
		}
		catch (Exception ex) {
			error(ex);
			return fallback;
		}
		catch (Error ex) {
			error(ex);
			throw ex;
		}
	}

	/**
	 * Opens a scope in which every signal has more context, on this thread and wherever
	 * the context flows. <pre>{@code
	 * try (Scope scope = telemetry.withContext(Map.of("order", id))) {
	 *     // signals made here have the field "order"
	 * }
	 * }</pre>
	 * @param fields what is added; a field of the same name is replaced until the scope
	 * is closed
	 * @return the scope, to be closed on the same thread
	 */
	public Scope withContext(Map<String, ? extends @Nullable Object> fields) {
		return SignalContext.current().with(fields).open();
	}

	/**
	 * Does a piece of work in which every signal has more context.
	 * @param <T> what it returns
	 * @param <X> what it may throw
	 * @param fields what is added
	 * @param work the work
	 * @return what the work returned
	 * @throws X what the work threw
	 */
	public <T extends @Nullable Object, X extends Exception> T withContext(
			Map<String, ? extends @Nullable Object> fields, Work<T, X> work) throws X {
		Scope scope = withContext(fields);
		try {
			return work.call();
		}
		finally {
			scope.close();
		}
	}

	/**
	 * Tells how long something took, at {@link Level#INFO}.
	 * @param name what took so long
	 * @param millis how long, in milliseconds
	 */
	public void performance(String name, double millis) {
		performance(name, millis, Map.of());
	}

	/**
	 * Tells how long something took, with data, at {@link Level#INFO}: a histogram with
	 * the unit {@code ms}.
	 * @param name what took so long
	 * @param millis how long, in milliseconds
	 * @param data what is known of it
	 */
	public void performance(String name, double millis, Map<String, ?> data) {
		new MeterRecorder(this.gate, Meter.of(Measurement.Type.HISTOGRAM, name).withUnit(MILLISECONDS), Level.INFO)
			.record(millis, data);
	}

	/**
	 * Does a piece of work and tells how long it took, as {@link #performance} does. Work
	 * that returns a {@link java.util.concurrent.CompletionStage}, {@code Mono} or
	 * {@code Flux} ends when that does, or its subscription.
	 * @param <T> what it returns
	 * @param <X> what it may throw
	 * @param name what is done
	 * @param work the work
	 * @return what the work returned; for a {@code Mono} or {@code Flux} another one that
	 * wraps it
	 * @throws X what the work threw; the data has a field {@code error} with its type
	 * then
	 */
	public <T extends @Nullable Object, X extends Exception> T withTiming(String name, Work<T, X> work) throws X {
		return new TimedWork(pipeline().nanoTime(), (millis, data) -> performance(name, millis, data)).call(work);
	}

	/**
	 * A number that only grows. To be kept in a field.
	 * @param name its name, with dots as Micrometer has them, such as {@code shop.orders}
	 * @return the counter
	 */
	public Counter counter(String name) {
		return new Counter(recorder(Measurement.Type.COUNTER, name));
	}

	/**
	 * A number that goes up and down. To be kept in a field.
	 * @param name its name
	 * @return the gauge
	 */
	public Gauge gauge(String name) {
		return new Gauge(recorder(Measurement.Type.GAUGE, name));
	}

	/**
	 * Numbers whose distribution is of interest. To be kept in a field.
	 * @param name its name
	 * @return the histogram
	 */
	public Histogram histogram(String name) {
		return new Histogram(recorder(Measurement.Type.HISTOGRAM, name));
	}

	private MeterRecorder recorder(Measurement.Type type, String name) {
		return new MeterRecorder(this.gate, Meter.of(type, name), Level.DEBUG);
	}

	/**
	 * Starts a module of the application and tells of it: {@code module/loading} before,
	 * {@code module/loaded} with the time it took, or {@code module/failed} with the
	 * exception.
	 * @param <T> what it returns
	 * @param <X> what it may throw
	 * @param module the module's name
	 * @param work starts it
	 * @return what the work returned
	 * @throws X what the work threw
	 */
	public <T extends @Nullable Object, X extends Exception> T module(String module, Work<T, X> work) throws X {
		signal(Level.DEBUG, Kind.SYSTEM).id("module/loading").data("module", module).emit();
		LongSupplier nanoTime = pipeline().nanoTime();
		long start = nanoTime.getAsLong();
		try {
			T result = work.call();
			moduleEnded(Level.INFO, "module/loaded", module, nanoTime.getAsLong() - start, null);
			return result;
		}
		catch (Throwable ex) {
			moduleEnded(Level.ERROR, "module/failed", module, nanoTime.getAsLong() - start, ex);
			throw ex;
		}
	}

	private void moduleEnded(Level level, String id, String module, long nanos, @Nullable Throwable failure) {
		SignalBuilder signal = signal(level, Kind.SYSTEM);
		if (!signal.isRefused()) {
			signal.id(id).data("module", module).data("loadMs", nanos / NANOS_PER_MILLISECOND).error(failure).emit();
		}
	}

	/**
	 * Starts a module that returns nothing, as {@link #module(String, Work)} does.
	 * @param <X> what it may throw
	 * @param module the module's name
	 * @param work starts it
	 * @throws X what the work threw
	 */
	public <X extends Exception> void module(String module, Work.Silent<X> work) throws X {
		module(module, work.asWork());
	}

	/**
	 * The signals that a piece of code makes on this thread and wherever the context
	 * flows: for tests. Whatever the handlers want, all are there that pass the
	 * pipeline's filter, so meanwhile {@link #allowed} is true and suppliers run for
	 * them. See {@link Capture}.
	 * @param <X> what it may throw
	 * @param work the code
	 * @return the signals in the order in which they were made
	 * @throws X what the code threw
	 */
	public <X extends Exception> List<Signal> capture(Work.Silent<X> work) throws X {
		try (Capture capture = Capture.open()) {
			work.run();
			return capture.signals();
		}
	}

	private void publish(Admission admission, Level level, Kind kind, @Nullable String id, @Nullable String message,
			Map<String, ?> data, @Nullable Throwable throwable) {
		Signal signal;
		try {
			Signal.Builder builder = admission.pipeline()
				.begin(level, kind, this.gate.namespace())
				.id(id)
				.message(message)
				.data(data)
				.throwable(throwable)
				.sampleRate(admission.sampleRate())
				.suppressed(admission.suppressed());
			if (admission.wantsLocation(level)) {
				builder.location(Caller.location());
			}
			signal = builder.build();
		}
		catch (Throwable ex) {
			admission.fail(ex);
			return;
		}
		admission.publish(signal);
	}

}
