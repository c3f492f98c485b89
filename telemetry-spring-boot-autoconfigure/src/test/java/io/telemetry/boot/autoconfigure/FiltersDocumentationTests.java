package io.telemetry.boot.autoconfigure;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import io.telemetry.boot.Documentation;
import io.telemetry.boot.autoconfigure.handler.TelemetryHandlerAutoConfiguration;
import io.telemetry.filter.SignalField;
import io.telemetry.filter.SignalPredicate;
import io.telemetry.pipeline.PipelineSettings;
import io.telemetry.pipeline.SignalPipeline;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.io.ByteArrayResource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * What {@code docs/filters.md} shows can be read.
 */
class FiltersDocumentationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner().withConfiguration(
			AutoConfigurations.of(TelemetryHandlerAutoConfiguration.class, TelemetryAutoConfiguration.class));

	static List<String> expressions() throws IOException {
		return Documentation.blocks("filters.md", "text").stream().flatMap(String::lines).toList();
	}

	static List<String> examples() throws IOException {
		return Documentation.blocks("filters.md", "yaml");
	}

	@ParameterizedTest
	@MethodSource("expressions")
	void expressionCanBeRead(String expression) {
		SignalPredicate predicate = SignalPredicate.parse(expression);
		assertThat(SignalPredicate.parse(predicate.toString())).isEqualTo(predicate);
	}

	@Test
	void thereAreExpressions() throws IOException {
		assertThat(expressions()).hasSizeGreaterThan(6);
	}

	@ParameterizedTest
	@MethodSource("examples")
	void exampleStartsAnApplication(String example) throws IOException {
		MutablePropertySources sources = new MutablePropertySources();
		new YamlPropertySourceLoader().load("example", new ByteArrayResource(example.getBytes(StandardCharsets.UTF_8)))
			.forEach(sources::addLast);
		this.runner
			.withInitializer((context) -> sources.forEach(context.getEnvironment().getPropertySources()::addLast))
			.run((context) -> {
				SignalPipeline pipeline = context.getBean(SignalPipeline.class);
				boolean ofPipeline = !pipeline.settings().configured().equals(PipelineSettings.DEFAULTS);
				boolean ofHandler = pipeline.handlers()
					.stream()
					.anyMatch((handler) -> handler.configured().filter().when() != SignalPredicate.ALWAYS);
				assertThat(ofPipeline || ofHandler).as("what the example sets").isTrue();
			});
	}

	@Test
	void everyFieldIsDocumented() throws IOException {
		String page = Files.readString(Path.of("..", "docs", "filters.md"));
		String allowed = catchThrowableOfType(IllegalArgumentException.class, () -> SignalField.of("nonsense"))
			.getMessage()
			.replaceFirst(".*allowed are ", "");
		assertThat(allowed.split(", | and ")).hasSizeGreaterThan(20)
			.allSatisfy((field) -> assertThat(page).contains("`" + field + "`"));
	}

	@Test
	void refusalIsAsShown() throws IOException {
		String message = catchThrowableOfType(IllegalArgumentException.class,
				() -> SignalPredicate.parse("level >= wran"))
			.getMessage();
		assertThat(Files.readString(Path.of("..", "docs", "filters.md"))).contains("\n" + message + "\n");
	}

}
