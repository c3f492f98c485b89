package io.telemetry.dispatch;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import io.telemetry.handler.SignalHandler;
import io.telemetry.signal.Signal;

/**
 * A handler that stands still until a test lets it go on, so that the test knows where
 * its thread is.
 */
public final class Gatekeeper implements SignalHandler {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private final Semaphore entered = new Semaphore(0);

	private final Semaphore mayGoOn = new Semaphore(0);

	public final List<Signal> handled = new CopyOnWriteArrayList<>();

	public final List<Integer> batches = new CopyOnWriteArrayList<>();

	public volatile boolean closed;

	public volatile boolean interrupted;

	@Override
	public void handle(Signal signal) throws InterruptedException {
		this.entered.release();
		try {
			this.mayGoOn.acquire();
		}
		catch (InterruptedException ex) {
			this.interrupted = true;
			throw ex;
		}
		this.handled.add(signal);
	}

	@Override
	public void handle(List<Signal> batch) throws Exception {
		this.batches.add(batch.size());
		SignalHandler.super.handle(batch);
	}

	@Override
	public void close() {
		this.closed = true;
	}

	/**
	 * Waits until the handler is inside {@code handle}.
	 */
	public void awaitEntered() throws InterruptedException {
		if (!this.entered.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
			throw new AssertionError("The handler was not entered within " + PATIENCE);
		}
	}

	/**
	 * Lets the handler go on for good.
	 */
	public void open() {
		this.mayGoOn.release(1_000_000);
	}

	public List<String> messages() {
		return this.handled.stream().map((signal) -> String.valueOf(signal.message())).toList();
	}

}
