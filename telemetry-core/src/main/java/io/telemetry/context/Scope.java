package io.telemetry.context;

/**
 * The time during which a {@link SignalContext} is current on the thread that opened it.
 * Made for try-with-resources.
 */
public interface Scope extends AutoCloseable {

	/**
	 * Ends the scope: what was current before it is current again. Closing twice is
	 * harmless.
	 * <p>
	 * A scope that is closed before one that was opened inside it leaves the inner one
	 * current, and is passed over when that one closes. On a thread other than the one
	 * that opened the scope this does nothing: the scope stays open on its own.
	 */
	@Override
	void close();

}
