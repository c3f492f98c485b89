package io.telemetry.boot.autoconfigure.context;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import io.telemetry.boot.InvalidTelemetryConfigurationException;
import io.telemetry.boot.context.ContextTaskDecorator;
import io.telemetry.boot.context.MdcContextMirror;
import io.telemetry.boot.context.MdcContextSource;
import io.telemetry.context.ContextSource;
import io.telemetry.context.Scope;
import io.telemetry.context.SignalContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.MDC;

import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.core.task.TaskDecorator;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * {@link ContextAutoConfiguration} in real applications.
 */
@SuppressWarnings("try")
class ContextAutoConfigurationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(ContextAutoConfiguration.class, TaskExecutionAutoConfiguration.class));

	private final SignalContext context = SignalContext.EMPTY.with("order", 7);

	@AfterEach
	void nothingIsLeft() {
		assertThat(SignalContext.current()).isSameAs(SignalContext.EMPTY);
		assertThat(SignalContext.mirror()).isNull();
	}

	private static <T> T get(Future<T> future) throws Exception {
		return future.get(10, TimeUnit.SECONDS);
	}

	private SignalContext seenByApplicationTaskExecutor(ApplicationContext application) throws Exception {
		AsyncTaskExecutor executor = application.getBean("applicationTaskExecutor", AsyncTaskExecutor.class);
		try (Scope scope = this.context.open()) {
			return get(executor.submit(SignalContext::current));
		}
	}

	private SignalContext seenByAsyncMethod(ApplicationContext application) throws Exception {
		try (Scope scope = this.context.open()) {
			return get(application.getBean(Service.class).work());
		}
	}

	@Test
	void withoutAnyPropertyContextFlowsAndTheMdcIsLeftAlone() {
		this.runner.run((application) -> {
			assertThat(application).hasSingleBean(ContextTaskDecorator.class)
				.doesNotHaveBean(ContextSource.class)
				.doesNotHaveBean(MdcContextMirror.class);
			assertThat(SignalContext.mirror()).isNull();
		});
		ContextProperties defaults = new ContextProperties();
		assertThat(defaults.isPropagate()).isTrue();
		assertThat(defaults.getMdc().getRead()).isEmpty();
		assertThat(defaults.getMdc().getWrite()).isEmpty();
	}

	@Test
	void applicationTaskExecutorAndAsyncMethodsRunInTheContext() {
		this.runner.withUserConfiguration(AsyncConfiguration.class).run((application) -> {
			ThreadPoolTaskExecutor executor = application.getBean("applicationTaskExecutor",
					ThreadPoolTaskExecutor.class);
			assertThat(seenByApplicationTaskExecutor(application)).isSameAs(this.context);
			assertThat(seenByAsyncMethod(application)).isSameAs(this.context);
			for (int i = 0; i < 20; i++) {
				assertThat(get(executor.submit(SignalContext::current))).isSameAs(SignalContext.EMPTY);
			}
		});
	}

	@Test
	void virtualThreadsRunInTheContext() {
		assumeThat(Runtime.version().feature()).as("Java with virtual threads").isGreaterThanOrEqualTo(21);
		this.runner.withUserConfiguration(AsyncConfiguration.class)
			.withPropertyValues("spring.threads.virtual.enabled=true")
			.run((application) -> {
				assertThat(application.getBean("applicationTaskExecutor")).isInstanceOf(SimpleAsyncTaskExecutor.class);
				assertThat(seenByApplicationTaskExecutor(application)).isSameAs(this.context);
				assertThat(seenByAsyncMethod(application)).isSameAs(this.context);
			});
	}

	@Test
	void propagationCanBeSwitchedOff() {
		this.runner.withUserConfiguration(AsyncConfiguration.class)
			.withPropertyValues("telemetry.context.propagate=false")
			.run((application) -> {
				assertThat(application).doesNotHaveBean(TaskDecorator.class);
				assertThat(seenByAsyncMethod(application)).isSameAs(SignalContext.EMPTY);
			});
	}

	@Test
	void anApplicationsOwnDecoratorWorksBesideAndIsTheOneThatIsInjected() {
		this.runner.withUserConfiguration(AsyncConfiguration.class, DecoratorConfiguration.class).run((application) -> {
			Decorated decorated = application.getBean(Decorated.class);
			assertThat(seenByAsyncMethod(application)).isSameAs(this.context);
			assertThat(decorated.seen()).containsExactly(this.context, this.context);
			assertThat(decorated.injected()).isSameAs(application.getBean("own"));
		});
	}

	@Test
	void anApplicationsOwnContextDecoratorReplacesOurs() {
		this.runner.withBean("own", ContextTaskDecorator.class)
			.run((application) -> assertThat(application.getBeanNamesForType(TaskDecorator.class))
				.containsExactly("own"));
	}

	@Test
	void listedKeysOfTheMdcAreASource() {
		this.runner.withPropertyValues("telemetry.context.mdc.read=traceId,tenant").run((application) -> {
			MDC.put("tenant", "acme");
			try {
				assertThat(application.getBean(ContextSource.class)).isInstanceOf(MdcContextSource.class);
				assertThat(application.getBean(MdcContextSource.class).read()).isEqualTo(Map.of("tenant", "acme"));
			}
			finally {
				MDC.clear();
			}
		});
	}

	@Test
	void listedFieldsAreWrittenToTheMdcAlsoOnOtherThreadsUntilTheApplicationCloses() {
		this.runner.withUserConfiguration(AsyncConfiguration.class)
			.withInitializer(
					(context) -> context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
			.withPropertyValues("telemetry.context.mdc.write=*")
			.run((application) -> {
				AsyncTaskExecutor executor = application.getBean("applicationTaskExecutor", AsyncTaskExecutor.class);
				try (Scope scope = this.context.open()) {
					assertThat(MDC.get("order")).isEqualTo("7");
					assertThat(get(executor.submit(() -> MDC.get("order")))).isEqualTo("7");
				}
				assertThat(MDC.get("order")).isNull();
				for (int i = 0; i < 20; i++) {
					assertThat(get(executor.submit(() -> String.valueOf(MDC.get("order"))))).isEqualTo("null");
				}
			});
		try (Scope scope = this.context.open()) {
			assertThat(MDC.get("order")).isNull();
		}
	}

	@Test
	void nothingOfTheMdcIsThereWithoutSlf4j() {
		this.runner.withClassLoader(new FilteredClassLoader("org.slf4j"))
			.withPropertyValues("telemetry.context.mdc.read=a", "telemetry.context.mdc.write=a")
			.run((application) -> {
				assertThat(application).hasNotFailed().hasSingleBean(ContextTaskDecorator.class);
				assertThat(application.getBeanNamesForType(ContextSource.class)).isEmpty();
			});
	}

	@Test
	void nothingIsThereWhereTelemetryIsSwitchedOff() {
		this.runner
			.withPropertyValues("telemetry.enabled=false", "telemetry.context.mdc.read=a",
					"telemetry.context.mdc.write=a")
			.run((application) -> assertThat(application).doesNotHaveBean(TaskDecorator.class)
				.doesNotHaveBean(ContextSource.class)
				.doesNotHaveBean(MdcContextMirror.class));
	}

	@ParameterizedTest
	@CsvSource(quoteCharacter = '"', textBlock = """
			telemetry.context.mdc.read, "a,a", telemetry.context.mdc.read, a, must name each key once
			telemetry.context.mdc.read, *, telemetry.context.mdc.read, *, must name each key
			telemetry.context.mdc.read, "a, ,b", telemetry.context.mdc.read[1], "", must be a name
			telemetry.context.mdc.write, "a,*", telemetry.context.mdc.write, "a,*", must be '*' alone
			""")
	void listThatMakesNoSenseStopsTheStart(String set, String to, String property, String value, String reason) {
		this.runner.withPropertyValues(set + "=" + to)
			.run((application) -> assertThat(application).getFailure()
				.rootCause()
				.isInstanceOfSatisfying(InvalidTelemetryConfigurationException.class, (ex) -> {
					assertThat(ex.getProperty()).isEqualTo(property);
					assertThat(ex.getValue()).isEqualTo(value);
					assertThat(ex.getReason()).contains(reason);
				}));
	}

	@Test
	void misspeltPropertyStopsTheStart() {
		this.runner.withPropertyValues("telemetry.context.mdc.raed=a")
			.run((application) -> assertThat(application.getStartupFailure())
				.hasStackTraceContaining("telemetry.context.mdc.raed"));
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAsync
	static class AsyncConfiguration {

		@Bean
		Service service() {
			return new Service();
		}

	}

	static class Service {

		@Async
		CompletableFuture<SignalContext> work() {
			return CompletableFuture.completedFuture(SignalContext.current());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class DecoratorConfiguration {

		private final List<SignalContext> seen = new CopyOnWriteArrayList<>();

		@Bean
		TaskDecorator own() {
			return (task) -> {
				this.seen.add(SignalContext.current());
				return () -> {
					this.seen.add(SignalContext.current());
					task.run();
				};
			};
		}

		@Bean
		Decorated decorated(TaskDecorator theOne) {
			return new Decorated(this.seen, theOne);
		}

	}

	record Decorated(List<SignalContext> seen, TaskDecorator injected) {

	}

}
