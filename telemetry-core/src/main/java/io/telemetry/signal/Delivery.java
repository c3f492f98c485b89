package io.telemetry.signal;

/**
 * Whoever keeps a signal until it is delivered, a log on disk for example, and can send
 * it again. One may stand for several signals; holds are counted.
 * <p>
 * A handler that is to lose nothing holds the signal before it takes it, and says once
 * what became of it. Other handlers don't know of it. What nobody holds when whoever sent
 * it lets go himself counts as delivered.
 * <p>
 * Safe for several threads. No method blocks or throws.
 */
public interface Delivery {

	/**
	 * Holds: somebody has the signal in hand. To be called while whoever sent the signal
	 * or another still holds it.
	 */
	void hold();

	/**
	 * Ends one hold: the signal was dealt with, well or not, and need not come again.
	 */
	void done();

	/**
	 * Ends one hold: the signal was not dealt with, because whoever held it ends. It has
	 * to come again after a restart.
	 */
	void abandon();

}
