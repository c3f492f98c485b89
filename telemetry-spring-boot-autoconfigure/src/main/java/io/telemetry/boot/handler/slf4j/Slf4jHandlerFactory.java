package io.telemetry.boot.handler.slf4j;

import io.telemetry.handler.HandlerFactory;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.handler.HandlerSpec;
import io.telemetry.handler.SignalHandler;

/**
 * Makes handlers of type {@code log}. They are called directly: logging systems have
 * queues of their own where one is wanted.
 */
public final class Slf4jHandlerFactory implements HandlerFactory {

	/**
	 * A factory.
	 */
	public Slf4jHandlerFactory() {
	}

	@Override
	public String type() {
		return "log";
	}

	@Override
	public SignalHandler create(HandlerSpec spec) {
		return new Slf4jSignalHandler();
	}

	@Override
	public HandlerOptions defaults() {
		return HandlerOptions.DEFAULTS.withQueue(null);
	}

}
