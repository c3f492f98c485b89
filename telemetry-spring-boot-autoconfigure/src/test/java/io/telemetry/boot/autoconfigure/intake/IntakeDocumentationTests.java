package io.telemetry.boot.autoconfigure.intake;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.telemetry.boot.Documentation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MarkerFactory;

import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ByteArrayResource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The examples of {@code docs/intake.md}, each doing what the page says.
 */
@Timeout(120)
class IntakeDocumentationTests {

	private static final String PAGE = "intake.md";

	private static final Path SOURCE = Path.of("src", "test", "java", "io", "telemetry", "boot", "autoconfigure",
			"intake", "IntakeDocumentationTests.java");

	private static final Logger LOGGER = LoggerFactory.getLogger("com.acme.Shop");

	private final IntakeApplication application = new IntakeApplication();

	@TempDir
	Path directory;

	private ConfigurableApplicationContext start(int example) throws IOException {
		String yaml = Documentation.blocks(PAGE, "yaml").get(example).replace("logs/", this.directory + "/");
		Map<String, Object> properties = new LinkedHashMap<>();
		for (PropertySource<?> source : new YamlPropertySourceLoader().load("example",
				new ByteArrayResource(yaml.getBytes(StandardCharsets.UTF_8)))) {
			for (String name : ((EnumerablePropertySource<?>) source).getPropertyNames()) {
				properties.put(name, String.valueOf(source.getProperty(name)));
			}
		}
		return this.application.builder().properties(properties).run();
	}

	@Test
	void everyBlockOfThePageIsRun() throws IOException {
		assertThat(Documentation.blocks(PAGE, "yaml")).hasSize(3);
		String source = Files.readString(SOURCE);
		assertThat(Documentation.blocks(PAGE, "java")).singleElement()
			.satisfies((block) -> assertThat(source).contains(block.strip()));
	}

	@Test
	void eventIsASignal() throws IOException {
		try (ConfigurableApplicationContext context = start(0)) {
			assertThat(context.isActive()).isTrue();
			LOGGER.atInfo().addKeyValue("cents", 4200).log("Order {} placed", 17);
			LOGGER.atInfo().addMarker(MarkerFactory.getMarker("TELEMETRY")).log("kept out");
		}
		assertThat(this.application.signals()).singleElement().satisfies((signal) -> {
			assertThat(signal.message()).isEqualTo("Order 17 placed");
			assertThat(signal.data())
				.isEqualTo(Map.of("template", "Order {} placed", "arguments", List.of(17), "cents", 4200));
		});
	}

	@Test
	void everythingButNoiseIsInTheFile() throws IOException {
		try (ConfigurableApplicationContext context = start(1)) {
			assertThat(context.isActive()).isTrue();
			LOGGER.info("in the file");
			LOGGER.debug("too low");
			LoggerFactory.getLogger("com.acme.noise").info("noise");
			LoggerFactory.getLogger("org.apache.kafka.Client").info("noise");
		}
		assertThat(Files.readAllLines(this.directory.resolve("everything.jsonl")))
			.anyMatch((line) -> line.contains("\"in the file\""))
			.noneMatch((line) -> line.contains("noise") || line.contains("too low"));
	}

	@Test
	void printedLineIsASignal() throws IOException {
		try (ConfigurableApplicationContext context = start(2)) {
			System.out.println(context.isActive() ? "printed" : "not started");
		}
		assertThat(this.application.messages()).containsExactly("printed");
	}

}
