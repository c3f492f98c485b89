package io.telemetry.boot.autoconfigure.handler;

import java.time.Duration;

import io.telemetry.boot.autoconfigure.handler.TelemetryHandlersProperties.Console;
import io.telemetry.encode.SignalEncoder;
import io.telemetry.handler.HandlerFactory;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.handler.HandlerSpec;
import io.telemetry.handler.QueueOptions;
import io.telemetry.handler.SignalHandler;
import io.telemetry.handler.console.ConsoleColor;
import io.telemetry.handler.console.ConsoleHandler;

import org.springframework.boot.ansi.AnsiOutput.Enabled;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

/**
 * Makes handlers of type {@code console}. Whoever looks at a console does not want to
 * wait for a batch to fill. Where it is left to us whether there are colours, what Spring
 * Boot is told for its own log counts too.
 */
final class ConsoleHandlerFactory implements HandlerFactory {

	private static final HandlerOptions DEFAULTS = HandlerOptions.DEFAULTS
		.withQueue(QueueOptions.DEFAULTS.withBatches(100, Duration.ofMillis(200)));

	private final Environment environment;

	ConsoleHandlerFactory(Environment environment) {
		this.environment = environment;
	}

	@Override
	public String type() {
		return "console";
	}

	@Override
	public SignalHandler create(HandlerSpec spec) {
		Console console = spec.settings(Console.class);
		SignalEncoder encoder = spec.encoder("pretty");
		if (isInColor(console.getColor())) {
			encoder = encoder.coloured();
		}
		return switch (console.getTarget()) {
			case STDOUT -> ConsoleHandler.toStdout(encoder);
			case STDERR -> ConsoleHandler.toStderr(encoder);
			case SPLIT -> ConsoleHandler.split(encoder);
		};
	}

	private boolean isInColor(ConsoleColor color) {
		if (color == ConsoleColor.AUTO) {
			if (ConsoleColor.isUnwanted(this.environment::getProperty)) {
				return false;
			}
			Enabled ansi = Binder.get(this.environment)
				.bind("spring.output.ansi.enabled", Enabled.class)
				.orElse(Enabled.DETECT);
			if (ansi != Enabled.DETECT) {
				return ansi == Enabled.ALWAYS;
			}
		}
		return color.isOn(this.environment::getProperty, ConsoleColor::isTerminal);
	}

	@Override
	public HandlerOptions defaults() {
		return DEFAULTS;
	}

}
