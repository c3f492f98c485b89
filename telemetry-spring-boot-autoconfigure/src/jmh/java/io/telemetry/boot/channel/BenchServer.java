package io.telemetry.boot.channel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

import io.telemetry.handler.HandlerOptions;
import io.telemetry.handler.SignalHandler;
import io.telemetry.pipeline.SignalPipeline;
import io.telemetry.signal.Level;
import io.telemetry.signal.Signal;
import io.telemetry.stats.Outcome;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * An application with the channel, and one handler or none behind it. Prints its port and
 * runs until its input ends.
 * <p>
 * Arguments: {@code none}, {@code count} (a handler that only counts, without a queue) or
 * {@code file} with a path (JSON, through a queue that makes the channel wait), then
 * properties of the application, which beat those set here.
 */
public final class BenchServer {

	private BenchServer() {
	}

	public static void main(String[] args) throws Exception {
		List<String> arguments = new ArrayList<>(List.of("--telemetry.handlers.log.enabled=false",
				"--telemetry.handlers.recent.enabled=false", "--telemetry.intake.slf4j.enabled=false",
				// Enough for the load, but asked
				"--telemetry.channel.rate-limits.connection=10000000/10s",
				"--telemetry.channel.rate-limits.user=10000000/10s",
				"--telemetry.channel.rate-limits.address=10000000/10s",
				"--telemetry.channel.max-connections-per-address=20000"));
		Class<?> handler = Nothing.class;
		int used = 1;
		if (args[0].equals("count")) {
			handler = Counting.class;
		}
		else if (args[0].equals("file")) {
			used = 2;
			arguments.addAll(List.of("--telemetry.handlers.file.file.path=" + args[1],
					"--telemetry.handlers.file.file.rotation=never", "--telemetry.handlers.file.min-level=trace",
					"--telemetry.handlers.file.format=json", "--telemetry.handlers.file.async.mode=blocking",
					"--telemetry.handlers.file.async.buffer-size=8192",
					"--telemetry.handlers.file.async.block-timeout=60s",
					// The queue is full all the time: clients wait for it instead of
					// coming again
					"--telemetry.channel.overload.pressure=1"));
		}
		else if (!args[0].equals("none")) {
			throw new IllegalArgumentException("'" + args[0] + "' is none of none, count, file");
		}
		for (String argument : Arrays.asList(args).subList(used, args.length)) {
			// Given twice, a property would be a list
			arguments.removeIf((other) -> other.startsWith(argument.substring(0, argument.indexOf('=') + 1)));
			arguments.add(argument);
		}
		run(arguments, Application.class, handler);
	}

	/**
	 * Runs an application on a free port until the input ends.
	 */
	static void run(List<String> arguments, Class<?>... sources) throws Exception {
		List<String> all = new ArrayList<>(List.of("--server.port=0", "--spring.main.banner-mode=off",
				"--logging.level.root=warn", "--server.shutdown=immediate"));
		all.addAll(arguments);
		try (var context = new SpringApplication(sources).run(all.toArray(String[]::new))) {
			System.out.println("port=" + ((WebServerApplicationContext) context).getWebServer().getPort());
			while (System.in.read() >= 0) {
				// Until whoever started it goes
			}
		}
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		ServletRegistrationBean<BenchServlet> bench(SignalPipeline pipeline, ApplicationContext context) {
			return new ServletRegistrationBean<>(new BenchServlet(() -> counts(pipeline, context)), "/bench");
		}

		private static Map<String, Long> counts(SignalPipeline pipeline, ApplicationContext context) {
			Map<String, Long> counts = new HashMap<>();
			context.getBeanProvider(ChannelStats.class)
				.ifAvailable((stats) -> counts.put("connections", stats.snapshot().connectionsOpen()));
			Counting counting = context.getBeanProvider(Counting.class).getIfAvailable();
			if (counting != null) {
				counts.put("handled", counting.signals.sum());
				return counts;
			}
			pipeline.handlers().stream().findFirst().ifPresent((handler) -> {
				counts.put("handled", handler.stats().count(Outcome.HANDLED));
				counts.put("queued", (long) handler.queued());
			});
			return counts;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Nothing {

	}

	/**
	 * Takes every signal, at the end of everything the channel does.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Counting {

		private final LongAdder signals = new LongAdder();

		@Bean
		SignalPipeline signalPipeline() {
			SignalHandler handler = new SignalHandler() {

				@Override
				public void handle(Signal signal) {
					Counting.this.signals.increment();
				}

			};
			return SignalPipeline.builder()
				.handler("count", handler, HandlerOptions.DEFAULTS.withMinLevel(Level.TRACE).withQueue(null))
				.build();
		}

	}

}
