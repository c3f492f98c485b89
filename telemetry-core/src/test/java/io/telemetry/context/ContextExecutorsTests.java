package io.telemetry.context;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Tasks that take the context along: {@link SignalContext}'s {@code wrap} and
 * {@link ContextExecutors}.
 */
@SuppressWarnings("try")
class ContextExecutorsTests {

	private final SignalContext context = SignalContext.EMPTY.with("a", 1).withSpan(Span.root());

	private final ScheduledExecutorService pool = Executors.newScheduledThreadPool(1);

	@AfterEach
	void shutDown() throws Exception {
		this.pool.shutdownNow();
		assertThat(this.pool.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
	}

	private static <T> T get(Future<T> future) throws Exception {
		return future.get(10, TimeUnit.SECONDS);
	}

	private void workerHoldsNothing() throws Exception {
		assertThat(get(this.pool.submit(SignalContextTests::held))).isNull();
	}

	@Test
	void everyWrappedFunctionRunsInTheContextAndRestoresTheThreadsOwn() throws Exception {
		List<SignalContext> seen = new ArrayList<>();
		Supplier<String> look = () -> {
			seen.add(SignalContext.current());
			return "done";
		};
		Runnable runnable = this.context.wrap((Runnable) look::get);
		Callable<String> callable = this.context.wrap((Callable<String>) look::get);
		Supplier<String> supplier = this.context.wrapSupplier(look);
		Consumer<String> consumer = this.context.wrapConsumer((value) -> look.get());
		Function<String, String> function = this.context.wrapFunction((value) -> value + look.get());
		BiFunction<String, String, String> biFunction = this.context
			.wrapBiFunction((first, second) -> first + second + look.get());
		SignalContext own = SignalContext.EMPTY.with("own", 1);
		try (Scope scope = own.open()) {
			runnable.run();
			assertThat(callable.call()).isEqualTo("done");
			assertThat(supplier.get()).isEqualTo("done");
			consumer.accept("");
			assertThat(function.apply("1 ")).isEqualTo("1 done");
			assertThat(biFunction.apply("1 ", "2 ")).isEqualTo("1 2 done");
			assertThat(SignalContext.current()).isSameAs(own);
		}
		assertThat(seen).hasSize(6).containsOnly(this.context);
		assertThat(SignalContext.current()).isSameAs(SignalContext.EMPTY);
	}

	@Test
	void taskThatThrowsRestoresTheThreadsOwn() {
		SignalContext own = SignalContext.EMPTY.with("own", 1);
		try (Scope scope = own.open()) {
			assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> this.context.wrap((Runnable) () -> {
				throw new IllegalStateException("on purpose");
			}).run());
			assertThat(SignalContext.current()).isSameAs(own);
		}
	}

	@Test
	void taskThatLeavesAScopeOpenLeavesNothingOnTheWorker() throws Exception {
		List<Scope> forgotten = new ArrayList<>();
		get(this.pool.submit(this.context.wrap((Runnable) () -> {
			forgotten.add(SignalContext.current().with("b", 2).open());
			forgotten.add(SignalContext.current().with("c", 2).open());
		})));
		workerHoldsNothing();
		get(this.pool.submit(() -> forgotten.forEach(Scope::close)));
		workerHoldsNothing();
	}

	@Test
	void scopeOfTheThreadThatATaskClosesIsNotComeBackTo() {
		Scope own = SignalContext.EMPTY.with("own", 1).open();
		this.context.wrap(own::close).run();
		assertThat(SignalContext.current()).isSameAs(SignalContext.EMPTY);
	}

	@Test
	void executorRunsTasksInTheContextOfWhoeverHandedThemIn() throws Exception {
		CompletableFuture<SignalContext> seen = new CompletableFuture<>();
		Executor executor = ContextExecutors.wrap((Executor) this.pool);
		try (Scope scope = this.context.open()) {
			executor.execute(() -> seen.complete(SignalContext.current()));
		}
		assertThat(get(seen)).isSameAs(this.context);
		workerHoldsNothing();
	}

	@Test
	void everyMethodOfAnExecutorServiceTakesTheContextAlong() throws Exception {
		ExecutorService executor = ContextExecutors.wrap((ExecutorService) this.pool);
		Callable<SignalContext> look = SignalContext::current;
		List<SignalContext> seen = new ArrayList<>();
		try (Scope scope = this.context.open()) {
			CompletableFuture<SignalContext> executed = new CompletableFuture<>();
			executor.execute(() -> executed.complete(SignalContext.current()));
			seen.add(get(executed));
			seen.add(get(executor.submit(look)));
			List<SignalContext> byRunnable = new ArrayList<>();
			get(executor.submit((Runnable) () -> byRunnable.add(SignalContext.current())));
			seen.addAll(byRunnable);
			seen.addAll(get(executor.submit((Runnable) () -> byRunnable.set(0, SignalContext.current()), byRunnable)));
			for (Future<SignalContext> future : executor.invokeAll(List.of(look, look))) {
				seen.add(get(future));
			}
			for (Future<SignalContext> future : executor.invokeAll(List.of(look, look), 10, TimeUnit.SECONDS)) {
				seen.add(get(future));
			}
			seen.add(executor.invokeAny(List.of(look)));
			seen.add(executor.invokeAny(List.of(look), 10, TimeUnit.SECONDS));
		}
		assertThat(seen).hasSize(10).containsOnly(this.context);
		workerHoldsNothing();
		assertThat(executor.isShutdown()).isFalse();
		executor.shutdown();
		assertThat(executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
		assertThat(executor.isShutdown()).isTrue();
		assertThat(executor.isTerminated()).isTrue();
		assertThat(executor.shutdownNow()).isEmpty();
	}

	@Test
	void scheduledTasksTakeTheContextAlongEachTime() throws Exception {
		ScheduledExecutorService executor = ContextExecutors.wrap(this.pool);
		List<SignalContext> atRate = new ArrayList<>();
		List<SignalContext> withDelay = new ArrayList<>();
		CountDownLatch threeTimesEach = new CountDownLatch(6);
		try (Scope scope = this.context.open()) {
			assertThat(get(executor.schedule(SignalContext::current, 1, TimeUnit.MILLISECONDS))).isSameAs(this.context);
			CompletableFuture<SignalContext> once = new CompletableFuture<>();
			executor.schedule(() -> {
				once.complete(SignalContext.current());
			}, 1, TimeUnit.MILLISECONDS);
			assertThat(get(once)).isSameAs(this.context);
			ScheduledFuture<?> rate = executor.scheduleAtFixedRate(() -> look(atRate, threeTimesEach), 0, 1,
					TimeUnit.MILLISECONDS);
			ScheduledFuture<?> delay = executor.scheduleWithFixedDelay(() -> look(withDelay, threeTimesEach), 0, 1,
					TimeUnit.MILLISECONDS);
			assertThat(threeTimesEach.await(10, TimeUnit.SECONDS)).isTrue();
			rate.cancel(false);
			delay.cancel(false);
		}
		workerHoldsNothing();
		assertThat(atRate).hasSize(3).containsOnly(this.context);
		assertThat(withDelay).hasSize(3).containsOnly(this.context);
	}

	private static void look(List<SignalContext> seen, CountDownLatch latch) {
		if (seen.size() < 3) {
			seen.add(SignalContext.current());
			latch.countDown();
		}
	}

	@Test
	void completableFutureAndForkJoinPoolTakeItAlong() throws Exception {
		ForkJoinPool forkJoin = new ForkJoinPool(2);
		try (Scope scope = this.context.open()) {
			Executor executor = ContextExecutors.wrap((ExecutorService) forkJoin);
			List<SignalContext> seen = new ArrayList<>();
			get(CompletableFuture.supplyAsync(SignalContext::current, executor)
				.thenAcceptAsync(seen::add, executor)
				.thenRunAsync(() -> seen.add(SignalContext.current()), executor));
			// A stage is handed in by the thread that ended the one before it, and that
			// one was in the context.
			assertThat(seen).hasSize(2).containsOnly(this.context);
		}
		finally {
			for (int i = 0; i < 20; i++) {
				assertThat(get(forkJoin.submit(SignalContextTests::held))).isNull();
			}
			forkJoin.shutdownNow();
		}
	}

	@Test
	void manyTasksOfManyContextsEachSeeTheirOwn() throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(4);
		ExecutorService executor = ContextExecutors.wrap(threads);
		try {
			List<Future<Boolean>> results = new ArrayList<>();
			for (int i = 0; i < 20_000; i++) {
				SignalContext own = SignalContext.EMPTY.with("task", i);
				try (Scope scope = own.open()) {
					results.add(executor.submit(() -> {
						boolean before = SignalContext.current() == own;
						try (Scope inner = own.with("inner", true).open()) {
							return before && SignalContext.current().fields().containsKey("inner");
						}
					}));
				}
			}
			for (Future<Boolean> result : results) {
				assertThat(get(result)).isTrue();
			}
			for (int i = 0; i < 20; i++) {
				assertThat(get(threads.submit(SignalContextTests::held))).isNull();
			}
		}
		finally {
			threads.shutdownNow();
		}
	}

	@Test
	void virtualThreadsTakeItAlong() throws Exception {
		assumeThat(Runtime.version().feature()).as("Java with virtual threads").isGreaterThanOrEqualTo(21);
		ExecutorService threads = (ExecutorService) Executors.class.getMethod("newVirtualThreadPerTaskExecutor")
			.invoke(null);
		ExecutorService executor = ContextExecutors.wrap(threads);
		List<Future<SignalContext>> seen = new ArrayList<>();
		try (Scope scope = this.context.open()) {
			for (int i = 0; i < 1_000; i++) {
				seen.add(executor.submit(SignalContext::current));
			}
			assertThat(get(threads.submit(SignalContext::current))).isSameAs(SignalContext.EMPTY);
		}
		for (Future<SignalContext> future : seen) {
			assertThat(get(future)).isSameAs(this.context);
		}
		((AutoCloseable) executor).close();
		assertThat(threads.isTerminated()).isTrue();
	}

	@Test
	void closingTheCommonPoolDoesNotWaitForIt() throws Exception {
		assumeThat(Runtime.version().feature()).as("Java whose executors close").isGreaterThanOrEqualTo(19);
		((AutoCloseable) ContextExecutors.wrap((ExecutorService) ForkJoinPool.commonPool())).close();
		assertThat(ForkJoinPool.commonPool().isShutdown()).isFalse();
	}

}
