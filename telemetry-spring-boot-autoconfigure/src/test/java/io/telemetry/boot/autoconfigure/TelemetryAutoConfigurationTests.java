package io.telemetry.boot.autoconfigure;

import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;

import io.telemetry.Telemetry;
import io.telemetry.boot.InvalidTelemetryConfigurationException;
import io.telemetry.boot.SignalRecorder;
import io.telemetry.boot.TelemetryCustomizer;
import io.telemetry.boot.autoconfigure.handler.TelemetryHandlerAutoConfiguration;
import io.telemetry.filter.FilterSettings;
import io.telemetry.filter.SignalPredicate;
import io.telemetry.handler.HandlerFault;
import io.telemetry.handler.HandlerFaultListener;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.handler.SignalHandler;
import io.telemetry.pipeline.HandlerView;
import io.telemetry.pipeline.PipelineSettings;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.ServiceIdentity;
import io.telemetry.signal.Signal;
import io.telemetry.transform.SignalTransform;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.info.BuildProperties;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link TelemetryAutoConfiguration}.
 */
class TelemetryAutoConfigurationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner().withConfiguration(
			AutoConfigurations.of(TelemetryHandlerAutoConfiguration.class, TelemetryAutoConfiguration.class));

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
		assertThat(FilterPropertyMapper.filter(new TelemetryFilterProperties())).isEqualTo(FilterSettings.DEFAULTS);
		assertThat(new TelemetryFilterProperties().getSampleRate())
			.isEqualTo(PipelineSettings.DEFAULTS.sampling().rate());
		assertThat(new TelemetryProperties().isEnabled()).isEqualTo(PipelineSettings.DEFAULTS.enabled());
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
