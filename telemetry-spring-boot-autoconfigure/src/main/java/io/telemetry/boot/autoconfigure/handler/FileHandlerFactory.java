package io.telemetry.boot.autoconfigure.handler;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

import io.telemetry.boot.autoconfigure.handler.TelemetryHandlersProperties.File;
import io.telemetry.handler.HandlerFactory;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.handler.HandlerSpec;
import io.telemetry.handler.QueueOptions;
import io.telemetry.handler.SignalHandler;
import io.telemetry.handler.file.FileHandler;
import io.telemetry.handler.file.FileOptions;

/**
 * Makes handlers of type {@code file}. Large batches, because each is one write.
 */
final class FileHandlerFactory implements HandlerFactory {

	private static final HandlerOptions DEFAULTS = HandlerOptions.DEFAULTS
		.withQueue(QueueOptions.DEFAULTS.withCapacity(10_000).withBatches(1000, Duration.ofMillis(200)));

	private final Map<Path, String> writers = new HashMap<>();

	@Override
	public String type() {
		return "file";
	}

	@Override
	public SignalHandler create(HandlerSpec spec) {
		Path path = Path.of(spec.settings(File.class).getPath());
		String other = this.writers.putIfAbsent(path.toAbsolutePath().normalize(), spec.name());
		if (other != null) {
			throw new IllegalArgumentException("the handler '" + other + "' writes to '" + path
					+ "' already, and two that write to one file spoil each other's lines");
		}
		return new FileHandler(spec.encoder("json"), FileOptions.of(path));
	}

	@Override
	public HandlerOptions defaults() {
		return DEFAULTS;
	}

}
