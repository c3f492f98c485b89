package io.telemetry.boot.autoconfigure.handler;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

import io.telemetry.boot.InvalidTelemetryConfigurationException;
import io.telemetry.boot.autoconfigure.handler.TelemetryHandlersProperties.File;
import io.telemetry.handler.HandlerSpec;
import io.telemetry.handler.file.FileOptions;
import io.telemetry.handler.file.FileOptions.Retention;
import io.telemetry.handler.file.FileOptions.Rotation;
import io.telemetry.handler.file.FileOptions.Sync;
import io.telemetry.signal.ServiceIdentity;
import org.jspecify.annotations.Nullable;

import org.springframework.util.unit.DataSize;

/**
 * Makes options of the properties of a handler of type {@code file}. Properties that
 * contradict each other are refused.
 */
final class FileOptionsMapper {

	private static final Duration DEFAULT_SYNC_INTERVAL = Duration.ofSeconds(1);

	private final HandlerSpec spec;

	private final File file;

	private final ServiceIdentity service;

	FileOptionsMapper(HandlerSpec spec, File file, ServiceIdentity service) {
		this.spec = spec;
		this.file = file;
		this.service = service;
	}

	FileOptions options() {
		FileOptions defaults = defaults();
		boolean dated = this.file.getPath().contains("${date}");
		boolean perSession = this.file.getPath().contains("${session}");
		if (this.file.getRotation() == File.Rotation.NEVER) {
			refuse("nothing is rotated", rotationTo("daily, hourly or size"), "max-size", this.file.getMaxSize());
			refuse("nothing is rotated", rotationTo("daily, hourly or size"), "compress", this.file.getCompress());
			if (!perSession) {
				refuseRetention();
			}
		}
		if (dated && interval() == Rotation.Interval.NONE) {
			throw invalid("rotation", this.file.getRotation().name().toLowerCase(Locale.ROOT),
					"the path has ${date} in it, and nothing else begins a file of another date",
					"Set it to daily or hourly, or take ${date} out of '" + this.spec.property("path") + "'");
		}
		if (this.file.getSync() != File.Sync.INTERVAL) {
			refuse("nothing is synced by time", "Remove it, or set '" + this.spec.property("sync") + "' to interval",
					"sync-interval", this.file.getSyncInterval());
		}
		if (!perSession) {
			refuse("there is one open file only",
					"Remove it, or write a file per session with ${session} in '" + this.spec.property("path") + "'",
					"max-open-files", this.file.getMaxOpenFiles());
		}
		Rotation rotation = rotation(defaults.rotation());
		Retention retention = retention(defaults.retention(), perSession);
		if (rotation.maxSize() != Rotation.NO_LIMIT && rotation.maxSize() > retention.maxTotalSize()) {
			boolean total = this.file.getMaxTotalSize() != null;
			throw invalid(total ? "max-total-size" : "max-size",
					total ? this.file.getMaxTotalSize() : this.file.getMaxSize(),
					"one file alone, of up to " + DataSize.ofBytes(rotation.maxSize()) + ", may be larger than "
							+ DataSize.ofBytes(retention.maxTotalSize()) + " for all",
					"Set '" + this.spec.property("max-size") + "' to at most '" + this.spec.property("max-total-size")
							+ "'");
		}
		return new FileOptions(defaults.path(), defaults.names(), rotation,
				(this.file.getCompress() != null) ? this.file.getCompress() : defaults.compress(), retention, sync(),
				(this.file.getMaxOpenFiles() != null) ? atLeastOne("max-open-files", this.file.getMaxOpenFiles())
						: defaults.maxOpenFiles(),
				(this.file.getZone() != null) ? this.file.getZone() : defaults.zone());
	}

	private FileOptions defaults() {
		Map<String, String> names = new HashMap<>();
		names.put("host", (this.service.host() != null) ? this.service.host() : "localhost");
		names.put("service", (this.service.name() != null) ? this.service.name() : "application");
		try {
			return FileOptions.of(Path.of(this.file.getPath()).toAbsolutePath().normalize(), names);
		}
		catch (InvalidPathException ex) {
			throw invalid("path", this.file.getPath(), "it is no path: " + ex.getMessage(),
					"Use the path of a file, such as logs/telemetry.jsonl");
		}
		catch (IllegalArgumentException ex) {
			throw invalid("path", this.file.getPath(), String.valueOf(ex.getMessage()),
					"Correct it, or define a property of that name");
		}
	}

	private String rotationTo(String values) {
		return "Remove it, or set '" + this.spec.property("rotation") + "' to " + values;
	}

	private void refuseRetention() {
		Map<String, @Nullable Object> values = new LinkedHashMap<>();
		values.put("max-age", this.file.getMaxAge());
		values.put("max-files", this.file.getMaxFiles());
		values.put("max-total-size", this.file.getMaxTotalSize());
		values.forEach((setting, value) -> refuse("nothing is rotated, so there is nothing to delete",
				rotationTo("daily, hourly or size"), setting, value));
	}

	private void refuse(String reason, String remedy, String setting, @Nullable Object value) {
		if (value != null) {
			throw invalid(setting, value, reason, remedy);
		}
	}

	private Rotation.Interval interval() {
		return switch (this.file.getRotation()) {
			case DAILY -> Rotation.Interval.DAY;
			case HOURLY -> Rotation.Interval.HOUR;
			case SIZE, NEVER -> Rotation.Interval.NONE;
		};
	}

	private Rotation rotation(Rotation defaults) {
		if (this.file.getRotation() == File.Rotation.NEVER) {
			return Rotation.NEVER;
		}
		return new Rotation(interval(), bytes("max-size", this.file.getMaxSize(), defaults.maxSize()));
	}

	private Retention retention(Retention defaults, boolean perSession) {
		if (this.file.getRotation() == File.Rotation.NEVER && !perSession) {
			return Retention.UNLIMITED;
		}
		Duration maxAge = this.file.getMaxAge();
		return new Retention((maxAge != null) ? aboveZero("max-age", maxAge) : defaults.maxAge(),
				(this.file.getMaxFiles() != null) ? atLeastOne("max-files", this.file.getMaxFiles())
						: defaults.maxFiles(),
				bytes("max-total-size", this.file.getMaxTotalSize(), defaults.maxTotalSize()));
	}

	private Sync sync() {
		Duration interval = this.file.getSyncInterval();
		return switch (this.file.getSync()) {
			case NONE -> new Sync.AtEnd();
			case BATCH -> new Sync.EachBatch();
			case INTERVAL ->
				new Sync.Every((interval != null) ? aboveZero("sync-interval", interval) : DEFAULT_SYNC_INTERVAL);
		};
	}

	private int atLeastOne(String setting, int value) {
		if (value < 1) {
			throw invalid(setting, value, "it is not at least 1", "Use a number of 1 or more");
		}
		return value;
	}

	private Duration aboveZero(String setting, Duration value) {
		if (value.isNegative() || value.isZero()) {
			throw invalid(setting, value, "it is not above zero", "Use a duration such as 30d or 500ms");
		}
		return value;
	}

	private long bytes(String setting, @Nullable DataSize value, long silent) {
		if (value == null) {
			return silent;
		}
		if (value.toBytes() < 1) {
			throw invalid(setting, value, "it is not above zero", "Use a size such as 100MB");
		}
		return value.toBytes();
	}

	private InvalidTelemetryConfigurationException invalid(String setting, @Nullable Object value, String reason,
			String remedy) {
		return new InvalidTelemetryConfigurationException(this.spec.property(setting), value, reason, remedy);
	}

}
