package io.telemetry.pipeline;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

import io.telemetry.handler.HandlerFault;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;

/**
 * The pipeline of code that no container gives one to: static fields, drivers, what runs
 * before the application is ready. Until a pipeline is installed, the first
 * {@value #CAPACITY} signals are kept and sent on then; later ones are counted, and the
 * installed pipeline's fault listener is told of them. Of several that are installed, the
 * last counts. Safe for several threads.
 */
public final class GlobalPipeline {

	/** Signals that are kept until there is a pipeline. */
	public static final int CAPACITY = 1000;

	private static final Object MONITOR = new Object();

	private static final Deque<SignalPipeline> INSTALLED = new ArrayDeque<>();

	private static final List<Signal> EARLY_SIGNALS = new ArrayList<>();

	private static final SignalPipeline EARLY = SignalPipeline.builder()
		.handler("early", GlobalPipeline::keep, HandlerOptions.DEFAULTS.withMinLevel(Level.TRACE).withQueue(null))
		.build();

	private static int dropped;

	private static volatile SignalPipeline current = EARLY;

	private GlobalPipeline() {
	}

	/**
	 * A gate of whatever pipeline is installed at the moment.
	 * @param namespace the namespace
	 * @return a new gate
	 */
	public static Gate gate(String namespace) {
		return new Gate(() -> current, namespace);
	}

	/**
	 * Installs a pipeline and sends it what was kept. A Spring Boot application does this
	 * by itself.
	 * @param pipeline the pipeline
	 */
	public static void install(SignalPipeline pipeline) {
		List<Signal> kept;
		int lost;
		synchronized (MONITOR) {
			INSTALLED.remove(pipeline);
			INSTALLED.addLast(pipeline);
			switchTo(pipeline);
			kept = List.copyOf(EARLY_SIGNALS);
			EARLY_SIGNALS.clear();
			lost = dropped;
			dropped = 0;
		}
		kept.forEach((signal) -> forward(signal, pipeline));
		if (lost > 0) {
			pipeline.report(new HandlerFault("early", HandlerFault.Type.OVERFLOW, lost, null, null));
		}
	}

	/**
	 * Takes a pipeline back, by custom before it is closed. The one before it counts
	 * again; without one, signals are kept.
	 * @param pipeline the pipeline
	 */
	public static void uninstall(SignalPipeline pipeline) {
		synchronized (MONITOR) {
			INSTALLED.remove(pipeline);
			switchTo(INSTALLED.isEmpty() ? EARLY : INSTALLED.getLast());
		}
	}

	private static void switchTo(SignalPipeline next) {
		SignalPipeline previous = current;
		current = next;
		// Gates look for their pipeline again when the state of the one they know is
		// another.
		previous.recompile();
	}

	private static void keep(Signal signal) {
		SignalPipeline installed;
		synchronized (MONITOR) {
			installed = current;
			if (installed == EARLY) {
				if (EARLY_SIGNALS.size() < CAPACITY) {
					EARLY_SIGNALS.add(signal);
				}
				else {
					dropped++;
				}
				return;
			}
		}
		forward(signal, installed);
	}

	private static void forward(Signal signal, SignalPipeline pipeline) {
		pipeline.offer(signal.toBuilder().service(pipeline.service()).build());
	}

}
