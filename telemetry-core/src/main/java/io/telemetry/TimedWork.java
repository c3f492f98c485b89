package io.telemetry;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;

import io.telemetry.context.SignalContext;
import org.jspecify.annotations.Nullable;

/**
 * One run of a piece of work whose time is taken, from its beginning to its end, which
 * may be on another thread.
 */
final class TimedWork implements FollowedWork {

	private static final double NANOS_PER_MILLISECOND = 1_000_000;

	private final LongSupplier nanoTime;

	private final BiConsumer<Double, Map<String, ?>> times;

	/** Guarded by itself. */
	private final Map<String, @Nullable Object> data = new LinkedHashMap<>();

	private long start;

	private boolean ended;

	/**
	 * A run.
	 * @param nanoTime the clock
	 * @param times takes the milliseconds and what is known of the run, once
	 */
	TimedWork(LongSupplier nanoTime, BiConsumer<Double, Map<String, ?>> times) {
		this.nanoTime = nanoTime;
		this.times = times;
	}

	<T extends @Nullable Object, X extends Exception> T call(Work<T, X> work) throws X {
		begin();
		T result;
		try {
			result = work.call();
		}
		catch (Throwable ex) {
			end(null, ex);
			throw ex;
		}
		return FollowedWork.follow(result, this, () -> new TimedWork(this.nanoTime, this.times));
	}

	@Override
	public boolean begin() {
		this.start = this.nanoTime.getAsLong();
		return true;
	}

	@Override
	public void leave() {
	}

	@Override
	public @Nullable SignalContext context() {
		return null;
	}

	@Override
	public void attribute(String name, @Nullable Object value) {
		synchronized (this.data) {
			if (!this.ended) {
				this.data.put(name, value);
			}
		}
	}

	@Override
	public void end(@Nullable Object result, @Nullable Throwable failure) {
		synchronized (this.data) {
			if (this.ended) {
				return;
			}
			this.ended = true;
			if (failure != null) {
				this.data.put("error", failure.getClass().getName());
			}
		}
		this.times.accept((this.nanoTime.getAsLong() - this.start) / NANOS_PER_MILLISECOND, this.data);
	}

}
