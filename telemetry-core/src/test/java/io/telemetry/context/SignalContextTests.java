package io.telemetry.context;

import java.lang.management.ManagementFactory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import com.sun.management.ThreadMXBean;
import io.telemetry.signal.Fields;
import io.telemetry.signal.Signal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * {@link SignalContext} on one thread and on many that do not know of each other.
 */
@SuppressWarnings("try")
class SignalContextTests {

	@AfterEach
	void nothingIsLeft() throws Exception {
		assertThat(held()).isNull();
	}

	/** What the thread-local holds for this thread. */
	static Object held() throws Exception {
		var field = SignalContext.class.getDeclaredField("INNERMOST");
		field.setAccessible(true);
		return ((ThreadLocal<?>) field.get(null)).get();
	}

	@Test
	void nothingIsAmbientWithoutAScope() {
		assertThat(SignalContext.current()).isSameAs(SignalContext.EMPTY);
		assertThat(SignalContext.EMPTY.fields()).isEmpty();
		assertThat(SignalContext.EMPTY.span()).isNull();
		assertThat(SignalContext.EMPTY.witness()).isNull();
	}

	@Test
	void scopesNestAndMergeAndRestoreWhatWasThereBefore() {
		Span span = Span.root();
		SignalContext outer = SignalContext.EMPTY.with("a", 1).with("b", 2).withSpan(span);
		try (Scope first = outer.open()) {
			try (Scope second = SignalContext.current().with(ordered("b", 3, "c", 4)).open()) {
				assertThat(SignalContext.current().fields()).containsExactly(Map.entry("a", 1), Map.entry("b", 3),
						Map.entry("c", 4));
				assertThat(SignalContext.current().span()).isSameAs(span);
			}
			assertThat(SignalContext.current()).isSameAs(outer);
		}
		assertThat(SignalContext.current()).isSameAs(SignalContext.EMPTY);
	}

	@Test
	void openedContextReplacesAndDoesNotMerge() {
		try (Scope first = SignalContext.EMPTY.with("a", 1).open();
				Scope second = SignalContext.EMPTY.with("b", 2).open()) {
			assertThat(SignalContext.current().fields()).isEqualTo(Map.of("b", 2));
		}
	}

	@Test
	void nullValueTakesAFieldAway() {
		SignalContext context = SignalContext.EMPTY.with("a", 1).with("b", 2);
		assertThat(context.with("a", null).fields()).isEqualTo(Map.of("b", 2));
		Map<String, Object> none = new HashMap<>();
		none.put("a", null);
		none.put("b", null);
		assertThat(context.with(none)).isSameAs(SignalContext.EMPTY);
	}

	@Test
	void nameThatIsNullIsRefused() {
		Map<String, Object> fields = new HashMap<>();
		fields.put(null, 1);
		assertThatNullPointerException().isThrownBy(() -> SignalContext.EMPTY.with(null, 1)).withMessage("name");
		assertThatNullPointerException().isThrownBy(() -> SignalContext.EMPTY.with(fields)).withMessage("name");
	}

	@Test
	void contextsAreImmutableAndGoIntoSignalsUncopied() {
		Map<String, Object> given = new LinkedHashMap<>(Map.of("a", 1));
		SignalContext context = SignalContext.EMPTY.with(given);
		given.put("a", 2);
		assertThat(context.fields()).isEqualTo(Map.of("a", 1));
		assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> context.fields().put("b", 1));
		assertThatExceptionOfType(UnsupportedOperationException.class)
			.isThrownBy(() -> context.fields().entrySet().iterator().next().setValue(1));
		assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(() -> context.fields().clear());
		assertThat(Fields.immutable(context.fields())).isSameAs(context.fields());
	}

	@Test
	void witnessAndSpanFlowWithTheRestAndCanBeTakenAway() {
		Consumer<Signal> witness = (signal) -> {
		};
		Span span = Span.root();
		SignalContext context = SignalContext.EMPTY.withWitness(witness).withSpan(span).with("a", 1);
		assertThat(context.witness()).isSameAs(witness);
		assertThat(context.span()).isSameAs(span);
		SignalContext without = context.withWitness(null).withSpan(null);
		assertThat(without.fields()).isEqualTo(Map.of("a", 1));
		assertThat(without.with("a", null)).isSameAs(SignalContext.EMPTY);
	}

	@Test
	void exceptionInsideAScopeEndsIt() {
		assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> {
			try (Scope scope = SignalContext.EMPTY.with("a", 1).open()) {
				throw new IllegalStateException("on purpose");
			}
		});
		assertThat(SignalContext.current()).isSameAs(SignalContext.EMPTY);
	}

	@Test
	void closingTwiceIsHarmless() {
		SignalContext outer = SignalContext.EMPTY.with("a", 1);
		try (Scope first = outer.open()) {
			Scope second = outer.open();
			second.close();
			second.close();
			assertThat(SignalContext.current()).isSameAs(outer);
		}
	}

	@Test
	void outerScopeClosedFirstLeavesTheInnerOneAndIsNotComeBackTo() {
		SignalContext outer = SignalContext.EMPTY.with("a", 1);
		SignalContext middle = SignalContext.EMPTY.with("b", 2);
		SignalContext inner = SignalContext.EMPTY.with("c", 3);
		Scope first = outer.open();
		Scope second = middle.open();
		Scope third = inner.open();
		second.close();
		assertThat(SignalContext.current()).isSameAs(inner);
		third.close();
		assertThat(SignalContext.current()).isSameAs(outer);
		second.close();
		assertThat(SignalContext.current()).isSameAs(outer);
		first.close();
	}

	@Test
	void scopeClosedOnAnotherThreadStaysOpenOnItsOwn() throws Exception {
		SignalContext context = SignalContext.EMPTY.with("a", 1);
		SignalContext theirs = SignalContext.EMPTY.with("b", 2);
		Scope scope = context.open();
		Thread other = new Thread(() -> {
			try (Scope own = theirs.open()) {
				scope.close();
				assertThat(SignalContext.current()).isSameAs(theirs);
			}
		});
		List<Throwable> failures = new ArrayList<>();
		other.setUncaughtExceptionHandler((thread, ex) -> failures.add(ex));
		other.start();
		other.join(10_000);
		assertThat(failures).isEmpty();
		assertThat(SignalContext.current()).isSameAs(context);
		scope.close();
		assertThat(SignalContext.current()).isSameAs(SignalContext.EMPTY);
	}

	@Test
	void otherThreadsSeeNothingOfThemselves() throws Exception {
		ExecutorService executor = Executors.newSingleThreadExecutor();
		try (Scope scope = SignalContext.EMPTY.with("a", 1).open()) {
			assertThat(executor.submit(SignalContext::current).get(10, TimeUnit.SECONDS)).isSameAs(SignalContext.EMPTY);
		}
		finally {
			executor.shutdownNow();
		}
	}

	@Test
	void fieldsOverTheBoundAreDroppedAndCountedWhileOldOnesCanBeReplaced() {
		long before = SignalContext.stats().fieldsDropped();
		SignalContext context = SignalContext.EMPTY;
		for (int i = 0; i < SignalContext.MAX_FIELDS + 3; i++) {
			context = context.with("field" + i, i);
		}
		context = context.with(ordered("more", 1, "field0", "new"));
		assertThat(context.fields()).hasSize(SignalContext.MAX_FIELDS)
			.containsEntry("field0", "new")
			.containsKey("field127")
			.doesNotContainKey("field128");
		assertThat(SignalContext.stats().fieldsDropped() - before).isEqualTo(4);
	}

	@Test
	void scopesOverTheBoundChangeNothingAndAreCounted() {
		long before = SignalContext.stats().scopesDropped();
		Deque<Scope> scopes = new ArrayDeque<>();
		SignalContext last = SignalContext.EMPTY;
		for (int i = 0; i < SignalContext.MAX_SCOPES; i++) {
			last = SignalContext.EMPTY.with("depth", i);
			scopes.push(last.open());
		}
		try (Scope over = SignalContext.EMPTY.with("depth", "over").open()) {
			assertThat(SignalContext.current()).isSameAs(last);
		}
		assertThat(SignalContext.current()).isSameAs(last);
		scopes.forEach(Scope::close);
		assertThat(SignalContext.stats().scopesDropped() - before).isOne();
	}

	@Test
	void readingAllocatesNothing() {
		ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
		assumeThat(threads.isThreadAllocatedMemorySupported() && threads.isThreadAllocatedMemoryEnabled()).isTrue();
		try (Scope scope = SignalContext.EMPTY.with("a", 1).withSpan(Span.root()).open()) {
			read(1_000);
			long before = threads.getCurrentThreadAllocatedBytes();
			int seen = read(100_000);
			long allocated = threads.getCurrentThreadAllocatedBytes() - before;
			assertThat(seen).isEqualTo(100_000);
			// Room for what the measurement itself takes, far below a byte each time.
			assertThat(allocated).isLessThan(10_000);
		}
	}

	private static int read(int times) {
		int seen = 0;
		for (int i = 0; i < times; i++) {
			Span span = SignalContext.current().span();
			seen += (span != null && span.place().spanId() != null) ? 1 : 0;
		}
		return seen;
	}

	@Test
	void manyThreadsWithRandomScopesEachSeeTheirOwn() throws Exception {
		int count = 8;
		ExecutorService executor = Executors.newFixedThreadPool(count);
		CyclicBarrier start = new CyclicBarrier(count);
		try {
			List<Callable<Object>> tasks = new ArrayList<>();
			for (int i = 0; i < count; i++) {
				int seed = i;
				tasks.add(() -> {
					start.await(10, TimeUnit.SECONDS);
					openAndCloseAtRandom(new Random(seed), "thread" + seed);
					return held();
				});
			}
			for (Future<Object> left : executor.invokeAll(tasks, 60, TimeUnit.SECONDS)) {
				assertThat(left.get()).isNull();
			}
		}
		finally {
			executor.shutdownNow();
		}
	}

	private static void openAndCloseAtRandom(Random random, String name) {
		Deque<Scope> scopes = new ArrayDeque<>();
		Deque<SignalContext> expected = new ArrayDeque<>(List.of(SignalContext.EMPTY));
		for (int i = 0; i < 50_000; i++) {
			if (scopes.isEmpty() || (scopes.size() < 50 && random.nextBoolean())) {
				SignalContext next = SignalContext.current().with(name + random.nextInt(5), i);
				scopes.push(next.open());
				expected.push(next);
			}
			else {
				scopes.pop().close();
				expected.pop();
			}
			if (SignalContext.current() != expected.peek()) {
				throw new AssertionError(SignalContext.current() + " instead of " + expected.peek());
			}
			for (String field : SignalContext.current().fields().keySet()) {
				assertThat(field).startsWith(name);
			}
		}
		scopes.forEach(Scope::close);
	}

	@Test
	void scopesClosedInAnyOrderLeaveTheInnermostOpenOneCurrent() throws Exception {
		Random random = new Random(42);
		for (int round = 0; round < 500; round++) {
			List<SignalContext> contexts = new ArrayList<>();
			List<Scope> scopes = new ArrayList<>();
			for (int i = 0; i < 12; i++) {
				contexts.add(SignalContext.EMPTY.with("i", i));
				scopes.add(contexts.get(i).open());
			}
			while (!scopes.isEmpty()) {
				int closed = random.nextInt(scopes.size());
				boolean innermost = closed == scopes.size() - 1;
				SignalContext before = SignalContext.current();
				scopes.remove(closed).close();
				contexts.remove(closed);
				SignalContext after = contexts.isEmpty() ? SignalContext.EMPTY : contexts.get(contexts.size() - 1);
				assertThat(SignalContext.current()).isSameAs(innermost ? after : before);
			}
			assertThat(held()).isNull();
		}
	}

	private static Map<String, Object> ordered(String first, Object one, String second, Object two) {
		Map<String, Object> map = new LinkedHashMap<>();
		map.put(first, one);
		map.put(second, two);
		return map;
	}

}
