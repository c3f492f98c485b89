package io.telemetry.boot;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

import io.telemetry.Telemetry;
import io.telemetry.boot.actuate.TelemetryEndpoint;
import io.telemetry.boot.autoconfigure.TelemetryAutoConfiguration;
import io.telemetry.boot.autoconfigure.actuate.TelemetryEndpointAutoConfiguration;
import io.telemetry.boot.autoconfigure.handler.TelemetryHandlerAutoConfiguration;
import io.telemetry.boot.recent.RecentSignals;
import io.telemetry.boot.recent.RecentSignalsQuery;
import io.telemetry.signal.Signal;
import org.junit.jupiter.api.Test;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.boot.web.server.reactive.context.AnnotationConfigReactiveWebServerApplicationContext;
import org.springframework.boot.web.server.servlet.context.AnnotationConfigServletWebServerApplicationContext;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The applications that telemetry has to live in: each starts, with all at work that its
 * classpath allows.
 */
class EnvironmentTests {

	private static final String[] WEB = { "server.port=0", "management.endpoints.web.exposure.include=*",
			"management.endpoints.access.default=UNRESTRICTED" };

	/** Where all of Boot's would trip over classes of their own that are hidden. */
	private static final AutoConfigurations TELEMETRY = AutoConfigurations.of(TelemetryAutoConfiguration.class,
			TelemetryHandlerAutoConfiguration.class, TelemetryEndpointAutoConfiguration.class);

	private final WebApplicationContextRunner servlet = new WebApplicationContextRunner(
			AnnotationConfigServletWebServerApplicationContext::new)
		.withUserConfiguration(Application.class)
		.withPropertyValues(WEB);

	private static void assertSignalsFlow(ApplicationContext context) {
		context.getBean(Telemetry.class).event("environment/made");
		assertThat(context.getBean(RecentSignals.class).find(RecentSignalsQuery.DEFAULTS)).extracting(Signal::id)
			.contains("environment/made");
	}

	private static HttpResponse<String> get(ApplicationContext context, String path)
			throws IOException, InterruptedException {
		int port = ((WebServerApplicationContext) context).getWebServer().getPort();
		return HttpClient.newHttpClient()
			.send(HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
				.timeout(Duration.ofSeconds(30))
				.build(), BodyHandlers.ofString());
	}

	private static void assertEndpointsAnswer(ApplicationContext context) throws IOException, InterruptedException {
		HttpResponse<String> answer = get(context, "/actuator/telemetrysignals?id=environment/made");
		assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
		assertThat(answer.body()).contains("\"id\":\"environment/made\"");
		assertThat(get(context, "/actuator/telemetryfilters").body()).contains("\"minLevel\":\"trace\"");
	}

	@Test
	void commandLineApplication() {
		new ApplicationContextRunner().withUserConfiguration(Application.class)
			.withPropertyValues("management.endpoints.web.exposure.include=*")
			.run(EnvironmentTests::assertSignalsFlow);
	}

	@Test
	void commandLineApplicationWithoutAnyWebOrActuatorOrJsonLibrary() {
		new ApplicationContextRunner()
			.withClassLoader(new FilteredClassLoader("org.springframework.web", "org.springframework.http",
					"jakarta.servlet", "jakarta.websocket", "org.springframework.messaging",
					"org.springframework.boot.actuate", "tools.jackson.databind", "com.fasterxml.jackson", "reactor",
					"org.apache.catalina", "org.apache.tomcat"))
			.withConfiguration(TELEMETRY)
			.run(EnvironmentTests::assertSignalsFlow);
	}

	@Test
	void servletApplicationWithoutWebSocket() {
		this.servlet
			.withClassLoader(new FilteredClassLoader("org.springframework.web.socket", "jakarta.websocket",
					"org.springframework.messaging", "org.apache.tomcat.websocket"))
			.run((context) -> {
				assertSignalsFlow(context);
				assertEndpointsAnswer(context.getSourceApplicationContext());
			});
	}

	@Test
	void webFluxApplication() {
		new ReactiveWebApplicationContextRunner(AnnotationConfigReactiveWebServerApplicationContext::new)
			.withClassLoader(new FilteredClassLoader("jakarta.servlet", "jakarta.websocket",
					"org.springframework.web.servlet", "org.apache.catalina"))
			.withUserConfiguration(Application.class)
			.withPropertyValues(WEB)
			.run((context) -> {
				assertSignalsFlow(context);
				assertEndpointsAnswer(context.getSourceApplicationContext());
			});
	}

	@Test
	void applicationWithoutActuator() {
		new WebApplicationContextRunner().withClassLoader(new FilteredClassLoader("org.springframework.boot.actuate"))
			.withConfiguration(TELEMETRY)
			.run((context) -> {
				assertSignalsFlow(context);
				assertThat(context.containsBean("telemetryEndpoint")).isFalse();
			});
	}

	@Test
	void applicationWithoutJacksonDatabind() {
		this.servlet.withClassLoader(new FilteredClassLoader("tools.jackson.databind", "com.fasterxml.jackson"))
			.run((context) -> {
				assertSignalsFlow(context);
				assertThat(context).hasSingleBean(TelemetryEndpoint.class);
			});
	}

	@Test
	void endpointsThatAreNotExposedAreNotThere() {
		new WebApplicationContextRunner(AnnotationConfigServletWebServerApplicationContext::new)
			.withUserConfiguration(Application.class)
			.withPropertyValues("server.port=0")
			.run((context) -> {
				assertThat(context).doesNotHaveBean(TelemetryEndpoint.class);
				assertSignalsFlow(context);
			});
	}

	@Test
	void changesAreRefusedWhereAccessIsNotRaised() {
		new WebApplicationContextRunner(AnnotationConfigServletWebServerApplicationContext::new)
			.withUserConfiguration(Application.class)
			.withPropertyValues("server.port=0", "management.endpoints.web.exposure.include=*")
			.run((context) -> {
				ApplicationContext application = context.getSourceApplicationContext();
				int port = ((WebServerApplicationContext) application).getWebServer().getPort();
				HttpResponse<String> refused = HttpClient.newHttpClient()
					.send(HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/actuator/telemetryfilters"))
						.header("Content-Type", "application/json")
						.POST(HttpRequest.BodyPublishers.ofString("{\"minLevel\":\"error\"}"))
						.build(), BodyHandlers.ofString());
				assertThat(refused.statusCode()).isEqualTo(405);
				assertThat(get(application, "/actuator/telemetryfilters").statusCode()).isEqualTo(200);
			});
	}

	@Test
	void telemetryThatIsSwitchedOffLeavesTheOverviewToSaySo() {
		this.servlet.withPropertyValues("telemetry.enabled=false").run((context) -> {
			ApplicationContext application = context.getSourceApplicationContext();
			assertThat(get(application, "/actuator/telemetry").body()).contains("\"enabled\":false");
			assertThat(get(application, "/actuator/telemetryfilters").statusCode()).isEqualTo(404);
		});
	}

	@Test
	void lazyInitialization() throws Exception {
		try (ConfigurableApplicationContext context = start(WebApplicationType.SERVLET,
				"spring.main.lazy-initialization=true")) {
			assertSignalsFlow(context);
			assertEndpointsAnswer(context);
		}
	}

	@Test
	void virtualThreads() throws Exception {
		try (ConfigurableApplicationContext context = start(WebApplicationType.SERVLET,
				"spring.threads.virtual.enabled=true")) {
			assertSignalsFlow(context);
			assertEndpointsAnswer(context);
		}
	}

	private static ConfigurableApplicationContext start(WebApplicationType type, String... properties) {
		return new SpringApplicationBuilder(Application.class).web(type).properties(WEB).properties(properties).run();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
