package io.telemetry.dispatch;

import java.util.concurrent.atomic.AtomicInteger;

import io.telemetry.signal.Delivery;

/**
 * Somebody who keeps signals and counts what he is told of them.
 */
public final class Keeper implements Delivery {

	private final AtomicInteger holds = new AtomicInteger();

	private final AtomicInteger done = new AtomicInteger();

	private final AtomicInteger abandoned = new AtomicInteger();

	@Override
	public void hold() {
		this.holds.incrementAndGet();
	}

	@Override
	public void done() {
		this.done.incrementAndGet();
	}

	@Override
	public void abandon() {
		this.abandoned.incrementAndGet();
	}

	/**
	 * Holds that were not ended yet.
	 */
	public int open() {
		return this.holds.get() - this.done.get() - this.abandoned.get();
	}

	@Override
	public String toString() {
		return this.holds + " held, " + this.done + " done, " + this.abandoned + " abandoned";
	}

}
