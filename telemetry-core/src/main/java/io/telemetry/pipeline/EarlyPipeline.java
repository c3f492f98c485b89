package io.telemetry.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

import io.telemetry.handler.HandlerFault;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import org.jspecify.annotations.Nullable;

/**
 * Stands in for a pipeline that is not there yet. It lets everything through; the first
 * {@value #CAPACITY} signals are kept until the pipeline is known and offered to it then,
 * with their times, threads and contexts. Later ones are counted, and the pipeline's
 * fault listener is told of them. Safe for several threads.
 */
public final class EarlyPipeline implements AutoCloseable {

	/** Signals that are kept until there is a pipeline. */
	public static final int CAPACITY = 1000;

	private final Object monitor = new Object();

	private final SignalPipeline pipeline = SignalPipeline.builder()
		.handler("early", this::keep, HandlerOptions.DEFAULTS.withMinLevel(Level.TRACE).withQueue(null))
		.build();

	private final List<Signal> kept = new ArrayList<>();

	private final Supplier<@Nullable SignalPipeline> successor;

	private int dropped;

	/**
	 * A pipeline that keeps what it is given.
	 * @param successor asked for the pipeline that it stands in for; gives {@code null}
	 * as long as there is none
	 */
	public EarlyPipeline(Supplier<@Nullable SignalPipeline> successor) {
		this.successor = successor;
	}

	/**
	 * What signals are made with until the pipeline is there.
	 * @return the pipeline that stands in for it
	 */
	public SignalPipeline pipeline() {
		return this.pipeline;
	}

	/**
	 * Sends on what was kept, if the pipeline is there. To be called when that has come;
	 * what arrives later is sent on by itself.
	 */
	public void sendOn() {
		SignalPipeline target;
		List<Signal> signals;
		int lost;
		synchronized (this.monitor) {
			target = this.successor.get();
			if (target == null) {
				return;
			}
			signals = List.copyOf(this.kept);
			this.kept.clear();
			lost = this.dropped;
			this.dropped = 0;
		}
		signals.forEach((signal) -> forward(signal, target));
		if (lost > 0) {
			target.report(new HandlerFault("early", HandlerFault.Type.OVERFLOW, lost, null, null));
		}
	}

	/**
	 * Takes nothing more, and forgets what was kept and never sent on.
	 */
	@Override
	public void close() {
		this.pipeline.close();
		synchronized (this.monitor) {
			this.kept.clear();
		}
	}

	private void keep(Signal signal) {
		SignalPipeline target;
		synchronized (this.monitor) {
			target = this.successor.get();
			if (target == null) {
				if (this.kept.size() < CAPACITY) {
					this.kept.add(signal);
				}
				else {
					this.dropped++;
				}
				return;
			}
		}
		forward(signal, target);
	}

	private static void forward(Signal signal, SignalPipeline pipeline) {
		pipeline.offer(signal.toBuilder().service(pipeline.service()).build());
	}

}
