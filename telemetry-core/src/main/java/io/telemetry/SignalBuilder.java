package io.telemetry;

import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

import io.telemetry.limit.KeyedRateLimiter;
import io.telemetry.limit.RateLimiter;
import io.telemetry.pipeline.Admission;
import io.telemetry.pipeline.CallOptions;
import io.telemetry.pipeline.Gate;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Delivery;
import io.telemetry.signal.ErrorData;
import io.telemetry.signal.Fields;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Location;
import io.telemetry.signal.Measurement;
import io.telemetry.signal.Run;
import io.telemetry.signal.Signal;
import io.telemetry.signal.Uid;
import io.telemetry.transform.SignalTransform;
import org.jspecify.annotations.Nullable;

/**
 * One signal in the making, after SLF4J's fluent calls. Nothing is sent without
 * {@link #emit()}, which makes one signal each time, or {@link #observe}. Not safe for
 * several threads.
 */
public final class SignalBuilder {

	/** Takes nothing in: every method leaves it as it is. */
	static final SignalBuilder REFUSED = new SignalBuilder(null, Level.TRACE, Kind.LOG);

	/** Room for four fields. */
	private static final int FIRST_FIELDS = 8;

	private final @Nullable Gate gate;

	private final Level level;

	private final Kind kind;

	private @Nullable String id;

	private @Nullable Uid uid;

	private @Nullable Instant timestamp;

	private @Nullable String message;

	private @Nullable Supplier<String> messageSupplier;

	private Map<String, ?> data = Map.of();

	private @Nullable Supplier<? extends Map<String, ?>> dataSupplier;

	/** Names and values in turn. */
	private @Nullable Object @Nullable [] fields;

	private int fieldsLength;

	/** Whether the array belongs to a signal now and must not change any more. */
	private boolean fieldsGivenAway;

	private Map<String, ?> context = Map.of();

	private @Nullable Throwable throwable;

	private @Nullable ErrorData error;

	private @Nullable Location location;

	private @Nullable Measurement measurement;

	private @Nullable Run run;

	private boolean withResult = true;

	private boolean logged;

	private @Nullable Delivery delivery;

	private CallOptions options = CallOptions.NONE;

	SignalBuilder(@Nullable Gate gate, Level level, Kind kind) {
		this.gate = gate;
		this.level = level;
		this.kind = kind;
	}

	/**
	 * Whether the filter refused it already, so that gathering more is in vain.
	 * @return {@code true} if {@link #emit()} will do nothing
	 */
	public boolean isRefused() {
		return this.gate == null;
	}

	/**
	 * Sets the id.
	 * @param id what happened, as a name that stays the same
	 * @return this builder
	 */
	public SignalBuilder id(@Nullable String id) {
		if (this.gate != null) {
			this.id = id;
		}
		return this;
	}

	/**
	 * Sets the message.
	 * @param message what happened, in words
	 * @return this builder
	 */
	public SignalBuilder message(@Nullable String message) {
		if (this.gate != null) {
			this.message = message;
			this.messageSupplier = null;
		}
		return this;
	}

	/**
	 * Sets what makes the message, once, on this thread, when the signal is let through;
	 * a message that was set before does not count.
	 * @param message makes what happened, in words
	 * @return this builder
	 */
	public SignalBuilder message(Supplier<String> message) {
		if (this.gate != null) {
			this.messageSupplier = message;
		}
		return this;
	}

	/**
	 * Sets all data.
	 * @param data what happened, in fields
	 * @return this builder
	 */
	public SignalBuilder data(Map<String, ?> data) {
		if (this.gate != null) {
			this.data = Objects.requireNonNull(data, "data");
			this.dataSupplier = null;
			this.fields = null;
			this.fieldsLength = 0;
		}
		return this;
	}

	/**
	 * Sets what makes all data, once, on this thread, when the signal is let through.
	 * Fields that are set one by one are added to it.
	 * @param data makes what happened, in fields
	 * @return this builder
	 */
	public SignalBuilder data(Supplier<? extends Map<String, ?>> data) {
		if (this.gate != null) {
			this.dataSupplier = data;
		}
		return this;
	}

	/**
	 * Adds one field to the data, or replaces it.
	 * @param name its name
	 * @param value its value
	 * @return this builder
	 */
	public SignalBuilder data(String name, @Nullable Object value) {
		if (this.gate != null) {
			putField(Objects.requireNonNull(name, "name"), value);
		}
		return this;
	}

	private void putField(String name, @Nullable Object value) {
		@Nullable Object[] pairs = this.fields;
		if (pairs == null) {
			pairs = new @Nullable Object[FIRST_FIELDS];
			this.fields = pairs;
		}
		else if (this.fieldsGivenAway) {
			pairs = pairs.clone();
			this.fields = pairs;
			this.fieldsGivenAway = false;
		}
		int i = 0;
		while (i < this.fieldsLength && !name.equals(pairs[i])) {
			i += 2;
		}
		if (i == pairs.length) {
			pairs = Arrays.copyOf(pairs, 2 * i);
			this.fields = pairs;
		}
		pairs[i] = name;
		pairs[i + 1] = value;
		this.fieldsLength = Math.max(this.fieldsLength, i + 2);
	}

	/**
	 * Adds to the context in force, for this signal alone. What was added so before does
	 * not count.
	 * @param context what was going on around it
	 * @return this builder
	 */
	public SignalBuilder context(Map<String, ?> context) {
		if (this.gate != null) {
			this.context = Objects.requireNonNull(context, "context");
		}
		return this;
	}

	/**
	 * Sets the exception.
	 * @param throwable the exception
	 * @return this builder
	 */
	public SignalBuilder error(@Nullable Throwable throwable) {
		if (this.gate != null) {
			this.throwable = throwable;
			this.error = null;
		}
		return this;
	}

	/**
	 * Sets the failure as data, for one that is no exception of this process. Nor is its
	 * place in this source, so the caller's is not looked for.
	 * @param error the failure
	 * @return this builder
	 */
	public SignalBuilder error(@Nullable ErrorData error) {
		if (this.gate != null) {
			this.error = error;
		}
		return this;
	}

	/**
	 * Sets the identity; without it a new one is made.
	 * @param uid the identity
	 * @return this builder
	 */
	public SignalBuilder uid(@Nullable Uid uid) {
		if (this.gate != null) {
			this.uid = uid;
		}
		return this;
	}

	/**
	 * Sets the time; without it the pipeline's clock is read.
	 * @param timestamp when it happened
	 * @return this builder
	 */
	public SignalBuilder timestamp(@Nullable Instant timestamp) {
		if (this.gate != null) {
			this.timestamp = timestamp;
		}
		return this;
	}

	/**
	 * Sets the place in the source; without it the caller's is found if the pipeline's
	 * settings ask for places at this level.
	 * @param location the place
	 * @return this builder
	 */
	public SignalBuilder location(@Nullable Location location) {
		if (this.gate != null) {
			this.location = location;
		}
		return this;
	}

	/**
	 * Sets what was measured.
	 * @param measurement the measurement
	 * @return this builder
	 */
	public SignalBuilder measurement(@Nullable Measurement measurement) {
		if (this.gate != null) {
			this.measurement = measurement;
		}
		return this;
	}

	/**
	 * Sets the piece of work or the place in a trace; without it the span in force.
	 * @param run the run
	 * @return this builder
	 */
	public SignalBuilder run(@Nullable Run run) {
		if (this.gate != null) {
			this.run = run;
		}
		return this;
	}

	/**
	 * Sets whether the application's own log or console has it already: it is made from
	 * what was written there, and the handler that writes to that log leaves it out.
	 * @param logged {@code false} for what the application has not written yet
	 * @return this builder
	 */
	public SignalBuilder logged(boolean logged) {
		if (this.gate != null) {
			this.logged = logged;
		}
		return this;
	}

	/**
	 * Sets who keeps the signal until it is delivered, and can send it again.
	 * @param delivery is told by handlers that are to lose nothing, or {@code null} where
	 * nobody keeps it
	 * @return this builder
	 */
	public SignalBuilder delivery(@Nullable Delivery delivery) {
		if (this.gate != null) {
			this.delivery = delivery;
		}
		return this;
	}

	/**
	 * Sets the share of such signals that goes on. Multiplies with the configured rates.
	 * @param sampleRate 0 to 1
	 * @return this builder
	 * @throws IllegalArgumentException if the rate is not a share, and the filter has not
	 * refused the signal already
	 */
	public SignalBuilder sampleRate(double sampleRate) {
		if (this.gate != null) {
			this.options = this.options.withSampleRate(sampleRate);
		}
		return this;
	}

	/**
	 * Sets a rate limit of this call. Its memory is the limiter, so it belongs into a
	 * constant: <pre>{@code
	 * private static final RateLimiter FIVE_A_MINUTE = RateLimiter.of("5/1m");
	 * }</pre>
	 * @param limiter how many go on in a time
	 * @return this builder
	 */
	public SignalBuilder limit(RateLimiter limiter) {
		if (this.gate != null) {
			this.options = this.options.withLimiter(limiter);
		}
		return this;
	}

	/**
	 * Sets a rate limit of this call by a key, such as the user. Its memory is the
	 * limiter, so it belongs into a constant. May stand beside one without a key; both
	 * hold then.
	 * @param limiter how many go on in a time
	 * @param key whose budget it is
	 * @return this builder
	 */
	public SignalBuilder limit(KeyedRateLimiter limiter, String key) {
		if (this.gate != null) {
			this.options = this.options.withLimiter(limiter, key);
		}
		return this;
	}

	/**
	 * Sets what happens to this signal before the pipeline's own transforms; another one
	 * set before does not count.
	 * @param transform changes, replaces or drops it
	 * @return this builder
	 */
	public SignalBuilder transform(SignalTransform transform) {
		if (this.gate != null) {
			this.options = this.options.withTransform(transform);
		}
		return this;
	}

	/**
	 * Sets whether a trace or spy records what the work returned, as it does otherwise.
	 * @param withResult {@code false} to leave it out
	 * @return this builder
	 */
	public SignalBuilder withResult(boolean withResult) {
		if (this.gate != null) {
			this.withResult = withResult;
		}
		return this;
	}

	/**
	 * Sends the signal if it is let through. Never throws what a supplier, transform or
	 * handler throws.
	 * @return {@code false} if the pipeline's filter refused it, or a sampler or rate
	 * limit did; what happens after the data was made is not told
	 */
	public boolean emit() {
		if (this.gate == null) {
			return false;
		}
		Admission admission = this.gate.admit(this.level, this.kind, this.id, this.options);
		if (admission == null) {
			return false;
		}
		Signal.Builder signal = begin(admission);
		if (signal != null) {
			publish(admission, signal);
		}
		return true;
	}

	/**
	 * Does a piece of work and sends a signal of how long it took and what it returned or
	 * threw. Where the kind is {@link Kind#TRACE} the work is a span: signals made
	 * meanwhile, on this thread or wherever the context flows, tell that they belong to
	 * it. Work that returns a {@link java.util.concurrent.CompletionStage} ends when that
	 * does, and a Reactor {@code Mono} or {@code Flux} when its subscription does. Work
	 * that the filter refuses is just done.
	 * @param <T> what it returns
	 * @param <X> what it may throw
	 * @param work the work
	 * @return what the work returned; for a {@code Mono} or {@code Flux} another one that
	 * wraps it
	 * @throws X what the work threw
	 */
	public <T extends @Nullable Object, X extends Exception> T observe(Work<T, X> work) throws X {
		return (this.gate != null) ? new ObservedWork(this, this.gate).call(work) : work.call();
	}

	/**
	 * Begins the signal, with everything but what only its end can tell.
	 * @return a builder, or {@code null} if it failed, which is counted
	 */
	Signal.@Nullable Builder begin(Admission admission) {
		SignalPipeline pipeline = admission.pipeline();
		Gate gate = Objects.requireNonNull(this.gate);
		String message = Supplied.message(admission, this.message, this.messageSupplier);
		Map<String, ? extends @Nullable Object> data = (this.dataSupplier != null)
				? Supplied.data(admission, this.dataSupplier) : this.data;
		try {
			Signal.Builder signal = pipeline.begin(this.level, this.kind, gate.namespace())
				.id(this.id)
				.uid(this.uid)
				.message(message)
				.data(withFields(data))
				.throwable(this.throwable)
				.measurement(this.measurement)
				.sampleRate(admission.sampleRate())
				.suppressed(admission.suppressed());
			addOptional(signal, admission);
			return signal;
		}
		catch (Throwable ex) {
			admission.fail(ex);
			return null;
		}
	}

	private Map<String, ? extends @Nullable Object> withFields(Map<String, ? extends @Nullable Object> data) {
		if (this.fields == null) {
			return data;
		}
		Map<String, @Nullable Object> fields = Fields.ofPairs(this.fields, this.fieldsLength);
		this.fieldsGivenAway = true;
		return Fields.merged(data, fields);
	}

	private void addOptional(Signal.Builder signal, Admission admission) {
		if (!this.context.isEmpty()) {
			signal.addContext(this.context);
		}
		if (this.error != null) {
			signal.error(this.error);
		}
		if (this.logged) {
			signal.logged(true);
		}
		if (this.delivery != null) {
			signal.delivery(this.delivery);
		}
		if (this.timestamp != null) {
			signal.timestamp(this.timestamp);
		}
		if (this.run != null) {
			signal.run(this.run);
		}
		if (this.location != null) {
			signal.location(this.location);
		}
		else if (this.error == null && admission.wantsLocation(this.level)) {
			signal.location(Caller.location());
		}
	}

	/**
	 * Builds the signal and sends it on.
	 */
	static void publish(Admission admission, Signal.Builder signal) {
		Signal built;
		try {
			built = signal.build();
		}
		catch (Throwable ex) {
			// A map that changes while it is copied, for instance.
			admission.fail(ex);
			return;
		}
		admission.publish(built);
	}

	Level level() {
		return this.level;
	}

	Kind kind() {
		return this.kind;
	}

	@Nullable String id() {
		return this.id;
	}

	boolean isWithResult() {
		return this.withResult;
	}

	CallOptions options() {
		return this.options;
	}

}
