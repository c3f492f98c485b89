package io.telemetry.boot.autoconfigure;

import java.io.InputStream;
import java.util.Enumeration;
import java.net.URL;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What editors know of the properties.
 */
class ConfigurationMetadataTests {

	private static List<Map<?, ?>> properties() throws Exception {
		Enumeration<URL> resources = ConfigurationMetadataTests.class.getClassLoader()
			.getResources("META-INF/spring-configuration-metadata.json");
		List<Map<?, ?>> properties = new ArrayList<>();
		while (resources.hasMoreElements()) {
			try (InputStream resource = resources.nextElement().openStream()) {
				Map<?, ?> metadata = new JsonMapper().readValue(resource, Map.class);
				for (Object property : (List<?>) metadata.get("properties")) {
					if (((Map<?, ?>) property).get("name").toString().startsWith("telemetry.")) {
						properties.add((Map<?, ?>) property);
					}
				}
			}
		}
		return properties;
	}

	@Test
	void everyPropertyIsDescribedAndTyped() throws Exception {
		assertThat(properties()).hasSizeGreaterThan(30).allSatisfy((property) -> {
			assertThat(property.get("description")).as("%s", property.get("name")).isNotNull();
			assertThat(property.get("description").toString()).isNotBlank().endsWith(".");
			assertThat(property.get("type")).as("%s", property.get("name")).isNotNull();
		});
	}

	@Test
	void groupsByPatternAreKnown() throws Exception {
		assertThat(properties()).extracting((property) -> property.get("name") + ": " + property.get("type"))
			.contains("telemetry.filter.samples.ns: java.util.Map<java.lang.String,java.lang.Double>",
					"telemetry.filter.samples.id: java.util.Map<java.lang.String,java.lang.Double>",
					"telemetry.filter.rate-limits.ns: java.util.Map<java.lang.String,java.lang.String>",
					"telemetry.filter.rate-limits.id: java.util.Map<java.lang.String,java.lang.String>");
	}

	@Test
	void defaultsAreThoseThatApply() throws Exception {
		List<String> defaults = properties().stream()
			.filter((property) -> Objects.nonNull(property.get("defaultValue")))
			.map((property) -> property.get("name") + "=" + property.get("defaultValue"))
			.toList();
		assertThat(defaults).contains("telemetry.enabled=true", "telemetry.locations=errors",
				"telemetry.filter.sample-by=chance", "telemetry.filter.sample-rate=1", "telemetry.startup.enabled=true",
				"telemetry.filter.min-level=trace", "telemetry.recent.size=500", "telemetry.context.propagate=true",
				"telemetry.handlers.log.min-level=info", "telemetry.handlers.file.file.path=logs/telemetry.jsonl",
				"telemetry.handlers.file.file.rotation=daily", "telemetry.handlers.file.file.max-size=100MB",
				"telemetry.handlers.file.file.compress=true", "telemetry.handlers.file.file.max-age=30d",
				"telemetry.handlers.file.file.max-files=30", "telemetry.handlers.file.file.max-total-size=10GB",
				"telemetry.handlers.file.file.sync=none", "telemetry.handlers.file.file.sync-interval=1s",
				"telemetry.handlers.file.file.max-open-files=64", "telemetry.handlers.file.format=json",
				"telemetry.handlers.console.console.target=stdout", "telemetry.handlers.console.format=pretty",
				"telemetry.handlers.console.console.color=auto", "telemetry.handlers.tcp.format=json",
				"telemetry.handlers.tcp.tcp.reconnect.max-wait=30s", "telemetry.handlers.udp.udp.max-size=8KB",
				"telemetry.handlers.udp.syslog.facility=user", "telemetry.metrics.enabled=true",
				"telemetry.metrics.prefix=", "telemetry.tracing.enabled=true", "telemetry.annotations.enabled=true",
				"telemetry.intake.slf4j.enabled=false", "telemetry.intake.slf4j.min-level=trace",
				"telemetry.intake.system-out.enabled=false", "telemetry.intake.system-out.max-line-length=8192",
				"telemetry.browser.collect.scroll=false", "telemetry.browser.collect.mouse=false",
				"telemetry.browser.collect.attribution=false", "telemetry.browser.collect.bots=false");
	}

	@Test
	void patternsOfLoggersAreKnown() throws Exception {
		assertThat(properties()).extracting((property) -> property.get("name") + ": " + property.get("type"))
			.contains("telemetry.intake.slf4j.loggers.allow: java.util.List<java.lang.String>",
					"telemetry.intake.slf4j.loggers.disallow: java.util.List<java.lang.String>");
	}

	@Test
	void descriptionsAreThoseOfTheFields() throws Exception {
		assertThat(properties()).extracting((property) -> property.get("name") + ": " + property.get("description"))
			.contains(
					"telemetry.metrics.enabled: Whether counters, gauges, histograms and timings are meters of "
							+ "Micrometer, too.",
					"telemetry.metrics.prefix: What the names of these meters begin with, before a dot. Empty for "
							+ "nothing.",
					"telemetry.tracing.enabled: Whether spans are shared with Micrometer Tracing. Without it they are "
							+ "of our own and in signals only.",
					"telemetry.annotations.enabled: Whether the annotations Traced and Measured on methods of beans "
							+ "are heeded.");
	}

}
