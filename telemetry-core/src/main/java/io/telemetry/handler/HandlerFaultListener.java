package io.telemetry.handler;

/**
 * Is told what went wrong with handlers: failures and full queues. Called on the thread
 * on which it happened, so it must neither block nor throw.
 */
@FunctionalInterface
public interface HandlerFaultListener {

	/**
	 * Called for every fault.
	 * @param fault what went wrong
	 */
	void onFault(HandlerFault fault);

}
