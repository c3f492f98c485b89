package io.telemetry;

import java.util.Map;
import java.util.function.DoubleConsumer;

import io.telemetry.handler.HandlerFault;
import io.telemetry.metric.Meter;
import io.telemetry.pipeline.Admission;
import io.telemetry.pipeline.Gate;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Measurement;
import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;

/**
 * Sends the numbers of one meter: each to the sink, and as a signal to whoever wants it.
 */
final class MeterRecorder {

	private static final DoubleConsumer NOWHERE = (value) -> {
	};

	private final Gate gate;

	private final Meter meter;

	private final Level level;

	/** Where the sink takes the numbers; made anew when the pipeline is another one. */
	private volatile @Nullable Binding binding;

	MeterRecorder(Gate gate, Meter meter, Level level) {
		this.gate = gate;
		this.meter = meter;
		this.level = level;
	}

	MeterRecorder with(Meter meter) {
		return new MeterRecorder(this.gate, meter, this.level);
	}

	MeterRecorder with(Level level) {
		return new MeterRecorder(this.gate, this.meter, level);
	}

	Meter meter() {
		return this.meter;
	}

	void record(double value) {
		record(value, Map.of());
	}

	void record(double value, Map<String, ?> data) {
		SignalPipeline pipeline = this.gate.pipeline();
		if (!pipeline.isEnabled()) {
			return;
		}
		if (!Double.isFinite(value) || (value < 0 && this.meter.type() == Measurement.Type.COUNTER)) {
			report(pipeline, new IllegalArgumentException("The " + this.meter.type() + " '" + this.meter.name()
					+ "' can't take " + value + ((value < 0) ? ": it only grows" : "")));
			return;
		}
		try {
			sink(pipeline).accept(value);
		}
		catch (Throwable ex) {
			report(pipeline, ex);
			if (ex instanceof VirtualMachineError fatal && !(ex instanceof StackOverflowError)) {
				throw fatal;
			}
		}
		Admission admission = this.gate.admit(this.level, Kind.METRIC, this.meter.name());
		if (admission != null) {
			send(admission, value, data);
		}
	}

	private void send(Admission admission, double value, Map<String, ?> data) {
		Signal.Builder signal;
		try {
			signal = admission.pipeline()
				.begin(this.level, Kind.METRIC, this.gate.namespace())
				.id(this.meter.name())
				.message(this.meter.description())
				.data(data)
				.measurement(new Measurement(this.meter.type(), value, this.meter.unit(), this.meter.tags()))
				.sampleRate(admission.sampleRate())
				.suppressed(admission.suppressed());
			if (admission.wantsLocation(this.level)) {
				signal.location(Caller.location());
			}
		}
		catch (Throwable ex) {
			admission.fail(ex);
			return;
		}
		SignalBuilder.publish(admission, signal);
	}

	private DoubleConsumer sink(SignalPipeline pipeline) {
		Binding bound = this.binding;
		if (bound == null || bound.pipeline() != pipeline) {
			bound = new Binding(pipeline, NOWHERE);
			try {
				bound = new Binding(pipeline, pipeline.meters().bind(this.meter));
			}
			finally {
				// What the sink refused is not asked for again with every number.
				this.binding = bound;
			}
		}
		return bound.sink();
	}

	private static void report(SignalPipeline pipeline, Throwable cause) {
		pipeline.report(new HandlerFault(null, HandlerFault.Type.METER, 1, null, cause));
	}

	private record Binding(SignalPipeline pipeline, DoubleConsumer sink) {
	}

}
