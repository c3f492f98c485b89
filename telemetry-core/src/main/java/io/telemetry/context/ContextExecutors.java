package io.telemetry.context;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.jspecify.annotations.Nullable;

/**
 * Executors whose tasks run in the context of whoever handed them in, as
 * {@link SignalContext#wrap(Runnable)} has it. Everything else is the wrapped executor's.
 */
public final class ContextExecutors {

	private ContextExecutors() {
	}

	/**
	 * An executor whose tasks take the context along.
	 * @param executor who runs them
	 * @return the same with context
	 */
	public static Executor wrap(Executor executor) {
		Objects.requireNonNull(executor, "executor");
		return (task) -> executor.execute(SignalContext.current().wrap(task));
	}

	/**
	 * An executor whose tasks take the context along.
	 * @param executor who runs them
	 * @return the same with context
	 */
	public static ExecutorService wrap(ExecutorService executor) {
		return new Wrapped<>(Objects.requireNonNull(executor, "executor"));
	}

	/**
	 * An executor whose tasks take the context along; a task that is repeated has it each
	 * time.
	 * @param executor who runs them
	 * @return the same with context
	 */
	public static ScheduledExecutorService wrap(ScheduledExecutorService executor) {
		return new WrappedScheduled(Objects.requireNonNull(executor, "executor"));
	}

	private static class Wrapped<E extends ExecutorService> implements ExecutorService {

		final E executor;

		Wrapped(E executor) {
			this.executor = executor;
		}

		static Runnable inContext(Runnable task) {
			return SignalContext.current().wrap(task);
		}

		static <T extends @Nullable Object> Callable<T> inContext(Callable<T> task) {
			return SignalContext.current().wrap(task);
		}

		private static <T extends @Nullable Object> List<Callable<T>> inContext(
				Collection<? extends Callable<T>> tasks) {
			SignalContext context = SignalContext.current();
			List<Callable<T>> wrapped = new ArrayList<>(tasks.size());
			for (Callable<T> task : tasks) {
				wrapped.add(context.wrap(task));
			}
			return wrapped;
		}

		@Override
		public void execute(Runnable task) {
			this.executor.execute(inContext(task));
		}

		@Override
		public <T extends @Nullable Object> Future<T> submit(Callable<T> task) {
			return this.executor.submit(inContext(task));
		}

		@Override
		public <T extends @Nullable Object> Future<T> submit(Runnable task, T result) {
			return this.executor.submit(inContext(task), result);
		}

		@Override
		public Future<?> submit(Runnable task) {
			return this.executor.submit(inContext(task));
		}

		@Override
		public <T extends @Nullable Object> List<Future<T>> invokeAll(Collection<? extends Callable<T>> tasks)
				throws InterruptedException {
			return this.executor.invokeAll(inContext(tasks));
		}

		@Override
		public <T extends @Nullable Object> List<Future<T>> invokeAll(Collection<? extends Callable<T>> tasks,
				long timeout, TimeUnit unit) throws InterruptedException {
			return this.executor.invokeAll(inContext(tasks), timeout, unit);
		}

		@Override
		public <T extends @Nullable Object> T invokeAny(Collection<? extends Callable<T>> tasks)
				throws InterruptedException, ExecutionException {
			return this.executor.invokeAny(inContext(tasks));
		}

		@Override
		public <T extends @Nullable Object> T invokeAny(Collection<? extends Callable<T>> tasks, long timeout,
				TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
			return this.executor.invokeAny(inContext(tasks), timeout, unit);
		}

		@Override
		public void shutdown() {
			this.executor.shutdown();
		}

		@Override
		public List<Runnable> shutdownNow() {
			return this.executor.shutdownNow();
		}

		@Override
		public boolean isShutdown() {
			return this.executor.isShutdown();
		}

		@Override
		public boolean isTerminated() {
			return this.executor.isTerminated();
		}

		@Override
		public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
			return this.executor.awaitTermination(timeout, unit);
		}

		/**
		 * An executor can be closed from Java 19 on, and some have a way of their own:
		 * the common pool's does nothing, where the inherited one would wait for ever.
		 */
		@SuppressWarnings("MissingOverride")
		public void close() throws Exception {
			if (this.executor instanceof AutoCloseable closeable) {
				closeable.close();
			}
		}

	}

	private static final class WrappedScheduled extends Wrapped<ScheduledExecutorService>
			implements ScheduledExecutorService {

		WrappedScheduled(ScheduledExecutorService executor) {
			super(executor);
		}

		@Override
		public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
			return this.executor.schedule(inContext(task), delay, unit);
		}

		@Override
		public <T extends @Nullable Object> ScheduledFuture<T> schedule(Callable<T> task, long delay, TimeUnit unit) {
			return this.executor.schedule(inContext(task), delay, unit);
		}

		@Override
		public ScheduledFuture<?> scheduleAtFixedRate(Runnable task, long initialDelay, long period, TimeUnit unit) {
			return this.executor.scheduleAtFixedRate(inContext(task), initialDelay, period, unit);
		}

		@Override
		public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, long initialDelay, long delay, TimeUnit unit) {
			return this.executor.scheduleWithFixedDelay(inContext(task), initialDelay, delay, unit);
		}

	}

}
