package io.telemetry.pipeline;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import io.telemetry.Telemetry;
import io.telemetry.dispatch.Gatekeeper;
import io.telemetry.filter.FilterSettings;
import io.telemetry.filter.Refusal;
import io.telemetry.handler.HandlerFault;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.handler.Overflow;
import io.telemetry.handler.QueueOptions;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.ServiceIdentity;
import io.telemetry.signal.Signal;
import io.telemetry.stats.Outcome;
import io.telemetry.stats.OutcomeStats;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

@Timeout(60)
class SignalPipelineTests {

	private static final HandlerOptions DIRECT = HandlerOptions.DEFAULTS.withQueue(null);

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private final List<Signal> signals = new CopyOnWriteArrayList<>();

	private final List<HandlerFault> faults = new CopyOnWriteArrayList<>();

	private final SignalPipeline pipeline = SignalPipeline.builder()
		.service(new ServiceIdentity("shop", null, null, null, null, "host"))
		.faultListener(this.faults::add)
		.handler("memory", this.signals::add, DIRECT)
		.build();

	private final Telemetry telemetry = new Telemetry(this.pipeline, "com.acme.Shop");

	@Test
	void pressureIsThatOfTheFullestQueueOfAHandlerThatTakesPart() throws Exception {
		Gatekeeper slow = new Gatekeeper();
		Gatekeeper large = new Gatekeeper();
		Gatekeeper off = new Gatekeeper();
		AtomicLong nanos = new AtomicLong();
		QueueOptions ten = QueueOptions.DEFAULTS.withBatches(1, Duration.ZERO).withCapacity(10);
		try (SignalPipeline queued = SignalPipeline.builder()
			.nanoTime(nanos::get)
			.faultListener(this.faults::add)
			.handler("slow", slow, HandlerOptions.DEFAULTS.withQueue(ten.withOverflow(new Overflow.DropOldest())))
			.handler("large", large, HandlerOptions.DEFAULTS.withQueue(ten.withCapacity(1000)))
			.handler("off", off, HandlerOptions.DEFAULTS.withQueue(ten))
			.handler("direct", this.signals::add, DIRECT)
			.build()) {
			Telemetry telemetry = new Telemetry(queued, "com.acme.Shop");
			assertThat(queued.pressure()).isZero();
			telemetry.log("in hand");
			slow.awaitEntered();
			off.awaitEntered();
			telemetry.log("1");
			queued.changeHandler("slow", List.of(Change.Handler.enabled(false)), null);
			for (int i = 2; i <= 12; i++) {
				telemetry.log("" + i);
			}
			assertThat(queued.pressure()).isOne();
			queued.resetHandler("slow");
			queued.changeHandler("off", List.of(Change.Handler.enabled(false)), null);
			assertThat(queued.pressure()).isEqualTo(1 / 9.0);
			for (int i = 0; i < 100; i++) {
				telemetry.log("slides");
			}
			assertThat(queued.pressure()).isOne();
			// It stands still, and what slides through its queue is no progress
			nanos.addAndGet(Duration.ofSeconds(10).toNanos());
			telemetry.log("slides");
			assertThat(queued.pressure()).isLessThan(0.2);
			large.open();
			off.open();
			slow.open();
			queued.flush(PATIENCE);
			assertThat(queued.pressure()).isZero();
			queued.change(List.of(Change.Pipeline.enabled(false)), null);
			assertThat(queued.pressure()).isZero();
		}
	}

	@Test
	void everyCreatorMakesItsKindAndLevel() {
		Exception exception = new IllegalStateException("broken");
		this.telemetry.log("hello");
		this.telemetry.log(Level.WARN, "careful", Map.of("a", 1));
		this.telemetry.log(Level.INFO, () -> "lazy", () -> Map.of("b", 2));
		this.telemetry.event("app/login");
		this.telemetry.event(Level.WARN, ":app/logout", Map.of("c", 3));
		this.telemetry.error(exception, Map.of("d", 4));
		this.telemetry.error("no exception");
		this.telemetry.signal(Level.of(65), Kind.METRIC).id("app/x").message("m").data("e", 5).data("f", null).emit();
		assertThat(this.signals)
			.extracting((s) -> s.kind() + " " + s.level() + " " + s.id() + " " + s.message() + " " + s.data())
			.containsExactly("log info null hello {}", "log warn null careful {a=1}", "log info null lazy {b=2}",
					"event info app/login null {}", "event warn app/logout null {c=3}", "error error null broken {d=4}",
					"error error null no exception {}", "metric 65 app/x m {e=5, f=null}");
		assertThat(this.signals).allSatisfy((signal) -> {
			assertThat(signal.namespace()).isEqualTo("com.acme.Shop");
			assertThat(signal.threadName()).isEqualTo(Thread.currentThread().getName());
			assertThat(signal.service().name()).isEqualTo("shop");
		});
		assertThat(this.signals.get(5).throwable()).isSameAs(exception);
		assertThat(this.pipeline.stats().inFlight()).isZero();
	}

	@Test
	void refusedSignalRunsNoSupplierAndCountsNothing() {
		AtomicBoolean ran = new AtomicBoolean();
		this.telemetry.log(Level.DEBUG, () -> {
			ran.set(true);
			return "";
		});
		assertThat(this.telemetry.signal(Level.DEBUG).isRefused()).isTrue();
		assertThat(this.telemetry.signal(Level.DEBUG).message("x").data("a", 1).emit()).isFalse();
		assertThat(ran).isFalse();
		assertThat(this.signals).isEmpty();
		assertThat(this.pipeline.stats().received()).isZero();
	}

	@Test
	void supplierThatThrowsCostsItsPartOnly() {
		this.telemetry.log(Level.INFO, () -> {
			throw new IllegalStateException("no");
		}, () -> {
			throw new StackOverflowError();
		});
		assertThat(this.signals).hasSize(1);
		assertThat(this.signals.get(0).message())
			.isEqualTo("(the message's supplier threw java.lang.IllegalStateException)");
		assertThat(this.signals.get(0).data()).containsEntry("dataError", "java.lang.StackOverflowError");
		assertThat(this.faults).extracting(HandlerFault::type)
			.containsExactly(HandlerFault.Type.SUPPLIER, HandlerFault.Type.SUPPLIER);
	}

	@Test
	void handlersLowestLevelIsWhatPasses() {
		assertThat(this.telemetry.allowed(Level.DEBUG)).isFalse();
		List<Signal> all = new ArrayList<>();
		this.pipeline.addHandler("all", all::add, DIRECT.withMinLevel(Level.TRACE));
		assertThat(this.telemetry.allowed(Level.DEBUG)).isTrue();
		this.telemetry.log(Level.DEBUG, "x");
		assertThat(all).hasSize(1);
		assertThat(this.signals).isEmpty();
		assertThat(stats("memory").count(Outcome.FILTERED)).isOne();
		assertThat(this.pipeline.removeHandler("all")).isTrue();
		assertThat(this.telemetry.allowed(Level.DEBUG)).isFalse();
		assertThat(this.pipeline.removeHandler("all")).isFalse();
	}

	@Test
	void liveChangeIsInForceAtOnceAndIsTakenBack() {
		this.pipeline.change(List.of(Change.Pipeline.minLevel(Level.ERROR)), null);
		this.telemetry.log("silenced");
		assertThat(this.signals).isEmpty();
		assertThat(this.pipeline.settings().effective().filter().minLevel()).isEqualTo(Level.ERROR);
		assertThat(this.pipeline.settings().configured().filter().minLevel()).isEqualTo(Level.TRACE);
		this.pipeline.reset((setting) -> true);
		this.telemetry.log("back");
		assertThat(this.signals).hasSize(1);
	}

	@Test
	void everyPipelineChangeRefusesWhatItNames() {
		assertRefuses(Change.Pipeline.enabled(false));
		assertRefuses(Change.Pipeline.minLevel("com.acme.*", Level.ERROR));
		assertRefuses(Change.Pipeline.nsAllow(List.of("org.*")));
		assertRefuses(Change.Pipeline.nsDisallow(List.of("com.*")));
		assertRefuses(Change.Pipeline.idAllow(List.of("other/*")));
		assertRefuses(Change.Pipeline.idDisallow(List.of("app/*")));
		assertRefuses(Change.Pipeline.kindAllow(java.util.Set.of(Kind.LOG)));
		assertRefuses(Change.Pipeline.kindDisallow(java.util.Set.of(Kind.EVENT)));
		assertRefuses(Change.Pipeline.sampleRate(0));
		assertRefuses(Change.Pipeline.sampleRate("com.acme.*", 0));
	}

	private void assertRefuses(Change<PipelineSettings> change) {
		this.telemetry.event(":app/login");
		assertThat(this.signals).as(change.setting()).hasSize(1);
		this.pipeline.change(List.of(change), null);
		this.telemetry.event(":app/login");
		assertThat(this.signals).as(change.setting()).hasSize(1);
		assertThat(this.pipeline.explain(Level.INFO, Kind.EVENT, "com.acme.Shop", "app/login").pipeline())
			.as(change.setting())
			.isNotNull();
		this.pipeline.reset(change.setting()::equals);
		this.signals.clear();
	}

	@Test
	void moreIdsThanAreRememberedAreStillDecided() {
		this.pipeline.change(List.of(Change.Pipeline.idDisallow(List.of("odd/*"))), null);
		for (int round = 0; round < 2; round++) {
			for (int i = 0; i < 1000; i++) {
				this.telemetry.event(((i % 2 == 0) ? "even/" : "odd/") + i);
			}
		}
		assertThat(this.signals).hasSize(1000).allMatch((signal) -> String.valueOf(signal.id()).startsWith("even/"));
		this.pipeline.reset((setting) -> true);
		this.telemetry.event("odd/1");
		assertThat(this.signals).hasSize(1001);
	}

	@Test
	void wrongChangeLeavesEverythingAsItWas() {
		this.pipeline.change(List.of(Change.Pipeline.minLevel("a.*", Level.WARN)), null);
		assertThatIllegalArgumentException().isThrownBy(() -> this.pipeline.change(
				List.of(Change.Pipeline.minLevel(Level.ERROR), Change.Pipeline.minLevel("a.*.b", Level.INFO)), null))
			.withMessageContaining("a.*.b");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.pipeline.change(List.of(Change.Pipeline.sampleRate(2)), null));
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.pipeline.change(List.of(Change.Pipeline.minLevel(Level.ERROR)), Duration.ZERO));
		assertThat(this.pipeline.settings().changed()).containsOnlyKeys("minLevel:a.*");
		this.telemetry.log("still");
		assertThat(this.signals).hasSize(1);
	}

	@Test
	void temporaryChangesEndByThemselves() {
		this.pipeline.change(List.of(Change.Pipeline.minLevel(Level.ERROR)), Duration.ofMillis(20));
		this.pipeline.changeHandler("memory", List.of(Change.Handler.enabled(false)), Duration.ofMillis(30));
		await().atMost(PATIENCE)
			.until(() -> this.pipeline.settings().changed().isEmpty()
					&& this.pipeline.handlers().get(0).changed().isEmpty());
		this.telemetry.log("back");
		assertThat(this.signals).hasSize(1);
	}

	@Test
	void handlerChangesAreInForceAtOnceAndAreTakenBack() {
		assertThat(this.pipeline.changeHandler("memory", List.of(Change.Handler.minLevel(Level.ERROR)), null)).isTrue();
		this.telemetry.log("too low");
		this.pipeline.changeHandler("memory",
				List.of(Change.Handler.minLevel(Level.INFO), Change.Handler.sampleRate(0)), null);
		this.telemetry.log("sampled out");
		this.pipeline.changeHandler("memory", List.of(Change.Handler.enabled(false)), null);
		this.telemetry.log("switched off");
		assertThat(this.signals).isEmpty();
		assertThat(this.pipeline.resetHandler("memory")).isTrue();
		this.telemetry.log("back");
		assertThat(this.signals).hasSize(1);
		assertThat(this.pipeline.changeHandler("none", List.of(), null)).isFalse();
		assertThat(this.pipeline.resetHandler("none")).isFalse();
	}

	@Test
	void ratesMultiplyAndStandOnTheSignal() {
		this.pipeline.change(List.of(Change.Pipeline.sampleRate(0.5), Change.Pipeline.sampleRate("com.*", 0.5)), null);
		this.pipeline.changeHandler("memory", List.of(Change.Handler.sampleRate(0.5)), null);
		for (int i = 0; i < 4000; i++) {
			this.telemetry.log("x");
		}
		// One in eight: 500 on average, and 300 to 700 but for one run in 10^18.
		assertThat(this.signals).hasSizeBetween(300, 700);
		assertThat(this.signals).allMatch((signal) -> signal.sampleRate() == 0.125);
		OutcomeStats all = this.pipeline.stats();
		assertThat(all.received()).isEqualTo(4000);
		assertThat(all.count(Outcome.SAMPLED) + all.count(Outcome.DISPATCHED)).isEqualTo(4000);
		assertThat(stats("memory").received()).isEqualTo(all.count(Outcome.DISPATCHED));
		assertThat(stats("memory").inFlight()).isZero();
	}

	@Test
	void transformsChangeDropAndFailWithoutHarm() {
		PipelineSettings settings = PipelineSettings.DEFAULTS.withTransforms(List.of((signal) -> {
			throw new IllegalStateException("no");
		}, (signal) -> "drop".equals(signal.message()) ? null
				: signal.toBuilder().message(signal.message() + "!").build()));
		List<Signal> seen = new ArrayList<>();
		try (SignalPipeline own = SignalPipeline.builder()
			.settings(settings)
			.faultListener(this.faults::add)
			.handler("seen", seen::add,
					DIRECT.withTransforms(
							List.of((signal) -> signal.toBuilder().message(signal.message() + "?").build())))
			.build()) {
			Telemetry other = new Telemetry(own, "x");
			other.log("hello");
			other.log("drop");
			assertThat(seen).extracting(Signal::message).containsExactly("hello!?");
			assertThat(own.stats().count(Outcome.TRANSFORMED)).isOne();
			assertThat(this.faults).extracting(HandlerFault::type)
				.containsExactly(HandlerFault.Type.TRANSFORM, HandlerFault.Type.TRANSFORM);
		}
	}

	@Test
	void handlersAreFedByPriority() {
		List<String> order = new ArrayList<>();
		this.pipeline.addHandler("late", (signal) -> order.add("late"), DIRECT.withPriority(-1));
		this.pipeline.addHandler("early", (signal) -> order.add("early"), DIRECT.withPriority(1));
		this.telemetry.log("x");
		assertThat(order).containsExactly("early", "late");
	}

	@Test
	void failingHandlerHarmsNeitherCallerNorOthers() {
		this.pipeline.addHandler("failing", (signal) -> {
			throw new AssertionError("no");
		}, DIRECT.withPriority(1));
		this.telemetry.log("x");
		assertThat(this.signals).hasSize(1);
		assertThat(stats("failing").count(Outcome.ERRORS)).isOne();
	}

	@Test
	void explainNamesTheStep() {
		this.pipeline.change(List.of(Change.Pipeline.nsDisallow(List.of("com.noisy.*"))), null);
		Explanation refused = this.pipeline.explain(Level.INFO, Kind.LOG, "com.noisy.X", null);
		assertThat(refused.pipeline()).extracting(Refusal::step).isEqualTo(Refusal.Step.NS);
		assertThat(refused.isAllowed()).isFalse();
		Explanation handler = this.pipeline.explain(Level.DEBUG, Kind.LOG, "com.acme", null);
		assertThat(handler.pipeline()).isNull();
		assertThat(handler.handlers().get("memory")).extracting(Refusal::step).isEqualTo(Refusal.Step.LEVEL);
		assertThat(handler.isAllowed()).isFalse();
		assertThat(this.pipeline.explain(Level.INFO, Kind.LOG, "com.acme", null).isAllowed()).isTrue();
	}

	@Test
	void pipelineThatCanNotBeBuiltClosesItsHandlers() {
		Gatekeeper gate = new Gatekeeper();
		FilterSettings contradiction = FilterSettings.DEFAULTS
			.withLevels(Map.of("a.*", Level.INFO, "a.*.b", Level.WARN));
		assertThatIllegalArgumentException().isThrownBy(() -> SignalPipeline.builder()
			.handler("gate", gate, HandlerOptions.DEFAULTS.withFilter(contradiction))
			.build());
		assertThat(gate.closed).isTrue();
	}

	@Test
	void namesOfHandlersAreTakenOnce() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.pipeline.addHandler("memory", (signal) -> {
		}, DIRECT)).withMessage("There is a handler 'memory' already");
	}

	@Test
	void closedPipelineTakesNothingAndCloses() throws Exception {
		Gatekeeper gate = new Gatekeeper();
		gate.open();
		this.pipeline.addHandler("queued", gate,
				HandlerOptions.DEFAULTS.withQueue(QueueOptions.DEFAULTS.withBatches(1000, Duration.ofHours(1))));
		this.telemetry.log("before");
		this.pipeline.close();
		assertThat(gate.messages()).containsExactly("before");
		assertThat(gate.closed).isTrue();
		this.telemetry.log("after");
		assertThat(gate.messages()).containsExactly("before");
		assertThat(this.pipeline.explain(Level.ERROR, Kind.LOG, "x", null).pipeline()).extracting(Refusal::step)
			.isEqualTo(Refusal.Step.DISABLED);
		assertThatIllegalStateException().isThrownBy(() -> this.pipeline.addHandler("late", gate, DIRECT));
		this.pipeline.close();
	}

	@Test
	void signalsAreStampedByThePipelinesClock() {
		Instant then = Instant.parse("2026-01-01T00:00:00.123456789Z");
		try (SignalPipeline own = SignalPipeline.builder()
			.clock(InstantSource.fixed(then))
			.handler("memory", this.signals::add, DIRECT)
			.build()) {
			new Telemetry(own, "x").log("x");
		}
		assertThat(this.signals).extracting(Signal::timestamp).containsExactly(then);
	}

	/**
	 * Producers, live changes and handlers that come and go, all at once: in the end
	 * every signal has exactly one outcome, and while it runs out never exceeds in.
	 */
	@Test
	void statisticsCloseUnderConcurrentUse() throws Exception {
		AtomicInteger handled = new AtomicInteger();
		HandlerOptions small = HandlerOptions.DEFAULTS
			.withQueue(QueueOptions.DEFAULTS.withCapacity(64).withBatches(8, Duration.ofMillis(1)));
		this.pipeline.addHandler("dropping", (signal) -> handled.incrementAndGet(), small);
		this.pipeline.addHandler("sliding", (signal) -> {
			if (signal.hashCode() % 7 == 0) {
				throw new IllegalStateException("no");
			}
		}, small.withQueue(QueueOptions.DEFAULTS.withCapacity(64)
			.withThreads(2)
			.withBatches(8, Duration.ofMillis(1))
			.withOverflow(new Overflow.DropOldest())));
		int producers = 4;
		int each = 20_000;
		CountDownLatch done = new CountDownLatch(producers);
		List<Throwable> thrown = new CopyOnWriteArrayList<>();
		for (int i = 0; i < producers; i++) {
			Thread thread = new Thread(() -> {
				for (int n = 0; n < each; n++) {
					this.telemetry.log((n % 10 == 0) ? Level.ERROR : Level.INFO, "x");
				}
				done.countDown();
			});
			thread.setUncaughtExceptionHandler((t, ex) -> thrown.add(ex));
			thread.start();
		}
		while (done.getCount() > 0) {
			this.pipeline.changeHandler("dropping", List.of(Change.Handler.sampleRate(0.5)), null);
			this.pipeline.change(List.of(Change.Pipeline.minLevel(Level.ERROR)), null);
			this.pipeline.addHandler("passing", (signal) -> {
			}, small);
			this.pipeline.reset((setting) -> true);
			this.pipeline.resetHandler("dropping");
			this.pipeline.removeHandler("passing");
			this.pipeline.handlers().forEach((view) -> assertThat(view.stats().inFlight()).isNotNegative());
			assertThat(this.pipeline.stats().inFlight()).isNotNegative();
		}
		assertThat(thrown).isEmpty();
		this.pipeline.close();
		assertThat(this.pipeline.stats().inFlight()).isZero();
		this.pipeline.handlers().forEach((view) -> assertThat(view.stats().inFlight()).as(view.name()).isZero());
		assertThat(stats("dropping").count(Outcome.HANDLED)).isEqualTo(handled.get()).isPositive();
		assertThat(this.signals).hasSize((int) stats("memory").count(Outcome.HANDLED));
	}

	private OutcomeStats stats(String handler) {
		HandlerView view = this.pipeline.handler(handler);
		assertThat(view).isNotNull();
		return view.stats();
	}

}
