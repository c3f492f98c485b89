package io.telemetry.handler.socket;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Time that only pauses make go on, and chance that always says the same.
 */
class ManualTiming implements Timing {

	private final AtomicLong nanoTime = new AtomicLong(Long.MAX_VALUE - 5);

	private final List<Duration> pauses = new CopyOnWriteArrayList<>();

	private volatile double random = 0.5;

	@Override
	public long nanoTime() {
		return this.nanoTime.get();
	}

	@Override
	public double random() {
		return this.random;
	}

	@Override
	public void pause(long nanos, CountDownLatch orUntil) throws InterruptedException {
		this.pauses.add(Duration.ofNanos(nanos));
		this.nanoTime.addAndGet(nanos);
	}

	@Override
	public Duration probation() {
		return Duration.ZERO;
	}

	void elapse(Duration time) {
		this.nanoTime.addAndGet(time.toNanos());
	}

	List<Duration> pauses() {
		return this.pauses;
	}

}
