package io.telemetry.boot.autoconfigure.handler;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

import io.telemetry.boot.InvalidTelemetryConfigurationException;
import io.telemetry.boot.autoconfigure.FilterPropertyMapper;
import io.telemetry.boot.autoconfigure.handler.HandlerPropertySource.HandlerProperties;
import io.telemetry.boot.autoconfigure.handler.TelemetryHandlersProperties.Async;
import io.telemetry.boot.autoconfigure.handler.TelemetryHandlersProperties.Handler;
import io.telemetry.filter.FilterSettings;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.handler.Overflow;
import io.telemetry.handler.QueueOptions;
import org.jspecify.annotations.Nullable;

/**
 * Makes a handler's options of its properties. Properties that contradict each other are
 * refused.
 */
final class HandlerOptionsMapper {

	/** How long a caller waits where it may wait and nobody says how long. */
	static final Duration DEFAULT_BLOCK_TIMEOUT = Duration.ofSeconds(1);

	private final HandlerProperties properties;

	HandlerOptionsMapper(HandlerProperties properties) {
		this.properties = properties;
	}

	/**
	 * The options.
	 * @param defaults what holds where properties are silent
	 */
	HandlerOptions options(HandlerOptions defaults) {
		Handler handler = this.properties.common();
		FilterSettings filter = defaults.filter();
		if (handler.getMinLevel() != null) {
			filter = filter
				.withMinLevel(FilterPropertyMapper.level(this.properties.property("min-level"), handler.getMinLevel()));
		}
		filter = FilterPropertyMapper.names(this.properties.prefix(), filter, handler.getNs(), handler.getId(),
				handler.getKind());
		filter = filter
			.withWhen(FilterPropertyMapper.when(this.properties.property("when"), handler.getWhen(), filter.when()));
		double sampleRate = FilterPropertyMapper.sampleRate(this.properties.property("sample-rate"),
				handler.getSampleRate(), defaults.sampleRate());
		HandlerOptions options = defaults.withFilter(filter).withSampleRate(sampleRate);
		options = queueAndDurable(options, queue(handler.getAsync(), defaults.queue()), handler.getDurable());
		if (handler.getRateLimit() != null) {
			options = options.withRateLimit(
					FilterPropertyMapper.rateLimit(this.properties.property("rate-limit"), handler.getRateLimit()));
		}
		return (handler.getPriority() != null) ? options.withPriority(handler.getPriority()) : options;
	}

	private HandlerOptions queueAndDurable(HandlerOptions options, @Nullable QueueOptions queue,
			@Nullable Boolean durable) {
		boolean wanted = (durable != null) ? durable : options.durable();
		if (wanted && queue == null) {
			boolean chosen = this.properties.common().getAsync().getMode() == Async.Mode.NONE;
			throw new InvalidTelemetryConfigurationException(this.properties.property("durable"), wanted,
					"a handler without a queue can't wait for a destination that is away",
					chosen ? "Leave out '" + this.properties.property("async.mode") + ": none', or this"
							: "Set '" + this.properties.property("async.mode")
									+ "' to blocking, dropping or sliding, or remove this");
		}
		// A handler's options never contradict themselves, not even in between.
		return wanted ? options.withQueue(queue).withDurable(true) : options.withDurable(false).withQueue(queue);
	}

	private @Nullable QueueOptions queue(Async async, @Nullable QueueOptions defaults) {
		Async.Mode mode = async.getMode();
		if (mode == Async.Mode.NONE || (mode == null && defaults == null)) {
			refuseQueueProperties(async, mode);
			return null;
		}
		QueueOptions base = (defaults != null) ? defaults : QueueOptions.DEFAULTS;
		int capacity = atLeastOne("async.buffer-size", async.getBufferSize(), base.capacity());
		int threads = atLeastOne("async.threads", async.getThreads(), base.threads());
		int batchSize = atLeastOne("async.batch-size", async.getBatchSize(), base.batchSize());
		if (batchSize > capacity) {
			throw new InvalidTelemetryConfigurationException(
					this.properties.property((async.getBatchSize() != null) ? "async.batch-size" : "async.buffer-size"),
					(async.getBatchSize() != null) ? batchSize : capacity,
					"a queue of " + capacity + " signals never holds a batch of " + batchSize,
					"Set '" + this.properties.property("async.batch-size") + "' to at most " + capacity
							+ ", or a larger '" + this.properties.property("async.buffer-size") + "'");
		}
		Duration batchInterval = notNegative("async.batch-interval", async.getBatchInterval(), base.batchInterval());
		Duration drainTimeout = notNegative("async.drain-timeout", async.getDrainTimeout(), base.drainTimeout());
		return new QueueOptions(capacity, threads, batchSize, batchInterval, overflow(async, base.overflow()),
				drainTimeout);
	}

	private void refuseQueueProperties(Async async, Async.@Nullable Mode mode) {
		Map<String, @Nullable Object> values = new LinkedHashMap<>();
		values.put("async.buffer-size", async.getBufferSize());
		values.put("async.threads", async.getThreads());
		values.put("async.batch-size", async.getBatchSize());
		values.put("async.batch-interval", async.getBatchInterval());
		values.put("async.block-timeout", async.getBlockTimeout());
		values.put("async.drain-timeout", async.getDrainTimeout());
		values.forEach((key, value) -> {
			if (value != null) {
				throw new InvalidTelemetryConfigurationException(this.properties.property(key), value,
						(mode != null) ? "with the mode 'none' there is no queue"
								: "handlers of this type have no queue unless a mode is chosen",
						"Remove it, or set '" + this.properties.property("async.mode")
								+ "' to blocking, dropping or sliding");
			}
		});
	}

	private Overflow overflow(Async async, Overflow defaults) {
		Overflow overflow = defaults;
		if (async.getMode() == Async.Mode.DROPPING) {
			overflow = new Overflow.DropNewest();
		}
		else if (async.getMode() == Async.Mode.SLIDING) {
			overflow = new Overflow.DropOldest();
		}
		else if (async.getMode() == Async.Mode.BLOCKING && !(defaults instanceof Overflow.Block)) {
			overflow = new Overflow.Block(DEFAULT_BLOCK_TIMEOUT);
		}
		Duration timeout = async.getBlockTimeout();
		if (timeout == null) {
			return overflow;
		}
		String property = this.properties.property("async.block-timeout");
		if (!(overflow instanceof Overflow.Block)) {
			throw new InvalidTelemetryConfigurationException(property, timeout,
					"only a queue of the mode 'blocking' lets a caller wait",
					"Remove it, or set '" + this.properties.property("async.mode") + "' to blocking");
		}
		if (timeout.isNegative() || timeout.isZero()) {
			throw new InvalidTelemetryConfigurationException(property, timeout, "it is not above zero",
					"Use a duration such as 500ms, or another mode to wait for nothing");
		}
		return new Overflow.Block(timeout);
	}

	private int atLeastOne(String key, @Nullable Integer value, int silent) {
		if (value == null) {
			return silent;
		}
		if (value < 1) {
			throw new InvalidTelemetryConfigurationException(this.properties.property(key), value,
					"it is not at least 1", "Use a number of 1 or more");
		}
		return value;
	}

	private Duration notNegative(String key, @Nullable Duration value, Duration silent) {
		if (value == null) {
			return silent;
		}
		if (value.isNegative()) {
			throw new InvalidTelemetryConfigurationException(this.properties.property(key), value, "it is negative",
					"Use a duration such as 200ms or 5s");
		}
		return value;
	}

}
