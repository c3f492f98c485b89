package io.telemetry;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

import io.telemetry.handler.HandlerFault;
import io.telemetry.pipeline.Gate;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.ErrorData;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Location;
import io.telemetry.signal.Measurement;
import io.telemetry.signal.Run;
import io.telemetry.signal.Signal;
import io.telemetry.signal.Uid;
import org.jspecify.annotations.Nullable;

/**
 * One signal in the making, after SLF4J's fluent calls. Nothing is sent before
 * {@link #emit()}. Not safe for several threads.
 */
public final class SignalBuilder {

	/** Takes nothing in: every method leaves it as it is. */
	static final SignalBuilder REFUSED = new SignalBuilder();

	private final @Nullable SignalPipeline pipeline;

	private final @Nullable Gate gate;

	private final Signal.@Nullable Builder signal;

	private final Level level;

	private final Kind kind;

	private @Nullable String id;

	private @Nullable Instant timestamp;

	private @Nullable Supplier<String> message;

	private @Nullable Supplier<? extends Map<String, ?>> data;

	private @Nullable Map<String, @Nullable Object> fields;

	private SignalBuilder() {
		this.pipeline = null;
		this.gate = null;
		this.signal = null;
		this.level = Level.TRACE;
		this.kind = Kind.LOG;
	}

	SignalBuilder(SignalPipeline pipeline, Gate gate, Level level, Kind kind) {
		this.pipeline = pipeline;
		this.gate = gate;
		this.signal = Signal.builder(level, kind, gate.namespace());
		this.level = level;
		this.kind = kind;
	}

	/**
	 * Whether the filter refused it already, so that gathering more is in vain.
	 * @return {@code true} if {@link #emit()} will do nothing
	 */
	public boolean isRefused() {
		return this.signal == null;
	}

	/**
	 * Sets the id.
	 * @param id what happened, as a name that stays the same
	 * @return this builder
	 */
	public SignalBuilder id(@Nullable String id) {
		if (this.signal != null) {
			this.signal.id(id);
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
		if (this.signal != null) {
			this.signal.message(message);
			this.message = null;
		}
		return this;
	}

	/**
	 * Sets what makes the message, once, on this thread, when the signal is let through.
	 * @param message makes what happened, in words
	 * @return this builder
	 */
	public SignalBuilder message(Supplier<String> message) {
		if (this.signal != null) {
			this.message = message;
		}
		return this;
	}

	/**
	 * Sets all data.
	 * @param data what happened, in fields
	 * @return this builder
	 */
	public SignalBuilder data(Map<String, ?> data) {
		if (this.signal != null) {
			this.signal.data(data);
			this.data = null;
			this.fields = null;
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
		if (this.signal != null) {
			this.data = data;
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
		if (this.signal != null) {
			if (this.fields == null) {
				this.fields = new LinkedHashMap<>();
			}
			this.fields.put(name, value);
		}
		return this;
	}

	/**
	 * Sets the context.
	 * @param context what was going on around it
	 * @return this builder
	 */
	public SignalBuilder context(Map<String, ?> context) {
		if (this.signal != null) {
			this.signal.context(context);
		}
		return this;
	}

	/**
	 * Sets the exception.
	 * @param throwable the exception
	 * @return this builder
	 */
	public SignalBuilder error(@Nullable Throwable throwable) {
		if (this.signal != null) {
			this.signal.throwable(throwable);
		}
		return this;
	}

	/**
	 * Sets the failure as data, for one that is no exception of this process.
	 * @param error the failure
	 * @return this builder
	 */
	public SignalBuilder error(@Nullable ErrorData error) {
		if (this.signal != null) {
			this.signal.error(error);
		}
		return this;
	}

	/**
	 * Sets the identity; without it a new one is made.
	 * @param uid the identity
	 * @return this builder
	 */
	public SignalBuilder uid(@Nullable Uid uid) {
		if (this.signal != null) {
			this.signal.uid(uid);
		}
		return this;
	}

	/**
	 * Sets the time; without it the pipeline's clock is read.
	 * @param timestamp when it happened
	 * @return this builder
	 */
	public SignalBuilder timestamp(@Nullable Instant timestamp) {
		if (this.signal != null) {
			this.timestamp = timestamp;
		}
		return this;
	}

	/**
	 * Sets the place in the source.
	 * @param location the place
	 * @return this builder
	 */
	public SignalBuilder location(@Nullable Location location) {
		if (this.signal != null) {
			this.signal.location(location);
		}
		return this;
	}

	/**
	 * Sets what was measured.
	 * @param measurement the measurement
	 * @return this builder
	 */
	public SignalBuilder measurement(@Nullable Measurement measurement) {
		if (this.signal != null) {
			this.signal.measurement(measurement);
		}
		return this;
	}

	/**
	 * Sets the piece of work or the place in a trace.
	 * @param run the run
	 * @return this builder
	 */
	public SignalBuilder run(@Nullable Run run) {
		if (this.signal != null) {
			this.signal.run(run);
		}
		return this;
	}

	SignalBuilder sampleRate(double rate) {
		if (this.signal != null) {
			this.signal.sampleRate(rate);
		}
		return this;
	}

	/**
	 * Sends the signal if the filter lets it through.
	 * @return whether it was let through
	 */
	public boolean emit() {
		if (this.gate == null) {
			return false;
		}
		double rate = this.gate.admit(this.level, this.kind, this.id);
		if (rate == 0) {
			return false;
		}
		sampleRate(rate).send();
		return true;
	}

	/**
	 * Sends the signal that was let through.
	 */
	void send() {
		SignalPipeline pipeline = this.pipeline;
		Signal.Builder signal = this.signal;
		if (pipeline == null || signal == null) {
			return;
		}
		supply(pipeline, signal);
		pipeline.publish(signal.timestamp((this.timestamp != null) ? this.timestamp : pipeline.clock().instant())
			.service(pipeline.service())
			.threadName(Thread.currentThread().getName())
			.build());
	}

	private void supply(SignalPipeline pipeline, Signal.Builder signal) {
		if (this.message != null) {
			try {
				signal.message(this.message.get());
			}
			catch (RuntimeException | StackOverflowError ex) {
				signal.message("(the message's supplier threw " + ex.getClass().getName() + ")");
				pipeline.report(new HandlerFault(null, HandlerFault.Type.SUPPLIER, 1, null, ex));
			}
		}
		if (this.data != null) {
			try {
				signal.data(this.data.get());
			}
			catch (RuntimeException | StackOverflowError ex) {
				signal.data(Map.of("dataError", ex.getClass().getName()));
				pipeline.report(new HandlerFault(null, HandlerFault.Type.SUPPLIER, 1, null, ex));
			}
		}
		if (this.fields != null) {
			signal.addData(this.fields);
		}
	}

}
