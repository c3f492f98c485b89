package io.telemetry.boot.channel.fault;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

import io.telemetry.boot.autoconfigure.TelemetryAutoConfiguration;
import io.telemetry.boot.autoconfigure.channel.ChannelAutoConfiguration;
import io.telemetry.boot.autoconfigure.handler.TelemetryHandlerAutoConfiguration;
import io.telemetry.boot.channel.ChannelStats;
import io.telemetry.handler.HandlerFactory;
import io.telemetry.handler.HandlerOptions;
import io.telemetry.handler.HandlerSpec;
import io.telemetry.handler.QueueOptions;
import io.telemetry.handler.SignalHandler;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.context.ConfigurationPropertiesAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * What a {@link ChildServer} runs: the channel, a file, and a handler that stands still
 * when it is told to ({@code telemetry.handlers.<name>.type=gate}). No more than these
 * need is configured, since twenty of them are started in a row. Takes commands from its
 * input, and ends when that ends, so that none outlives its test.
 */
public final class FaultApplication {

	private static final Map<String, Object> DEFAULTS = Map.ofEntries(Map.entry("server.port", "0"),
			Map.entry("server.address", "127.0.0.1"), Map.entry("spring.main.banner-mode", "off"),
			Map.entry("logging.level.root", "warn"), Map.entry("telemetry.handlers.log.enabled", "false"),
			Map.entry("telemetry.recent.size", "0"), Map.entry("telemetry.handlers.file.min-level", "trace"),
			Map.entry("telemetry.handlers.file.ns.allow", "browser.*"),
			Map.entry("telemetry.handlers.file.format", "json"),
			// One file for one server
			Map.entry("telemetry.handlers.file.file.rotation", "never"),
			// Nothing that was accepted is dropped
			Map.entry("telemetry.handlers.file.async.mode", "blocking"),
			Map.entry("telemetry.handlers.file.async.buffer-size", "8192"),
			Map.entry("telemetry.handlers.file.async.block-timeout", "60s"),
			// And nothing waits for its batch to fill, as tests would
			Map.entry("telemetry.handlers.file.async.batch-interval", "10ms"),
			Map.entry("telemetry.channel.rate-limits.connection", "none"),
			Map.entry("telemetry.channel.rate-limits.user", "none"),
			Map.entry("telemetry.channel.rate-limits.address", "none"));

	private FaultApplication() {
	}

	public static void main(String[] args) throws Exception {
		PrintStream out = System.out;
		SpringApplication application = new SpringApplication(Application.class);
		application.setDefaultProperties(DEFAULTS);
		ConfigurableApplicationContext context = application.run(args);
		say(out, ((WebServerApplicationContext) context).getWebServer().getPort());
		Gate gate = context.getBean(Gate.class);
		BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
		for (String command = commands.readLine(); command != null; command = commands.readLine()) {
			switch (command) {
				case "hold" -> gate.hold(true);
				case "open" -> gate.hold(false);
				default -> {
					// Stats, which every command is answered with
				}
			}
			Map<String, Object> stats = new LinkedHashMap<>(context.getBean(ChannelStats.class).snapshot().toMap());
			stats.put("gate", gate.handled.get());
			say(out, JsonMapper.shared().writeValueAsString(stats));
		}
		System.exit(0);
	}

	private static void say(PrintStream out, Object what) {
		out.println(ChildServer.SIGN + what);
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ ConfigurationPropertiesAutoConfiguration.class, LifecycleAutoConfiguration.class,
			TomcatServletWebServerAutoConfiguration.class, DispatcherServletAutoConfiguration.class,
			TelemetryAutoConfiguration.class, TelemetryHandlerAutoConfiguration.class, ChannelAutoConfiguration.class })
	static class Application {

		@Bean
		Gate gate() {
			return new Gate();
		}

	}

	/**
	 * Makes handlers that stand still while they are told to.
	 */
	static final class Gate implements HandlerFactory {

		private final AtomicLong handled = new AtomicLong();

		private boolean held;

		synchronized void hold(boolean held) {
			this.held = held;
			notifyAll();
		}

		private synchronized void pass() throws InterruptedException {
			while (this.held) {
				wait();
			}
			this.handled.incrementAndGet();
		}

		@Override
		public String type() {
			return "gate";
		}

		@Override
		public HandlerOptions defaults() {
			return HandlerOptions.DEFAULTS.withMinLevel(Level.TRACE)
				.withQueue(QueueOptions.DEFAULTS.withBatches(100, Duration.ofMillis(10)));
		}

		@Override
		public SignalHandler create(HandlerSpec spec) {
			return new SignalHandler() {

				@Override
				public void handle(Signal signal) throws Exception {
					pass();
				}

			};
		}

	}

}
