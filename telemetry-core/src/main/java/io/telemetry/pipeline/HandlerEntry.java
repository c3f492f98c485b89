package io.telemetry.pipeline;

import io.telemetry.dispatch.Lane;
import io.telemetry.handler.HandlerFaultListener;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.handler.SignalHandler;
import io.telemetry.stats.OutcomeRecorder;

/**
 * One handler under its name. The live settings are guarded by the pipeline's monitor.
 */
final class HandlerEntry {

	final String name;

	final SignalHandler handler;

	final OutcomeRecorder recorder = new OutcomeRecorder();

	final Lane lane;

	LiveSettings<HandlerOptions> settings;

	HandlerEntry(String name, SignalHandler handler, HandlerOptions options, HandlerFaultListener faults) {
		this.name = name;
		this.handler = handler;
		this.settings = LiveSettings.of(options);
		this.lane = Lane.of(name, handler, options.queue(), this.recorder, faults);
	}

}
