package io.telemetry.boot.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import io.telemetry.Telemetry;
import io.telemetry.boot.InvalidTelemetryConfigurationException;
import io.telemetry.boot.SignalRecorder;
import io.telemetry.boot.TelemetryCustomizer;
import io.telemetry.boot.autoconfigure.handler.TelemetryHandlerAutoConfiguration;
import io.telemetry.context.ContextSource;
import io.telemetry.context.Tracing;
import io.telemetry.filter.FilterSettings;
import io.telemetry.filter.SignalPredicate;
import io.telemetry.handler.HandlerFault;
import io.telemetry.handler.HandlerFaultListener;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.handler.SignalHandler;
import io.telemetry.limit.LimitSettings;
import io.telemetry.limit.RateLimit;
import io.telemetry.metric.MeterSink;
import io.telemetry.pipeline.HandlerView;
import io.telemetry.pipeline.PipelineSettings;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.sampling.SampleBy;
import io.telemetry.sampling.SamplingSettings;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.ServiceIdentity;
import io.telemetry.signal.Signal;
import io.telemetry.stats.Outcome;
import io.telemetry.transform.SignalTransform;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.Mockito;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.beans.factory.NoUniqueBeanDefinitionException;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.info.BuildProperties;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.MapPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link TelemetryAutoConfiguration}.
 */
class TelemetryAutoConfigurationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner().withConfiguration(
			AutoConfigurations.of(TelemetryHandlerAutoConfiguration.class, TelemetryAutoConfiguration.class));

	private final ApplicationContextRunner recording = this.runner.withBean("recorded", SignalRecorder.class)
		.withPropertyValues("telemetry.handlers.recorded.async.mode=none");

	@Test
	void withoutAnyPropertyThereIsAPipelineWithTheDefaultHandlers() {
		this.runner.run((context) -> {
			SignalPipeline pipeline = context.getBean(SignalPipeline.class);
			assertThat(pipeline.handlers()).extracting(HandlerView::name).containsExactly("log", "recent");
			assertThat(pipeline.settings().configured()).isEqualTo(PipelineSettings.DEFAULTS);
		});
	}

	@Test
	void defaultsOfPropertiesAreTheCoresDefaults() {
		assertThat(FilterPropertyMapper.settings(new TelemetryProperties(), new TelemetryFilterProperties()))
			.isEqualTo(PipelineSettings.DEFAULTS);
	}

	@Test
	void disabledTelemetryIsInjectedAndMakesNothing() {
		this.runner.withBean("recorder", SignalRecorder.class)
			.withPropertyValues("telemetry.enabled=false")
			.run((context) -> {
				Telemetry telemetry = context.getBean(Telemetry.class);
				telemetry.event("test/refused");
				assertThat(telemetry.allowed(Level.REPORT)).isFalse();
				assertThat(context.getBean(SignalPipeline.class).handlers()).isEmpty();
				assertThat(context.getBean(SignalRecorder.class).signals()).isEmpty();
			});
	}

	@Test
	void anApplicationsOwnPipelineIsUsed() {
		SignalPipeline own = SignalPipeline.builder().build();
		this.runner.withBean("own", SignalPipeline.class, () -> own).run((context) -> {
			assertThat(context.getBean(SignalPipeline.class)).isSameAs(own);
			assertThat(context).hasSingleBean(Telemetry.class);
		});
	}

	@Test
	void serviceComesFromProperties() {
		this.runner
			.withPropertyValues("spring.application.name=other", "telemetry.service.name=shop",
					"telemetry.service.version=1.2", "telemetry.service.environment=prod",
					"telemetry.service.instance=i-1", "telemetry.service.region=eu")
			.run((context) -> {
				ServiceIdentity service = context.getBean(SignalPipeline.class).service();
				assertThat(service).usingRecursiveComparison()
					.ignoringFields("host")
					.isEqualTo(new ServiceIdentity("shop", "1.2", "prod", "i-1", "eu", null));
				assertThat(service.host()).isNotBlank();
			});
	}

	@Test
	void versionComesFromTheBuildWhereNoPropertySaysIt() {
		Properties build = new Properties();
		build.setProperty("version", "3.4.5");
		this.runner.withBean(BuildProperties.class, () -> new BuildProperties(build))
			.run((context) -> assertThat(context.getBean(SignalPipeline.class).service().version()).isEqualTo("3.4.5"));
	}

	@Test
	void filterComesFromProperties() {
		this.runner
			.withPropertyValues("telemetry.filter.min-level=debug", "telemetry.filter.levels.[com.acme.*]=55",
					"telemetry.filter.kind-levels.metric=WARN", "telemetry.filter.ns.allow=com.*,browser.*",
					"telemetry.filter.ns.disallow=com.secret.*", "telemetry.filter.id.allow=*",
					"telemetry.filter.id.disallow=app/noise", "telemetry.filter.kind.allow=log,metric",
					"telemetry.filter.kind.disallow=spy", "telemetry.filter.sample-rate=0.5",
					"telemetry.filter.when=level>=WARN or data.amount > 100")
			.run((context) -> {
				PipelineSettings settings = context.getBean(SignalPipeline.class).settings().configured();
				assertThat(settings.sampling().rate()).isEqualTo(0.5);
				FilterSettings filter = settings.filter();
				assertThat(filter.minLevel()).isEqualTo(Level.DEBUG);
				assertThat(filter.levels()).isEqualTo(Map.of("com.acme.*", Level.of(55)));
				assertThat(filter.kindLevels()).isEqualTo(Map.of(Kind.METRIC, Level.WARN));
				assertThat(filter.ns().allow()).containsExactly("com.*", "browser.*");
				assertThat(filter.ns().disallow()).containsExactly("com.secret.*");
				assertThat(filter.id().disallow()).containsExactly("app/noise");
				assertThat(filter.kindAllow()).containsExactlyInAnyOrder(Kind.LOG, Kind.METRIC);
				assertThat(filter.kindDisallow()).containsExactly(Kind.SPY);
				assertThat(filter.when()).isEqualTo(SignalPredicate.parse("level >= warn or data.amount > 100"));
			});
	}

	@Test
	void samplingComesFromProperties() {
		this.runner
			.withPropertyValues("telemetry.filter.sample-rate=0.5", "telemetry.filter.samples.ns.[com.acme.*]=0.25",
					"telemetry.filter.samples.id.[shop/*]=0", "telemetry.filter.sample-by=Session")
			.run((context) -> assertThat(context.getBean(SignalPipeline.class).settings().configured().sampling())
				.isEqualTo(new SamplingSettings(0.5, Map.of("com.acme.*", 0.25), Map.of("shop/*", 0.0),
						SampleBy.SESSION)));
	}

	@Test
	void ratesMultiplyAndStandOnTheSignal() {
		this.recording
			.withPropertyValues("telemetry.filter.samples.ns.[test.*]=0.5", "telemetry.filter.samples.id.[shop/*]=0.5",
					"telemetry.filter.sample-by=session")
			.run((context) -> {
				Telemetry telemetry = context.getBean(Telemetry.class).of("test.Shop");
				for (int i = 0; i < 1000; i++) {
					telemetry.signal().id("shop/pay").data("sessionId", "s-" + i).emit();
					telemetry.signal().id("shop/pay").data("sessionId", "s-" + i).emit();
				}
				List<Signal> signals = context.getBean(SignalRecorder.class).signals();
				assertThat(signals).hasSizeBetween(200, 1200)
					.allSatisfy((signal) -> assertThat(signal.sampleRate()).isEqualTo(0.25));
				assertThat(signals.stream().collect(Collectors.groupingBy((signal) -> signal.data().get("sessionId"))))
					.allSatisfy((session, both) -> assertThat(both).hasSize(2));
			});
	}

	@Test
	void rateLimitsComeFromProperties() {
		this.runner
			.withPropertyValues("telemetry.filter.rate-limits.ns.[com.acme.*]=5/1m, 100/1h",
					"telemetry.filter.rate-limits.id.[shop/*]=1/1s")
			.run((context) -> assertThat(context.getBean(SignalPipeline.class).settings().configured().limits())
				.isEqualTo(new LimitSettings(
						Map.of("com.acme.*", RateLimit.of(5, Duration.ofMinutes(1)).and(100, Duration.ofHours(1))),
						Map.of("shop/*", RateLimit.of(1, Duration.ofSeconds(1))))));
	}

	@Test
	void eachNameThatAPatternMatchesHasABudgetOfItsOwn() {
		this.recording.withPropertyValues("telemetry.filter.rate-limits.id.[shop/*]=1/1d").run((context) -> {
			Telemetry telemetry = context.getBean(Telemetry.class);
			List.of("shop/a", "shop/a", "shop/b", "shop/b", "other", "other").forEach(telemetry::event);
			assertThat(context.getBean(SignalRecorder.class).signals()).extracting(Signal::id)
				.containsExactly("shop/a", "shop/b", "other", "other");
			assertThat(context.getBean(SignalPipeline.class).stats().count(Outcome.LIMITED)).isEqualTo(2);
		});
	}

	@ParameterizedTest
	@CsvSource({ "samples.ns.[com.acme.*], 1.5", "samples.id.[shop/*], -1.0", "samples.ns.[com.acme.*], NaN",
			"rate-limits.ns.[com.acme.*], often", "rate-limits.id.[shop/*], 5/1x", "rate-limits.id.[shop/*], ''" })
	void aRateOrLimitThatIsNoneStopsTheStart(String key, String value) {
		this.runner.withPropertyValues("telemetry.filter." + key + "=" + value)
			.run((context) -> assertInvalid(context.getStartupFailure(), "telemetry.filter." + key.replace(".[", "["),
					value));
	}

	@Test
	void aRateThatIsEmptyStopsTheStart() {
		this.runner.withPropertyValues("telemetry.filter.samples.ns.[com.acme.*]=")
			.run((context) -> assertThat(context.getStartupFailure())
				.hasStackTraceContaining("telemetry.filter.samples.ns[com.acme.*]"));
	}

	@ParameterizedTest
	@CsvSource({ "samples.ns, com.(acme), 1", "samples.id, shop(/), 1", "rate-limits.ns, com.(acme), 1/1s",
			"rate-limits.id, shop(/), 1/1s" })
	void aPatternOfARateOrLimitThatIsNoneStopsTheStart(String group, String pattern, String value) {
		this.runner.withPropertyValues("telemetry.filter." + group + ".[" + pattern + "]=" + value)
			.run((context) -> assertInvalid(context.getStartupFailure(),
					"telemetry.filter." + group + "[" + pattern + "]", pattern));
	}

	@ParameterizedTest
	@CsvSource({ "samples.ns, 0.5, 0.1", "samples.id, 0.5, 0.1", "rate-limits.ns, 1/1s, 2/1s",
			"rate-limits.id, 1/1s, 2/1s" })
	void equalPatternsStopTheStartWithTheGroup(String group, String first, String second) {
		this.runner
			.withPropertyValues("telemetry.filter." + group + ".[a*b]=" + first,
					"telemetry.filter." + group + ".[a*c*b]=" + second)
			.run((context) -> {
				assertInvalid(context.getStartupFailure(), "telemetry.filter." + group,
						"{a*b=" + first + ", a*c*b=" + second + "}");
				assertThat(context.getStartupFailure()).hasStackTraceContaining("'a*b' and 'a*c*b'");
			});
	}

	@ParameterizedTest
	@ValueSource(strings = { "telemetry.filter.sample-by=cookie", "telemetry.filter.samples.namespace.[a]=1",
			"telemetry.filter.rate-limit.ns.[a]=1/1s", "telemetry.locations=sometimes" })
	void aWordThatIsNoneStopsTheStart(String property) {
		this.runner.withPropertyValues(property)
			.run((context) -> assertThat(context.getStartupFailure())
				.hasStackTraceContaining(property.substring(0, property.indexOf('=')).replace(".[", "[")));
	}

	@ParameterizedTest
	@CsvSource({ "off, OFF", "errors, ERRORS", "always, ALWAYS" })
	void locationsComeFromProperties(String value, PipelineSettings.Locations locations) {
		this.runner.withPropertyValues("telemetry.locations=" + value)
			.run((context) -> assertThat(context.getBean(SignalPipeline.class).settings().configured().locations())
				.isEqualTo(locations));
	}

	@Test
	void offOfYamlIsOff() {
		// YAML reads it as a boolean.
		this.runner
			.withInitializer((context) -> context.getEnvironment()
				.getPropertySources()
				.addFirst(new MapPropertySource("yaml", Map.of("telemetry.locations", false))))
			.run((context) -> assertThat(context.getBean(SignalPipeline.class).settings().configured().locations())
				.isEqualTo(PipelineSettings.Locations.OFF));
	}

	@Test
	void predicateBeansHoldBesideTheProperty() {
		List<String> asked = new CopyOnWriteArrayList<>();
		this.recording.withBean("second", SignalPredicate.class, () -> new RecordingPredicate("second", 2, asked))
			.withBean("first", SignalPredicate.class, () -> new RecordingPredicate("first", 1, asked))
			.withPropertyValues("telemetry.filter.when=data.amount > 100")
			.run((context) -> {
				Telemetry telemetry = context.getBean(Telemetry.class);
				telemetry.event("small", Map.of("amount", 1));
				assertThat(asked).isEmpty();
				telemetry.event("large", Map.of("amount", 101));
				telemetry.event("first", Map.of("amount", 101));
				assertThat(asked).containsExactly("first large", "second large", "first first");
				assertThat(context.getBean(SignalRecorder.class).signals()).extracting(Signal::id)
					.containsExactly("large");
				assertThat(context.getBean(SignalPipeline.class).stats().count(Outcome.FILTERED)).isEqualTo(2);
			});
	}

	@Test
	void contextSourceBeansAreReadInTheirOrder() {
		this.recording.withUserConfiguration(ContextSourceConfiguration.class).run((context) -> {
			context.getBean(Telemetry.class).event("test/context");
			assertThat(context.getBean(SignalRecorder.class).signals()).singleElement()
				.satisfies((signal) -> assertThat(signal.context())
					.isEqualTo(Map.of("tenant", "north", "order", "second")));
		});
	}

	@Test
	void tracingAndMetersAreTheBeansThereAre() {
		Tracing tracing = Mockito.mock(Tracing.class);
		MeterSink meters = (meter) -> (value) -> {
		};
		this.runner.withBean(Tracing.class, () -> tracing).withBean(MeterSink.class, () -> meters).run((context) -> {
			assertThat(context.getBean(SignalPipeline.class).tracing()).isSameAs(tracing);
			assertThat(context.getBean(SignalPipeline.class).meters()).isSameAs(meters);
		});
		this.runner.run((context) -> {
			assertThat(context.getBean(SignalPipeline.class).tracing()).isSameAs(Tracing.NONE);
			assertThat(context.getBean(SignalPipeline.class).meters()).isSameAs(MeterSink.NONE);
		});
	}

	@Test
	void twoMeterSinksOfEqualRankStopTheStart() {
		this.runner.withBean("one", MeterSink.class, () -> MeterSink.NONE)
			.withBean("two", MeterSink.class, () -> MeterSink.NONE)
			.run((context) -> assertThat(context.getStartupFailure())
				.hasRootCauseInstanceOf(NoUniqueBeanDefinitionException.class));
	}

	@Test
	void staticAccessReachesThePipelineOnceItIsThereAndUntilItCloses() {
		SignalRecorder recorder = new SignalRecorder();
		Telemetry early = Telemetry.global(Early.class);
		early.event("global/early");
		this.runner.withUserConfiguration(GlobalConfiguration.class)
			.withBean("recorder", SignalRecorder.class, () -> recorder)
			.run((context) -> early.event("global/running"));
		assertThat(idsOf(recorder)).containsExactly("global/early", "global/bean-made", "global/running",
				"global/bean-destroyed");
		// Kept for the next application.
		early.event("global/between");
		SignalRecorder next = new SignalRecorder();
		this.runner.withBean("recorder", SignalRecorder.class, () -> next).run((context) -> early.event("global/next"));
		assertThat(idsOf(next)).containsExactly("global/between", "global/next");
	}

	private static List<String> idsOf(SignalRecorder recorder) {
		return recorder.signals()
			.stream()
			.filter((signal) -> signal.namespace().equals(Early.class.getName()))
			.map(Signal::id)
			.toList();
	}

	@Test
	void ofTwoApplicationsTheLastIsGlobalAndThenTheFirstAgain() {
		SignalRecorder first = new SignalRecorder();
		SignalRecorder last = new SignalRecorder();
		Telemetry global = Telemetry.global(Early.class);
		this.runner.withBean("recorder", SignalRecorder.class, () -> first).run((outer) -> {
			this.runner.withBean("recorder", SignalRecorder.class, () -> last)
				.run((inner) -> global.event("global/inner"));
			global.event("global/outer");
		});
		assertThat(idsOf(first)).containsExactly("global/outer");
		assertThat(idsOf(last)).containsExactly("global/inner");
	}

	@Test
	void aChildContextLeavesThePipelineOfItsParentInstalled() {
		SignalRecorder recorder = new SignalRecorder();
		this.runner.withBean("recorder", SignalRecorder.class, () -> recorder).run((parent) -> {
			this.runner.withParent(parent).run((child) -> assertThat(child).hasNotFailed());
			Telemetry.global(Early.class).event("global/after-child");
		});
		assertThat(idsOf(recorder)).containsExactly("global/after-child");
	}

	@Test
	void disabledTelemetryKeepsNothingOfStaticAccess() {
		Telemetry global = Telemetry.global(Early.class);
		this.runner.withPropertyValues("telemetry.enabled=false").run((context) -> {
			assertThat(global.allowed(Level.REPORT)).isFalse();
			global.event("global/refused");
		});
		SignalRecorder recorder = new SignalRecorder();
		this.runner.withBean("recorder", SignalRecorder.class, () -> recorder)
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(idsOf(recorder)).isEmpty();
	}

	@Test
	void staticAccessIsTakenBackWhereTheStartFails() {
		Telemetry global = Telemetry.global(Early.class);
		this.runner.withUserConfiguration(FailingConfiguration.class).run((context) -> assertThat(context).hasFailed());
		global.event("global/after-failure");
		SignalRecorder recorder = new SignalRecorder();
		this.runner.withBean("recorder", SignalRecorder.class, () -> recorder)
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(idsOf(recorder)).containsExactly("global/after-failure");
	}

	@Test
	void aLevelThatIsNoneStopsTheStart() {
		this.runner.withPropertyValues("telemetry.filter.min-level=loud")
			.run((context) -> assertInvalid(context.getStartupFailure(), "telemetry.filter.min-level", "loud"));
	}

	@Test
	void aPatternThatIsNoneStopsTheStart() {
		this.runner.withPropertyValues("telemetry.filter.ns.allow=com.(acme)")
			.run((context) -> assertInvalid(context.getStartupFailure(), "telemetry.filter.ns.allow", "com.(acme)"));
	}

	@Test
	void anExpressionThatIsNoneStopsTheStart() {
		this.runner.withPropertyValues("telemetry.filter.when=level >= wran").run((context) -> {
			assertInvalid(context.getStartupFailure(), "telemetry.filter.when", "level >= wran");
			assertThat(context.getStartupFailure()).hasStackTraceContaining("column 10: 'wran' is not a level");
		});
	}

	@Test
	void anEmptyExpressionStopsTheStart() {
		this.runner.withPropertyValues("telemetry.filter.when=").run((context) -> {
			assertInvalid(context.getStartupFailure(), "telemetry.filter.when", "");
			assertThat(context.getStartupFailure()).hasStackTraceContaining("'always'");
		});
	}

	@Test
	void patternsThatContradictStopTheStart() {
		this.runner.withPropertyValues("telemetry.filter.levels.[a*b]=info", "telemetry.filter.levels.[a*c*b]=warn")
			.run((context) -> assertInvalid(context.getStartupFailure(), "telemetry.filter.levels",
					"{a*b=info, a*c*b=warn}"));
	}

	@Test
	void aMisspeltPropertyStopsTheStart() {
		this.runner.withPropertyValues("telemetry.filter.min-levle=warn")
			.run((context) -> assertThat(context.getStartupFailure())
				.hasStackTraceContaining("telemetry.filter.min-levle"));
	}

	@Test
	void aRateThatIsNoShareStopsTheStart() {
		this.runner.withPropertyValues("telemetry.filter.sample-rate=2")
			.run((context) -> assertInvalid(context.getStartupFailure(), "telemetry.filter.sample-rate", "2.0"));
	}

	static void assertInvalid(Throwable failure, String property, String value) {
		Throwable cause = failure;
		while (cause != null && !(cause instanceof InvalidTelemetryConfigurationException)) {
			cause = cause.getCause();
		}
		assertThat(cause).isInstanceOfSatisfying(InvalidTelemetryConfigurationException.class, (invalid) -> {
			assertThat(invalid.getProperty()).isEqualTo(property);
			assertThat(invalid.getValue()).isEqualTo(value);
			assertThat(invalid.getRemedy()).isNotBlank();
		});
	}

	@Test
	void transformBeansRunInTheirOrder() {
		this.runner.withUserConfiguration(TransformConfiguration.class)
			.withPropertyValues("telemetry.handlers.recorder.enabled=false")
			.run((context) -> {
				context.getBean(Telemetry.class).log("made");
				assertThat(context.getBean(SignalRecorder.class).signals()).extracting(Signal::message)
					.containsExactly("made, first, second");
			});
	}

	@Test
	void customizersComeInTheirOrderAfterProperties() {
		this.runner.withUserConfiguration(CustomizerConfiguration.class)
			.withPropertyValues("telemetry.filter.min-level=debug")
			.run((context) -> {
				SignalPipeline pipeline = context.getBean(SignalPipeline.class);
				assertThat(pipeline.settings().configured().filter().minLevel()).isEqualTo(Level.ERROR);
				assertThat(pipeline.handlers()).extracting(HandlerView::name).containsExactly("log", "recent", "added");
			});
	}

	@Test
	void theOneFaultListenerIsTold() {
		List<HandlerFault> faults = new CopyOnWriteArrayList<>();
		this.runner.withBean(HandlerFaultListener.class, () -> faults::add)
			.withBean("failing", SignalHandler.class, () -> (signal) -> {
				throw new IllegalStateException("on purpose");
			})
			.withPropertyValues("telemetry.handlers.failing.async.mode=none")
			.run((context) -> {
				context.getBean(Telemetry.class).log("made");
				assertThat(faults).singleElement()
					.satisfies((fault) -> assertThat(fault.handler()).isEqualTo("failing"));
			});
	}

	@Test
	void theFaultListenerIsTheErrorAndBackPressureCallback() throws Exception {
		List<HandlerFault> faults = new CopyOnWriteArrayList<>();
		CountDownLatch entered = new CountDownLatch(1);
		CountDownLatch released = new CountDownLatch(1);
		this.runner.withBean(HandlerFaultListener.class, () -> faults::add)
			.withBean("failing", SignalHandler.class, () -> (signal) -> {
				throw new IllegalStateException("on purpose");
			})
			.withBean("stuck", SignalHandler.class, () -> (signal) -> {
				entered.countDown();
				assertThat(released.await(30, TimeUnit.SECONDS)).isTrue();
			})
			.withPropertyValues("telemetry.handlers.failing.async.mode=none",
					"telemetry.handlers.failing.id.allow=test/fails", "telemetry.handlers.stuck.id.allow=test/piles-up",
					"telemetry.handlers.stuck.async.buffer-size=1", "telemetry.handlers.stuck.async.batch-size=1")
			.run((context) -> {
				Telemetry telemetry = context.getBean(Telemetry.class);
				telemetry.event("test/fails");
				telemetry.event("test/piles-up");
				assertThat(entered.await(30, TimeUnit.SECONDS)).isTrue();
				for (int i = 0; i < 5; i++) {
					telemetry.event("test/piles-up");
				}
				released.countDown();
			});
		assertThat(faults).filteredOn((fault) -> "failing".equals(fault.handler()))
			.singleElement()
			.satisfies((fault) -> {
				assertThat(fault.type()).isEqualTo(HandlerFault.Type.HANDLE);
				assertThat(fault.cause()).hasMessage("on purpose");
			});
		assertThat(faults).filteredOn((fault) -> "stuck".equals(fault.handler()))
			.isNotEmpty()
			.allSatisfy((fault) -> assertThat(fault.type()).isEqualTo(HandlerFault.Type.OVERFLOW));
		assertThat(faults.stream()
			.filter((fault) -> fault.type() == HandlerFault.Type.OVERFLOW)
			.mapToInt(HandlerFault::signals)
			.sum()).isBetween(4, 5);
	}

	@Test
	void severalFaultListenersLeaveItToTheLog() {
		this.runner.withBean("one", HandlerFaultListener.class, () -> (fault) -> {
		}).withBean("two", HandlerFaultListener.class, () -> (fault) -> {
		}).run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void pipelineIsMadeAtTheStartEvenWhereBeansAreLazy() {
		this.runner
			.withInitializer(
					(context) -> context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
			.withPropertyValues("telemetry.filter.min-level=loud")
			.run((context) -> assertThat(context).hasFailed());
	}

	@Test
	void signalsMadeWhileBeansAreDestroyedAreHandled() {
		SignalRecorder recorder = new SignalRecorder();
		this.runner.withUserConfiguration(ShutdownConfiguration.class)
			.withBean("recorder", SignalRecorder.class, () -> recorder)
			.run((context) -> context.getBean(ByProvider.class));
		assertThat(recorder.signals()).extracting(Signal::id).containsExactly("injected/closed", "provided/closed");
		assertThat(recorder.isClosed()).isTrue();
	}

	@Test
	void withoutSlf4jThereIsNoLogHandler() {
		this.runner.withClassLoader(new FilteredClassLoader("org.slf4j"))
			.run((context) -> assertThat(context.getBean(SignalPipeline.class).handlers()).extracting(HandlerView::name)
				.containsExactly("recent"));
	}

	@Configuration(proxyBeanMethods = false)
	static class TransformConfiguration {

		@Bean
		SignalRecorder recorder() {
			return new SignalRecorder();
		}

		@Bean
		TelemetryCustomizer direct(SignalRecorder recorder) {
			return (builder) -> builder.handler("direct", recorder, HandlerOptions.DEFAULTS.withQueue(null));
		}

		@Bean
		@Order(2)
		SignalTransform second() {
			return (signal) -> signal.toBuilder().message(signal.message() + ", second").build();
		}

		@Bean
		@Order(1)
		SignalTransform first() {
			return (signal) -> signal.toBuilder().message(signal.message() + ", first").build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ContextSourceConfiguration {

		@Bean
		@Order(2)
		ContextSource second() {
			return () -> Map.of("order", "second");
		}

		@Bean
		@Order(1)
		ContextSource first() {
			return () -> Map.of("tenant", "north", "order", "first");
		}

	}

	record RecordingPredicate(String name, int order, List<String> asked) implements SignalPredicate, Ordered {

		@Override
		public boolean test(Signal signal) {
			this.asked.add(this.name + " " + signal.id());
			return !this.name.equals(signal.id());
		}

		@Override
		public int getOrder() {
			return this.order;
		}

	}

	/** Code that no container gives a telemetry to. */
	static class Early {

	}

	@Configuration(proxyBeanMethods = false)
	static class GlobalConfiguration {

		@Bean
		Speaking speaking() {
			return new Speaking();
		}

	}

	static class Speaking implements InitializingBean, DisposableBean {

		@Override
		public void afterPropertiesSet() {
			Telemetry.global(Early.class).event("global/bean-made");
		}

		@Override
		public void destroy() {
			Telemetry.global(Early.class).event("global/bean-destroyed");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class FailingConfiguration {

		@Bean
		Object failing() {
			throw new IllegalStateException("on purpose");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class CustomizerConfiguration {

		@Bean
		@Order(2)
		TelemetryCustomizer second() {
			return (builder) -> builder
				.settings((settings) -> settings.withFilter(settings.filter().withMinLevel(Level.ERROR)));
		}

		@Bean
		@Order(1)
		TelemetryCustomizer first() {
			return (builder) -> builder
				.settings((settings) -> settings.withFilter(settings.filter().withMinLevel(Level.WARN)))
				.handler("added", new SignalRecorder(), HandlerOptions.DEFAULTS);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ShutdownConfiguration {

		@Bean
		ByProvider byProvider(ObjectProvider<Telemetry> telemetry) {
			return new ByProvider(telemetry);
		}

		@Bean
		Injected injected(Telemetry telemetry) {
			return new Injected(telemetry);
		}

	}

	record ByProvider(ObjectProvider<Telemetry> telemetry) implements AutoCloseable {

		@Override
		public void close() {
			this.telemetry.getObject().event("provided/closed");
		}

	}

	record Injected(Telemetry telemetry) implements AutoCloseable {

		@Override
		public void close() {
			this.telemetry.event("injected/closed");
		}

	}

}
