package io.telemetry.pipeline;

import java.util.ArrayDeque;
import java.util.Deque;

import org.jspecify.annotations.Nullable;

/**
 * The pipeline of code that no container gives one to: static fields, drivers, what runs
 * before the application is ready. Until a pipeline is installed, the first
 * {@value #CAPACITY} signals are kept and sent on then; later ones are counted, and the
 * installed pipeline's fault listener is told of them. Of several that are installed, the
 * last counts. Safe for several threads.
 */
public final class GlobalPipeline {

	/** Signals that are kept until there is a pipeline. */
	public static final int CAPACITY = EarlyPipeline.CAPACITY;

	private static final Object MONITOR = new Object();

	private static final Deque<SignalPipeline> INSTALLED = new ArrayDeque<>();

	/** The last of them, or {@code null} where there is none. */
	private static volatile @Nullable SignalPipeline installed;

	private static final EarlyPipeline EARLY = new EarlyPipeline(() -> installed);

	private GlobalPipeline() {
	}

	/**
	 * A gate of whatever pipeline is installed at the moment.
	 * @param namespace the namespace
	 * @return a new gate
	 */
	public static Gate gate(String namespace) {
		return new Gate(GlobalPipeline::current, namespace);
	}

	/**
	 * Installs a pipeline and sends it what was kept. A Spring Boot application does this
	 * by itself.
	 * @param pipeline the pipeline
	 */
	public static void install(SignalPipeline pipeline) {
		synchronized (MONITOR) {
			INSTALLED.remove(pipeline);
			INSTALLED.addLast(pipeline);
			switchToLast();
		}
		EARLY.sendOn();
	}

	/**
	 * Takes a pipeline back, by custom before it is closed. The one before it counts
	 * again; without one, signals are kept.
	 * @param pipeline the pipeline
	 */
	public static void uninstall(SignalPipeline pipeline) {
		synchronized (MONITOR) {
			INSTALLED.remove(pipeline);
			switchToLast();
		}
	}

	private static SignalPipeline current() {
		SignalPipeline last = installed;
		return (last != null) ? last : EARLY.pipeline();
	}

	private static void switchToLast() {
		SignalPipeline previous = current();
		installed = INSTALLED.peekLast();
		// Gates look for their pipeline again when the state of the one they know is
		// another.
		previous.recompile();
	}

}
