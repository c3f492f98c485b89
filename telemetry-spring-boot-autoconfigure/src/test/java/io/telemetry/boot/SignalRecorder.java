package io.telemetry.boot;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.telemetry.handler.SignalHandler;
import io.telemetry.signal.Signal;

/**
 * Keeps the signals it is given.
 */
public class SignalRecorder implements SignalHandler {

	private final List<Signal> signals = new CopyOnWriteArrayList<>();

	private volatile boolean closed;

	@Override
	public void handle(Signal signal) {
		if (this.closed) {
			throw new IllegalStateException("closed");
		}
		this.signals.add(signal);
	}

	@Override
	public void close() {
		if (this.closed) {
			throw new IllegalStateException("closed twice");
		}
		this.closed = true;
	}

	public List<Signal> signals() {
		return this.signals;
	}

	public boolean isClosed() {
		return this.closed;
	}

}
