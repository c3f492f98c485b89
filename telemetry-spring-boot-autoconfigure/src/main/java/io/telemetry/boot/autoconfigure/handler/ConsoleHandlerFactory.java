package io.telemetry.boot.autoconfigure.handler;

import java.time.Duration;

import io.telemetry.boot.autoconfigure.handler.TelemetryHandlersProperties.Console;
import io.telemetry.encode.SignalEncoder;
import io.telemetry.handler.HandlerFactory;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.handler.HandlerSpec;
import io.telemetry.handler.QueueOptions;
import io.telemetry.handler.SignalHandler;
import io.telemetry.handler.console.ConsoleHandler;

/**
 * Makes handlers of type {@code console}. Whoever looks at a console does not want to
 * wait for a batch to fill.
 */
final class ConsoleHandlerFactory implements HandlerFactory {

	private static final HandlerOptions DEFAULTS = HandlerOptions.DEFAULTS
		.withQueue(QueueOptions.DEFAULTS.withBatches(100, Duration.ofMillis(200)));

	@Override
	public String type() {
		return "console";
	}

	@Override
	public SignalHandler create(HandlerSpec spec) {
		SignalEncoder encoder = spec.encoder("pretty");
		return switch (spec.settings(Console.class).getTarget()) {
			case STDOUT -> ConsoleHandler.toStdout(encoder);
			case STDERR -> ConsoleHandler.toStderr(encoder);
		};
	}

	@Override
	public HandlerOptions defaults() {
		return DEFAULTS;
	}

}
