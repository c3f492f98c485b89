package io.telemetry.boot.channel;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import io.telemetry.Telemetry;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Level;
import io.telemetry.signal.ServiceIdentity;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;

/**
 * A real Tomcat with the channel on it.
 */
public final class ChannelServer implements AutoCloseable {

	private final ConfigurableApplicationContext context;

	private final int port;

	private final HttpClient http = HttpClient.newHttpClient();

	private ChannelServer(ConfigurableApplicationContext context) {
		this.context = context;
		this.port = ((WebServerApplicationContext) context).getWebServer().getPort();
	}

	public static ChannelServer start(String... properties) {
		return start(List.of(), properties);
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
		return StompProbe.open(this.http, URI.create("ws://localhost:" + this.port + "/chsk"), handshakeHeaders);
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
		return this.http.send(request, HttpResponse.BodyHandlers.ofString());
	}

	@Override
	public void close() {
		this.context.close();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
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
