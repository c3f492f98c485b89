package io.telemetry.boot.autoconfigure.annotation;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.micrometer.core.instrument.MeterRegistry;
import io.telemetry.Telemetry;
import io.telemetry.annotation.Measured;
import io.telemetry.annotation.Traced;
import io.telemetry.boot.SignalRecorder;
import io.telemetry.boot.TelemetryCustomizer;
import io.telemetry.boot.annotation.AnnotatedMethodPostProcessor;
import io.telemetry.boot.autoconfigure.TelemetryAutoConfiguration;
import io.telemetry.boot.autoconfigure.context.ContextAutoConfiguration;
import io.telemetry.boot.autoconfigure.handler.TelemetryHandlerAutoConfiguration;
import io.telemetry.boot.autoconfigure.metrics.TelemetryMetricsAutoConfiguration;
import io.telemetry.boot.autoconfigure.tracing.TelemetryTracingAutoConfiguration;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Signal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.BeanCreationException;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link TelemetryAnnotationsAutoConfiguration} in real applications.
 */
@Timeout(60)
class TelemetryAnnotationsAutoConfigurationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(TelemetryHandlerAutoConfiguration.class,
				TelemetryAutoConfiguration.class, ContextAutoConfiguration.class,
				TelemetryAnnotationsAutoConfiguration.class, TelemetryMetricsAutoConfiguration.class,
				TelemetryTracingAutoConfiguration.class, TaskExecutionAutoConfiguration.class))
		.withPropertyValues("telemetry.handlers.recorder.async.mode=none")
		.withBean("recorder", SignalRecorder.class)
		.withBean(Shop.class);

	private static Signal find(List<Signal> signals, String id) {
		return signals.stream().filter((signal) -> id.equals(signal.id())).findFirst().orElseThrow();
	}

	@Test
	void annotationsAreHeededWithoutAnyProperty() {
		this.runner.run((context) -> {
			context.getBean(Shop.class).sell();
			assertThat(context.getBean(SignalRecorder.class).signals()).extracting(Signal::id)
				.containsExactly("shop.sell", "shop/sell");
		});
		assertThat(new TelemetryAnnotationsProperties().isEnabled()).isTrue();
	}

	@Test
	void applicationWithoutMicrometerHasThemToo() {
		this.runner.withClassLoader(new FilteredClassLoader("io.micrometer")).run((context) -> {
			assertThat(context).hasNotFailed();
			context.getBean(Shop.class).sell();
			assertThat(context.getBean(SignalRecorder.class).signals()).hasSize(2);
		});
	}

	@Test
	void measuredMethodIsATimer() {
		this.runner
			.withConfiguration(AutoConfigurations.of(MetricsAutoConfiguration.class,
					SimpleMetricsExportAutoConfiguration.class, CompositeMeterRegistryAutoConfiguration.class))
			.run((context) -> {
				context.getBean(Shop.class).sell();
				assertThat(context.getBean(MeterRegistry.class).get("shop.sell").timer().count()).isOne();
			});
	}

	@Test
	void switchedOffBeansAreNoProxies() {
		for (String property : List.of("telemetry.annotations.enabled=false", "telemetry.enabled=false")) {
			this.runner.withPropertyValues(property).run((context) -> {
				assertThat(context).hasNotFailed().doesNotHaveBean(AnnotatedMethodPostProcessor.class);
				assertThat(AopUtils.isAopProxy(context.getBean(Shop.class))).isFalse();
			});
		}
	}

	@Test
	void anApplicationsOwnPostProcessorIsUsed() {
		AnnotatedMethodPostProcessor own = new AnnotatedMethodPostProcessor(() -> null);
		own.setProxyTargetClass(true);
		this.runner.withBean("own", AnnotatedMethodPostProcessor.class, () -> own).run((context) -> {
			assertThat(context).getBean(AnnotatedMethodPostProcessor.class).isSameAs(own);
			context.getBean(Shop.class).sell();
			assertThat(context.getBean(SignalRecorder.class).signals()).isEmpty();
		});
	}

	@Test
	void misspeltPropertyStopsTheStart() {
		this.runner.withPropertyValues("telemetry.annotations.enable=false")
			.run((context) -> assertThat(context.getStartupFailure())
				.hasStackTraceContaining("telemetry.annotations.enable"));
	}

	@Test
	void levelThatIsNoneStopsTheStart() {
		this.runner.withBean(WrongLevel.class)
			.run((context) -> assertThat(context).getFailure()
				.isInstanceOf(BeanCreationException.class)
				.rootCause()
				.isInstanceOf(NumberFormatException.class));
		this.runner.withBean(WrongLevel.class)
			.run((context) -> assertThat(context.getStartupFailure()).hasStackTraceContaining("The level of @Traced on "
					+ "method " + WrongLevel.class.getName() + ".work is wrong: 'loud' is not a level: allowed are "));
	}

	@Test
	void interfacesAreEnoughWhereClassesAreNotToBeProxied() {
		this.runner.withPropertyValues("spring.aop.proxy-target-class=false")
			.withBean("bank", Bank.class, FinalBank::new)
			.run((context) -> {
				context.getBean(Bank.class).charge();
				assertThat(context.getBean(SignalRecorder.class).signals()).extracting(Signal::id)
					.containsExactly("final-bank/charge");
			});
	}

	@Test
	void beanThatThePipelineIsMadeOfMayHaveAnnotatedMethods() {
		this.runner.withBean(Customizer.class).run((context) -> {
			assertThat(context).hasNotFailed();
			context.getBean(Shop.class).sell();
			assertThat(context.getBean(SignalRecorder.class).signals()).hasSize(2)
				.allSatisfy((signal) -> assertThat(signal.context()).containsEntry("tenant", "acme"));
		});
	}

	@Test
	void spanIsThatOfTheWorkOnItsThreadAndHasTheCommitInIt() {
		this.runner.withUserConfiguration(TransactionConfiguration.class).run((context) -> {
			context.getBean(Ledger.class).book().orTimeout(10, TimeUnit.SECONDS).join();
			SignalRecorder recorder = context.getBean(SignalRecorder.class);
			org.awaitility.Awaitility.await().untilAsserted(() -> find(recorder.signals(), "ledger/book"));
			Signal book = find(recorder.signals(), "ledger/book");
			assertThat(book.kind()).isEqualTo(Kind.TRACE);
			assertThat(book.threadName()).isNotEqualTo(Thread.currentThread().getName());
			assertThat(recorder.signals()).extracting(Signal::id)
				.containsExactly("begin", "booked", "commit", "ledger/book");
			assertThat(recorder.signals()).extracting((signal) -> signal.run().spanId())
				.containsOnly(book.run().spanId());
		});
	}

	/** Public, because a test has proxies made by another class loader. */
	public static class Shop {

		@Traced
		@Measured
		public void sell() {
		}

	}

	static class WrongLevel {

		@Traced(level = "loud")
		public void work() {
		}

	}

	interface Bank {

		@Traced
		void charge();

	}

	static final class FinalBank implements Bank {

		@Override
		public void charge() {
		}

	}

	static class Customizer implements TelemetryCustomizer {

		@Traced
		@Override
		public void customize(SignalPipeline.Builder builder) {
			builder.contextSource(() -> Map.of("tenant", "acme"));
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAsync
	@EnableTransactionManagement
	static class TransactionConfiguration {

		@Bean
		Ledger ledger(Telemetry telemetry) {
			return new Ledger(telemetry);
		}

		@Bean
		PlatformTransactionManager transactionManager(Telemetry telemetry) {
			return new TalkativeTransactionManager(telemetry);
		}

	}

	static class Ledger {

		private final Telemetry telemetry;

		Ledger(Telemetry telemetry) {
			this.telemetry = telemetry;
		}

		@Async
		@Traced
		@Transactional
		public CompletableFuture<Void> book() {
			this.telemetry.event("booked");
			return CompletableFuture.completedFuture(null);
		}

	}

	@SuppressWarnings("serial")
	static class TalkativeTransactionManager extends AbstractPlatformTransactionManager {

		private final transient Telemetry telemetry;

		TalkativeTransactionManager(Telemetry telemetry) {
			this.telemetry = telemetry;
		}

		@Override
		protected Object doGetTransaction() {
			return this;
		}

		@Override
		protected void doBegin(Object transaction, TransactionDefinition definition) {
			this.telemetry.event("begin");
		}

		@Override
		protected void doCommit(DefaultTransactionStatus status) {
			this.telemetry.event("commit");
		}

		@Override
		protected void doRollback(DefaultTransactionStatus status) {
			this.telemetry.event("rollback");
		}

	}

}
