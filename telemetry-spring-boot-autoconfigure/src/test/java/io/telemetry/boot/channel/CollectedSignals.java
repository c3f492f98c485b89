package io.telemetry.boot.channel;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

import io.telemetry.handler.SignalHandler;
import io.telemetry.signal.Signal;

/**
 * A handler that keeps every signal.
 */
public final class CollectedSignals implements SignalHandler {

	private final List<Signal> signals = new CopyOnWriteArrayList<>();

	private volatile Consumer<Signal> taker = this.signals::add;

	@Override
	public void handle(Signal signal) {
		this.taker.accept(signal);
	}

	/**
	 * Keeps no signal from now on, because there will be too many.
	 * @param taker is given each of them instead, by several threads at once
	 */
	void giveTo(Consumer<Signal> taker) {
		this.taker = taker;
	}

	@Override
	public void close() {
	}

	public List<Signal> all() {
		return this.signals;
	}

	public List<Signal> browser() {
		return this.signals.stream().filter((signal) -> signal.namespace().startsWith("browser.")).toList();
	}

	public List<Signal> withId(String id) {
		return this.signals.stream().filter((signal) -> id.equals(signal.id())).toList();
	}

	public List<Signal> awaitWithId(String id, int count) {
		Patience.await().until(() -> withId(id).size() >= count);
		return withId(id);
	}

	public void clear() {
		this.signals.clear();
	}

}
