package io.telemetry.boot.autoconfigure.intake;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.read.ListAppender;
import io.telemetry.Telemetry;
import io.telemetry.boot.handler.slf4j.Slf4jSignalHandler;
import io.telemetry.context.Scope;
import io.telemetry.handler.SignalHandler;
import io.telemetry.pipeline.HandlerView;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import io.telemetry.stats.Outcome;
import io.telemetry.stats.OutcomeStats;
import org.apache.commons.logging.LogFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.Marker;
import org.slf4j.MarkerFactory;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * The application's log as signals, in whole applications with Logback.
 */
@Timeout(120)
class Slf4jIntakeTests {

	private static final org.slf4j.Logger LOGGER = LoggerFactory.getLogger("com.acme.Shop");

	private final IntakeApplication application = new IntakeApplication();

	private final List<ConfigurableApplicationContext> contexts = new ArrayList<>();

	@AfterEach
	void everythingIsTakenBack() {
		MDC.clear();
		for (int i = this.contexts.size() - 1; i >= 0; i--) {
			this.contexts.get(i).close();
		}
		assertThat(IntakeApplication.appender()).isNull();
		assertThat(IntakeApplication.logback().getCopyOfListenerList())
			.noneMatch((listener) -> listener.getClass().getName().startsWith("io.telemetry"));
	}

	private ConfigurableApplicationContext start(String... properties) {
		return started(this.application.builder(properties).run());
	}

	private ConfigurableApplicationContext started(ConfigurableApplicationContext context) {
		this.contexts.add(context);
		return context;
	}

	private Signal signal() {
		assertThat(this.application.signals()).hasSize(1);
		return this.application.signals().get(0);
	}

	private static void onThreads(int threads, Runnable task) throws Exception {
		ExecutorService executor = Executors.newFixedThreadPool(threads);
		try {
			CountDownLatch ready = new CountDownLatch(threads);
			List<Future<?>> futures = new ArrayList<>();
			for (int i = 0; i < threads; i++) {
				futures.add(executor.submit(() -> {
					ready.countDown();
					ready.await();
					task.run();
					return null;
				}));
			}
			for (Future<?> future : futures) {
				future.get(60, TimeUnit.SECONDS);
			}
		}
		finally {
			executor.shutdownNow();
		}
	}

	@Test
	void withoutThePropertyNothingIsTouched() {
		List<Appender<ILoggingEvent>> appenders = new ArrayList<>();
		start();
		IntakeApplication.root().iteratorForAppenders().forEachRemaining(appenders::add);
		LOGGER.info("not heard");
		assertThat(appenders).extracting(Appender::getName).containsExactly("CONSOLE");
		assertThat(this.application.signals()).isEmpty();
	}

	@Test
	void telemetryThatIsSwitchedOffTouchesNothing() {
		start(IntakeApplication.LOG, "telemetry.enabled=false");
		assertThat(IntakeApplication.appender()).isNull();
	}

	@Test
	void eventIsASignalWithEverythingItHolds() {
		start(IntakeApplication.LOG);
		Marker audit = MarkerFactory.getDetachedMarker("AUDIT");
		audit.add(MarkerFactory.getDetachedMarker("LEGAL"));
		UUID cart = UUID.randomUUID();
		IllegalStateException failure = new IllegalStateException("on purpose");
		MDC.put("tenant", "acme");
		Instant before = Instant.now();
		LOGGER.atWarn()
			.addMarker(audit)
			.addMarker(MarkerFactory.getMarker("MONEY"))
			.addKeyValue("order", 17)
			.addKeyValue("tags", List.of("a", "b"))
			.setCause(failure)
			.log("Cart {} of {} has {} items", cart, new StringBuilder("Ada"), 3);
		Instant after = Instant.now();
		Signal signal = signal();
		assertThat(signal.namespace()).isEqualTo("com.acme.Shop");
		assertThat(signal.level()).isEqualTo(Level.WARN);
		assertThat(signal.kind()).isEqualTo(Kind.LOG);
		assertThat(signal.message()).isEqualTo("Cart " + cart + " of Ada has 3 items");
		assertThat(signal.data()).containsOnlyKeys("template", "arguments", "markers", "order", "tags")
			.containsEntry("template", "Cart {} of {} has {} items")
			.containsEntry("arguments", List.of(cart, "Ada", 3))
			.containsEntry("markers", List.of("AUDIT", "LEGAL", "MONEY"))
			.containsEntry("order", 17)
			.containsEntry("tags", List.of("a", "b"));
		assertThat(signal.context()).isEqualTo(Map.of("tenant", "acme"));
		assertThat(signal.throwable()).isSameAs(failure);
		assertThat(signal.threadName()).isEqualTo(Thread.currentThread().getName());
		assertThat(signal.timestamp()).isBetween(before, after);
		assertThat(signal.service().name()).isEqualTo("shop");
		assertThat(signal.isLogged()).isTrue();
	}

	@Test
	void plainEventHasNoFields() {
		start(IntakeApplication.LOG);
		LOGGER.info("plain");
		assertThat(signal().data()).isEmpty();
		assertThat(signal().context()).isEmpty();
		assertThat(signal().throwable()).isNull();
	}

	@Test
	void markerOfABridgeIsNoField() {
		start(IntakeApplication.LOG);
		LogFactory.getLog("com.acme.Shop").info("from Commons Logging");
		assertThat(signal().message()).isEqualTo("from Commons Logging");
		assertThat(signal().data()).isEmpty();
	}

	@ParameterizedTest
	@CsvSource({ "TRACE,trace", "DEBUG,debug", "INFO,info", "WARN,warn", "ERROR,error" })
	void levelIsTheSame(org.slf4j.event.Level level, String expected) {
		start(IntakeApplication.LOG, "logging.level.com.acme=trace");
		LOGGER.atLevel(level).log("m");
		assertThat(signal().level()).hasToString(expected);
	}

	@Test
	void argumentThatFailsOrChangesHarmsNothing() {
		start(IntakeApplication.LOG);
		AtomicInteger changing = new AtomicInteger(1);
		LOGGER.info("{} {} {} {}", changing, new Object[] { "a", 1 }, null, new Object() {
			@Override
			public String toString() {
				throw new IllegalStateException("on purpose");
			}
		});
		changing.set(2);
		List<?> arguments = (List<?>) signal().data().get("arguments");
		assertThat(arguments.get(0)).isEqualTo("1");
		assertThat(arguments.get(1)).isEqualTo("[a, 1]");
		assertThat(arguments.get(2)).isNull();
		assertThat(arguments.get(3)).isEqualTo("(toString threw java.lang.IllegalStateException)");
	}

	@Test
	void pairOfTheSameNameIsStronger() {
		start(IntakeApplication.LOG);
		LOGGER.atInfo().addKeyValue("template", "mine").addKeyValue("x", 1).addKeyValue("x", 2).log("{}", "a");
		assertThat(signal().data()).containsEntry("template", "mine").containsEntry("x", 2);
	}

	@Test
	@SuppressWarnings("try")
	void contextInForceIsStrongerThanTheTextOfItInTheMdc() {
		Telemetry telemetry = start(IntakeApplication.LOG, "telemetry.context.mdc.write=order")
			.getBean(Telemetry.class);
		MDC.put("tenant", "acme");
		try (Scope scope = telemetry.withContext(Map.of("order", 17))) {
			LOGGER.info("m");
		}
		assertThat(signal().context()).isEqualTo(Map.of("order", 17, "tenant", "acme"));
	}

	@Test
	void placeIsWhereTheApplicationLogs() {
		start(IntakeApplication.LOG);
		LOGGER.error("here");
		java.util.logging.Logger.getLogger("com.acme.Jul").severe("there");
		assertThat(this.application.signals()).hasSize(2)
			.allSatisfy((signal) -> assertThat(signal.location()).isNotNull()
				.satisfies((location) -> assertThat(location.toString()).contains("Slf4jIntakeTests")));
	}

	@Test
	void levelAndLoggersChoose() {
		start(IntakeApplication.LOG, "telemetry.intake.slf4j.min-level=warn",
				"telemetry.intake.slf4j.loggers.allow=com.acme.*",
				"telemetry.intake.slf4j.loggers.disallow=com.acme.noise(.*)");
		LOGGER.info("too low");
		LOGGER.warn("heard");
		LoggerFactory.getLogger("com.acme.noise.Loud").error("disallowed");
		LoggerFactory.getLogger("com.acme").error("not allowed");
		assertThat(this.application.messages()).containsExactly("heard");
	}

	@Test
	void pipelineRefusesAsItDoesAllSignals() {
		start(IntakeApplication.LOG, "telemetry.filter.levels.[com.acme.Shop]=error");
		LOGGER.warn("refused");
		LOGGER.error("let through");
		assertThat(this.application.messages()).containsExactly("let through");
	}

	@Test
	void whatTelemetrySaysOfItselfIsNoSignal() {
		start(IntakeApplication.LOG, "telemetry.handlers.recorder.ns.allow=*");
		int before = this.application.signals().size();
		LoggerFactory.getLogger("io.telemetry.handlers").warn("a handler failed");
		LoggerFactory.getLogger(IntakeApplicationListener.class).warn("not Logback");
		assertThat(this.application.signals()).hasSize(before);
	}

	@Test
	void javaUtilLoggingComesTheSameWay() {
		start(IntakeApplication.LOG);
		java.util.logging.Logger jul = java.util.logging.Logger.getLogger("com.acme.Jul");
		jul.log(java.util.logging.Level.WARNING, "Cart {0}", 17);
		assertThat(signal().message()).isEqualTo("Cart 17");
		assertThat(signal().namespace()).isEqualTo("com.acme.Jul");
		assertThat(signal().level()).isEqualTo(Level.WARN);
	}

	@Test
	void eventsBeforeThePipelineComeWithTheirTimesAndThreadsInOrder() {
		ListAppender<ILoggingEvent> log = new ListAppender<>();
		log.start();
		Logger logger = (Logger) LOGGER;
		started(this.application.builder((context) -> {
			logger.addAppender(log);
			MDC.put("phase", "early");
			for (int i = 0; i < 3; i++) {
				LOGGER.info("early {}", i);
			}
			MDC.clear();
			Thread thread = new Thread(() -> LOGGER.info("early 3"), "other");
			thread.start();
			join(thread);
			context.registerBean("speaker", Object.class, () -> {
				LOGGER.info("late");
				return new Object();
			});
		}, IntakeApplication.LOG).run());
		logger.detachAppender(log);
		List<Signal> signals = this.application.signals();
		assertThat(this.application.messages()).containsExactly("early 0", "early 1", "early 2", "early 3", "late");
		assertThat(signals).extracting(Signal::timestamp)
			.isEqualTo(log.list.stream().map(ILoggingEvent::getInstant).toList());
		assertThat(signals).extracting(Signal::threadName)
			.startsWith(Thread.currentThread().getName())
			.contains("other");
		assertThat(signals.get(0).context()).isEqualTo(Map.of("phase", "early"));
		assertThat(signals.get(3).context()).isEmpty();
		assertThat(signals).allMatch(Signal::isLogged).allMatch((signal) -> "shop".equals(signal.service().name()));
	}

	private static void join(Thread thread) {
		try {
			thread.join(TimeUnit.SECONDS.toMillis(30));
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void eventsBeforeThePipelineWaitForItWhereThereIsOneOfAnotherApplication() {
		IntakeApplication other = new IntakeApplication();
		started(other.builder().run());
		started(this.application.builder((context) -> LOGGER.info("early"), IntakeApplication.LOG).run());
		assertThat(other.messages()).isEmpty();
		assertThat(this.application.messages()).containsExactly("early");
	}

	@Test
	void eventsOfAnApplicationThatFailedAreNotTheNextOnes() {
		assertThatException().isThrownBy(() -> this.application.builder((context) -> {
			LOGGER.info("early");
			throw new IllegalStateException("initializer on purpose");
		}, IntakeApplication.LOG).run());
		IntakeApplication next = new IntakeApplication();
		started(next.builder(IntakeApplication.LOG).run());
		assertThat(next.messages()).isEmpty();
	}

	@Test
	void bootsOwnEarlyEventsAreHeard() {
		start(IntakeApplication.LOG, "telemetry.handlers.recorder.ns.allow=*");
		assertThat(this.application.messages())
			.anyMatch((message) -> message != null && message.startsWith("No active profile set"));
	}

	@Test
	void resetTakesNothingAway() {
		start(IntakeApplication.LOG);
		for (int i = 0; i < 3; i++) {
			IntakeApplication.logback().reset();
			LOGGER.info("after reset " + i);
		}
		IntakeApplication.logback().stop();
		IntakeApplication.logback().reset();
		IntakeApplication.logback().start();
		LOGGER.info("after stop and reset");
		IntakeApplication.logback().stop();
		IntakeApplication.logback().start();
		LOGGER.info("after stop");
		IntakeApplication.logback().reset();
		LOGGER.info("after another reset");
		this.contexts.remove(0).close();
		// Sets the log up again for the tests that follow.
		new IntakeApplication().builder().run().close();
		assertThat(this.application.messages()).containsExactly("after reset 0", "after reset 1", "after reset 2",
				"after stop and reset", "after stop", "after another reset");
	}

	@Test
	void applicationThatSetsTheLogUpAnewTakesNothingAwayFromAnother() {
		start(IntakeApplication.LOG);
		new IntakeApplication().builder().run().close();
		// The first one to close leaves the log to be set up by the next.
		new IntakeApplication().builder().run().close();
		LOGGER.info("still heard");
		assertThat(this.application.messages()).containsExactly("still heard");
	}

	@Test
	void ofSeveralApplicationsTheLastIsTold() {
		IntakeApplication second = new IntakeApplication();
		start(IntakeApplication.LOG);
		LOGGER.info("first");
		ConfigurableApplicationContext context = second
			.builder(IntakeApplication.LOG, "telemetry.intake.slf4j.min-level=warn")
			.run();
		LOGGER.info("too low for the second");
		LOGGER.warn("second");
		context.close();
		LOGGER.info("first again");
		assertThat(second.messages()).containsExactly("second");
		assertThat(this.application.messages()).containsExactly("first", "first again");
	}

	@Test
	void applicationThatDoesNotAskForItIsNotTold() {
		IntakeApplication second = new IntakeApplication();
		start(IntakeApplication.LOG, IntakeApplication.SYSTEM_OUT);
		started(second.builder().run());
		LOGGER.info("logged");
		System.out.println("printed");
		assertThat(this.application.messages()).containsExactly("logged", "printed");
		assertThat(second.messages()).isEmpty();
	}

	@Test
	void firstOfSeveralApplicationsMayCloseFirst() {
		IntakeApplication second = new IntakeApplication();
		ConfigurableApplicationContext first = this.application.builder(IntakeApplication.LOG).run();
		started(second.builder(IntakeApplication.LOG).run());
		first.close();
		LOGGER.info("heard");
		assertThat(second.messages()).containsExactly("heard");
	}

	@Test
	void childUsesItsParentsPipelineAndOneSignalIsMade() {
		ConfigurableApplicationContext parent = start(IntakeApplication.LOG);
		ConfigurableApplicationContext child = new IntakeApplication().builder(IntakeApplication.LOG)
			.parent(parent)
			.run();
		LOGGER.info("with child");
		child.close();
		LOGGER.info("without child");
		assertThat(this.application.messages()).containsExactly("with child", "without child");
	}

	@Test
	void beansAreHeardWhileTheyAreDestroyedAndNothingIsKeptForTheNextApplication() {
		this.application
			.builder((context) -> context.registerBean("late", DisposableBean.class,
					() -> () -> LOGGER.info("destroyed")), IntakeApplication.LOG)
			.run()
			.close();
		assertThat(this.application.messages()).containsExactly("destroyed");
		LOGGER.info("between");
		IntakeApplication next = new IntakeApplication();
		started(next.builder(IntakeApplication.LOG).run());
		assertThat(next.messages()).isEmpty();
	}

	@Test
	void failureOfARunnerIsHeard() {
		assertThatException().isThrownBy(() -> this.application
			.builder((context) -> context.registerBean("runner", ApplicationRunner.class, () -> (arguments) -> {
				throw new IllegalStateException("runner on purpose");
			}), IntakeApplication.LOG, "telemetry.handlers.recorder.ns.allow=org.springframework.boot.*")
			.run());
		assertThat(this.application.signals()).anySatisfy((signal) -> {
			assertThat(signal.message()).isEqualTo("Application run failed");
			assertThat(signal.throwable()).hasMessage("runner on purpose");
		});
		assertThat(IntakeApplication.appender()).isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "bean", "initializer" })
	void applicationThatFailsToStartLeavesNothingBehind(String where) {
		assertThatException().isThrownBy(() -> this.application.builder((context) -> {
			if (where.equals("initializer")) {
				throw new IllegalStateException("initializer on purpose");
			}
			context.registerBean("failing", Object.class, () -> {
				throw new IllegalStateException("bean on purpose");
			});
		}, IntakeApplication.LOG).run());
		assertThat(IntakeApplication.appender()).isNull();
	}

	@Nested
	@ExtendWith(OutputCaptureExtension.class)
	class WrongProperties {

		@ParameterizedTest
		@CsvSource(quoteCharacter = '"',
				value = { "min-level,loud,'loud' is not a level", "loggers.disallow,a(b,'a(b' is not a name pattern" })
		void valueThatMakesNoSenseStopsTheStart(String name, String value, String reason, CapturedOutput output) {
			assertThatException().isThrownBy(() -> Slf4jIntakeTests.this.start(IntakeApplication.LOG,
					"telemetry.intake.slf4j." + name + "=" + value));
			assertThat(output).contains("Property: telemetry.intake.slf4j." + name)
				.contains("Value: \"" + value + "\"")
				.contains(reason);
		}

		@Test
		void misspeltPropertyStopsTheStart(CapturedOutput output) {
			assertThatException().isThrownBy(() -> Slf4jIntakeTests.this.start("telemetry.intake.slf4j.enable=true"));
			assertThat(output).contains("telemetry.intake.slf4j.enable");
		}

	}

	@Test
	void bothWaysAtOnceEveryEventIsOneSignalAndEverySignalOneLine() throws Exception {
		int threads = 4;
		int rounds = 500;
		AtomicInteger lines = new AtomicInteger();
		AtomicInteger linesOfSignals = new AtomicInteger();
		AppenderBase<ILoggingEvent> log = new AppenderBase<>() {
			@Override
			protected void append(ILoggingEvent event) {
				boolean signal = event.getMarkerList() != null
						&& event.getMarkerList().contains(Slf4jSignalHandler.MARKER);
				(signal ? linesOfSignals : lines).incrementAndGet();
			}
		};
		log.start();
		ConfigurableApplicationContext context = start(IntakeApplication.LOG);
		Telemetry telemetry = context.getBean(Telemetry.class).of("com.acme.Telemetry");
		Logger logger = (Logger) LoggerFactory.getLogger("com.acme");
		logger.addAppender(log);
		onThreads(threads, () -> {
			for (int i = 0; i < rounds; i++) {
				LOGGER.info("event {}", i);
				telemetry.event("shop/checkout", Map.of("i", i));
			}
		});
		logger.detachAppender(log);
		assertThat(lines).hasValue(threads * rounds);
		assertThat(linesOfSignals).hasValue(threads * rounds);
		assertThat(this.application.signals()).hasSize(2 * threads * rounds)
			.filteredOn(Signal::isLogged)
			.hasSize(threads * rounds)
			.allMatch((signal) -> signal.namespace().equals("com.acme.Shop"));
	}

	@Test
	void bothWaysAtOnceWithAQueueBeforeTheLog() throws Exception {
		int threads = 4;
		int rounds = 200;
		ListAppender<ILoggingEvent> log = new ListAppender<>();
		log.start();
		ConfigurableApplicationContext context = start(IntakeApplication.LOG,
				"telemetry.handlers.log.async.mode=blocking");
		Telemetry telemetry = context.getBean(Telemetry.class).of("com.acme.Telemetry");
		Logger logger = (Logger) LoggerFactory.getLogger("com.acme.Telemetry");
		logger.addAppender(log);
		onThreads(threads, () -> {
			for (int i = 0; i < rounds; i++) {
				LOGGER.info("event {}", i);
				telemetry.event("shop/checkout");
			}
		});
		this.contexts.remove(0).close();
		logger.detachAppender(log);
		assertThat(log.list).hasSize(threads * rounds);
		assertThat(this.application.signals()).hasSize(2 * threads * rounds);
	}

	@ParameterizedTest
	@ValueSource(strings = { "none", "blocking" })
	void handlerThatLogsDoesNotFeedItself(String mode) throws Exception {
		AtomicInteger handled = new AtomicInteger();
		SignalHandler talkative = (signal) -> {
			handled.incrementAndGet();
			LOGGER.info("handling {}", signal.message());
		};
		ConfigurableApplicationContext context = started(this.application
			.builder((early) -> early.registerBean("talkative", SignalHandler.class, () -> talkative),
					IntakeApplication.LOG, "telemetry.handlers.talkative.async.mode=" + mode,
					"telemetry.handlers.talkative.ns.allow=com.acme.*")
			.run());
		LOGGER.info("one");
		SignalPipeline pipeline = context.getBean(SignalPipeline.class);
		assertThat(pipeline.flush(Duration.ofSeconds(30))).isTrue();
		assertThat(handled).hasValue(1);
		assertThat(this.application.messages()).containsExactly("one", "handling one");
		OutcomeStats stats = pipeline.handlers()
			.stream()
			.filter((view) -> view.name().equals("talkative"))
			.map(HandlerView::stats)
			.findFirst()
			.orElseThrow();
		assertThat(stats.count(Outcome.RECURSIVE)).isEqualTo(1);
	}

}
