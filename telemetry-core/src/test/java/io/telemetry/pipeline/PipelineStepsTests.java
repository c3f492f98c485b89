package io.telemetry.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import io.telemetry.Telemetry;
import io.telemetry.context.SignalContext;
import io.telemetry.context.Span;
import io.telemetry.filter.Refusal;
import io.telemetry.filter.SignalPredicate;
import io.telemetry.handler.HandlerFault;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.limit.KeyedRateLimiter;
import io.telemetry.limit.LimitSettings;
import io.telemetry.limit.RateLimit;
import io.telemetry.limit.RateLimiter;
import io.telemetry.sampling.SampleBy;
import io.telemetry.sampling.SamplingSettings;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import io.telemetry.stats.Outcome;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

/**
 * The steps of the pipeline that come after level, kind, namespace and id.
 */
class PipelineStepsTests {

	private static final HandlerOptions DIRECT = HandlerOptions.DEFAULTS.withQueue(null);

	private final List<Signal> signals = new CopyOnWriteArrayList<>();

	private final List<HandlerFault> faults = new CopyOnWriteArrayList<>();

	private final AtomicLong nanos = new AtomicLong();

	private SignalPipeline pipeline = pipeline(PipelineSettings.DEFAULTS, DIRECT);

	private SignalPipeline pipeline(PipelineSettings settings, HandlerOptions options) {
		return SignalPipeline.builder()
			.nanoTime(this.nanos::get)
			.settings(settings)
			.faultListener(this.faults::add)
			.handler("memory", this.signals::add, options)
			.build();
	}

	private Telemetry telemetry(PipelineSettings settings, HandlerOptions options) {
		this.pipeline.close();
		this.pipeline = pipeline(settings, options);
		return new Telemetry(this.pipeline, "com.acme.Shop");
	}

	@AfterEach
	void everySumCloses() {
		assertThat(this.pipeline.stats().inFlight()).isZero();
		assertThat(this.pipeline.handler("memory").stats().inFlight()).isZero();
		this.pipeline.close();
	}

	private long count(Outcome outcome) {
		return this.pipeline.stats().count(outcome);
	}

	private long handlerCount(Outcome outcome) {
		return this.pipeline.handler("memory").stats().count(outcome);
	}

	private void takeSeconds(int seconds) {
		this.nanos.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
	}

	@Test
	void predicateOverTheHeaderRefusesBeforeAnythingIsMade() {
		Telemetry telemetry = telemetry(PipelineSettings.DEFAULTS
			.withFilter(PipelineSettings.DEFAULTS.filter().withWhen(SignalPredicate.parse("level >= warn"))), DIRECT);
		AtomicInteger made = new AtomicInteger();
		telemetry.log(Level.INFO, () -> "made " + made.incrementAndGet());
		telemetry.log(Level.WARN, () -> "made " + made.incrementAndGet());
		assertThat(made).hasValue(1);
		assertThat(this.signals).hasSize(1);
		assertThat(count(Outcome.FILTERED)).isOne();
		assertThat(telemetry.explain(Level.INFO, Kind.LOG, null).pipeline().step()).isEqualTo(Refusal.Step.WHEN);
	}

	@Test
	void predicateOverTheDataIsAskedWhenThatIsThere() {
		Telemetry telemetry = telemetry(
				PipelineSettings.DEFAULTS.withFilter(
						PipelineSettings.DEFAULTS.filter().withWhen(SignalPredicate.parse("data.amount > 100"))),
				DIRECT.withFilter(DIRECT.filter().withWhen(SignalPredicate.parse("data.amount < 1000"))));
		telemetry.log(Level.INFO, "little", Map.of("amount", 5));
		telemetry.log(Level.INFO, "enough", Map.of("amount", 500));
		telemetry.log(Level.INFO, "too much for the handler", Map.of("amount", 5000));
		assertThat(this.signals).extracting(Signal::message).containsExactly("enough");
		assertThat(count(Outcome.FILTERED)).isOne();
		assertThat(handlerCount(Outcome.FILTERED)).isOne();
	}

	@Test
	void predicateThatThrowsRefusesIsCountedAndReported() {
		SignalPredicate broken = (signal) -> {
			throw new IllegalStateException("no");
		};
		Telemetry telemetry = telemetry(
				PipelineSettings.DEFAULTS.withFilter(PipelineSettings.DEFAULTS.filter().withWhen(broken)), DIRECT);
		telemetry.log("a");
		assertThat(this.signals).isEmpty();
		assertThat(count(Outcome.ERRORS)).isOne();
		telemetry(PipelineSettings.DEFAULTS, DIRECT.withFilter(DIRECT.filter().withWhen(broken))).log("b");
		assertThat(this.signals).isEmpty();
		assertThat(handlerCount(Outcome.ERRORS)).isOne();
		assertThat(this.faults).extracting(HandlerFault::type)
			.containsExactly(HandlerFault.Type.PREDICATE, HandlerFault.Type.PREDICATE);
	}

	@Test
	void ratesOfNamespaceIdCallAndHandlerMultiplyOnTheSignal() {
		Telemetry telemetry = telemetry(
				PipelineSettings.DEFAULTS.withSampling(
						new SamplingSettings(0.9, Map.of("com.*", 0.9), Map.of("shop/*", 0.9), SampleBy.CHANCE)),
				DIRECT.withSampleRate(0.9));
		while (this.signals.isEmpty()) {
			telemetry.signal().id("shop/x").sampleRate(0.9).emit();
		}
		assertThat(this.signals.get(0).sampleRate()).isCloseTo(Math.pow(0.9, 5), within(1e-12));
		telemetry.signal().id("shop/x").sampleRate(0).emit();
		assertThat(count(Outcome.SAMPLED)).isPositive();
	}

	@Test
	void rateOfAnIdIsItsOwn() {
		Telemetry telemetry = telemetry(
				PipelineSettings.DEFAULTS.withSampling(SamplingSettings.DEFAULTS.withIds(Map.of("noisy/*", 0.0))),
				DIRECT);
		telemetry.event(":noisy/x");
		telemetry.event("shop/x");
		telemetry.log("no id");
		assertThat(this.signals).extracting(Signal::id).containsExactly("shop/x", null);
		assertThat(count(Outcome.SAMPLED)).isOne();
		assertThat(telemetry.explain(Level.INFO, Kind.EVENT, "noisy/x").pipeline().detail())
			.isEqualTo("the sample rate of ns 'com.acme.Shop' and id 'noisy/x' is 0");
	}

	@Test
	void aTraceGoesOnAsAWholeOrNotAtAll() {
		Telemetry telemetry = telemetry(
				PipelineSettings.DEFAULTS.withSampling(SamplingSettings.DEFAULTS.withRate(0.5).withBy(SampleBy.TRACE)),
				DIRECT.withSampleRate(0.5));
		for (int i = 0; i < 200; i++) {
			int before = this.signals.size();
			telemetry.trace("outer", () -> {
				telemetry.log("a");
				telemetry.trace("inner", () -> telemetry.log("b"));
			});
			assertThat(this.signals.size() - before).isIn(0, 4);
		}
		// A quarter of two hundred, give or take more than chance ever does.
		assertThat(this.signals.size() / 4).isBetween(15, 100);
		assertThat(this.signals).allSatisfy((signal) -> assertThat(signal.sampleRate()).isEqualTo(0.25));
	}

	@Test
	void aSessionGoesOnAsAWholeOrNotAtAll() {
		Telemetry telemetry = telemetry(PipelineSettings.DEFAULTS
			.withSampling(SamplingSettings.DEFAULTS.withRate(0.5).withBy(SampleBy.SESSION)), DIRECT);
		for (int i = 0; i < 200; i++) {
			int before = this.signals.size();
			Map<String, String> session = Map.of("sessionId", "session-" + i);
			telemetry.log(Level.INFO, "in data", session);
			telemetry.withContext(session, () -> {
				telemetry.log("in context");
				return null;
			});
			assertThat(this.signals.size() - before).isIn(0, 2);
		}
		assertThat(this.signals.size() / 2).isBetween(50, 150);
	}

	@Test
	void eachIdAndNamespaceThatMatchesHasItsOwnBudgetAndTellsWhatWasHeldBack() {
		Telemetry telemetry = telemetry(PipelineSettings.DEFAULTS.withLimits(new LimitSettings(
				Map.of("com.acme.*", RateLimit.parse("100/1m")), Map.of("shop/*", RateLimit.parse("1/1s")))), DIRECT);
		AtomicInteger made = new AtomicInteger();
		for (int i = 0; i < 5; i++) {
			telemetry.signal().id("shop/a").message(() -> "made " + made.incrementAndGet()).emit();
			telemetry.event("shop/b");
			telemetry.event("other");
		}
		assertThat(this.signals).extracting(Signal::id)
			.containsExactly("shop/a", "shop/b", "other", "other", "other", "other", "other");
		assertThat(made).as("suppliers of limited signals don't run").hasValue(1);
		assertThat(count(Outcome.LIMITED)).isEqualTo(8);
		takeSeconds(1);
		telemetry.event("shop/a");
		assertThat(this.signals.get(this.signals.size() - 1).suppressed()).isEqualTo(4);
	}

	@Test
	void budgetsOutliveAChangeOfAnythingElse() {
		Telemetry telemetry = telemetry(
				PipelineSettings.DEFAULTS
					.withLimits(LimitSettings.NONE.withNamespaces(Map.of("*", RateLimit.parse("1/1h")))),
				DIRECT.withRateLimit(RateLimit.parse("1/1h")));
		telemetry.log("a");
		this.pipeline.change(List.of(Change.Pipeline.minLevel(Level.DEBUG)), null);
		this.pipeline.changeHandler("memory", List.of(Change.Handler.minLevel(Level.DEBUG)), null);
		telemetry.log("b");
		assertThat(this.signals).extracting(Signal::message).containsExactly("a");
		this.pipeline.clearFilters();
		telemetry.log("c");
		assertThat(this.signals).extracting(Signal::message).containsExactly("a");
		assertThat(handlerCount(Outcome.LIMITED)).isOne();
		assertThat(count(Outcome.LIMITED)).isOne();
	}

	@Test
	void limitOfACallAndOfAKey() {
		Telemetry telemetry = telemetry(PipelineSettings.DEFAULTS, DIRECT);
		RateLimiter limiter = new RateLimiter(RateLimit.parse("2/1m"), this.nanos::get);
		KeyedRateLimiter byUser = new KeyedRateLimiter(RateLimit.parse("1/1m"), 10, this.nanos::get);
		for (int i = 0; i < 4; i++) {
			telemetry.signal().message("call").limit(limiter).emit();
			telemetry.signal().message("u1").limit(byUser, "u1").emit();
		}
		telemetry.signal().message("u2").limit(byUser, "u2").emit();
		assertThat(this.signals).extracting(Signal::message).containsExactly("call", "u1", "call", "u2");
		takeSeconds(60);
		telemetry.signal().message("call").limit(limiter).emit();
		telemetry.signal().message("u1").limit(byUser, "u1").emit();
		assertThat(this.signals.subList(4, 6)).extracting(Signal::suppressed).containsExactly(2L, 3L);
	}

	@Test
	void limitOfAHandlerTellsWhatWasHeldBackFromIt() {
		Telemetry telemetry = telemetry(PipelineSettings.DEFAULTS, DIRECT.withRateLimit(RateLimit.parse("1/1m")));
		telemetry.log("a");
		telemetry.log("b");
		telemetry.log("c");
		takeSeconds(60);
		telemetry.log("d");
		assertThat(this.signals).extracting((signal) -> signal.message() + signal.suppressed())
			.containsExactly("a0", "d2");
		assertThat(handlerCount(Outcome.LIMITED)).isEqualTo(2);
	}

	@Test
	void limitIsAskedLastOfAll() {
		Telemetry telemetry = telemetry(PipelineSettings.DEFAULTS
			.withFilter(PipelineSettings.DEFAULTS.filter().withWhen(SignalPredicate.parse("data.wanted = true")))
			.withLimits(LimitSettings.NONE.withNamespaces(Map.of("*", RateLimit.parse("1/1h")))), DIRECT);
		telemetry.log(Level.INFO, "no", Map.of("wanted", false));
		telemetry.log(Level.INFO, "yes", Map.of("wanted", true));
		telemetry.log(Level.INFO, "again", Map.of("wanted", true));
		assertThat(this.signals).extracting(Signal::message).containsExactly("yes");
		assertThat(count(Outcome.LIMITED)).isOne();
	}

	@Test
	void transformOfACallComesBeforeThePipelines() {
		Telemetry telemetry = telemetry(PipelineSettings.DEFAULTS
			.withTransforms(List.of((signal) -> signal.toBuilder().message(signal.message() + "2").build())), DIRECT);
		telemetry.signal()
			.message("m")
			.transform((signal) -> signal.toBuilder().message(signal.message() + "1").build())
			.emit();
		telemetry.signal().message("dropped").transform((signal) -> null).emit();
		telemetry.signal().message("kept").transform((signal) -> {
			throw new IllegalStateException("no");
		}).emit();
		assertThat(this.signals).extracting(Signal::message).containsExactly("m12", "kept2");
		assertThat(count(Outcome.TRANSFORMED)).isOne();
		assertThat(this.faults).extracting(HandlerFault::type).containsExactly(HandlerFault.Type.TRANSFORM);
	}

	@Test
	void transformThatMakesABrokenSignalIsAFaultAndTheSignalGoesOn() {
		Telemetry telemetry = telemetry(
				PipelineSettings.DEFAULTS.withTransforms(List.of((signal) -> signal.toBuilder().level(null).build())),
				DIRECT);
		telemetry.log("a");
		assertThat(this.signals).hasSize(1);
		assertThat(this.faults).singleElement()
			.satisfies((fault) -> assertThat(fault.cause()).isInstanceOf(NullPointerException.class));
	}

	@Test
	void dataThatFailsWhileItIsCopiedCostsItsSignalOnly() {
		Telemetry telemetry = telemetry(PipelineSettings.DEFAULTS, DIRECT);
		Map<String, Object> broken = new java.util.HashMap<>() {

			private static final long serialVersionUID = 1;

			@Override
			public java.util.Set<Entry<String, Object>> entrySet() {
				throw new java.util.ConcurrentModificationException();
			}

		};
		broken.put("a", 1);
		telemetry.log(Level.INFO, "lost", broken);
		telemetry.signal().message("lost, too").data(broken).emit();
		telemetry.log("fine");
		assertThat(this.signals).extracting(Signal::message).containsExactly("fine");
		assertThat(count(Outcome.ERRORS)).isEqualTo(2);
		assertThat(this.faults).hasSize(2);
	}

	@Test
	void contextOfScopesSourcesAndCallIsOnTheSignal() {
		this.pipeline.close();
		this.pipeline = SignalPipeline.builder()
			.faultListener(this.faults::add)
			.contextSource(() -> Map.of("requestId", "r-1", "user", "from the source"))
			.contextSource(() -> {
				throw new IllegalStateException("no");
			})
			.handler("memory", this.signals::add, DIRECT)
			.build();
		Telemetry telemetry = new Telemetry(this.pipeline, "x");
		telemetry.withContext(Map.of("user", "from the scope"), () -> {
			telemetry.signal().context(Map.of("step", 2)).data("step", 1).emit();
			telemetry.log("b");
			return null;
		});
		assertThat(this.signals.get(0).context())
			.isEqualTo(Map.of("requestId", "r-1", "user", "from the scope", "step", 2));
		assertThat(this.signals.get(0).data()).isEqualTo(Map.of("step", 1));
		assertThat(this.signals.get(1).context()).isEqualTo(Map.of("requestId", "r-1", "user", "from the scope"));
		assertThat(this.faults).hasSize(2);
	}

	@Test
	void errorsTellTheirPlaceAndOthersWhenAsked() {
		Telemetry telemetry = telemetry(PipelineSettings.DEFAULTS, DIRECT);
		telemetry.log("no place");
		telemetry.error("a place");
		telemetry.signal(Level.FATAL).emit();
		assertThat(this.signals.get(0).location()).isNull();
		assertThat(this.signals.get(1).location().className()).isEqualTo(PipelineStepsTests.class.getName());
		assertThat(this.signals.get(1).location().method()).isEqualTo("errorsTellTheirPlaceAndOthersWhenAsked");
		assertThat(this.signals.get(1).location().file()).isEqualTo("PipelineStepsTests.java");
		assertThat(this.signals.get(2).location().line()).isEqualTo(this.signals.get(1).location().line() + 1);
		this.signals.clear();
		Telemetry always = telemetry(PipelineSettings.DEFAULTS.withLocations(PipelineSettings.Locations.ALWAYS),
				DIRECT);
		always.log("a place");
		always.trace("work", () -> 1);
		always.performance("work", 1);
		assertThat(this.signals).hasSize(3)
			.allSatisfy((signal) -> assertThat(signal.location().className())
				.isEqualTo(PipelineStepsTests.class.getName()));
		this.signals.clear();
		telemetry(PipelineSettings.DEFAULTS.withLocations(PipelineSettings.Locations.OFF), DIRECT).error("no place");
		assertThat(this.signals.get(0).location()).isNull();
	}

	@Test
	void clearFiltersLetsEverythingThroughUntilReset() {
		Telemetry telemetry = telemetry(
				PipelineSettings.DEFAULTS.withFilter(PipelineSettings.DEFAULTS.filter().withMinLevel(Level.ERROR)),
				DIRECT.withMinLevel(Level.TRACE));
		assertThat(telemetry.minLevel()).isEqualTo(Level.ERROR);
		this.pipeline.clearFilters();
		assertThat(telemetry.minLevel()).isEqualTo(Level.TRACE);
		this.pipeline.change(List.of(Change.Pipeline.minLevel(Level.WARN)), null);
		assertThat(telemetry.minLevel()).isEqualTo(Level.WARN);
		this.pipeline.resetFilters();
		assertThat(telemetry.minLevel()).isEqualTo(Level.ERROR);
		this.pipeline.change(List.of(Change.Pipeline.enabled(false)), null);
		assertThat(telemetry.minLevel()).isNull();
		assertThat(telemetry.isEnabled()).isFalse();
	}

	@Test
	void signalMadeElsewhereIsOfferedWithItsOwnIdentity() {
		telemetry(PipelineSettings.DEFAULTS, DIRECT);
		Signal signal = Signal.builder(Level.INFO, Kind.EVENT, "elsewhere").id("x").sampleRate(0.5).build();
		assertThat(this.pipeline.offer(signal)).isTrue();
		assertThat(this.pipeline.offer(signal.toBuilder().level(Level.DEBUG).build())).isFalse();
		assertThat(this.signals).singleElement().isSameAs(signal);
	}

	@Test
	void equalPatternsAreRefused() {
		Map<String, Double> rates = Map.of("com.*.a", 0.5, "com.*.b*", 0.5);
		List<Runnable> wrong = new ArrayList<>();
		wrong.add(() -> pipeline(PipelineSettings.DEFAULTS
			.withSampling(SamplingSettings.DEFAULTS.withIds(Map.of("a*x", 0.1, "a*y*", 0.2))), DIRECT));
		wrong.add(
				() -> pipeline(
						PipelineSettings.DEFAULTS.withLimits(LimitSettings.NONE
							.withIds(Map.of("a*x", RateLimit.parse("1/1s"), "a*y*", RateLimit.parse("2/1s")))),
						DIRECT));
		assertThat(rates).hasSize(2);
		wrong.forEach((attempt) -> assertThatIllegalArgumentException().isThrownBy(attempt::run)
			.withMessageContaining("'a*x'")
			.withMessageContaining("remove one, or make one more specific"));
	}

	@Test
	void spanInForceIsThePlaceOfASignal() {
		Telemetry telemetry = telemetry(PipelineSettings.DEFAULTS, DIRECT);
		Span span = Span.root();
		SignalContext.current().withSpan(span).wrap(() -> telemetry.log("a")).run();
		assertThat(this.signals.get(0).run()).isSameAs(span.place());
	}

}
