package io.telemetry.context;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

import io.micrometer.context.ContextExecutorService;
import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ContextSnapshot;
import io.micrometer.context.ContextSnapshotFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link SignalContextThreadLocalAccessor} with the real library and with Reactor.
 */
@SuppressWarnings("try")
class ContextPropagationTests {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private final SignalContext context = SignalContext.EMPTY.with("a", 1).withSpan(Span.root());

	private final SignalContext other = SignalContext.EMPTY.with("other", 1);

	private final ContextSnapshotFactory snapshots = ContextSnapshotFactory.builder().build();

	private final ContextSnapshotFactory clearing = ContextSnapshotFactory.builder().clearMissing(true).build();

	@AfterEach
	void nothingIsLeft() throws Exception {
		assertThat(SignalContextTests.held()).isNull();
	}

	private ContextSnapshot captured() {
		try (Scope scope = this.context.open()) {
			return this.snapshots.captureAll();
		}
	}

	@Test
	void theLibraryFindsTheAccessor() {
		assertThat(ContextRegistry.getInstance().getThreadLocalAccessors())
			.filteredOn((accessor) -> accessor.key().equals("io.telemetry.context"))
			.singleElement()
			.isInstanceOf(SignalContextThreadLocalAccessor.class);
	}

	@Test
	void snapshotIsTakenAndPutBack() {
		ContextSnapshot snapshot = captured();
		try (ContextSnapshot.Scope restored = snapshot.setThreadLocals()) {
			assertThat(SignalContext.current()).isSameAs(this.context);
		}
		try (Scope own = this.other.open()) {
			try (ContextSnapshot.Scope restored = snapshot.setThreadLocals()) {
				assertThat(SignalContext.current()).isSameAs(this.context);
			}
			assertThat(SignalContext.current()).isSameAs(this.other);
		}
	}

	@Test
	void snapshotOfNothingLeavesTheContextAndClearsItWhereAsked() {
		try (Scope own = this.other.open()) {
			try (ContextSnapshot.Scope restored = emptySnapshot(this.snapshots).setThreadLocals()) {
				assertThat(SignalContext.current()).isSameAs(this.other);
			}
			try (ContextSnapshot.Scope restored = emptySnapshot(this.clearing).setThreadLocals()) {
				assertThat(SignalContext.current()).isSameAs(SignalContext.EMPTY);
			}
			assertThat(SignalContext.current()).isSameAs(this.other);
		}
	}

	private static ContextSnapshot emptySnapshot(ContextSnapshotFactory factory) {
		return SignalContext.EMPTY.wrapSupplier(() -> factory.captureAll()).get();
	}

	@Test
	void snapshotsAndScopesNest() {
		ContextSnapshot first = captured();
		ContextSnapshot second = this.other.wrapSupplier(() -> this.snapshots.captureAll()).get();
		try (ContextSnapshot.Scope one = first.setThreadLocals()) {
			try (ContextSnapshot.Scope two = second.setThreadLocals()) {
				try (Scope inner = SignalContext.current().with("b", 2).open()) {
					try (ContextSnapshot.Scope three = first.setThreadLocals()) {
						assertThat(SignalContext.current()).isSameAs(this.context);
					}
					assertThat(SignalContext.current().fields()).containsOnlyKeys("other", "b");
				}
				assertThat(SignalContext.current()).isSameAs(this.other);
			}
			assertThat(SignalContext.current()).isSameAs(this.context);
		}
	}

	@Test
	void scopeLeftOpenInsideASnapshotIsGoneWithIt() {
		try (Scope own = this.other.open()) {
			Scope forgotten;
			try (ContextSnapshot.Scope restored = captured().setThreadLocals()) {
				forgotten = SignalContext.current().with("b", 2).open();
			}
			assertThat(SignalContext.current()).isSameAs(this.other);
			forgotten.close();
			assertThat(SignalContext.current()).isSameAs(this.other);
		}
	}

	@Test
	void snapshotsThatAreNeverPutBackDoNotAddUp() throws Exception {
		ExecutorService executor = Executors.newSingleThreadExecutor();
		try {
			ContextSnapshot snapshot = captured();
			long before = SignalContext.stats().scopesDropped();
			executor.submit(() -> {
				for (int i = 0; i < SignalContext.MAX_SCOPES * 2; i++) {
					snapshot.setThreadLocals();
				}
				this.other.open().close();
			}).get(10, TimeUnit.SECONDS);
			assertThat(executor.submit(SignalContext::current).get(10, TimeUnit.SECONDS)).isSameAs(this.context);
			assertThat(SignalContext.stats().scopesDropped()).isEqualTo(before);
		}
		finally {
			executor.shutdownNow();
		}
	}

	@Test
	void contextExecutorServiceTakesItAlong() throws Exception {
		ExecutorService threads = Executors.newSingleThreadExecutor();
		ExecutorService executor = ContextExecutorService.wrap(threads, () -> this.snapshots.captureAll());
		try (Scope scope = this.context.open()) {
			assertThat(executor.submit(SignalContext::current).get(10, TimeUnit.SECONDS)).isSameAs(this.context);
			assertThat(threads.submit(SignalContextTests::held).get(10, TimeUnit.SECONDS)).isNull();
		}
		finally {
			threads.shutdownNow();
		}
	}

	@Test
	void reactorTakesItAcrossThreads() throws Exception {
		Scheduler one = Schedulers.newSingle("one");
		Scheduler two = Schedulers.newParallel("two", 2);
		Hooks.enableAutomaticContextPropagation();
		try (Scope scope = this.context.open()) {
			List<SignalContext> seen = Flux.range(0, 100)
				.publishOn(one)
				.map((i) -> SignalContext.current())
				.concatWith(
						Flux.range(0, 100).flatMap((i) -> Mono.fromCallable(SignalContext::current).subscribeOn(two)))
				.concatWith(Mono.delay(Duration.ofMillis(1), two).map((tick) -> SignalContext.current()))
				.concatWith(Mono.fromCallable(() -> "boundary").publishOn(two).map((text) -> SignalContext.current()))
				.collectList()
				.block(PATIENCE);
			assertThat(seen).hasSize(202).containsOnly(this.context);
			assertThat(SignalContext.current()).isSameAs(this.context);
		}
		finally {
			Hooks.disableAutomaticContextPropagation();
			for (Scheduler scheduler : List.of(one, two, two)) {
				assertThat(Mono.fromCallable(() -> SignalContextTests.held() == null)
					.subscribeOn(scheduler)
					.block(PATIENCE)).isTrue();
			}
			one.dispose();
			two.dispose();
		}
	}

	@Test
	void reactorTakesWhatIsInItsOwnContext() {
		Scheduler scheduler = Schedulers.newSingle("reactor");
		Hooks.enableAutomaticContextPropagation();
		try {
			assertThat(Mono.just(1)
				.publishOn(scheduler)
				.map((i) -> SignalContext.current())
				.contextWrite((view) -> view.put(SignalContextThreadLocalAccessor.KEY, this.context))
				.block(PATIENCE)).isSameAs(this.context);
		}
		finally {
			Hooks.disableAutomaticContextPropagation();
			scheduler.dispose();
		}
	}

}
