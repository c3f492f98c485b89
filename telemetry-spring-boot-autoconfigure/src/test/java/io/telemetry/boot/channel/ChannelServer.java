package io.telemetry.boot.channel;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import io.telemetry.Telemetry;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Level;
import io.telemetry.signal.ServiceIdentity;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.web.context.reactive.ReactiveWebApplicationContext;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Scope;
import org.springframework.http.client.ReactorResourceFactory;

/**
 * A real Tomcat with the channel on it, or a Netty where the properties say so.
 */
public final class ChannelServer implements AutoCloseable {

	private final ConfigurableApplicationContext context;

	private final int port;

	private final HttpClient http = HttpClient.newHttpClient();

	/**
	 * For handshakes alone, which so have connections of their own, as a browser's have.
	 * Tomcat says "Connection: close" to the hundredth request of a connection, also when
	 * that is a handshake, which the JDK's client then takes for failed.
	 */
	private final HttpClient sockets = HttpClient.newHttpClient();

	private ChannelServer(ConfigurableApplicationContext context) {
		this.context = context;
		this.port = ((WebServerApplicationContext) context).getWebServer().getPort();
	}

	public static ChannelServer start(String... properties) {
		return start(List.of(), properties);
	}

	/**
	 * A server that lets each client send what it can.
	 */
	public static ChannelServer startWithoutRateLimits(String... properties) {
		List<String> all = new ArrayList<>(List.of("telemetry.channel.rate-limits.connection=none",
				"telemetry.channel.rate-limits.user=none", "telemetry.channel.rate-limits.address=none"));
		all.addAll(List.of(properties));
		return start(all.toArray(String[]::new));
	}

	public static ChannelServer start(List<Class<?>> configurations, String... properties) {
		List<Class<?>> sources = new ArrayList<>(configurations);
		sources.add(Application.class);
		SpringApplication application = new SpringApplication(sources.toArray(Class<?>[]::new));
		List<String> arguments = new ArrayList<>(
				List.of("--server.port=0", "--spring.main.banner-mode=off", "--server.shutdown=immediate"));
		Arrays.stream(properties).map((property) -> "--" + property).forEach(arguments::add);
		return new ChannelServer(application.run(arguments.toArray(String[]::new)));
	}

	public ConfigurableApplicationContext context() {
		return this.context;
	}

	public CollectedSignals signals() {
		return this.context.getBean(CollectedSignals.class);
	}

	public ChannelStats.Snapshot stats() {
		return this.context.getBean(ChannelStats.class).snapshot();
	}

	public int port() {
		return this.port;
	}

	public URI uri(String path) {
		return URI.create("http://localhost:" + this.port + path);
	}

	public StompProbe connect(String... headers) throws Exception {
		StompProbe probe = open();
		probe.connect(headers);
		return probe;
	}

	public StompProbe open(String... handshakeHeaders) throws Exception {
		return StompProbe.open(this.sockets, URI.create("ws://localhost:" + this.port + "/chsk"), handshakeHeaders);
	}

	/**
	 * A client that keeps cookies and knows no one yet.
	 */
	Visitor visitor() {
		return new Visitor(this);
	}

	public HttpResponse<String> post(String body, String... headers) throws Exception {
		return post(body.getBytes(StandardCharsets.UTF_8), headers);
	}

	public HttpResponse<String> post(byte[] body, String... headers) throws Exception {
		return post(HttpRequest.BodyPublishers.ofByteArray(body), headers);
	}

	public HttpResponse<String> post(HttpRequest.BodyPublisher body, String... headers) throws Exception {
		HttpRequest.Builder request = HttpRequest.newBuilder(uri("/chsk/batch")).POST(body);
		if (Arrays.stream(headers).noneMatch("Content-Type"::equals)) {
			request.header("Content-Type", "application/json");
		}
		if (headers.length > 0) {
			request.headers(headers);
		}
		return send(request.build());
	}

	public HttpResponse<String> get(String path, String... headers) throws Exception {
		HttpRequest.Builder request = HttpRequest.newBuilder(uri(path));
		if (headers.length > 0) {
			request.headers(headers);
		}
		return send(request.build());
	}

	public HttpResponse<String> send(HttpRequest request) throws Exception {
		return client().send(request, HttpResponse.BodyHandlers.ofString());
	}

	/**
	 * To a Netty each request goes on a connection of its own: one that comes before the
	 * last one is quite done with may wait for ever, see
	 * https://github.com/reactor/reactor-netty/issues/4361.
	 */
	private HttpClient client() {
		boolean http1 = !this.context.getEnvironment().getProperty("server.http2.enabled", Boolean.class, false);
		return (http1 && this.context instanceof ReactiveWebApplicationContext) ? HttpClient.newHttpClient()
				: this.http;
	}

	public CompletableFuture<HttpResponse<String>> sendAsync(HttpRequest request) {
		return client().sendAsync(request, HttpResponse.BodyHandlers.ofString());
	}

	@Override
	public void close() {
		this.context.close();
	}

	/**
	 * Netty's threads are the process's unless said otherwise, and end with the first
	 * server that is closed.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
	static class OwnThreads {

		@Bean
		ReactorResourceFactory reactorResourceFactory() {
			ReactorResourceFactory factory = new ReactorResourceFactory();
			factory.setUseGlobalResources(false);
			factory.setShutdownQuietPeriod(Duration.ZERO);
			return factory;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import(OwnThreads.class)
	static class Application {

		@Bean
		CollectedSignals collectedSignals() {
			return new CollectedSignals();
		}

		@Bean
		SignalPipeline signalPipeline(CollectedSignals signals) {
			return SignalPipeline.builder()
				.service(new ServiceIdentity("shop", "1", "test", "node-1", "eu", "host-1"))
				.handler("collected", signals, HandlerOptions.DEFAULTS.withMinLevel(Level.TRACE).withQueue(null))
				.build();
		}

		@Bean
		@Scope("prototype")
		Telemetry telemetry(SignalPipeline pipeline) {
			return new Telemetry(pipeline, "test");
		}

	}

}
