package io.telemetry.pipeline;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;

import org.jspecify.annotations.Nullable;

/**
 * The pipelines of this process that are open: for what concerns all of them, which is
 * capturing and the shutdown of the virtual machine. Holds no pipeline back from the
 * garbage collector, but those that are to be closed at shutdown.
 */
final class OpenPipelines {

	private static final Set<SignalPipeline> OPEN = Collections.newSetFromMap(new WeakHashMap<>());

	private static final Set<SignalPipeline> CLOSED_AT_SHUTDOWN = new HashSet<>();

	private static @Nullable Thread hook;

	private static volatile int captures;

	private OpenPipelines() {
	}

	static void add(SignalPipeline pipeline, boolean closeAtShutdown) {
		synchronized (OPEN) {
			OPEN.add(pipeline);
			if (closeAtShutdown) {
				CLOSED_AT_SHUTDOWN.add(pipeline);
				if (hook == null) {
					hook = new Thread(OpenPipelines::shutDown, "telemetry-shutdown");
					Runtime.getRuntime().addShutdownHook(hook);
				}
			}
		}
		// A capture that began since the pipeline was compiled has not seen it.
		pipeline.adaptToCaptures();
	}

	static void remove(SignalPipeline pipeline) {
		synchronized (OPEN) {
			OPEN.remove(pipeline);
			CLOSED_AT_SHUTDOWN.remove(pipeline);
		}
	}

	private static void shutDown() {
		List<SignalPipeline> pipelines;
		synchronized (OPEN) {
			pipelines = new ArrayList<>(CLOSED_AT_SHUTDOWN);
		}
		for (SignalPipeline pipeline : pipelines) {
			try {
				pipeline.close();
			}
			catch (RuntimeException | Error ex) {
				// The other pipelines still hold signals.
				System.getLogger(SignalPipeline.class.getName())
					.log(System.Logger.Level.ERROR, "A pipeline could not be closed at shutdown", ex);
			}
		}
	}

	/**
	 * Whether somebody captures signals.
	 */
	static boolean isCapturing() {
		return captures != 0;
	}

	static void beginCapture() {
		count(1);
		adaptAll();
	}

	static void endCapture() {
		count(-1);
		adaptAll();
	}

	private static void count(int change) {
		synchronized (OPEN) {
			captures += change;
		}
	}

	private static void adaptAll() {
		List<SignalPipeline> pipelines;
		// Not while holding the lock: a pipeline that closes holds its own and wants
		// this one.
		synchronized (OPEN) {
			pipelines = new ArrayList<>(OPEN);
		}
		pipelines.forEach(SignalPipeline::adaptToCaptures);
	}

}
