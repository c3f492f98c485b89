package io.telemetry.context;

/**
 * Follows the context of every thread, to show it to others, such as to a logging
 * library's MDC.
 *
 * @see SignalContext#mirror(ContextMirror)
 */
@FunctionalInterface
public interface ContextMirror {

	/**
	 * Told whenever the context of the calling thread has changed. What it throws is
	 * contained and counted. It must not change the context itself.
	 * @param from what was current until now
	 * @param to what is current now, never the same instance
	 */
	void changed(SignalContext from, SignalContext to);

}
