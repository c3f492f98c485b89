package io.telemetry.pipeline;

import java.util.function.LongSupplier;

import io.telemetry.dispatch.Lane;
import io.telemetry.handler.HandlerFaultListener;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.handler.SignalHandler;
import io.telemetry.limit.RateLimit;
import io.telemetry.limit.RateLimiter;
import io.telemetry.stats.OutcomeRecorder;
import org.jspecify.annotations.Nullable;

/**
 * One handler under its name. What is not final is guarded by the pipeline's monitor.
 */
final class HandlerEntry {

	final String name;

	final SignalHandler handler;

	final OutcomeRecorder recorder = new OutcomeRecorder();

	final Lane lane;

	LiveSettings<HandlerOptions> settings;

	private final LongSupplier nanoTime;

	private @Nullable RateLimiter limiter;

	HandlerEntry(String name, SignalHandler handler, HandlerOptions options, HandlerFaultListener faults,
			LongSupplier nanoTime) {
		this.name = name;
		this.handler = handler;
		this.settings = LiveSettings.of(options);
		this.nanoTime = nanoTime;
		this.lane = Lane.of(name, handler, options.queue(), options.durable(), this.recorder, faults);
	}

	/**
	 * The limiter of a limit. What it remembers outlives a change of anything else.
	 */
	@Nullable RateLimiter limiter(@Nullable RateLimit limit) {
		if (limit == null) {
			this.limiter = null;
		}
		else if (this.limiter == null || !this.limiter.limit().equals(limit)) {
			this.limiter = new RateLimiter(limit, this.nanoTime);
		}
		return this.limiter;
	}

}
