package io.telemetry.boot.autoconfigure.handler;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import io.telemetry.boot.Documentation;
import io.telemetry.boot.SignalRecorder;
import io.telemetry.boot.autoconfigure.TelemetryAutoConfiguration;
import io.telemetry.encode.SignalEncoder;
import io.telemetry.handler.HandlerFactory;
import io.telemetry.pipeline.SignalPipeline;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.io.ByteArrayResource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Every YAML block of {@code docs/handlers.md} and {@code docs/formats.md} starts an
 * application.
 */
class HandlersDocumentationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(SslAutoConfiguration.class, TelemetryHandlerAutoConfiguration.class,
				TelemetryAutoConfiguration.class))
		.withBean("auditTrail", SignalRecorder.class)
		.withBean("initials", SignalEncoder.class, () -> (signal, out) -> out
			.write(signal.level().toString().substring(0, 1).getBytes(StandardCharsets.UTF_8)));

	@TempDir
	Path directory;

	static List<String> examples() throws IOException {
		List<String> examples = new ArrayList<>(Documentation.blocks("handlers.md", "yaml"));
		examples.addAll(Documentation.blocks("formats.md", "yaml"));
		return examples;
	}

	@ParameterizedTest
	@MethodSource("examples")
	void exampleStartsAnApplication(String example) throws Exception {
		String yaml = example.replace("logs/", this.directory + "/");
		if (yaml.contains("classpath:logs-ca.crt")) {
			yaml = yaml.replace("classpath:logs-ca.crt",
					TestCertificate.create(this.directory, "ca").certificate().toUri().toString());
		}
		MutablePropertySources sources = new MutablePropertySources();
		new YamlPropertySourceLoader().load("example", new ByteArrayResource(yaml.getBytes(StandardCharsets.UTF_8)))
			.forEach(sources::addLast);
		if (yaml.contains(" file:")) {
			// Nothing is to be written outside the test's directory.
			sources.addLast(new MapPropertySource("test",
					Map.of("telemetry.handlers.file.file.path", this.directory.resolve("default.jsonl").toString())));
		}
		this.runner
			.withInitializer((context) -> sources.forEach(context.getEnvironment().getPropertySources()::addLast))
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBean(SignalPipeline.class).handlers()).isNotEmpty();
				assertThat(context.getBean(SignalPipeline.class).handlers())
					.filteredOn((handler) -> handler.configured().durable())
					.hasSize(lines(example, "durable: true"));
			});
	}

	@Test
	void durableHandlersHaveAnExample() throws IOException {
		assertThat(examples()).anyMatch((example) -> lines(example, "durable: true") == 1);
	}

	private static int lines(String example, String line) {
		return (int) example.lines().filter((other) -> other.strip().equals(line)).count();
	}

	@Test
	void everyTypeIsDocumented() throws IOException {
		String page = Files.readString(Path.of("..", "docs", "handlers.md"));
		this.runner.run((context) -> assertThat(
				Stream.concat(context.getBeansOfType(HandlerFactory.class).values().stream().map(HandlerFactory::type),
						Stream.of("bean")))
			.allSatisfy((type) -> assertThat(page).contains("\n## `" + type + "`")));
	}

}
