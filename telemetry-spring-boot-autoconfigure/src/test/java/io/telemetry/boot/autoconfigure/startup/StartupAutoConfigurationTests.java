package io.telemetry.boot.autoconfigure.startup;

import java.util.List;
import java.util.Map;

import io.telemetry.boot.SignalRecorder;
import io.telemetry.boot.startup.ApplicationSignals;
import io.telemetry.signal.Kind;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.Environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * {@link StartupAutoConfiguration}, in whole applications.
 */
class StartupAutoConfigurationTests {

	private final SignalRecorder recorder = new SignalRecorder();

	private SpringApplicationBuilder application(Class<?> configuration, String... properties) {
		return new SpringApplicationBuilder(configuration).properties(properties)
			.properties("spring.main.banner-mode=off", "spring.application.name=shop", "server.port=0",
					"spring.main.web-application-type=none", "telemetry.service.version=1.4.2",
					"telemetry.handlers.recorder.id.allow=app/*", "telemetry.handlers.recorder.async.mode=none",
					"telemetry.handlers.log.enabled=false")
			.initializers((context) -> ((GenericApplicationContext) context).registerBean("recorder",
					SignalRecorder.class, () -> this.recorder));
	}

	private List<String> ids() {
		return this.recorder.signals().stream().map(Signal::id).toList();
	}

	@Test
	void anApplicationTellsThatItStartedAndThatItStops() {
		try (ConfigurableApplicationContext context = application(Application.class).profiles("blue", "green").run()) {
			assertThat(context.getBeansOfType(ApplicationSignals.class)).hasSize(1);
		}
		assertThat(ids()).containsExactly("app/started", "app/stopping");
		assertThat(this.recorder.signals()).allSatisfy((signal) -> {
			assertThat(signal.kind()).isEqualTo(Kind.SYSTEM);
			assertThat(signal.level()).isEqualTo(Level.INFO);
			assertThat(signal.namespace()).isEqualTo("shop");
		});
		Signal started = this.recorder.signals().get(0);
		assertThat(started.message()).matches("Application started in \\d+ ms");
		Map<String, ?> data = started.data();
		assertThat(data.keySet()).containsExactly("application", "version", "java", "springBoot", "os", "pid",
				"activeProfiles", "startupMs");
		assertThat(data.get("application")).isEqualTo("shop");
		assertThat(data.get("version")).isEqualTo("1.4.2");
		assertThat(data.get("java")).isEqualTo(
				Map.of("version", System.getProperty("java.version"), "vendor", System.getProperty("java.vendor")));
		assertThat(data.get("springBoot")).isEqualTo(SpringBootVersion.getVersion());
		assertThat(data.get("os")).isEqualTo(Map.of("name", System.getProperty("os.name"), "version",
				System.getProperty("os.version"), "arch", System.getProperty("os.arch")));
		assertThat(data.get("pid")).isEqualTo(ProcessHandle.current().pid());
		assertThat(data.get("activeProfiles")).isEqualTo(List.of("blue", "green"));
		assertThat((Long) data.get("startupMs")).isPositive();
	}

	@ParameterizedTest
	@ValueSource(strings = { "servlet", "reactive" })
	void aWebApplicationTellsItsPort(String type) {
		try (ConfigurableApplicationContext context = application(Application.class)
			.run("--spring.main.web-application-type=" + type)) {
			Environment environment = context.getEnvironment();
			assertThat(environment.getProperty("local.server.port", Integer.class)).isPositive();
			assertThat(context.getBean("recorder")).isSameAs(this.recorder);
		}
		assertThat(this.recorder.signals().get(0).data().get("port")).isInstanceOf(Integer.class);
	}

	@Test
	void beansThatAreLazyDoNotHinderIt() {
		application(Application.class).lazyInitialization(true).run().close();
		assertThat(ids()).containsExactly("app/started", "app/stopping");
	}

	@ParameterizedTest
	@ValueSource(strings = { "telemetry.startup.enabled=false", "telemetry.enabled=false" })
	void itCanBeSwitchedOff(String property) {
		try (ConfigurableApplicationContext context = application(Application.class, property).run()) {
			assertThat(context.getBeansOfType(ApplicationSignals.class)).isEmpty();
		}
		assertThat(ids()).isEmpty();
	}

	@Test
	void aMisspeltPropertyStopsTheStart() {
		assertThatExceptionOfType(RuntimeException.class)
			.isThrownBy(() -> application(Application.class, "telemetry.startup.enable=false").run())
			.withStackTraceContaining("telemetry.startup.enable");
	}

	@Test
	void aFailureOfARunnerIsToldWithItsCause() {
		SpringApplication application = application(FailingRunner.class).build();
		assertThatIllegalStateException().isThrownBy(application::run);
		assertThat(ids()).containsExactly("app/failed", "app/stopping");
		Signal failed = this.recorder.signals().get(0);
		assertThat(failed.level()).isEqualTo(Level.ERROR);
		assertThat(failed.kind()).isEqualTo(Kind.SYSTEM);
		assertThat(failed.error()).isNotNull()
			.satisfies((error) -> assertThat(error.message()).isEqualTo("runner on purpose"));
	}

	@Test
	void aFailureWhileBeansAreMadeIsTold() {
		SpringApplication application = application(FailingBean.class).build();
		assertThatExceptionOfType(RuntimeException.class).isThrownBy(application::run);
		assertThat(this.recorder.signals()).singleElement().satisfies((signal) -> {
			assertThat(signal.id()).isEqualTo("app/failed");
			assertThat(signal.level()).isEqualTo(Level.ERROR);
			assertThat(signal.error()).isNull();
		});
		assertThat(this.recorder.isClosed()).isTrue();
	}

	@Test
	void eventsOfAChildTellNothingOfTheParent() {
		try (ConfigurableApplicationContext parent = application(Application.class).run()) {
			new SpringApplicationBuilder(Application.class).parent(parent)
				.properties("spring.main.banner-mode=off", "spring.main.web-application-type=none",
						"telemetry.handlers.log.enabled=false")
				.run()
				.close();
			assertThat(ids()).containsExactly("app/started");
		}
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class FailingRunner {

		@Bean
		ApplicationRunner runner() {
			return (arguments) -> {
				throw new IllegalStateException("runner on purpose");
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class FailingBean {

		@Bean
		Object failing() {
			throw new IllegalStateException("bean on purpose");
		}

	}

}
