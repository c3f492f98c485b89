package io.telemetry.boot.autoconfigure;

import io.telemetry.Telemetry;
import io.telemetry.boot.SignalRecorder;
import io.telemetry.boot.autoconfigure.handler.TelemetryHandlerAutoConfiguration;
import io.telemetry.pipeline.SignalPipeline;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Lazy;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The namespace of an injected {@link Telemetry}.
 */
class TelemetryInjectionTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(TelemetryHandlerAutoConfiguration.class, TelemetryAutoConfiguration.class))
		.withPropertyValues("spring.application.name=shop");

	@Test
	void constructorGivesTheClass() {
		this.runner.withBean(ByConstructor.class)
			.run((context) -> assertThat(context.getBean(ByConstructor.class).telemetry.namespace())
				.isEqualTo(ByConstructor.class.getName()));
	}

	@Test
	void constructorOfAProxiedConfigurationGivesTheClassAsItWasWritten() {
		this.runner.withUserConfiguration(ProxiedConfiguration.class)
			.run((context) -> assertThat(context.getBean(ProxiedConfiguration.class).telemetry.namespace())
				.isEqualTo(ProxiedConfiguration.class.getName()));
	}

	@Test
	void fieldGivesTheClass() {
		this.runner.withBean(ByField.class)
			.run((context) -> assertThat(context.getBean(ByField.class).telemetry.namespace())
				.isEqualTo(ByField.class.getName()));
	}

	@Test
	void setterGivesTheClass() {
		this.runner.withBean(BySetter.class)
			.run((context) -> assertThat(context.getBean(BySetter.class).telemetry.namespace())
				.isEqualTo(BySetter.class.getName()));
	}

	@Test
	void providerGivesTheClassThatHoldsIt() {
		this.runner.withBean(ByProvider.class)
			.run((context) -> assertThat(context.getBean(ByProvider.class).provider.getObject().namespace())
				.isEqualTo(ByProvider.class.getName()));
	}

	@Test
	void getBeanGivesTheApplication() {
		this.runner.run((context) -> assertThat(context.getBean(Telemetry.class).namespace()).isEqualTo("shop"));
	}

	@Test
	void getBeanWhileAnotherBeanIsInjectedGivesTheApplication() {
		this.runner.withBean(ByLookup.class)
			.withBean(UsesLookup.class)
			.run((context) -> assertThat(context.getBean(ByLookup.class).telemetry.namespace()).isEqualTo("shop"));
	}

	@Test
	void beanMethodParameterGivesTheApplication() {
		this.runner.withUserConfiguration(BeanMethodConfiguration.class)
			.run((context) -> assertThat(context.getBean(Holder.class).telemetry().namespace()).isEqualTo("shop"));
	}

	@Test
	void withoutAnyNameTheApplicationIsCalledApplication() {
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(TelemetryAutoConfiguration.class))
			.run((context) -> {
				assertThat(context.getBean(Telemetry.class).namespace()).isEqualTo("application");
				assertThat(context.getBean(SignalPipeline.class).service().name()).isEqualTo("application");
			});
	}

	@Test
	void lazyBeanGetsItsNamespaceWhenItIsMade() {
		this.runner.withUserConfiguration(LazyConfiguration.class)
			.run((context) -> assertThat(context.getBean(ByConstructor.class).telemetry.namespace())
				.isEqualTo(ByConstructor.class.getName()));
	}

	@Test
	void eachInjectionPointHasItsOwn() {
		this.runner.withBean(ByConstructor.class).withBean(ByField.class).run((context) -> {
			assertThat(context.getBean(ByConstructor.class).telemetry.namespace())
				.isEqualTo(ByConstructor.class.getName());
			assertThat(context.getBean(ByField.class).telemetry.namespace()).isEqualTo(ByField.class.getName());
		});
	}

	@Test
	void signalsArriveUnderTheNamespace() {
		this.runner.withBean("recorder", SignalRecorder.class)
			.withPropertyValues("telemetry.handlers.recorder.async.mode=none")
			.withBean(ByConstructor.class)
			.run((context) -> {
				context.getBean(ByConstructor.class).telemetry.event("test/made");
				assertThat(context.getBean(SignalRecorder.class).signals()).singleElement().satisfies((signal) -> {
					assertThat(signal.namespace()).isEqualTo(ByConstructor.class.getName());
					assertThat(signal.service().name()).isEqualTo("shop");
				});
			});
	}

	static class ByConstructor {

		final Telemetry telemetry;

		ByConstructor(Telemetry telemetry) {
			this.telemetry = telemetry;
		}

	}

	static class ByField {

		@Autowired
		Telemetry telemetry;

	}

	static class BySetter {

		Telemetry telemetry;

		@Autowired
		void setTelemetry(Telemetry telemetry) {
			this.telemetry = telemetry;
		}

	}

	static class ByProvider {

		final ObjectProvider<Telemetry> provider;

		ByProvider(ObjectProvider<Telemetry> provider) {
			this.provider = provider;
		}

	}

	static class ByLookup {

		final Telemetry telemetry;

		ByLookup(BeanFactory beanFactory) {
			this.telemetry = beanFactory.getBean(Telemetry.class);
		}

	}

	static class UsesLookup {

		UsesLookup(@Lazy ApplicationContext unrelated, ByLookup lookup) {
		}

	}

	record Holder(Telemetry telemetry) {
	}

	@Configuration
	static class ProxiedConfiguration {

		final Telemetry telemetry;

		ProxiedConfiguration(Telemetry telemetry) {
			this.telemetry = telemetry;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class BeanMethodConfiguration {

		@Bean
		Holder holder(Telemetry telemetry) {
			return new Holder(telemetry);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Lazy
	@Import(ByConstructor.class)
	static class LazyConfiguration {

	}

}
