package io.telemetry.boot.autoconfigure.channel;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.Principal;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import io.telemetry.Telemetry;
import io.telemetry.boot.Documentation;
import io.telemetry.boot.InvalidTelemetryConfigurationException;
import io.telemetry.boot.autoconfigure.TelemetryAutoConfiguration;
import io.telemetry.boot.autoconfigure.browser.BrowserAutoConfiguration;
import io.telemetry.boot.browser.BrowserSettings;
import io.telemetry.boot.channel.BatchReceiver;
import io.telemetry.boot.channel.ChannelLifecycle;
import io.telemetry.boot.channel.ChannelSettings;
import io.telemetry.boot.channel.StompChannel;
import io.telemetry.boot.channel.caller.CallerRequest;
import io.telemetry.boot.channel.control.ClientControl;
import io.telemetry.boot.channel.durable.DurableLog;
import io.telemetry.pipeline.SignalPipeline;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.messaging.simp.broker.SimpleBrokerMessageHandler;
import org.springframework.web.reactive.DispatcherHandler;
import org.springframework.web.reactive.handler.AbstractUrlHandlerMapping;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.handler.SimpleUrlHandlerMapping;
import org.springframework.web.socket.WebSocketHandler;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Where the channel is, and where it steps back.
 */
class ChannelAutoConfigurationTests {

	private static final AutoConfigurations CONFIGURATIONS = AutoConfigurations.of(ChannelAutoConfiguration.class,
			BrowserAutoConfiguration.class);

	private final WebApplicationContextRunner runner = new WebApplicationContextRunner()
		.withConfiguration(CONFIGURATIONS)
		.withUserConfiguration(Pipeline.class);

	private final ReactiveWebApplicationContextRunner reactive = new ReactiveWebApplicationContextRunner()
		.withConfiguration(CONFIGURATIONS)
		.withUserConfiguration(Pipeline.class);

	@Test
	void servletApplicationHasBothRoadsAndTheClient() {
		this.runner.run((context) -> {
			assertThat(context).hasSingleBean(StompChannel.class).hasSingleBean(BatchReceiver.class);
			assertThat(context.getBeanNamesForType(SimpleUrlHandlerMapping.class)).containsExactlyInAnyOrder(
					"telemetryBatchHandlerMapping", "telemetryStompHandlerMapping", "telemetryBrowserHandlerMapping");
			assertThat(context.getBean(ChannelLifecycle.class).isRunning()).isTrue();
		});
	}

	@Test
	void defaultsAreThoseOfTheChannel() {
		this.runner.run((context) -> {
			ChannelSettings settings = context.getBean(ChannelSettings.class);
			ChannelSettings defaults = ChannelSettings.DEFAULTS;
			assertThat(settings).usingRecursiveComparison().ignoringFields("serverId").isEqualTo(defaults);
			assertThat(context.getBean(BrowserSettings.class)).isEqualTo(BrowserSettings.DEFAULTS);
		});
	}

	@Test
	void httpRoadAndClientRemainWithoutWebSocketClasses() {
		for (Class<?> missing : new Class<?>[] { WebSocketHandler.class, SimpleBrokerMessageHandler.class }) {
			this.runner.withClassLoader(new FilteredClassLoader(missing.getPackageName())).run((context) -> {
				assertThat(context).hasNotFailed().doesNotHaveBean("telemetryStompChannel");
				assertThat(context).hasBean("telemetryBrowserHandlerMapping");
				assertThat(context.getBean("telemetryBatchHandlerMapping", SimpleUrlHandlerMapping.class).getUrlMap())
					.containsOnlyKeys("/chsk/batch", "/chsk/ticket", "/chsk");
				assertThat(context.getBean(ChannelLifecycle.class).isRunning()).isTrue();
			});
		}
	}

	@Test
	void nothingIsThereWithoutSpringMvc() {
		this.runner.withClassLoader(new FilteredClassLoader(DispatcherServlet.class)).run(this::hasNothing);
	}

	@Test
	void webFluxApplicationHasTheHttpRoadAndTheClient() {
		// None of a servlet container's classes is there then
		for (ClassLoader loader : new ClassLoader[] { getClass().getClassLoader(),
				new FilteredClassLoader("jakarta.servlet", "jakarta.websocket", "org.springframework.web.servlet",
						"org.springframework.web.socket", "org.springframework.messaging") }) {
			this.reactive.withClassLoader(loader).run((context) -> {
				assertThat(context).hasNotFailed().hasSingleBean(BatchReceiver.class);
				assertThat(context.getBeanNamesForType(AbstractUrlHandlerMapping.class))
					.containsExactlyInAnyOrder("telemetryBatchHandlerMapping", "telemetryBrowserHandlerMapping");
				assertThat(context.getBean("telemetryBatchHandlerMapping", AbstractUrlHandlerMapping.class)
					.getHandlerMap()
					.keySet()).extracting(Object::toString)
					.containsExactlyInAnyOrder("/chsk/batch", "/chsk/ticket", "/chsk");
				assertThat(context.getBean(ChannelLifecycle.class).isRunning()).isTrue();
				assertThat(context.getBean(ChannelLifecycle.class).hasWebSocket()).isFalse();
			});
		}
	}

	@Test
	void servletApplicationNeedsNoWebFlux() {
		this.runner.withClassLoader(new FilteredClassLoader("org.springframework.web.reactive", "reactor"))
			.run((context) -> {
				assertThat(context).hasNotFailed().hasSingleBean(StompChannel.class);
				assertThat(context.getBean(ChannelLifecycle.class).hasWebSocket()).isTrue();
			});
	}

	@Test
	void nothingIsThereInOtherApplications() {
		new ApplicationContextRunner().withConfiguration(CONFIGURATIONS)
			.withUserConfiguration(Pipeline.class)
			.run(this::hasNothing);
		this.reactive.withClassLoader(new FilteredClassLoader(DispatcherHandler.class)).run(this::hasNothing);
	}

	@Test
	void nothingIsThereWhenSwitchedOff() {
		this.runner.withPropertyValues("telemetry.channel.enabled=false").run(this::hasNothing);
	}

	@Test
	void nothingIsThereWithoutAPipeline() {
		new WebApplicationContextRunner().withConfiguration(CONFIGURATIONS).run(this::hasNothing);
	}

	private void hasNothing(org.springframework.boot.test.context.assertj.ApplicationContextAssertProvider<?> context) {
		assertThat(context.getStartupFailure()).isNull();
		assertThat(context.getBeanNamesForType(ChannelLifecycle.class)).isEmpty();
		assertThat(context.getBeanNamesForType(BrowserSettings.class)).isEmpty();
	}

	@Test
	void telemetryThatIsSwitchedOffAsksBrowsersForNothing() {
		new WebApplicationContextRunner().withConfiguration(CONFIGURATIONS)
			.withConfiguration(AutoConfigurations.of(TelemetryAutoConfiguration.class))
			.withPropertyValues("telemetry.enabled=false")
			.run((context) -> assertThat(context.getBean(BrowserSettings.class).enabled()).isFalse());
	}

	@Test
	void switchedOffClientIsToldToRest() {
		this.runner.withPropertyValues("telemetry.browser.enabled=false")
			.run((context) -> assertThat(context.getBean(BrowserSettings.class).enabled()).isFalse());
	}

	@ParameterizedTest
	@CsvSource({ "telemetry.channel.path, chsk, must start with a slash", "telemetry.channel.path, /a/**, may hold",
			"telemetry.channel.max-batch-size, 12B, must be between 1024",
			"telemetry.channel.max-batch-size, 3GB, must be below 2GB",
			"telemetry.channel.max-message-size, 0B, must be between",
			"telemetry.channel.max-events, 0, must be between 1 and",
			"telemetry.channel.max-depth, 500, must be between",
			"telemetry.channel.max-string-length, 1, must be between",
			"telemetry.channel.max-keys, -1, must be between",
			"telemetry.channel.acknowledged-memory.batches, 0, must be between",
			"telemetry.channel.acknowledged-memory.time, 0s, must be above zero",
			"telemetry.channel.connect-timeout, -1s, must be above zero",
			"telemetry.channel.frame-timeout, 0s, must be above zero",
			"telemetry.channel.overload.max-in-hand, 1MB, must be at least 1114112B",
			"telemetry.channel.heart-beat, -1s, must not be negative",
			"telemetry.channel.threads.inbound, 0, must be between",
			"telemetry.channel.shutdown-timeout, 0s, must be above zero",
			"telemetry.channel.shutdown.reconnect-within, -1s, must not be negative",
			"telemetry.channel.warn-interval, 0s, must be above zero",
			"telemetry.channel.warn-interval, 400d, must be whole milliseconds and at most 365 days",
			"telemetry.channel.control.max-overrides, 0, must be between 1 and",
			"telemetry.channel.diagnostics.timeout, 1ms, must be between 1s and 10m",
			"telemetry.channel.diagnostics.max-pending, 0, must be between 1 and",
			"telemetry.channel.diagnostics.max-size, 3GB, must be between 1024 and",
			"telemetry.browser.sampling.click, 2.0, must be from 0 to 1",
			"telemetry.browser.session.rate, -1.0, must be from 0 to 1",
			"telemetry.browser.buffer.bytes, 1MB, must be between 4000 and 60000",
			"telemetry.browser.ignore, 'a,,b', must be texts that are not blank",
			"telemetry.browser.privacy.remove, a b, must be a name of 2 to 64 letters",
			"telemetry.browser.privacy.query, a=b, must be a name of 1 to 64 characters" })
	void valueThatMakesNoSenseStopsTheStart(String property, String value, String reason) {
		this.runner.withPropertyValues(property + "=" + value).run((context) -> {
			assertThat(context).hasFailed();
			assertThat(context).getFailure()
				.rootCause()
				.isInstanceOfSatisfying(InvalidTelemetryConfigurationException.class, (ex) -> {
					assertThat(ex.getProperty()).isEqualTo(property);
					assertThat(ex.getReason()).contains(reason);
					assertThat(ex.getValue()).isNotNull();
				});
		});
	}

	@Test
	void examplesOfTheDocumentationAreUnderstood(@TempDir Path directory) throws Exception {
		List<String> examples = Documentation.blocks("channel.md", "yaml");
		assertThat(examples).hasSize(3);
		YamlPropertiesFactoryBean yaml = new YamlPropertiesFactoryBean();
		yaml.setResources(examples.stream()
			.map((example) -> new ByteArrayResource(example.getBytes(StandardCharsets.UTF_8)))
			.toArray(ByteArrayResource[]::new));
		List<String> properties = new ArrayList<>();
		Objects.requireNonNull(yaml.getObject())
			.forEach((key, value) -> properties
				.add(key + "=" + value.toString().replace("/var/lib/shop/telemetry", directory.toString())));
		this.runner.withPropertyValues(properties.toArray(String[]::new)).run((context) -> {
			ClientControl control = context.getBean(ClientControl.class);
			assertThat(control.applications()).containsExactly("back-office", "kiosk", "shop");
			BrowserSettings kiosk = control.inForce(new Visit("key=kiosk-51c0ffee")).settings();
			assertThat(kiosk.session().rate()).isEqualTo(0.1);
			assertThat(kiosk.sampling()).containsEntry("default", 0.5)
				.containsEntry("click", 0.0)
				.containsEntry("api-call", 0.1);
			assertThat(kiosk.collect().network()).isFalse();
			assertThat(kiosk.collect().errors()).isTrue();
			assertThat(control.inForce(new Visit(null)).settings()).isEqualTo(control.configured());
			assertThat(context).hasSingleBean(DurableLog.class);
			assertThat(directory).isNotEmptyDirectory();
		});
	}

	private record Visit(@Nullable String query) implements CallerRequest {

		@Override
		public @Nullable Principal principal() {
			return null;
		}

		@Override
		public @Nullable String remoteAddress() {
			return null;
		}

		@Override
		public List<String> headers(String name) {
			return List.of();
		}

	}

	@Test
	void ruleOfAFrontEndThatMakesNoSenseStopsTheStart() {
		this.runner
			.withPropertyValues("telemetry.channel.applications.shop.key=shop-key-1",
					"telemetry.channel.applications.shop.browser.collect.passwords=true")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOfSatisfying(InvalidTelemetryConfigurationException.class, (ex) -> {
					assertThat(ex.getProperty())
						.isEqualTo("telemetry.channel.applications.shop.browser.collect.passwords");
					assertThat(ex.getReason()).contains("must be one of errors, console");
				}));
	}

	@Test
	void frontEndIgnoresTextsOfItsOwnAndCollectsWhatOthersDoNot() {
		this.runner
			.withPropertyValues("telemetry.browser.ignore=theirs", "telemetry.browser.collect.mouse=true",
					"telemetry.channel.applications.shop.key=shop-key-1",
					"telemetry.channel.applications.shop.browser.ignore=ours, mine",
					"telemetry.channel.applications.shop.browser.collect.bots=true")
			.run((context) -> {
				ClientControl control = context.getBean(ClientControl.class);
				BrowserSettings shop = control.inForce(new Visit("key=shop-key-1")).settings();
				assertThat(shop.ignore()).containsExactly("ours", "mine");
				assertThat(shop.collect()).extracting("mouse", "bots").containsExactly(true, true);
				assertThat(control.configured().ignore()).containsExactly("theirs");
				assertThat(control.configured().collect()).extracting("mouse", "bots").containsExactly(true, false);
			});
	}

	@Configuration(proxyBeanMethods = false)
	static class Pipeline {

		@Bean
		SignalPipeline signalPipeline() {
			return SignalPipeline.builder().build();
		}

		@Bean
		@Scope("prototype")
		Telemetry telemetry(SignalPipeline pipeline) {
			return new Telemetry(pipeline, "test");
		}

	}

}
