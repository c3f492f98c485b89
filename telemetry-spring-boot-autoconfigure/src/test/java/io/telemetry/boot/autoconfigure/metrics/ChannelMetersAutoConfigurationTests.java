package io.telemetry.boot.autoconfigure.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.telemetry.boot.autoconfigure.TelemetryAutoConfiguration;
import io.telemetry.boot.autoconfigure.channel.ChannelAutoConfiguration;
import io.telemetry.boot.autoconfigure.handler.TelemetryHandlerAutoConfiguration;
import io.telemetry.boot.channel.ChannelServer;
import io.telemetry.boot.channel.ChannelSettings;
import io.telemetry.boot.channel.ChannelStats;
import io.telemetry.boot.channel.durable.DurableLog;
import io.telemetry.boot.channel.durable.DurableSettings;
import io.telemetry.boot.channel.Patience;
import io.telemetry.boot.channel.StompProbe;
import io.telemetry.boot.channel.caller.UserAgents;
import io.telemetry.boot.channel.limit.BytesInHand;
import io.telemetry.boot.channel.limit.ConnectionLimits;
import io.telemetry.boot.channel.limit.ConnectionSlots;
import io.telemetry.boot.channel.limit.EventRates;
import io.telemetry.boot.channel.limit.RateLimits;
import io.telemetry.boot.metrics.ChannelMeters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * {@link ChannelMetersAutoConfiguration} in real applications.
 */
class ChannelMetersAutoConfigurationTests {

	private final WebApplicationContextRunner withoutRegistry = new WebApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(TelemetryHandlerAutoConfiguration.class,
				TelemetryAutoConfiguration.class, TelemetryMetricsAutoConfiguration.class,
				ChannelAutoConfiguration.class, ChannelMetersAutoConfiguration.class));

	private final WebApplicationContextRunner runner = this.withoutRegistry
		.withConfiguration(AutoConfigurations.of(MetricsAutoConfiguration.class,
				SimpleMetricsExportAutoConfiguration.class, CompositeMeterRegistryAutoConfiguration.class));

	@Test
	void prometheusScrapesWhatTheChannelOfARunningServerCounts() throws Exception {
		try (ChannelServer server = ChannelServer.start("management.endpoints.web.exposure.include=prometheus")) {
			assertThat(server.post("{\"batch\":\"b-1\",\"events\":[{\"type\":\"log\"},3]}").statusCode())
				.isEqualTo(202);
			assertThat(server.post("{\"batch\":\"b-1\",\"events\":[{\"type\":\"log\"},3]}").statusCode())
				.isEqualTo(202);
			assertThat(server.post("no batch").statusCode()).isEqualTo(400);
			assertThat(server.post("{\"batch\":\"b-2\",\"events\":[]}", "Sec-Fetch-Site", "cross-site").statusCode())
				.isEqualTo(403);
			// A snapshot serves a tenth of a second
			await().untilAsserted(() -> assertThat(server.get("/actuator/prometheus").body().lines()).contains(
					"telemetry_pressure 0.0", "telemetry_channel_connections 0.0",
					"telemetry_channel_connections_opened_total 0.0",
					"telemetry_channel_batches_total{outcome=\"accepted\",reason=\"none\"} 1.0",
					"telemetry_channel_batches_total{outcome=\"duplicate\",reason=\"none\"} 1.0",
					"telemetry_channel_batches_total{outcome=\"refused\",reason=\"malformed\"} 1.0",
					"telemetry_channel_batches_total{outcome=\"refused\",reason=\"foreign-origin\"} 1.0",
					"telemetry_channel_batches_total{outcome=\"refused\",reason=\"too-large\"} 0.0",
					"telemetry_channel_events_total{outcome=\"accepted\",reason=\"none\"} 1.0",
					"telemetry_channel_events_total{outcome=\"rejected\",reason=\"not-an-object\"} 1.0"));
		}
	}

	@Test
	void connectionsAreCountedWhileTheyAreOpen() throws Exception {
		try (ChannelServer server = ChannelServer.start()) {
			MeterRegistry registry = server.context().getBean(MeterRegistry.class);
			StompProbe probe = server.open();
			Patience.await()
				.until(() -> registry.get("telemetry.channel.connections").gauge().value(), (open) -> open == 1);
			probe.close();
			Patience.await()
				.until(() -> registry.get("telemetry.channel.connections").gauge().value(), (open) -> open == 0);
		}
	}

	@Test
	void limitsThatAreBeansHaveMeters() {
		this.runner.run((context) -> {
			MeterRegistry registry = context.getBean(MeterRegistry.class);
			assertThat(registry.find("telemetry.channel.connections.addresses").gauge()).isNotNull();
			assertThat(registry.find("telemetry.channel.limit.keys").gauges()).hasSize(2);
			assertThat(registry.find("telemetry.channel.bytes.in.hand").gauge()).isNotNull();
			assertThat(registry.find("telemetry.channel.user.agents.skipped").functionCounter()).isNotNull();
		});
	}

	@Test
	void theTableOfThePageIsComplete(@TempDir Path directory) throws Exception {
		MeterRegistry registry = new SimpleMeterRegistry();
		try (DurableLog log = ChannelSettings.DEFAULTS
			.openLog(new DurableSettings(directory, 8 << 20, Duration.ofMillis(1)))) {
			log.keep(new byte[1], ByteBuffer.allocate(1)).toCompletableFuture().get(10, TimeUnit.SECONDS);
			new ChannelMeters(new ChannelStats(), new ConnectionSlots(ConnectionLimits.DEFAULTS),
					new EventRates(RateLimits.DEFAULTS), new BytesInHand(BytesInHand.DEFAULT_LIMIT, 1024),
					UserAgents.NONE, log, () -> 0)
				.bindTo(registry);
			assertThat(registry.get("telemetry.channel.durable.kept").functionCounter().count()).isOne();
			assertThat(registry.get("telemetry.channel.durable.bytes").gauge().value()).isPositive();
		}
		Set<String> meters = new TreeSet<>();
		registry.getMeters().forEach((meter) -> meters.add(meter.getId().getName()));
		Set<String> told = new TreeSet<>();
		Matcher name = Pattern.compile("^\\| `(telemetry\\.(?:channel\\.[a-z.]+|pressure))`", Pattern.MULTILINE)
			.matcher(Files.readString(Path.of("..", "docs", "tracing-and-metrics.md")));
		while (name.find()) {
			told.add(name.group(1));
		}
		assertThat(told).isEqualTo(meters);
	}

	@Test
	void nothingIsThereWithoutRegistryMicrometerOrChannelOrWhenSwitchedOff() {
		this.withoutRegistry.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(ChannelMeters.class));
		this.withoutRegistry.withClassLoader(new FilteredClassLoader("io.micrometer"))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("telemetryChannelMeters"));
		for (String property : List.of("telemetry.metrics.enabled", "telemetry.channel.enabled", "telemetry.enabled")) {
			this.runner.withPropertyValues(property + "=false")
				.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(ChannelMeters.class));
		}
		this.runner.run((context) -> assertThat(context).hasSingleBean(ChannelMeters.class));
	}

}
