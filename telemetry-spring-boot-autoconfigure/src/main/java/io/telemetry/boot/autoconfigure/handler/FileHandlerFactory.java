package io.telemetry.boot.autoconfigure.handler;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.telemetry.boot.InvalidTelemetryConfigurationException;
import io.telemetry.boot.autoconfigure.handler.TelemetryHandlersProperties.File;
import io.telemetry.handler.HandlerFactory;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.handler.HandlerSpec;
import io.telemetry.handler.QueueOptions;
import io.telemetry.handler.SignalHandler;
import io.telemetry.handler.file.FileHandler;
import io.telemetry.handler.file.FileOptions;
import io.telemetry.signal.ServiceIdentity;

/**
 * Makes handlers of type {@code file}. Large batches, because each is one write.
 */
final class FileHandlerFactory implements HandlerFactory {

	private static final HandlerOptions DEFAULTS = HandlerOptions.DEFAULTS
		.withQueue(QueueOptions.DEFAULTS.withCapacity(10_000).withBatches(1000, Duration.ofMillis(200)));

	private final ServiceIdentity service;

	private final List<Writer> writers = new ArrayList<>();

	/**
	 * A factory.
	 * @param service what {@code ${host}} and {@code ${service}} in paths stand for
	 */
	FileHandlerFactory(ServiceIdentity service) {
		this.service = service;
	}

	@Override
	public String type() {
		return "file";
	}

	@Override
	public SignalHandler create(HandlerSpec spec) {
		File file = spec.settings(File.class);
		FileOptions options = new FileOptionsMapper(spec, file, this.service).options();
		FileHandler handler = open(spec, file, options);
		this.writers.add(new Writer(spec.name(), options));
		return handler;
	}

	private FileHandler open(HandlerSpec spec, File file, FileOptions options) {
		for (Writer other : this.writers) {
			if (other.options().path().equals(options.path()) && !other.options().equals(options)) {
				throw new InvalidTelemetryConfigurationException(spec.property("path"), file.getPath(),
						"the handler '" + other.name() + "' writes to this file too, with other settings",
						"Use another file, or the same rotation and retention for both");
			}
		}
		try {
			return new FileHandler(spec.encoder("json"), options);
		}
		catch (InvalidTelemetryConfigurationException ex) {
			throw ex;
		}
		catch (IllegalArgumentException | UncheckedIOException ex) {
			throw new InvalidTelemetryConfigurationException(spec.property("path"), file.getPath(),
					String.valueOf(ex.getMessage()),
					"Set it to a file that this user can create and write, in a directory that is writable too", ex);
		}
	}

	@Override
	public HandlerOptions defaults() {
		return DEFAULTS;
	}

	@Override
	public boolean needsQueue() {
		return true;
	}

	private record Writer(String name, FileOptions options) {
	}

}
