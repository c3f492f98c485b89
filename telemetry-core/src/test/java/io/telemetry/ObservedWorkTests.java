package io.telemetry;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

import io.telemetry.context.ContextExecutors;
import io.telemetry.context.SignalContext;
import io.telemetry.context.Span;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.pipeline.Change;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Run;
import io.telemetry.signal.Signal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

@Timeout(60)
class ObservedWorkTests {

	private final List<Signal> signals = new CopyOnWriteArrayList<>();

	private final AtomicLong nanos = new AtomicLong();

	private final SignalPipeline pipeline = SignalPipeline.builder()
		.nanoTime(this.nanos::get)
		.handler("memory", this.signals::add, HandlerOptions.DEFAULTS.withQueue(null).withMinLevel(Level.DEBUG))
		.build();

	private final Telemetry telemetry = new Telemetry(this.pipeline, "com.acme.Shop");

	@AfterEach
	void everythingIsAccountedFor() {
		assertThat(this.pipeline.stats().inFlight()).isZero();
		assertThat(SignalContext.current()).isSameAs(SignalContext.EMPTY);
		this.pipeline.close();
	}

	private int takeMillis(int millis) {
		this.nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
		return millis;
	}

	private Run run(String id) {
		return this.signals.stream().filter((signal) -> id.equals(signal.id())).findFirst().orElseThrow().run();
	}

	@Test
	void traceTellsDurationAndResult() {
		int result = this.telemetry.trace("shop/count", () -> takeMillis(7));
		assertThat(result).isEqualTo(7);
		Signal signal = this.signals.get(0);
		assertThat(signal.kind()).isEqualTo(Kind.TRACE);
		assertThat(signal.level()).isEqualTo(Level.INFO);
		assertThat(signal.run().duration()).isEqualTo(Duration.ofMillis(7));
		assertThat(signal.run().result()).isEqualTo(7);
		assertThat(signal.run().parentId()).isNull();
		assertThat(signal.run().rootId()).isEqualTo(signal.run().spanId());
		assertThat(signal.error()).isNull();
	}

	@Test
	void traceTellsAndThrowsWhatTheWorkThrows() {
		IOException failure = new IOException("no line");
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> this.telemetry.trace("shop/call", () -> {
			throw failure;
		})).isSameAs(failure);
		assertThat(this.signals.get(0).throwable()).isSameAs(failure);
		assertThat(this.signals.get(0).run().result()).isNull();
	}

	@Test
	void callableSupplierAndRunnableCanBeTraced() throws Exception {
		Callable<String> callable = () -> "a";
		Supplier<String> supplier = () -> "b";
		Runnable runnable = () -> takeMillis(1);
		assertThat(this.telemetry.trace("a", callable::call)).isEqualTo("a");
		assertThat(this.telemetry.trace("b", supplier::get)).isEqualTo("b");
		this.telemetry.trace("c", runnable::run);
		this.telemetry.trace("d", () -> {
			takeMillis(1);
		});
		assertThat(this.signals).extracting(Signal::id).containsExactly("a", "b", "c", "d");
	}

	@Test
	void spansNestAndSignalsBelongToTheInnermost() {
		this.telemetry.trace("outer", () -> {
			this.telemetry.log("in outer");
			this.telemetry.trace("inner", () -> {
				this.telemetry.log("in inner");
			});
		});
		Run outer = run("outer");
		Run inner = run("inner");
		assertThat(inner.traceId()).isEqualTo(outer.traceId());
		assertThat(inner.parentId()).isEqualTo(outer.spanId());
		assertThat(inner.rootId()).isEqualTo(outer.spanId());
		assertThat(this.signals).filteredOn((signal) -> signal.kind() == Kind.LOG)
			.extracting((signal) -> signal.run().spanId())
			.containsExactly(outer.spanId(), inner.spanId());
		assertThat(this.signals.get(0).run().duration()).isNull();
	}

	@Test
	void spanOfACallerElsewhereIsTheParent() {
		Span caller = Span.of("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331");
		SignalContext.current().withSpan(caller).wrap(() -> {
			this.telemetry.trace("served", () -> 1);
		}).run();
		assertThat(run("served").traceId()).isEqualTo(caller.traceId());
		assertThat(run("served").parentId()).isEqualTo(caller.spanId());
	}

	@Test
	void spanIsInForceOnTheThreadsOfAWrappedExecutor() throws Exception {
		ExecutorService executor = ContextExecutors.wrap(Executors.newSingleThreadExecutor());
		try {
			this.telemetry.trace("outer", () -> {
				executor.submit(() -> this.telemetry.trace("elsewhere", () -> 1)).get();
			});
		}
		finally {
			executor.shutdownNow();
		}
		assertThat(run("elsewhere").parentId()).isEqualTo(run("outer").spanId());
	}

	@Test
	void attributesSetMeanwhileBecomeData() {
		this.telemetry.attribute("nobody", "listens");
		this.telemetry.trace("outer", () -> {
			this.telemetry.attribute("rows", 3);
			this.telemetry.trace("inner", () -> {
				this.telemetry.attribute("rows", 4);
			});
			this.telemetry.attribute("ok", true);
		});
		assertThat(this.signals).extracting(Signal::data)
			.containsExactly(Map.of("rows", 4), Map.of("rows", 3, "ok", true));
	}

	@Test
	void completionStageEndsTheRunWhenItCompletes() {
		CompletableFuture<String> future = new CompletableFuture<>();
		CompletableFuture<String> returned = this.telemetry.trace("async", () -> future);
		assertThat(returned).isSameAs(future);
		assertThat(this.signals).isEmpty();
		assertThat(this.pipeline.stats().inFlight()).isOne();
		takeMillis(30);
		future.complete("done");
		assertThat(run("async").duration()).isEqualTo(Duration.ofMillis(30));
		assertThat(run("async").result()).isEqualTo("done");
	}

	@Test
	void completionStageThatFailsTellsTheCause() {
		this.telemetry.trace("async", () -> CompletableFuture.supplyAsync(() -> {
			throw new IllegalStateException("no");
		}).exceptionally((ex) -> {
			throw new CompletionException(ex.getCause());
		})).handle((value, ex) -> ex).toCompletableFuture().join();
		org.awaitility.Awaitility.await().until(() -> !this.signals.isEmpty());
		assertThat(this.signals.get(0).throwable()).isInstanceOf(IllegalStateException.class);
	}

	@Test
	void monoEndsTheRunWithEachSubscription() {
		Mono<Integer> mono = this.telemetry.trace("mono", () -> Mono.fromCallable(() -> takeMillis(5)));
		assertThat(this.signals).isEmpty();
		assertThat(mono.block()).isEqualTo(5);
		assertThat(mono.block()).isEqualTo(5);
		assertThat(this.signals).hasSize(2).allSatisfy((signal) -> {
			assertThat(signal.run().duration()).isEqualTo(Duration.ofMillis(5));
			assertThat(signal.run().result()).isEqualTo(5);
		});
		assertThat(this.signals.get(0).run().spanId()).isNotEqualTo(this.signals.get(1).run().spanId());
	}

	@Test
	void fluxTellsElementsFailureAndCancellation() {
		this.telemetry.trace("flux", () -> Flux.just(1, 2, 3)).blockLast();
		this.telemetry.trace("failed", () -> Flux.error(new IllegalStateException("no"))).onErrorComplete().blockLast();
		this.telemetry.trace("cancelled", () -> Flux.range(0, 100)).take(2, false).blockLast();
		assertThat(this.signals).extracting(Signal::id).containsExactly("flux", "failed", "cancelled");
		assertThat(this.signals.get(0).data()).containsEntry("elements", 3L);
		assertThat(this.signals.get(1).throwable()).isInstanceOf(IllegalStateException.class);
		assertThat(this.signals.get(2).data()).containsEntry("cancelled", true);
	}

	@Test
	void refusedWorkIsJustDone() {
		this.pipeline.change(List.of(Change.Pipeline.idDisallow(List.of("noisy/*"))), null);
		this.telemetry.trace("outer", () -> {
			assertThat(this.telemetry.trace("noisy/x", () -> this.telemetry.trace("inner", () -> 3))).isEqualTo(3);
		});
		assertThat(this.telemetry.signal(Level.TRACE, Kind.TRACE).observe(() -> 4)).isEqualTo(4);
		assertThat(this.signals).extracting(Signal::id).containsExactly("inner", "outer");
		assertThat(run("inner").parentId()).isEqualTo(run("outer").spanId());
	}

	@Test
	void spyTellsTheValueAndReturnsIt() {
		assertThat(this.telemetry.spy(Level.DEBUG, () -> takeMillis(2) + 40)).isEqualTo(42);
		assertThat(this.signals.get(0).kind()).isEqualTo(Kind.SPY);
		assertThat(this.signals.get(0).run().result()).isEqualTo(42);
		assertThat(this.signals.get(0).run().spanId()).isNull();
	}

	@Test
	void builderAddsLevelDataAndLeavesTheResultOut() {
		this.telemetry.signal(Level.DEBUG, Kind.TRACE)
			.id("query")
			.data("table", "users")
			.withResult(false)
			.observe(() -> "secret");
		assertThat(this.signals.get(0).data()).isEqualTo(Map.of("table", "users"));
		assertThat(this.signals.get(0).run().result()).isNull();
	}

	@Test
	void catchToErrorTellsAndThrowsOrFallsBack() {
		IllegalStateException failure = new IllegalStateException("no");
		assertThatIllegalStateException().isThrownBy(() -> this.telemetry.catchToError(() -> {
			throw failure;
		})).isSameAs(failure);
		String fallback = this.telemetry.catchToError(() -> {
			throw new IOException("no line");
		}, "fallback");
		assertThat(fallback).isEqualTo("fallback");
		assertThat(this.telemetry.catchToError(() -> "fine", "fallback")).isEqualTo("fine");
		assertThat(this.signals).extracting((signal) -> signal.error().type())
			.containsExactly("java.lang.IllegalStateException", "java.io.IOException");
	}

	@Test
	void moduleTellsLoadingLoadedAndFailed() {
		assertThat(this.telemetry.module("prices", () -> takeMillis(12))).isEqualTo(12);
		assertThatIllegalStateException().isThrownBy(() -> this.telemetry.module("stock", () -> {
			throw new IllegalStateException("no");
		}));
		assertThat(this.signals).extracting(Signal::id)
			.containsExactly("module/loading", "module/loaded", "module/loading", "module/failed");
		assertThat(this.signals.get(1).data()).isEqualTo(Map.of("module", "prices", "loadMs", 12.0));
		assertThat(this.signals.get(3).level()).isEqualTo(Level.ERROR);
		assertThat(this.signals.get(3).error().message()).isEqualTo("no");
	}

}
