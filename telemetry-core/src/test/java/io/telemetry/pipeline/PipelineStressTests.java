package io.telemetry.pipeline;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

import io.telemetry.Capture;
import io.telemetry.Telemetry;
import io.telemetry.filter.SignalPredicate;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.handler.Overflow;
import io.telemetry.handler.QueueOptions;
import io.telemetry.handler.SignalHandler;
import io.telemetry.limit.LimitSettings;
import io.telemetry.limit.RateLimit;
import io.telemetry.sampling.SamplingSettings;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.stats.Outcome;
import io.telemetry.stats.OutcomeStats;
import io.telemetry.transform.SignalTransform;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the pipeline promises as a whole, with several threads at once and while
 * everything is changed. With {@code -Plong} the rounds are fifty times as many.
 */
@Timeout(600)
class PipelineStressTests {

	private static final int TIMES = Boolean.getBoolean("telemetry.test.long") ? 50 : 1;

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	private static final HandlerOptions DIRECT = HandlerOptions.DEFAULTS.withMinLevel(Level.of(Integer.MIN_VALUE))
		.withQueue(null);

	private static final QueueOptions SMALL = QueueOptions.DEFAULTS.withCapacity(32)
		.withBatches(8, Duration.ofMillis(1))
		.withDrainTimeout(PATIENCE);

	private static final Level[] LEVELS = { Level.TRACE, Level.DEBUG, Level.INFO, Level.of(42), Level.WARN, Level.ERROR,
			Level.FATAL };

	private static final String[] NAMESPACES = { "a", "a.b", "a.b.C", "x", "limited.Y", "sampled.Z" };

	private static final String[] IDS = { "shop/pay", ":shop/pay", "shop/poll", "user/1", "user/2", "user/limited" };

	private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

	@Test
	void everySumClosesWhateverIsChangedMeanwhile() throws Exception {
		SignalPipeline pipeline = busyPipeline();
		ConcurrentLinkedQueue<HandlerEntry> entries = new ConcurrentLinkedQueue<>(entries(pipeline));
		AtomicBoolean over = new AtomicBoolean();
		List<Thread> others = new ArrayList<>();
		others.add(start(() -> {
			while (!over.get()) {
				assertThat(pipeline.stats().inFlight()).isNotNegative();
				for (HandlerEntry entry : entries) {
					assertThat(entry.recorder.snapshot().inFlight()).as(entry.name).isNotNegative();
				}
			}
		}));
		for (int c = 0; c < 2; c++) {
			int changer = c;
			others.add(start(() -> {
				SplittableRandom random = new SplittableRandom(100 + changer);
				for (int i = 0; !over.get(); i++) {
					change(pipeline, random, changer + "-" + i, entries);
				}
			}));
		}
		List<Thread> producers = new ArrayList<>();
		for (int p = 0; p < 4; p++) {
			SplittableRandom random = new SplittableRandom(p);
			producers.add(start(() -> {
				Telemetry telemetry = new Telemetry(pipeline, "a");
				for (int i = 0; i < 8_000 * TIMES; i++) {
					produce(telemetry, random);
				}
			}));
		}
		join(producers);
		over.set(true);
		join(others);
		assertThat(pipeline.flush(PATIENCE)).isTrue();
		pipeline.close();
		OutcomeStats stats = pipeline.stats();
		assertThat(stats.inFlight()).as(stats.toString()).isZero();
		assertThat(stats.outcomes().keySet()).contains(Outcome.DISPATCHED, Outcome.FILTERED, Outcome.SAMPLED,
				Outcome.LIMITED, Outcome.TRANSFORMED, Outcome.ERRORS);
		for (HandlerEntry entry : entries) {
			OutcomeStats handler = entry.recorder.snapshot();
			assertThat(handler.inFlight()).as(entry.name + " " + handler).isZero();
			if (entry.name.startsWith("always")) {
				assertThat(handler.received()).as(entry.name).isEqualTo(stats.count(Outcome.DISPATCHED));
			}
		}
		assertThat(entries).hasSizeGreaterThan(10);
	}

	private static SignalPipeline busyPipeline() {
		AtomicReference<@Nullable Telemetry> own = new AtomicReference<>();
		AtomicInteger calls = new AtomicInteger();
		SignalHandler failing = (signal) -> {
			switch (calls.incrementAndGet() % 7) {
				case 0 -> throw new IOException("no");
				case 1 -> throw new AssertionError("no");
				case 2 -> throw new StackOverflowError();
				default -> {
				}
			}
		};
		SignalHandler talking = (signal) -> {
			Telemetry telemetry = own.get();
			if (telemetry != null) {
				telemetry.log(Level.WARN, "handled", Map.of("amount", 1));
			}
		};
		AtomicInteger turns = new AtomicInteger();
		SignalTransform moody = (signal) -> switch (turns.incrementAndGet() & 7) {
			case 0 -> null;
			case 1 -> throw new IllegalStateException("no");
			case 2 -> signal.toBuilder().addData(Map.of("moody", true)).build();
			default -> signal;
		};
		SignalPredicate data = SignalPredicate.parse("not (data.amount > 900)");
		SignalPredicate broken = (signal) -> {
			if (Integer.valueOf(13).equals(signal.data().get("amount"))) {
				throw new IllegalStateException("no");
			}
			return true;
		};
		PipelineSettings settings = PipelineSettings.DEFAULTS
			.withFilter(PipelineSettings.DEFAULTS.filter()
				.withWhen(SignalPredicate.parse("id != 'shop/poll'").and(data).and(broken)))
			.withSampling(SamplingSettings.DEFAULTS.withNamespaces(Map.of("sampled.*", 0.5)))
			.withLimits(LimitSettings.NONE.withNamespaces(Map.of("limited.*", RateLimit.parse("10/10ms")))
				.withIds(Map.of("*/limited", RateLimit.parse("10/10ms"))))
			.withTransforms(List.of(moody));
		SignalPipeline pipeline = SignalPipeline.builder().settings(settings).faultListener((fault) -> {
		}).handler("always-direct", (signal) -> {
		}, DIRECT.withPriority(5))
			.handler("always-newest", failing, DIRECT.withQueue(SMALL).withMinLevel(Level.INFO))
			.handler("always-oldest", (signal) -> {
			}, DIRECT.withQueue(SMALL.withThreads(2).withOverflow(new Overflow.DropOldest())).withSampleRate(0.5))
			.handler("always-block", talking,
					DIRECT.withQueue(SMALL.withOverflow(new Overflow.Block(Duration.ofMillis(2))))
						.withRateLimit(RateLimit.parse("100/10ms")))
			.handler("always-failing", failing,
					DIRECT.withTransforms(List.of(moody)).withFilter(DIRECT.filter().withWhen(broken)))
			.handler("always-talking", talking, DIRECT.withPriority(-1))
			.build();
		own.set(new Telemetry(pipeline, "a.own"));
		return pipeline;
	}

	private static List<HandlerEntry> entries(SignalPipeline pipeline) {
		List<HandlerEntry> entries = new ArrayList<>();
		for (State.Route route : pipeline.state().routes) {
			entries.add(route.entry());
		}
		return entries;
	}

	private static void change(SignalPipeline pipeline, SplittableRandom random, String name,
			ConcurrentLinkedQueue<HandlerEntry> entries) throws InterruptedException {
		Duration expiry = random.nextBoolean() ? Duration.ofMillis(1 + random.nextInt(5)) : null;
		String handler = random.nextBoolean() ? "always-newest" : "always-block";
		switch (random.nextInt(14)) {
			case 0 -> tryTo(() -> pipeline
				.change(List.of(Change.Pipeline.minLevel("a.*", LEVELS[random.nextInt(LEVELS.length)])), expiry));
			case 1 -> tryTo(() -> pipeline.change(List.of(Change.Pipeline.nsDisallow(List.of("x"))), expiry));
			case 2 -> tryTo(() -> pipeline.change(List.of(Change.Pipeline.idDisallow(List.of("user/1"))), expiry));
			case 3 -> tryTo(() -> pipeline.change(List.of(Change.Pipeline.sampleRate("a.*", 0.7)), expiry));
			case 4 -> tryTo(() -> pipeline.change(List.of(Change.Pipeline.enabled(false)), Duration.ofMillis(1)));
			case 5, 6, 7 -> pipeline.reset((setting) -> true);
			case 8 -> tryTo(() -> pipeline.changeHandler(handler,
					List.of(Change.Handler.sampleRate(0.3), Change.Handler.minLevel(Level.WARN)), expiry));
			case 9 -> pipeline.resetHandler(handler);
			case 10 -> pipeline.flush(Duration.ofMillis(1));
			case 11 -> {
				Captures.begin();
				Captures.end();
			}
			default -> {
				HandlerOptions options = random.nextBoolean() ? DIRECT : DIRECT.withQueue(SMALL);
				pipeline.addHandler(name, (signal) -> {
				}, options);
				for (HandlerEntry entry : entries(pipeline)) {
					if (entry.name.equals(name)) {
						entries.add(entry);
					}
				}
				TimeUnit.MICROSECONDS.sleep(random.nextInt(2000));
				assertThat(pipeline.removeHandler(name)).isTrue();
			}
		}
	}

	/** A setting takes sixteen temporary changes, and more are refused. */
	private static void tryTo(Runnable change) {
		try {
			change.run();
		}
		catch (IllegalArgumentException ex) {
			assertThat(ex).hasMessageContaining("temporary changes");
		}
	}

	private static void produce(Telemetry any, SplittableRandom random) throws Exception {
		Telemetry telemetry = any.of(NAMESPACES[random.nextInt(NAMESPACES.length)]);
		Level level = LEVELS[random.nextInt(LEVELS.length)];
		String id = IDS[random.nextInt(IDS.length)];
		Map<String, Object> data = Map.of("amount", random.nextInt(1000));
		switch (random.nextInt(10)) {
			case 0 -> telemetry.log(level, "hello", data);
			case 1 -> telemetry.log(level, () -> {
				throw new Error("no");
			}, () -> {
				throw new Error("no");
			});
			case 2 -> telemetry.error(new IllegalStateException("no"), data);
			case 3 -> telemetry.signal(level).id(id).data(data).sampleRate(0.5).emit();
			case 4 -> telemetry.signal(level, Kind.EVENT).id(id).transform((signal) -> null).emit();
			case 5 -> assertThat(telemetry.<Integer, RuntimeException>trace(id, () -> 5)).isEqualTo(5);
			case 6 -> assertThat(telemetry.<Integer, RuntimeException>spy(level, () -> 5)).isEqualTo(5);
			case 7 -> {
				try (Capture capture = Capture.open()) {
					telemetry.event(level, id, data);
					assertThat(capture.overflow()).isZero();
				}
			}
			default -> telemetry.event(level, id, data);
		}
	}

	enum Refused {

		LEVEL(Change.Pipeline.minLevel(Level.ERROR)), NS(Change.Pipeline.nsDisallow(List.of("a.*"))),
		ID(Change.Pipeline.idDisallow(List.of("user/*"))), KIND(Change.Pipeline.kindAllow(Set.of(Kind.LOG))),
		ENABLED(Change.Pipeline.enabled(false)), HEADER_PREDICATE(when(SignalPredicate.parse("id = 'shop/pay'"))),
		DATA_PREDICATE(when(SignalPredicate.parse("data.amount > 5")));

		private final Change<PipelineSettings> change;

		Refused(Change<PipelineSettings> change) {
			this.change = change;
		}

		private static Change<PipelineSettings> when(SignalPredicate when) {
			return new Change<>("when", (settings) -> settings.withFilter(settings.filter().withWhen(when)));
		}

	}

	@ParameterizedTest
	@EnumSource
	void whatAChangeRefusesNoThreadLetsThroughOnceItHasReturned(Refused refused) throws Exception {
		AtomicBoolean changed = new AtomicBoolean();
		AtomicLong wrong = new AtomicLong();
		AtomicLong handled = new AtomicLong();
		AtomicLongArray made = new AtomicLongArray(2);
		SignalPipeline pipeline = SignalPipeline.builder().handler("memory", (signal) -> {
			handled.incrementAndGet();
			if (Boolean.TRUE.equals(signal.data().get("changed"))) {
				wrong.incrementAndGet();
			}
		}, DIRECT).build();
		AtomicBoolean over = new AtomicBoolean();
		List<Thread> producers = new ArrayList<>();
		for (int p = 0; p < made.length(); p++) {
			int producer = p;
			producers.add(start(() -> {
				Telemetry telemetry = new Telemetry(pipeline, "a.b");
				while (!over.get()) {
					telemetry.event("user/1", Map.of("changed", changed.get(), "amount", 3));
					made.incrementAndGet(producer);
					Thread.yield();
				}
			}));
		}
		for (int round = 0; round < 10 * TIMES; round++) {
			pipeline.change(List.of(refused.change), (round % 2 == 0) ? null : Duration.ofHours(1));
			changed.set(true);
			awaitEach(made, 20);
			changed.set(false);
			// Whoever has read that it is changed has to be through.
			awaitEach(made, 2);
			pipeline.reset((setting) -> true);
			long refusedUntil = handled.get();
			await(() -> handled.get() > refusedUntil + 10);
		}
		over.set(true);
		join(producers);
		assertThat(wrong).hasValue(0);
		pipeline.close();
		assertThat(pipeline.stats().inFlight()).isZero();
	}

	@Test
	void expiryBringsTheFormerSettingBackOnEveryThread() throws Exception {
		AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
		InstantSource clock = now::get;
		int threads = 3;
		AtomicLong[] handled = { new AtomicLong(), new AtomicLong(), new AtomicLong() };
		SignalPipeline pipeline = SignalPipeline.builder()
			.clock(clock)
			.handler("memory", (signal) -> handled[(Integer) signal.data().get("thread")].incrementAndGet(), DIRECT)
			.build();
		AtomicBoolean over = new AtomicBoolean();
		List<Thread> producers = new ArrayList<>();
		AtomicLongArray made = new AtomicLongArray(threads);
		for (int p = 0; p < threads; p++) {
			int producer = p;
			Map<String, Integer> data = Map.of("thread", p);
			producers.add(start(() -> {
				Telemetry telemetry = new Telemetry(pipeline, "a.b");
				while (!over.get()) {
					telemetry.event("user/1", data);
					made.incrementAndGet(producer);
					Thread.yield();
				}
			}));
		}
		for (int round = 0; round < 10 * TIMES; round++) {
			pipeline.change(List.of(Change.Pipeline.minLevel(Level.ERROR)), Duration.ofMillis(5));
			awaitEach(made, 2);
			long[] before = new long[threads];
			for (int i = 0; i < threads; i++) {
				before[i] = handled[i].get();
			}
			awaitEach(made, 50);
			for (int i = 0; i < threads; i++) {
				assertThat(handled[i]).hasValue(before[i]);
			}
			now.set(now.get().plusMillis(5));
			for (int i = 0; i < threads; i++) {
				int thread = i;
				await(() -> handled[thread].get() > before[thread] + 5);
			}
			assertThat(pipeline.settings().changed()).isEmpty();
		}
		over.set(true);
		join(producers);
		pipeline.close();
	}

	@Test
	void closeThatRacesWithProducersChangesAndAnotherCloseStartsNoHandleAfterwards() throws Exception {
		for (int round = 0; round < 60 * TIMES; round++) {
			AtomicBoolean closed = new AtomicBoolean();
			AtomicLong late = new AtomicLong();
			SignalHandler handler = (signal) -> {
				if (closed.get()) {
					late.incrementAndGet();
				}
			};
			Overflow overflow = (round % 2 == 0) ? new Overflow.DropOldest() : new Overflow.Block(PATIENCE);
			SignalPipeline pipeline = SignalPipeline.builder().faultListener((fault) -> {
			})
				.handler("direct", handler, DIRECT)
				.handler("queued", handler, DIRECT.withQueue(SMALL.withOverflow(overflow)))
				.build();
			List<HandlerEntry> entries = entries(pipeline);
			List<Thread> threads = new ArrayList<>();
			AtomicBoolean over = new AtomicBoolean();
			for (int p = 0; p < 3; p++) {
				threads.add(start(() -> {
					Telemetry telemetry = new Telemetry(pipeline, "a.b");
					for (int after = 0; after < 50; after += over.get() ? 1 : 0) {
						telemetry.event("user/1");
					}
				}));
			}
			long before = round;
			await(() -> pipeline.stats().received() > before);
			pipeline.change(List.of(Change.Pipeline.minLevel(Level.DEBUG)), Duration.ofMillis(1));
			threads.add(start(() -> {
				pipeline.close();
				closed.set(true);
			}));
			pipeline.close();
			closed.set(true);
			over.set(true);
			join(threads);
			pipeline.close();
			assertThat(late).hasValue(0);
			assertThat(pipeline.stats().inFlight()).isZero();
			for (HandlerEntry entry : entries) {
				assertThat(entry.recorder.snapshot().inFlight()).as(entry.name).isZero();
				assertThat(entry.recorder.snapshot().received()).isEqualTo(pipeline.stats().count(Outcome.DISPATCHED));
			}
			pipeline.change(List.of(Change.Pipeline.minLevel(Level.DEBUG)), Duration.ofMillis(1));
			assertThat(pipeline.isEnabled()).isFalse();
		}
	}

	private Thread start(Work work) {
		Thread thread = new Thread(() -> {
			try {
				work.run();
			}
			catch (Throwable ex) {
				this.failure.compareAndSet(null, ex);
			}
		});
		thread.start();
		return thread;
	}

	private void join(List<Thread> threads) throws InterruptedException {
		for (Thread thread : threads) {
			thread.join(PATIENCE.toMillis() * TIMES);
			assertThat(thread.isAlive()).isFalse();
		}
		assertThat(this.failure).hasNullValue();
	}

	/** Waits until every producer has made so many more signals. */
	private void awaitEach(AtomicLongArray made, int more) {
		for (int i = 0; i < made.length(); i++) {
			int producer = i;
			long due = made.get(i) + more;
			await(() -> made.get(producer) >= due);
		}
	}

	private void await(BooleanSupplier condition) {
		long start = System.nanoTime();
		while (!condition.getAsBoolean()) {
			assertThat(this.failure).hasNullValue();
			if (System.nanoTime() - start > PATIENCE.toNanos()) {
				throw new AssertionError("Not so within " + PATIENCE);
			}
			Thread.yield();
		}
	}

	/**
	 * Something to run that may throw.
	 */
	@FunctionalInterface
	private interface Work {

		void run() throws Exception;

	}

}
