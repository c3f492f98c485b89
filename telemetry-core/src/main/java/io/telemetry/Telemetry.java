package io.telemetry;

import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

import io.telemetry.pipeline.Gate;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import org.jspecify.annotations.Nullable;

/**
 * Makes signals for one namespace, by custom a class. Stateless and cheap: a facade over
 * the application's {@link SignalPipeline}. Safe for several threads.
 * <p>
 * A signal that the filter refuses costs a comparison and allocates nothing; where
 * building its message or data costs more, give suppliers, which run once, on the calling
 * thread, only for a signal that is let through. No method throws what a supplier or
 * handler throws. <pre>{@code
 * telemetry.log(Level.INFO, "Order placed", Map.of("orderId", id));
 * telemetry.event("shop/checkout");
 * telemetry.error(exception);
 * telemetry.signal(Level.WARN).id("shop/stock-low").data("left", left).emit();
 * }</pre> The names are Telemere's.
 */
public final class Telemetry {

	private final SignalPipeline pipeline;

	private final Gate gate;

	/**
	 * A facade over a pipeline.
	 * @param pipeline the pipeline
	 * @param namespace who speaks
	 */
	public Telemetry(SignalPipeline pipeline, String namespace) {
		this.pipeline = Objects.requireNonNull(pipeline, "pipeline");
		this.gate = pipeline.gate(Objects.requireNonNull(namespace, "namespace"));
	}

	/**
	 * The same for another namespace.
	 * @param namespace who speaks
	 * @return another facade
	 */
	public Telemetry of(String namespace) {
		return new Telemetry(this.pipeline, namespace);
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
	 * Whether a log of a level would be let through, sampling aside. Nothing is sent.
	 * @param level the level
	 * @return {@code false} if it would be refused
	 */
	public boolean allowed(Level level) {
		return this.gate.allows(level, Kind.LOG, null);
	}

	/**
	 * Whether a signal would be let through, sampling aside. Nothing is sent.
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
		double rate = this.gate.admit(level, Kind.LOG, null);
		if (rate != 0) {
			admitted(level, Kind.LOG, rate).message(message).send();
		}
	}

	/**
	 * Logs a message with data.
	 * @param level how important it is
	 * @param message what happened
	 * @param data the same in fields
	 */
	public void log(Level level, String message, Map<String, ?> data) {
		double rate = this.gate.admit(level, Kind.LOG, null);
		if (rate != 0) {
			admitted(level, Kind.LOG, rate).message(message).data(data).send();
		}
	}

	/**
	 * Logs a message that is made only when it is let through.
	 * @param level how important it is
	 * @param message makes what happened
	 */
	public void log(Level level, Supplier<String> message) {
		double rate = this.gate.admit(level, Kind.LOG, null);
		if (rate != 0) {
			admitted(level, Kind.LOG, rate).message(message).send();
		}
	}

	/**
	 * Logs a message with data, both made only when it is let through.
	 * @param level how important it is
	 * @param message makes what happened
	 * @param data makes the same in fields
	 */
	public void log(Level level, Supplier<String> message, Supplier<? extends Map<String, ?>> data) {
		double rate = this.gate.admit(level, Kind.LOG, null);
		if (rate != 0) {
			admitted(level, Kind.LOG, rate).message(message).data(data).send();
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
		double rate = this.gate.admit(level, Kind.EVENT, id);
		if (rate != 0) {
			admitted(level, Kind.EVENT, rate).id(id).send();
		}
	}

	/**
	 * Tells of an event with data.
	 * @param level how important it is
	 * @param id its name
	 * @param data what is known of it
	 */
	public void event(Level level, String id, Map<String, ?> data) {
		double rate = this.gate.admit(level, Kind.EVENT, id);
		if (rate != 0) {
			admitted(level, Kind.EVENT, rate).id(id).data(data).send();
		}
	}

	/**
	 * Tells of an exception at {@link Level#ERROR}.
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
		double rate = this.gate.admit(Level.ERROR, Kind.ERROR, null);
		if (rate != 0) {
			admitted(Level.ERROR, Kind.ERROR, rate).message(throwable::getMessage).error(throwable).data(data).send();
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
		double rate = this.gate.admit(Level.ERROR, Kind.ERROR, null);
		if (rate != 0) {
			admitted(Level.ERROR, Kind.ERROR, rate).message(message).data(data).send();
		}
	}

	/**
	 * Begins a signal at {@link Level#INFO} of which every field can be set.
	 * @return a builder, to be ended with {@link SignalBuilder#emit()}
	 */
	public SignalBuilder signal() {
		return signal(Level.INFO);
	}

	/**
	 * Begins a signal of which every field can be set. Where the filter refuses the level
	 * for every kind, the builder is a shared one that takes nothing in.
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
		return this.gate.allows(level, kind) ? new SignalBuilder(this.pipeline, this.gate, level, kind)
				: SignalBuilder.REFUSED;
	}

	private SignalBuilder admitted(Level level, Kind kind, double rate) {
		return new SignalBuilder(this.pipeline, this.gate, level, kind).sampleRate(rate);
	}

}
